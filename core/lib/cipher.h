/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_LIB_CIPHER_H
#define OG_LIB_CIPHER_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/err.h"

/* What documents are encrypted with, to open those that open without a password. Nothing
 * of ours is kept secret with these. OpenSSL 3; RC4 is our own, OpenSSL has it in a
 * module that is not loaded. */
enum og_hash_kind {
    OG_HASH_MD5,
    OG_HASH_SHA1,
    OG_HASH_SHA256,
    OG_HASH_SHA384,
    OG_HASH_SHA512,
};

enum { OG_HASH_MAX = 64, OG_AES_BLOCK = 16 }; /* bytes */

struct og_hash_part {
    const void *data;
    size_t len;
};

/* og_hash_bytes - how long a hash of that kind is */
size_t og_hash_bytes(enum og_hash_kind kind);

/* og_hash - the hash of n parts, one behind the other; OG_E_NOMEM, OG_E_LIB */
enum og_rc og_hash(enum og_hash_kind kind, const struct og_hash_part *parts, size_t n,
                   unsigned char out[OG_HASH_MAX], struct og_err *err) OG_CHECKED;

enum og_aes_mode { OG_AES_CBC, OG_AES_ECB };

/*
 * og_aes - AES without padding
 *
 * key, key_len  16, 24 or 32 bytes
 * iv            OG_AES_BLOCK bytes; NULL for zeros
 * data, len     len is a multiple of OG_AES_BLOCK
 * out           receives len bytes; may be data
 *
 * Returns OG_OK; OG_E_RANGE for a length; OG_E_NOMEM; OG_E_LIB.
 */
enum og_rc og_aes(enum og_aes_mode mode, bool encrypt, const unsigned char *key,
                  size_t key_len, const unsigned char *iv, const unsigned char *data,
                  size_t len, unsigned char *out, struct og_err *err) OG_CHECKED;

/* og_rc4 - en- or decrypt; key_len 1 to 256; out may be data */
void og_rc4(const unsigned char *key, size_t key_len, const unsigned char *data,
            size_t len, unsigned char *out);

#endif
