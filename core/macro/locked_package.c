/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/macro/locked.h"

#include <strings.h>

#include "core/lib/decrypt.h"
#include "core/lib/xml_scan.h"

enum {
    STANDARD_ROUNDS = 50000, /* 2.3.4.7 */
    STANDARD_AES = 0x20,     /* fAES of the flags, 2.3.1 */
    SEGMENT = 4096,          /* of the package, each with an IV of its own, 2.3.4.15 */
    SIZE_BYTES = 8,          /* in front of the package */
    MAX_SALT = 64,
    MAX_VALUE = 128,
    MAX_KEY = 32,
    MAX_DIGITS = 10,
};

/* 2.3.4.7: the key is made of two hashes, as CryptoAPI does it */
static enum og_rc
standard_key(const unsigned char *salt, size_t salt_len, unsigned char key[2 * 20],
             struct og_err *err)
{
    static const unsigned char zero[4] = { 0 };
    unsigned char hash[OG_DECRYPT_HASH], pad[64];
    enum og_rc rc;

    rc = og_decrypt_digest(OG_SHA1, salt, salt_len, og_locked_password,
                           sizeof og_locked_password, hash, err);
    if (rc == OG_OK)
        rc = og_decrypt_spin(OG_SHA1, STANDARD_ROUNDS, hash, err);
    if (rc == OG_OK)
        rc = og_decrypt_digest(OG_SHA1, hash, 20, zero, sizeof zero, hash, err);
    for (unsigned half = 0; half < 2 && rc == OG_OK; half++) {
        unsigned char part[OG_DECRYPT_HASH];

        memset(pad, half == 0 ? 0x36 : 0x5c, sizeof pad);
        for (size_t i = 0; i < 20; i++)
            pad[i] ^= hash[i];
        rc = og_decrypt_digest(OG_SHA1, pad, sizeof pad, "", 0, part, err);
        memcpy(key + (size_t)half * 20, part, 20);
    }
    return rc;
}

static enum og_rc
standard_verify(const unsigned char *key, size_t key_len, const struct og_bytes *info,
                size_t verifier, bool *right, struct og_err *err)
{
    struct og_buf plain = OG_BUF_INIT(MAX_VALUE);
    unsigned char hash[OG_DECRYPT_HASH] = { 0 };
    enum og_rc rc;

    rc = og_decrypt_aes(key, key_len, NULL, info->data + verifier + 20, 16, &plain, err);
    if (rc == OG_OK)
        rc = og_decrypt_aes(key, key_len, NULL, info->data + verifier + 40, 32, &plain,
                            err);
    if (rc == OG_OK)
        rc = og_decrypt_digest(OG_SHA1, plain.data, 16, "", 0, hash, err);
    *right = rc == OG_OK && memcmp(hash, plain.data + 16, 20) == 0;
    og_buf_free(&plain);
    return rc;
}

/* 2.3.4.5: version, flags, length of the header, header, verifier */
static enum og_rc
open_standard(struct og_bytes info, struct og_bytes package, struct og_buf *inner,
              enum og_locked *state, struct og_err *err)
{
    size_t verifier = 12 + (size_t)og_bytes_32(&info, 8);
    size_t key_len = og_bytes_32(&info, 12 + 16) / 8;
    unsigned char key[2 * 20];
    bool right = false;
    enum og_rc rc;

    if ((og_bytes_32(&info, 4) & STANDARD_AES) == 0 || !og_bytes_has(&info, verifier, 72)
        || (key_len != 16 && key_len != 24 && key_len != 32))
        return OG_OK;
    rc = standard_key(info.data + verifier + 4, 16, key, err);
    if (rc == OG_OK)
        rc = standard_verify(key, key_len, &info, verifier, &right, err);
    if (rc != OG_OK || !right)
        return rc;
    *state = OG_LOCKED_OPEN;
    return og_decrypt_aes(key, key_len, NULL, package.data + SIZE_BYTES,
                          package.len - SIZE_BYTES, inner, err);
}

struct value {
    unsigned char data[MAX_VALUE];
    size_t len;
};

/* <keyData> and <p:encryptedKey>, 2.3.4.10 */
struct params {
    struct value salt;
    size_t key_len;
    enum og_decrypt_hash hash;
    bool usable;
};

struct agile {
    struct params data, key;
    size_t rounds;
    struct value verifier, verifier_hash, key_value;
};

static int
sixbits(char digit)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = digit != '\0' ? strchr(digits, digit) : NULL;

    return at != NULL ? (int)(at - digits) : -1;
}

