/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/lib/digest.h"

#include <openssl/evp.h>
#include <stdio.h>

static enum og_rc
fail(struct og_err *err)
{
    return og_fail(err, OG_E_LIB, "OpenSSL cannot compute SHA-256");
}

enum og_rc
og_digest_open(struct og_digest *digest, struct og_err *err)
{
    og_digest_free(digest);
    digest->context = EVP_MD_CTX_new();
    if (digest->context == NULL)
        return og_fail(err, OG_E_NOMEM, "no memory for a hash");
    if (EVP_DigestInit_ex(digest->context, EVP_sha256(), NULL) == 1)
        return OG_OK;
    og_digest_free(digest);
    return fail(err);
}

enum og_rc
og_digest_add(struct og_digest *digest, const void *data, size_t len, struct og_err *err)
{
    return EVP_DigestUpdate(digest->context, data, len) == 1 ? OG_OK : fail(err);
}

enum og_rc
og_digest_end(struct og_digest *digest, char hex[OG_DIGEST_HEX], struct og_err *err)
{
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    int done = EVP_DigestFinal_ex(digest->context, hash, &len);

    og_digest_free(digest);
    if (done != 1 || len != (OG_DIGEST_HEX - 1) / 2)
        return fail(err);
    for (unsigned i = 0; i < len; i++)
        (void)snprintf(hex + 2 * i, 3, "%02x", hash[i]);
    return OG_OK;
}

void
og_digest_free(struct og_digest *digest)
{
    EVP_MD_CTX_free(digest->context);
    digest->context = NULL;
}
