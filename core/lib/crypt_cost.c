/* SPDX-License-Identifier: BSD-2-Clause */
/* what checking a hash costs, from its own text; the numbers: crypt(5) */
#include "core/lib/crypt.h"

#include <stdint.h>
#include <string.h>

/* each about one second, or 256 MiB, on a machine of 2020; the default costs of all
 * schemes are far below */
enum {
    MAX_SHA = 1000000,   /* $5$, $6$: rounds; 5000 by default */
    MAX_SHA1 = 1000000,  /* $sha1$ */
    MAX_SUNMD5 = 500000, /* $md5 */
    MAX_BCRYPT = 14,     /* $2a$ and its kin: a logarithm */
    MAX_SCRYPT = 16 + 5, /* $y$, $gy$, $7$: logarithm of N and r; 12 + 5 */
    LETTER_BITS = 6,     /* of one letter of crypt(3)'s alphabet */
};

static const char letters[] =
    "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/* -1 for what is no letter */
static int
letter(char c)
{
    const char *at = c != '\0' ? strchr(letters, c) : NULL;

    return at != NULL ? (int)(at - letters) : -1;
}

static bool
number_within(const char *text, uint64_t most)
{
    uint64_t n = 0;

    if (*text < '0' || *text > '9')
        return false;
    for (; *text >= '0' && *text <= '9'; text++) {
        n = n * 10 + (uint64_t)(*text - '0');
        if (n > most)
            return false;
    }
    return true;
}

/* `rounds=N` of the parameters, or the scheme's default */
static bool
rounds_ok(const char *params, uint64_t most)
{
    static const char word[] = "rounds=";

    return strncmp(params, word, sizeof word - 1) != 0
           || number_within(params + sizeof word - 1, most);
}

static int
log2_of(unsigned n)
{
    int bits = 0;

    for (; n > 1; n = n / 2 + n % 2)
        bits++;
    return bits;
}

/* `j9T$...`: flavour, N, r; those with more parameters are nobody's default */
static bool
yescrypt_ok(const char *params)
{
    int n = letter(params[0]) >= 0 ? letter(params[1]) : -1;
    int r = n >= 0 ? letter(params[2]) : -1;

    return params[0] == 'j' && r >= 0 && params[3] == '$'
           && n + 1 + log2_of((unsigned)r + 1) <= MAX_SCRYPT;
}

/* `CU..../....SALT`: N, five letters of r, five of p, the lowest bits first */
static bool
scrypt_ok(const char *params)
{
    int bits = letter(params[0]);

    if (bits < 0)
        return false;
    for (int which = 0; which < 2; which++) {
        uint32_t value = 0;

        for (int i = 0; i < 5; i++) {
            int six = letter(params[1 + which * 5 + i]);

            if (six < 0)
                return false;
            value |= (uint32_t)six << (i * LETTER_BITS);
        }
        bits += log2_of(value);
    }
    return bits <= MAX_SCRYPT;
}

bool
og_crypt_cost_ok(const char *hash)
{
    if (strncmp(hash, "$5$", 3) == 0 || strncmp(hash, "$6$", 3) == 0)
        return rounds_ok(hash + 3, MAX_SHA);
    if (strncmp(hash, "$sha1$", 6) == 0)
        return number_within(hash + 6, MAX_SHA1);
    if (strncmp(hash, "$md5,", 5) == 0 || strncmp(hash, "$md5$", 5) == 0)
        return rounds_ok(hash + 5, MAX_SUNMD5);
    if (strncmp(hash, "$2", 2) == 0)
        return strlen(hash) > 4 && number_within(hash + 4, MAX_BCRYPT);
    if (strncmp(hash, "$y$", 3) == 0)
        return yescrypt_ok(hash + 3);
    if (strncmp(hash, "$gy$", 4) == 0)
        return yescrypt_ok(hash + 4);
    if (strncmp(hash, "$7$", 3) == 0)
        return scrypt_ok(hash + 3);
    return true; /* DES, MD5, NT: fixed, or 2 seconds at most */
}