static void
read_base64(const struct og_xml_attr *attr, struct value *value)
{
    unsigned bits = 0, word = 0;

    value->len = 0;
    for (size_t i = 0; attr != NULL && i < attr->len; i++) {
        int digit = sixbits(attr->value[i]);

        if (digit < 0)
            continue;
        word = word << 6 | (unsigned)digit;
        bits += 6;
        if (bits < 8)
            continue;
        bits -= 8;
        if (value->len < MAX_VALUE)
            value->data[value->len++] = (unsigned char)(word >> bits);
    }
}

static size_t
read_number(const struct og_xml_attr *attr)
{
    size_t number = 0;

    for (size_t i = 0; attr != NULL && i < attr->len && i < MAX_DIGITS; i++) {
        if (attr->value[i] < '0' || attr->value[i] > '9')
            return 0;
        number = number * 10 + (size_t)(attr->value[i] - '0');
    }
    return number;
}

static bool
is(const struct og_xml_attr *attr, const char *word)
{
    return attr != NULL && attr->len == strlen(word)
           && strncasecmp(attr->value, word, attr->len) == 0;
}

static void
read_params(const struct og_xml_element *element, struct params *params)
{
    const struct og_xml_attr *hash = og_xml_attr(element, NULL, "hashAlgorithm");

    read_base64(og_xml_attr(element, NULL, "saltValue"), &params->salt);
    params->key_len = read_number(og_xml_attr(element, NULL, "keyBits")) / 8;
    params->usable =
        is(og_xml_attr(element, NULL, "cipherAlgorithm"), "AES")
        && is(og_xml_attr(element, NULL, "cipherChaining"), "ChainingModeCBC")
        && (params->key_len == 16 || params->key_len == 24 || params->key_len == 32)
        && params->salt.len > 0 && params->salt.len <= MAX_SALT && hash != NULL
        && (og_decrypt_hash_named(hash->value, hash->len, &params->hash)
            || (is(hash, "SHA-1") && og_decrypt_hash_named("SHA1", 4, &params->hash)));
}

static bool
see_element(const struct og_xml_element *element, void *arg)
{
    struct agile *agile = arg;

    if (strcmp(element->name, "keyData") == 0) {
        read_params(element, &agile->data);
    } else if (strcmp(element->name, "encryptedKey") == 0
               && strstr(element->ns, "password") != NULL) {
        read_params(element, &agile->key);
        agile->rounds = read_number(og_xml_attr(element, NULL, "spinCount"));
        read_base64(og_xml_attr(element, NULL, "encryptedVerifierHashInput"),
                    &agile->verifier);
        read_base64(og_xml_attr(element, NULL, "encryptedVerifierHashValue"),
                    &agile->verifier_hash);
        read_base64(og_xml_attr(element, NULL, "encryptedKeyValue"), &agile->key_value);
        return false;
    }
    return true;
}

/* 2.3.4.12: cut, or filled up with 0x36 */
static void
fill_up(const unsigned char *data, size_t len, unsigned char *out, size_t want)
{
    memset(out, 0x36, want);
    memcpy(out, data, len < want ? len : want);
}

/* 2.3.4.13: one of the three values under the key that hash and purpose make */
static enum og_rc
open_value(const struct agile *agile, const unsigned char *hash,
           const unsigned char purpose[8], const struct value *value, struct og_buf *out,
           struct og_err *err)
{
    size_t hash_len = og_decrypt_hash_bytes(agile->key.hash);
    unsigned char made[OG_DECRYPT_HASH], key[MAX_KEY], iv[OG_DECRYPT_BLOCK];
    enum og_rc rc;

    rc = og_decrypt_digest(agile->key.hash, hash, hash_len, purpose, 8, made, err);
    fill_up(made, hash_len, key, agile->key.key_len);
    fill_up(agile->key.salt.data, agile->key.salt.len, iv, sizeof iv);
    if (rc == OG_OK)
        rc = og_decrypt_aes(key, agile->key.key_len, iv, value->data, value->len, out,
                            err);
    return rc;
}

