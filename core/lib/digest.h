/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_LIB_DIGEST_H
#define OG_LIB_DIGEST_H

#include <stddef.h>

#include "core/base/err.h"

/* SHA-256 of what comes piece by piece, FIPS 180-4; OpenSSL. og_key_sha256() for one. */
struct og_digest {
    void *context; /* NULL: nothing is open */
};

enum { OG_DIGEST_HEX = 65 }; /* bytes of the text form, with the NUL */

#define OG_DIGEST_INIT \
    {                  \
        NULL           \
    }

/* og_digest_open - begin; OG_E_NOMEM, OG_E_LIB */
enum og_rc og_digest_open(struct og_digest *digest, struct og_err *err) OG_CHECKED;

/* og_digest_add - the next piece; OG_E_LIB */
enum og_rc og_digest_add(struct og_digest *digest, const void *data, size_t len,
                         struct og_err *err) OG_CHECKED;

/* og_digest_end - the hash in lower-case hex; the digest is free afterwards; OG_E_LIB */
enum og_rc og_digest_end(struct og_digest *digest, char hex[OG_DIGEST_HEX],
                         struct og_err *err) OG_CHECKED;

/* og_digest_free - give up; a free one is fine */
void og_digest_free(struct og_digest *digest);

#endif
