/* What the program was compiled for, and what it runs on. */
#ifndef MACHINE_H
#define MACHINE_H

/* Decided by the compiler, fixed in the binary. */
struct target {
    const char *platform; /* as container images name it, e.g. "linux/arm64" */
    const char *endian;
    int pointer_bits;
};

/* Read from the running system. */
struct host {
    char machine[65];     /* of uname(2): what the kernel says the CPU is */
    int elf_bits;         /* class of the running executable: 32 or 64; 0 if unreadable */
    int elf_machine;      /* e_machine of the running executable */
    const char *elf_name; /* the same in words */
};

struct target target_of_compiler(void);

/* Returns 0, or -1 when the system cannot be read. */
int host_of_process(struct host *host);

#endif