/* 2.3.4.11, 2.3.4.13; key stays empty where the password is another */
static enum og_rc
agile_key(const struct agile *agile, struct og_buf *key, struct og_err *err)
{
    static const unsigned char for_input[] = "\xfe\xa7\xd2\x76\x3b\x4b\x9e\x79",
                               for_hash[] = "\xd7\xaa\x0f\x6d\x30\x61\x34\x4e",
                               for_key[] = "\x14\x6e\x0b\xe7\xab\xac\xd0\xd6";
    struct og_buf input = OG_BUF_INIT(MAX_VALUE), wanted = OG_BUF_INIT(MAX_VALUE);
    unsigned char hash[OG_DECRYPT_HASH], got[OG_DECRYPT_HASH];
    size_t hash_len = og_decrypt_hash_bytes(agile->key.hash);
    enum og_rc rc;

    rc = og_decrypt_digest(agile->key.hash, agile->key.salt.data, agile->key.salt.len,
                           og_locked_password, sizeof og_locked_password, hash, err);
    if (rc == OG_OK)
        rc = og_decrypt_spin(agile->key.hash, agile->rounds, hash, err);
    if (rc == OG_OK)
        rc = open_value(agile, hash, for_input, &agile->verifier, &input, err);
    if (rc == OG_OK)
        rc = open_value(agile, hash, for_hash, &agile->verifier_hash, &wanted, err);
    /* the verifier is as long as the salt, the rest fills its last block */
    og_buf_cut(&input, agile->key.salt.len);
    if (rc == OG_OK)
        rc = og_decrypt_digest(agile->key.hash, og_buf_text(&input), input.len, "", 0,
                               got, err);
    if (rc == OG_OK && wanted.len >= hash_len && memcmp(wanted.data, got, hash_len) == 0)
        rc = open_value(agile, hash, for_key, &agile->key_value, key, err);
    og_buf_free(&input);
    og_buf_free(&wanted);
    return rc;
}

static enum og_rc
agile_segments(const struct agile *agile, const struct og_buf *key,
               struct og_bytes package, struct og_buf *inner, struct og_err *err)
{
    unsigned char hash[OG_DECRYPT_HASH], iv[OG_DECRYPT_BLOCK];
    enum og_rc rc = OG_OK;

    for (size_t i = 0; rc == OG_OK && SIZE_BYTES + i * SEGMENT < package.len; i++) {
        const unsigned char number[] = { (unsigned char)i, (unsigned char)(i >> 8),
                                         (unsigned char)(i >> 16),
                                         (unsigned char)(i >> 24) };
        struct og_bytes part = og_bytes_from(&package, SIZE_BYTES + i * SEGMENT, SEGMENT);

        rc = og_decrypt_digest(agile->data.hash, agile->data.salt.data,
                               agile->data.salt.len, number, sizeof number, hash, err);
        fill_up(hash, og_decrypt_hash_bytes(agile->data.hash), iv, sizeof iv);
        if (rc == OG_OK)
            rc = og_decrypt_aes((const unsigned char *)key->data, agile->data.key_len, iv,
                                part.data, part.len, inner, err);
    }
    return rc;
}

static enum og_rc
open_agile(struct og_bytes info, struct og_bytes package, struct og_buf *inner,
           enum og_locked *state, struct og_err *err)
{
    static const struct og_xml_handler handler = { see_element, NULL, NULL };
    struct og_buf key = OG_BUF_INIT(MAX_VALUE);
    struct og_bytes xml = og_bytes_from(&info, 8, SIZE_MAX);
    struct agile agile = { .rounds = 0 };
    enum og_rc rc;

    rc = og_xml_scan((const char *)xml.data, xml.len, &handler, &agile, err);
    if (rc == OG_E_LIMIT || (rc == OG_OK && (!agile.data.usable || !agile.key.usable)))
        return OG_OK;
    if (rc == OG_OK && agile.rounds > OG_LOCKED_MAX_ROUNDS) {
        *state = OG_LOCKED_SLOW;
        return OG_OK;
    }
    if (rc == OG_OK)
        rc = agile_key(&agile, &key, err);
    if (rc == OG_OK && key.len >= agile.data.key_len) {
        *state = OG_LOCKED_OPEN;
        rc = agile_segments(&agile, &key, package, inner, err);
    }
    og_buf_free(&key);
    return rc;
}

enum og_rc
og_locked_package(struct og_bytes info, struct og_bytes package, struct og_buf *inner,
                  enum og_locked *state, struct og_err *err)
{
    unsigned major = og_bytes_16(&info, 0), minor = og_bytes_16(&info, 2);
    enum og_rc rc = OG_OK;

    *state = OG_LOCKED_SHUT;
    if (package.len < SIZE_BYTES)
        return OG_OK;
    if (major == 4 && minor == 4)
        rc = open_agile(info, package, inner, state, err);
    else if (major >= 2 && major <= 4 && minor == 2)
        rc = open_standard(info, package, inner, state, err);
    if (og_bytes_64(&package, 0) < inner->len)
        og_buf_cut(inner, (size_t)og_bytes_64(&package, 0));
    return rc;
}
