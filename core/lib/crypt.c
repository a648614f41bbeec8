/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/lib/crypt.h"

#include <crypt.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

_Static_assert((int)OG_CRYPT_MAX_PASSWORD < CRYPT_MAX_PASSPHRASE_SIZE,
               "libcrypt's limit");
_Static_assert((int)OG_CRYPT_MAX_HASH < CRYPT_OUTPUT_SIZE, "libcrypt's limit");

/* the hash of 16 random bytes that nobody kept; cost as crypt_gensalt's default */
static const char dummy_hash[] =
    "$y$j9T$MIpGJlym/cWAIgVzu30q9/$dTkBSUMiBCLjoVNl79aoQ2gGigtV9i6WXQcX8CGu0U1";

static const char hash_letters[] =
    "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/* length of what follows the last '$', in bytes: crypt(5) */
static const struct {
    const char *prefix;
    size_t tail;
} schemes[] = {
    { "$y$", 43 }, { "$gy$", 43 }, { "$7$", 43 }, { "$2", 53 },     { "$6$", 86 },
    { "$5$", 43 }, { "$1$", 22 },  { "$3$", 32 }, { "$sha1$", 28 }, { "$md5", 22 },
};

static bool
length_ok(const char *hash)
{
    size_t len = strlen(hash);

    if (len > OG_CRYPT_MAX_HASH)
        return false;
    if (hash[0] == '_') /* BSDi */
        return len == 20;
    if (hash[0] != '$') /* DES, and bigcrypt with 11 more for each 8 letters */
        return len >= 13 && (len - 13) % 11 == 0 && strspn(hash, hash_letters) == len;
    for (size_t i = 0; i < N_ELEMENTS(schemes); i++)
        if (strncmp(hash, schemes[i].prefix, strlen(schemes[i].prefix)) == 0)
            return strlen(strrchr(hash, '$') + 1) == schemes[i].tail;
    return false;
}

bool
og_crypt_scheme_ok(const char *hash)
{
    int salt;

    if (!length_ok(hash))
        return false;
    salt = crypt_checksalt(hash);
    return salt == CRYPT_SALT_OK || salt == CRYPT_SALT_METHOD_LEGACY
           || salt == CRYPT_SALT_TOO_CHEAP;
}

/* text must hold OG_CRYPT_MAX_PASSWORD + 1 bytes; the caller wipes it */
static enum og_rc
password_text(const char *password, size_t len, char *text, struct og_err *err)
{
    if (len > OG_CRYPT_MAX_PASSWORD)
        return og_fail(err, OG_E_LIMIT, "password of more than %d bytes",
                       OG_CRYPT_MAX_PASSWORD);
    if (len > 0 && memchr(password, '\0', len) != NULL)
        return og_fail(err, OG_E_SYNTAX, "NUL in a password");
    if (len > 0)
        memcpy(text, password, len);
    text[len] = '\0';
    return OG_OK;
}

/* on success the caller gives *data to forget(); the result stands inside */
static enum og_rc
run(const char *text, const char *setting, void **data, int *size, const char **result,
    struct og_err *err)
{
    errno = 0;
    *result = crypt_ra(text, setting, data, size);
    if (*result != NULL && (*result)[0] != '*')
        return OG_OK;
    if (errno == ENOMEM)
        return og_fail(err, OG_E_NOMEM, "no memory for a password hash");
    if (errno == EINVAL || errno == ERANGE)
        return og_fail(err, OG_E_SYNTAX, "libcrypt refuses the password hash");
    return og_fail(err, OG_E_LIB, "libcrypt: %s", strerror(errno));
}

static void
forget(void *data, int size)
{
    if (data == NULL)
        return;
    explicit_bzero(data, (size_t)size);
    free(data);
}

/* every byte is looked at; volatile keeps the compiler from leaving early */
static bool
same_text(const char *a, const char *b, size_t len)
{
    volatile unsigned char differ = 0;

    for (size_t i = 0; i < len; i++)
        differ = (unsigned char)(differ | (a[i] ^ b[i]));
    return differ == 0;
}

enum og_rc
og_crypt_hash(const char *password, size_t len, struct og_buf *out, struct og_err *err)
{
    struct og_buf fresh = OG_BUF_INIT(out->max);
    char text[OG_CRYPT_MAX_PASSWORD + 1];
    const char *result;
    char *setting = NULL;
    void *data = NULL;
    int size = 0;
    enum og_rc rc;

    if (len == 0)
        return og_fail(err, OG_E_SYNTAX, "empty password");
    rc = password_text(password, len, text, err);
    if (rc != OG_OK)
        goto out;
    setting = crypt_gensalt_ra("$y$", 0, NULL, 0);
    if (setting == NULL) {
        rc = og_fail(err, OG_E_LIB, "libcrypt makes no salt: %s", strerror(errno));
        goto out;
    }
    rc = run(text, setting, &data, &size, &result, err);
    if (rc != OG_OK)
        goto out;
    rc = og_buf_add_text(&fresh, result, err);
    if (rc == OG_OK)
        og_buf_move(out, &fresh);
out:
    explicit_bzero(text, sizeof text);
    forget(data, size);
    free(setting);
    og_buf_free(&fresh);
    return rc;
}

enum og_rc
og_crypt_verify(const char *password, size_t len, const char *hash, bool *match,
                struct og_err *err)
{
    char text[OG_CRYPT_MAX_PASSWORD + 1];
    const char *result;
    size_t hash_len = strlen(hash);
    void *data = NULL;
    int size = 0;
    enum og_rc rc;

    if (!og_crypt_scheme_ok(hash))
        return og_fail(err, OG_E_SYNTAX, "unknown or broken password hash");
    rc = password_text(password, len, text, err);
    if (rc != OG_OK)
        goto out;
    rc = run(text, hash, &data, &size, &result, err);
    if (rc != OG_OK)
        goto out;
    if (hash[0] == '$' && strlen(result) != hash_len) {
        rc = og_fail(err, OG_E_SYNTAX, "password hash of a wrong length");
        goto out;
    }
    *match = len > 0 && strlen(result) == hash_len && same_text(result, hash, hash_len);
out:
    explicit_bzero(text, sizeof text);
    forget(data, size);
    return rc;
}

void
og_crypt_dummy(const char *password, size_t len)
{
    bool match = false;
    struct og_err err = { "" };

    /* only the time counts; a refused password is refused as quickly for all */
    if (og_crypt_verify(password, len, dummy_hash, &match, &err) != OG_OK)
        return;
}
