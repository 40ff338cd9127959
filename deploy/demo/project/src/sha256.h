/* SHA-256 (FIPS 180-4), by which images name everything they hold. */
#ifndef SHA256_H
#define SHA256_H

#include <stddef.h>
#include <stdint.h>

struct sha256 {
    uint32_t state[8];
    uint64_t length; /* bytes taken so far */
    unsigned char block[64];
};

void sha256_start(struct sha256 *sum);
void sha256_add(struct sha256 *sum, const void *data, size_t size);

/* Writes 64 lower-case hex digits and a terminating zero. */
void sha256_finish(struct sha256 *sum, char hex[65]);

#endif
