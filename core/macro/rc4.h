/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_MACRO_RC4_H
#define OG_MACRO_RC4_H

#include <stddef.h>

/* RC4, which old documents are encrypted with and OpenSSL has no longer */
struct og_rc4 {
    unsigned char state[256], i, j;
};

/* og_rc4_key - begin; len at least 1 */
static inline void
og_rc4_key(struct og_rc4 *rc4, const unsigned char *key, size_t len)
{
    unsigned char j = 0;

    for (unsigned i = 0; i < 256; i++)
        rc4->state[i] = (unsigned char)i;
    for (unsigned i = 0; i < 256; i++) {
        unsigned char byte = rc4->state[i];

        j = (unsigned char)(j + byte + key[i % len]);
        rc4->state[i] = rc4->state[j];
        rc4->state[j] = byte;
    }
    rc4->i = rc4->j = 0;
}

/* og_rc4_next - the next byte to change another with */
static inline unsigned char
og_rc4_next(struct og_rc4 *rc4)
{
    unsigned char a = rc4->state[++rc4->i], b;

    rc4->j = (unsigned char)(rc4->j + a);
    b = rc4->state[rc4->j];
    rc4->state[rc4->i] = b;
    rc4->state[rc4->j] = a;
    return rc4->state[(unsigned char)(a + b)];
}

#endif
