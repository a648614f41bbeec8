/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/lib/seal.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/random.h>

#include <nettle/gcm.h>
#include <nettle/hmac.h>
#include <nettle/memops.h>

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

static void
make_key(const unsigned char secret[OG_SEAL_SECRET], const unsigned char salt[SALT],
         unsigned char key[KEY])
{
    struct hmac_sha256_ctx ctx;

    hmac_sha256_set_key(&ctx, OG_SEAL_SECRET, secret);
    hmac_sha256_update(&ctx, SALT, salt);
    hmac_sha256_digest(&ctx, KEY, key);
    explicit_bzero(&ctx, sizeof ctx);
}

/* encrypts or decrypts in place, and yields the tag of what is encrypted */
static void
crypt_inner(const unsigned char secret[OG_SEAL_SECRET], const unsigned char salt[SALT],
            const char *purpose, bool seal, unsigned char *data, size_t len,
            unsigned char tag[TAG])
{
    static const unsigned char nonce[NONCE] = { 0 }; /* the key is used once */
    unsigned char key[KEY];
    struct gcm_aes256_ctx ctx;

    make_key(secret, salt, key);
    gcm_aes256_set_key(&ctx, key);
    gcm_aes256_set_iv(&ctx, NONCE, nonce);
    gcm_aes256_update(&ctx, strlen(purpose), (const unsigned char *)purpose);
    if (seal)
        gcm_aes256_encrypt(&ctx, len, data, data);
    else
        gcm_aes256_decrypt(&ctx, len, data, data);
    gcm_aes256_digest(&ctx, TAG, tag);
    explicit_bzero(key, sizeof key);
    explicit_bzero(&ctx, sizeof ctx);
}

enum og_rc
og_seal(const unsigned char secret[OG_SEAL_SECRET], const char *purpose, const void *data,
        size_t len, struct og_buf *out, struct og_err *err)
{
    size_t inner = (LENGTH + len + STEP - 1) / STEP * STEP;
    unsigned char raw[MAX_RAW] = { 0 }, *at = raw + SALT;

    if (len > OG_SEAL_MAX_PLAIN)
        return og_fail(err, OG_E_LIMIT, "more than %d bytes to seal", OG_SEAL_MAX_PLAIN);
    if (getrandom(raw, SALT, 0) != SALT) /* so few come at once or not at all */
        return og_fail(err, OG_E_IO, "getrandom: %s", strerror(errno));
    at[0] = (unsigned char)(len >> 8);
    at[1] = (unsigned char)(len & 0xff);
    if (len > 0)
        memcpy(at + LENGTH, data, len);
    crypt_inner(secret, raw, purpose, true, at, inner, at + inner);
    return print(raw, SALT + inner + TAG, out, err);
}

enum og_rc
og_unseal(const unsigned char secret[OG_SEAL_SECRET], const char *purpose,
          const char *text, size_t len, struct og_buf *out, struct og_err *err)
{
    unsigned char raw[MAX_RAW], *at = raw + SALT, tag[TAG];
    size_t raw_len = 0, inner, plain;

    if (!parse(text, len, raw, &raw_len) || raw_len < SALT + STEP + TAG
        || (raw_len - SALT - TAG) % STEP != 0)
        return og_fail(err, OG_E_SYNTAX, "no sealed text");
    inner = raw_len - SALT - TAG;
    crypt_inner(secret, raw, purpose, false, at, inner, tag);
    if (memeql_sec(tag, at + inner, TAG) == 0)
        return og_fail(err, OG_E_PERM, "not sealed with this secret, or changed since");
    plain = (size_t)at[0] << 8 | at[1];
    if (plain > inner - LENGTH)
        return og_fail(err, OG_E_SYNTAX, "a sealed text with a wrong length");
    return og_buf_add(out, at + LENGTH, plain, err);
}
