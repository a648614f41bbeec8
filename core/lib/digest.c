/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/lib/digest.h"

#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>

_Static_assert(OG_DIGEST_BYTES == SHA256_DIGEST_SIZE, "the header's number");

enum og_rc
og_digest_open(struct og_digest *digest, struct og_err *err)
{
    og_digest_free(digest);
    digest->context = malloc(sizeof(struct sha256_ctx));
    if (digest->context == NULL)
        return og_fail(err, OG_E_NOMEM, "no memory for a hash");
    sha256_init(digest->context);
    return OG_OK;
}

void
og_digest_add(struct og_digest *digest, const void *data, size_t len)
{
    sha256_update(digest->context, len, data);
}

void
og_digest_end(struct og_digest *digest, char hex[OG_DIGEST_HEX])
{
    unsigned char hash[OG_DIGEST_BYTES];

    sha256_digest(digest->context, sizeof hash, hash);
    og_digest_free(digest);
    for (size_t i = 0; i < sizeof hash; i++)
        (void)snprintf(hex + 2 * i, 3, "%02x", hash[i]);
}

void
og_digest_free(struct og_digest *digest)
{
    free(digest->context);
    digest->context = NULL;
}

void
og_digest_of(const void *data, size_t len, unsigned char hash[OG_DIGEST_BYTES])
{
    struct sha256_ctx context;

    sha256_init(&context);
    sha256_update(&context, len, data);
    sha256_digest(&context, OG_DIGEST_BYTES, hash);
}
