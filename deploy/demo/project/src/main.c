/*
 * native: says which machine it was compiled for and which one it runs on, and
 * does some real work: a proof of work over SHA-256, whose answer is the same on
 * every platform while the machine code that finds it is not.
 */
#include "machine.h"
#include "sha256.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define ZEROS 5 /* leading zero hex digits: about a million tries */

static void hash_of(const char *text, char hex[65])
{
    struct sha256 sum;
    sha256_start(&sum);
    sha256_add(&sum, text, strlen(text));
    sha256_finish(&sum, hex);
}

/* The first number whose text, appended to the seed, hashes to ZEROS zeros. */
static unsigned mine(const char *seed, char hex[65])
{
    char text[64];
    for (unsigned number = 0;; number++) {
        snprintf(text, sizeof text, "%s %u", seed, number);
        hash_of(text, hex);
        if (strspn(hex, "0") >= ZEROS)
            return number;
    }
}

static int check(void)
{
    char hex[65];
    struct target target = target_of_compiler();
    struct host host;

    hash_of("abc", hex); /* the example of FIPS 180-4 */
    if (strcmp(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad") != 0) {
        fprintf(stderr, "native: SHA-256 of \"abc\" is wrong: %s\n", hex);
        return 1;
    }
    if (host_of_process(&host) != 0) {
        fprintf(stderr, "native: cannot read this machine\n");
        return 1;
    }
    if (host.elf_bits != target.pointer_bits) {
        fprintf(stderr, "native: a %d-bit program in a %d-bit file\n", target.pointer_bits, host.elf_bits);
        return 1;
    }
    printf("native: checked on %s\n", target.platform);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--check") == 0)
        return check();
    if (argc > 1) {
        fprintf(stderr, "usage: native [--check]\n");
        return 2;
    }

    struct target target = target_of_compiler();
    printf("compiled for   %s, %d-bit pointers, %s-endian\n", target.platform, target.pointer_bits, target.endian);
    printf("compiled by    gcc %s\n", __VERSION__);

    struct host host;
    if (host_of_process(&host) == 0) {
        printf("executable     ELF%d %s\n", host.elf_bits, host.elf_name);
        printf("kernel says    %s\n", host.machine);
    }

    char hex[65];
    clock_t start = clock();
    unsigned number = mine("sheaf", hex);
    double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
    printf("proof of work  sha256(\"sheaf %u\") = %.12s..., %.2f s\n", number, hex, seconds);
    return 0;
}
