/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/lib/seal.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/random.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

/* salt, then what is encrypted: length in two bytes, content, zeros; then the tag */
enum { SALT = 16, TAG = 16, STEP = 32, LENGTH = 2, KEY = 32, NONCE = 12 };
enum { MAX_INNER = (LENGTH + OG_SEAL_MAX_PLAIN + STEP - 1) / STEP * STEP };
enum { MAX_RAW = SALT + MAX_INNER + TAG };

_Static_assert((MAX_RAW + 2) / 3 * 4 <= OG_SEAL_MAX_TEXT + 4, "the header's ceiling");

static const char letters[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static enum og_rc
print(const unsigned char *raw, size_t len, struct og_buf *out, struct og_err *err)
{
    char text[OG_SEAL_MAX_TEXT + 8];
    size_t n = 0;

    for (size_t i = 0; i < len; i += 3) {
        size_t have = len - i < 3 ? len - i : 3;
        uint32_t bits = (uint32_t)raw[i] << 16;

        bits |= have > 1 ? (uint32_t)raw[i + 1] << 8 : 0;
        bits |= have > 2 ? raw[i + 2] : 0;
        for (size_t j = 0; j <= have; j++)
            text[n++] = letters[bits >> (18 - 6 * j) & 63];
    }
    return og_buf_add(out, text, n, err);
}

/* exactly one text for the same bytes: bits that are left over must be 0 */
static bool
parse(const char *text, size_t len, unsigned char raw[MAX_RAW], size_t *raw_len)
{
    uint32_t bits = 0;
    unsigned have = 0;
    size_t n = 0;

    if (len % 4 == 1 || len / 4 * 3 > MAX_RAW)
        return false;
    for (size_t i = 0; i < len; i++) {
        const char *at = text[i] != '\0' ? strchr(letters, text[i]) : NULL;

        if (at == NULL)
            return false;
        bits = bits << 6 | (uint32_t)(at - letters);
        have += 6;
        if (have >= 8) {
            have -= 8;
            if (n == MAX_RAW)
                return false;
            raw[n++] = (unsigned char)(bits >> have & 0xff);
        }
    }
    *raw_len = n;
    return (bits & ((1u << have) - 1)) == 0;
}

static enum og_rc
make_key(const unsigned char secret[OG_SEAL_SECRET], const unsigned char salt[SALT],
         unsigned char key[KEY], struct og_err *err)
{
    unsigned len = KEY;

    if (HMAC(EVP_sha256(), secret, OG_SEAL_SECRET, salt, SALT, key, &len) == NULL)
        return og_fail(err, OG_E_LIB, "HMAC-SHA-256 failed");
    return OG_OK;
}

/* encrypts or decrypts in place; false: the library failed, or the tag is wrong */
static bool
crypt_inner(const unsigned char key[KEY], const char *purpose, bool seal,
            unsigned char *data, int len, unsigned char tag[TAG])
{
    static const unsigned char nonce[NONCE] = { 0 }; /* the key is used once */
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int n = 0;
    bool good =
        ctx != NULL
        && EVP_CipherInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, nonce, seal ? 1 : 0) == 1
        && EVP_CipherUpdate(ctx, NULL, &n, (const unsigned char *)purpose,
                            (int)strlen(purpose))
               == 1
        && EVP_CipherUpdate(ctx, data, &n, data, len) == 1 && n == len
        && (seal || EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, TAG, tag) == 1)
        && EVP_CipherFinal_ex(ctx, data + n, &n) == 1
        && (!seal || EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, TAG, tag) == 1);

    EVP_CIPHER_CTX_free(ctx);
    return good;
}

enum og_rc
og_seal(const unsigned char secret[OG_SEAL_SECRET], const char *purpose, const void *data,
        size_t len, struct og_buf *out, struct og_err *err)
{
    size_t inner = (LENGTH + len + STEP - 1) / STEP * STEP;
    unsigned char raw[MAX_RAW] = { 0 }, key[KEY], *at = raw + SALT;
    enum og_rc rc;

    if (len > OG_SEAL_MAX_PLAIN)
        return og_fail(err, OG_E_LIMIT, "more than %d bytes to seal", OG_SEAL_MAX_PLAIN);
    if (getrandom(raw, SALT, 0) != SALT) /* so few come at once or not at all */
        return og_fail(err, OG_E_IO, "getrandom: %s", strerror(errno));
    at[0] = (unsigned char)(len >> 8);
    at[1] = (unsigned char)(len & 0xff);
    if (len > 0)
        memcpy(at + LENGTH, data, len);
    rc = make_key(secret, raw, key, err);
    if (rc == OG_OK && !crypt_inner(key, purpose, true, at, (int)inner, at + inner))
        rc = og_fail(err, OG_E_LIB, "AES-256-GCM failed");
    if (rc == OG_OK)
        rc = print(raw, SALT + inner + TAG, out, err);
    OPENSSL_cleanse(key, sizeof key);
    return rc;
}

void
og_seal_preload(void)
{
    static const unsigned char secret[OG_SEAL_SECRET];
    struct og_buf text = OG_BUF_INIT(OG_SEAL_MAX_TEXT);

    (void)!og_seal(secret, "", "", 0, &text, NULL); /* who needs it sees what is wrong */
    og_buf_free(&text);
}

enum og_rc
og_unseal(const unsigned char secret[OG_SEAL_SECRET], const char *purpose,
          const char *text, size_t len, struct og_buf *out, struct og_err *err)
{
    unsigned char raw[MAX_RAW], key[KEY], *at = raw + SALT;
    size_t raw_len = 0, inner, plain;
    enum og_rc rc;

    if (!parse(text, len, raw, &raw_len) || raw_len < SALT + STEP + TAG
        || (raw_len - SALT - TAG) % STEP != 0)
        return og_fail(err, OG_E_SYNTAX, "no sealed text");
    inner = raw_len - SALT - TAG;
    rc = make_key(secret, raw, key, err);
    if (rc == OG_OK && !crypt_inner(key, purpose, false, at, (int)inner, at + inner))
        rc = og_fail(err, OG_E_PERM, "not sealed with this secret, or changed since");
    OPENSSL_cleanse(key, sizeof key);
    if (rc != OG_OK)
        return rc;
    plain = (size_t)at[0] << 8 | at[1];
    if (plain > inner - LENGTH)
        return og_fail(err, OG_E_SYNTAX, "a sealed text with a wrong length");
    return og_buf_add(out, at + LENGTH, plain, err);
}
