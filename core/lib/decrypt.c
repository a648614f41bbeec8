/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/lib/decrypt.h"

#include <openssl/evp.h>
#include <string.h>
#include <strings.h>

static const struct {
    const char *name;
    const EVP_MD *(*method)(void);
    size_t bytes;
} hashes[] = {
    [OG_MD5] = { "MD5", EVP_md5, 16 },
    [OG_SHA1] = { "SHA1", EVP_sha1, 20 },
    [OG_SHA256] = { "SHA256", EVP_sha256, 32 },
    [OG_SHA384] = { "SHA384", EVP_sha384, 48 },
    [OG_SHA512] = { "SHA512", EVP_sha512, 64 },
};

size_t
og_decrypt_hash_bytes(enum og_decrypt_hash kind)
{
    return hashes[kind].bytes;
}

bool
og_decrypt_hash_named(const char *name, size_t len, enum og_decrypt_hash *kind)
{
    for (size_t i = 0; i < N_ELEMENTS(hashes); i++)
        if (len == strlen(hashes[i].name)
            && strncasecmp(name, hashes[i].name, len) == 0) {
            *kind = (enum og_decrypt_hash)i;
            return true;
        }
    return false;
}

static enum og_rc
digest(EVP_MD_CTX *ctx, enum og_decrypt_hash kind, const void *one, size_t one_len,
       const void *other, size_t other_len, unsigned char *out, struct og_err *err)
{
    if (EVP_DigestInit_ex(ctx, hashes[kind].method(), NULL) != 1
        || EVP_DigestUpdate(ctx, one, one_len) != 1
        || EVP_DigestUpdate(ctx, other, other_len) != 1
        || EVP_DigestFinal_ex(ctx, out, NULL) != 1)
        return og_fail(err, OG_E_LIB, "%s: OpenSSL fails", hashes[kind].name);
    return OG_OK;
}

enum og_rc
og_decrypt_digest(enum og_decrypt_hash kind, const void *one, size_t one_len,
                  const void *other, size_t other_len, unsigned char out[OG_DECRYPT_HASH],
                  struct og_err *err)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    enum og_rc rc;

    if (ctx == NULL)
        return og_fail(err, OG_E_NOMEM, "no memory for a hash");
    rc = digest(ctx, kind, one, one_len, other, other_len, out, err);
    EVP_MD_CTX_free(ctx);
    return rc;
}

enum og_rc
og_decrypt_spin(enum og_decrypt_hash kind, size_t rounds,
                unsigned char hash[OG_DECRYPT_HASH], struct og_err *err)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    enum og_rc rc = OG_OK;

    if (ctx == NULL)
        return og_fail(err, OG_E_NOMEM, "no memory for a hash");
    for (size_t i = 0; i < rounds && rc == OG_OK; i++) {
        const unsigned char number[] = { (unsigned char)i, (unsigned char)(i >> 8),
                                         (unsigned char)(i >> 16),
                                         (unsigned char)(i >> 24) };

        rc =
            digest(ctx, kind, number, sizeof number, hash, hashes[kind].bytes, hash, err);
    }
    EVP_MD_CTX_free(ctx);
    return rc;
}

static const EVP_CIPHER *
cipher_of(size_t key_len, bool cbc)
{
    switch (key_len) {
    case 16:
        return cbc ? EVP_aes_128_cbc() : EVP_aes_128_ecb();
    case 24:
        return cbc ? EVP_aes_192_cbc() : EVP_aes_192_ecb();
    case 32:
        return cbc ? EVP_aes_256_cbc() : EVP_aes_256_ecb();
    default:
        return NULL;
    }
}

enum og_rc
og_decrypt_aes(const unsigned char *key, size_t key_len,
               const unsigned char iv[OG_DECRYPT_BLOCK], const unsigned char *data,
               size_t len, struct og_buf *out, struct og_err *err)
{
    const EVP_CIPHER *cipher = cipher_of(key_len, iv != NULL);
    EVP_CIPHER_CTX *ctx;
    unsigned char plain[4096];
    enum og_rc rc = OG_OK;

    if (cipher == NULL)
        return og_fail(err, OG_E_RANGE, "an AES key of %zu bytes", key_len);
    ctx = EVP_CIPHER_CTX_new();
    if (ctx == NULL)
        return og_fail(err, OG_E_NOMEM, "no memory for AES");
    if (EVP_DecryptInit_ex(ctx, cipher, NULL, key, iv) != 1
        || EVP_CIPHER_CTX_set_padding(ctx, 0) != 1)
        rc = og_fail(err, OG_E_LIB, "AES: OpenSSL fails");
    for (len -= len % OG_DECRYPT_BLOCK; len > 0 && rc == OG_OK;) {
        size_t n = len < sizeof plain ? len : sizeof plain;
        int got = 0;

        if (EVP_DecryptUpdate(ctx, plain, &got, data, (int)n) != 1)
            rc = og_fail(err, OG_E_LIB, "AES: OpenSSL fails");
        else
            rc = og_buf_add(out, plain, (size_t)got, err);
        data += n;
        len -= n;
    }
    EVP_CIPHER_CTX_free(ctx);
    return rc;
}

enum og_rc
og_decrypt_back(const unsigned char key[16], const unsigned char iv[OG_DECRYPT_BLOCK],
                unsigned char *data, size_t len, struct og_err *err)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int done = 0;
    bool good;

    if (ctx == NULL)
        return og_fail(err, OG_E_NOMEM, "no memory for AES");
    good = EVP_EncryptInit_ex(ctx, EVP_aes_128_cbc(), NULL, key, iv) == 1
           && EVP_CIPHER_CTX_set_padding(ctx, 0) == 1
           && EVP_EncryptUpdate(ctx, data, &done, data, (int)len) == 1
           && (size_t)done == len;
    EVP_CIPHER_CTX_free(ctx);
    return good ? OG_OK : og_fail(err, OG_E_LIB, "AES: OpenSSL fails");
}
