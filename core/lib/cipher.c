/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/lib/cipher.h"

#include <limits.h>
#include <openssl/evp.h>

size_t
og_hash_bytes(enum og_hash_kind kind)
{
    switch (kind) {
    case OG_HASH_MD5:
        return 16;
    case OG_HASH_SHA1:
        return 20;
    case OG_HASH_SHA256:
        return 32;
    case OG_HASH_SHA384:
        return 48;
    case OG_HASH_SHA512:
        break;
    }
    return 64;
}

static const EVP_MD *
method_of(enum og_hash_kind kind)
{
    switch (kind) {
    case OG_HASH_MD5:
        return EVP_md5();
    case OG_HASH_SHA1:
        return EVP_sha1();
    case OG_HASH_SHA256:
        return EVP_sha256();
    case OG_HASH_SHA384:
        return EVP_sha384();
    case OG_HASH_SHA512:
        break;
    }
    return EVP_sha512();
}

enum og_rc
og_hash(enum og_hash_kind kind, const struct og_hash_part *parts, size_t n,
        unsigned char out[OG_HASH_MAX], struct og_err *err)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good;

    if (context == NULL)
        return og_fail(err, OG_E_NOMEM, "no memory for a hash");
    good = EVP_DigestInit_ex(context, method_of(kind), NULL) == 1;
    for (size_t i = 0; i < n && good; i++)
        good = EVP_DigestUpdate(context, parts[i].data, parts[i].len) == 1;
    good = good && EVP_DigestFinal_ex(context, out, NULL) == 1;
    EVP_MD_CTX_free(context);
    return good ? OG_OK : og_fail(err, OG_E_LIB, "OpenSSL: a hash failed");
}

static const EVP_CIPHER *
cipher_of(enum og_aes_mode mode, size_t key_len)
{
    if (mode == OG_AES_CBC)
        return key_len == 16   ? EVP_aes_128_cbc()
               : key_len == 24 ? EVP_aes_192_cbc()
                               : EVP_aes_256_cbc();
    return key_len == 16   ? EVP_aes_128_ecb()
           : key_len == 24 ? EVP_aes_192_ecb()
                           : EVP_aes_256_ecb();
}

enum og_rc
og_aes(enum og_aes_mode mode, bool encrypt, const unsigned char *key, size_t key_len,
       const unsigned char *iv, const unsigned char *data, size_t len, unsigned char *out,
       struct og_err *err)
{
    static const unsigned char zeros[OG_AES_BLOCK];
    EVP_CIPHER_CTX *context;
    int done = 0;
    bool good;

    if ((key_len != 16 && key_len != 24 && key_len != 32) || len % OG_AES_BLOCK != 0
        || len > INT_MAX)
        return og_fail(err, OG_E_RANGE, "AES: key of %zu bytes, data of %zu", key_len,
                       len);
    context = EVP_CIPHER_CTX_new();
    if (context == NULL)
        return og_fail(err, OG_E_NOMEM, "no memory for a cipher");
    good = EVP_CipherInit_ex(context, cipher_of(mode, key_len), NULL, key,
                             iv != NULL ? iv : zeros, encrypt)
               == 1
           && EVP_CIPHER_CTX_set_padding(context, 0) == 1
           && EVP_CipherUpdate(context, out, &done, data, (int)len) == 1
           && (size_t)done == len;
    EVP_CIPHER_CTX_free(context);
    return good ? OG_OK : og_fail(err, OG_E_LIB, "OpenSSL: AES failed");
}

void
og_rc4(const unsigned char *key, size_t key_len, const unsigned char *data, size_t len,
       unsigned char *out)
{
    unsigned char state[256], i = 0, j = 0;

    for (size_t k = 0; k < sizeof state; k++)
        state[k] = (unsigned char)k;
    for (size_t k = 0; k < sizeof state; k++) {
        unsigned char byte = state[k];

        j = (unsigned char)(j + byte + key[k % key_len]);
        state[k] = state[j];
        state[j] = byte;
    }
    j = 0;
    for (size_t k = 0; k < len; k++) {
        unsigned char byte = state[++i];

        j = (unsigned char)(j + byte);
        state[i] = state[j];
        state[j] = byte;
        out[k] = data[k] ^ state[(unsigned char)(state[i] + byte)];
    }
}
