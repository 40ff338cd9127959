#include "machine.h"

#include <elf.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#if defined(__x86_64__) && defined(__LP64__)
#define PLATFORM "linux/amd64"
#elif defined(__i386__)
#define PLATFORM "linux/386"
#elif defined(__aarch64__)
#define PLATFORM "linux/arm64"
#elif defined(__arm__) && __ARM_ARCH >= 7
#define PLATFORM "linux/arm/v7"
#elif defined(__arm__)
#define PLATFORM "linux/arm/v6"
#elif defined(__riscv) && __riscv_xlen == 64
#define PLATFORM "linux/riscv64"
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
#define PLATFORM "linux/ppc64le"
#elif defined(__s390x__)
#define PLATFORM "linux/s390x"
#else
#error "unknown architecture: add it here and in elf_names"
#endif

static const struct {
    int machine;
    const char *name;
} elf_names[] = {
    {EM_X86_64, "x86-64"}, {EM_386, "i386"},     {EM_AARCH64, "AArch64"}, {EM_ARM, "ARM"},
    {EM_RISCV, "RISC-V"},  {EM_PPC64, "PPC64"}, {EM_S390, "S/390"},
};

struct target target_of_compiler(void)
{
    return (struct target){
        .platform = PLATFORM,
        .endian = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? "little" : "big",
        .pointer_bits = (int)sizeof(void *) * 8,
    };
}

int host_of_process(struct host *host)
{
    struct utsname name;
    if (uname(&name) != 0)
        return -1;
    snprintf(host->machine, sizeof host->machine, "%s", name.machine);

    /* Class and machine sit at the same place in 32-bit and 64-bit headers. */
    Elf32_Ehdr header;
    FILE *self = fopen("/proc/self/exe", "rb");
    if (self == NULL)
        return -1;
    size_t got = fread(&header, 1, sizeof header, self);
    fclose(self);
    if (got != sizeof header || memcmp(header.e_ident, ELFMAG, SELFMAG) != 0)
        return -1;

    host->elf_bits = header.e_ident[EI_CLASS] == ELFCLASS64 ? 64 : 32;
    host->elf_machine = header.e_machine;
    host->elf_name = "unknown";
    for (size_t i = 0; i < sizeof elf_names / sizeof elf_names[0]; i++)
        if (elf_names[i].machine == host->elf_machine)
            host->elf_name = elf_names[i].name;
    return 0;
}
