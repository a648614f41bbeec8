/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_LIB_SEAL_H
#define OG_LIB_SEAL_H

#include <stddef.h>

#include "core/base/buf.h"
#include "core/base/err.h"

/*
 * Short texts that only who has the secret can read or make: AES-256-GCM under a key
 * that HMAC-SHA-256 makes of the secret and 16 random bytes, so that no key and nonce
 * meet twice however many are made. Nettle: it does as little as it has to, and a message
 * gets one such text in a process that lives for that message; OpenSSL 3 takes four times
 * the pages and the CPU.
 */
enum {
    OG_SEAL_SECRET = 32,      /* bytes of a secret */
    OG_SEAL_MAX_PLAIN = 1024, /* bytes that can be sealed */
    OG_SEAL_MAX_TEXT = (OG_SEAL_MAX_PLAIN + 32 + 32 + 2) / 3 * 4, /* bytes of the text */
};

/*
 * og_seal - seal len bytes
 *
 * purpose  what it is for: one sealed for another purpose cannot be opened
 * out      receives base64url (RFC 4648 section 5) without padding. Its length tells
 *          that of the content to 32 bytes only.
 *
 * Returns OG_OK; OG_E_LIMIT above OG_SEAL_MAX_PLAIN or out->max; OG_E_NOMEM; OG_E_IO
 * without random bytes.
 */
enum og_rc og_seal(const unsigned char secret[OG_SEAL_SECRET], const char *purpose,
                   const void *data, size_t len, struct og_buf *out,
                   struct og_err *err) OG_CHECKED;

/*
 * og_unseal - open what og_seal has made
 *
 * text, len  content may be hostile
 * out        receives the bytes
 *
 * Returns OG_OK; OG_E_SYNTAX for what is no sealed text; OG_E_PERM for one that was
 * changed, or sealed with another secret or for another purpose; OG_E_LIMIT;
 * OG_E_NOMEM.
 */
enum og_rc og_unseal(const unsigned char secret[OG_SEAL_SECRET], const char *purpose,
                     const char *text, size_t len, struct og_buf *out,
                     struct og_err *err) OG_CHECKED;

#endif
