/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_LIB_DECRYPT_H
#define OG_LIB_DECRYPT_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/buf.h"
#include "core/base/err.h"

/* What opens a document whose password is known: the hashes and ciphers of
 * [MS-OFFCRYPTO] and of PDF, by OpenSSL 3. RC4 it has no longer. */
enum og_decrypt_hash { OG_MD5, OG_SHA1, OG_SHA256, OG_SHA384, OG_SHA512 };
enum { OG_DECRYPT_HASH = 64, OG_DECRYPT_BLOCK = 16 }; /* bytes, at most */

/* og_decrypt_hash_bytes - of a hash of that kind; _named - `SHA512`; false for another */
size_t og_decrypt_hash_bytes(enum og_decrypt_hash kind);
bool og_decrypt_hash_named(const char *name, size_t len, enum og_decrypt_hash *kind);

/* og_decrypt_digest - the hash of one text behind the other; OG_E_NOMEM, OG_E_LIB */
enum og_rc og_decrypt_digest(enum og_decrypt_hash kind, const void *one, size_t one_len,
                             const void *other, size_t other_len,
                             unsigned char out[OG_DECRYPT_HASH],
                             struct og_err *err) OG_CHECKED;

/* og_decrypt_spin - hash = H(number of the round, 32 bits, and hash), so many rounds;
 * 100,000 of SHA-512 take 90 ms. OG_E_NOMEM, OG_E_LIB */
enum og_rc og_decrypt_spin(enum og_decrypt_hash kind, size_t rounds,
                           unsigned char hash[OG_DECRYPT_HASH],
                           struct og_err *err) OG_CHECKED;

/*
 * og_decrypt_aes - AES without padding
 *
 * key_len   16, 24 or 32 bytes
 * iv        of CBC; NULL for ECB
 * data, len a rest that is no whole block is left out
 * out       what was encrypted is appended
 *
 * OG_E_RANGE for key_len, OG_E_LIMIT above out->max, OG_E_NOMEM, OG_E_LIB
 */
enum og_rc og_decrypt_aes(const unsigned char *key, size_t key_len,
                          const unsigned char iv[OG_DECRYPT_BLOCK],
                          const unsigned char *data, size_t len, struct og_buf *out,
                          struct og_err *err) OG_CHECKED;

/* og_decrypt_back - the other way, as a hash of PDF wants it: AES-128-CBC of whole blocks,
 * in place; OG_E_NOMEM, OG_E_LIB */
enum og_rc og_decrypt_back(const unsigned char key[16],
                           const unsigned char iv[OG_DECRYPT_BLOCK], unsigned char *data,
                           size_t len, struct og_err *err) OG_CHECKED;

#endif
