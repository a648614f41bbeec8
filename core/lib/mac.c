/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/lib/mac.h"

#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

enum { HASH = 32 };

enum og_rc
og_mac(const unsigned char secret[OG_SEAL_SECRET], const char *text,
       char mac[OG_MAC_TEXT], struct og_err *err)
{
    unsigned char hash[HASH];
    unsigned len = sizeof hash;

    if (HMAC(EVP_sha256(), secret, OG_SEAL_SECRET, (const unsigned char *)text,
             strlen(text), hash, &len)
        == NULL)
        return og_fail(err, OG_E_LIB, "HMAC-SHA-256 failed");
    for (size_t i = 0; i < HASH / 2; i++)
        (void)snprintf(mac + 2 * i, 3, "%02x", hash[i]);
    OPENSSL_cleanse(hash, sizeof hash);
    return OG_OK;
}

bool
og_mac_same(const char a[OG_MAC_TEXT], const char b[OG_MAC_TEXT])
{
    return CRYPTO_memcmp(a, b, OG_MAC_TEXT) == 0;
}
