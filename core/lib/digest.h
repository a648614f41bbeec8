/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_LIB_DIGEST_H
#define OG_LIB_DIGEST_H

#include <stddef.h>

#include "core/base/err.h"

/* SHA-256, FIPS 180-4; Nettle, which is dear at no first call */

enum {
    OG_DIGEST_BYTES = 32,
    OG_DIGEST_HEX = 65, /* bytes of the text form, with the NUL */
};

/* og_digest_of - the hash of len bytes */
void og_digest_of(const void *data, size_t len, unsigned char hash[OG_DIGEST_BYTES]);

/* of what comes piece by piece */
struct og_digest {
    void *context; /* NULL: nothing is open */
};

#define OG_DIGEST_INIT \
    {                  \
        NULL           \
    }

/* og_digest_open - begin; OG_E_NOMEM */
enum og_rc og_digest_open(struct og_digest *digest, struct og_err *err) OG_CHECKED;

/* og_digest_add - the next piece */
void og_digest_add(struct og_digest *digest, const void *data, size_t len);

/* og_digest_end - the hash in lower-case hex; the digest is free afterwards */
void og_digest_end(struct og_digest *digest, char hex[OG_DIGEST_HEX]);

/* og_digest_free - give up; a free one is fine */
void og_digest_free(struct og_digest *digest);

#endif
