/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/macro/locked.h"

#include "core/lib/decrypt.h"
#include "core/macro/biff.h"
#include "core/macro/rc4.h"

enum {
    BLOCK = 1024, /* bytes of the stream for each key */
    SALT = 16,
    FORTY_BITS = 5,
};

/* how the bytes at a place of the stream are changed back */
struct lock {
    bool plain_xor;
    enum og_decrypt_hash hash;
    unsigned char base[20]; /* each block's key is a hash of it and the block's number */
    size_t base_len;
    size_t key_len; /* bytes of that hash that count */
    size_t block;   /* whose bytes are in stream */
    unsigned char stream[BLOCK];
};

static enum og_rc
key_of_block(const struct lock *lock, size_t block, struct og_rc4 *rc4,
             struct og_err *err)
{
    const unsigned char number[] = { (unsigned char)block, (unsigned char)(block >> 8),
                                     (unsigned char)(block >> 16),
                                     (unsigned char)(block >> 24) };
    unsigned char key[OG_DECRYPT_HASH];
    size_t len = lock->key_len;
    enum og_rc rc;

    rc = og_decrypt_digest(lock->hash, lock->base, lock->base_len, number, sizeof number,
                           key, err);
    if (lock->hash == OG_SHA1 && len == FORTY_BITS) { /* 2.3.5.2 */
        memset(key + len, 0, SALT - len);
        len = SALT;
    }
    if (rc == OG_OK)
        og_rc4_key(rc4, key, len);
    return rc;
}

/* does the key open the verifier that stands there? */
static enum og_rc
verify(const struct lock *lock, const unsigned char *verifier, const unsigned char *hash,
       bool *right, struct og_err *err)
{
    unsigned char plain[16], want[20], got[OG_DECRYPT_HASH];
    size_t hash_len = og_decrypt_hash_bytes(lock->hash);
    struct og_rc4 rc4;
    enum og_rc rc = key_of_block(lock, 0, &rc4, err);

    if (rc != OG_OK)
        return rc;
    for (size_t i = 0; i < sizeof plain; i++)
        plain[i] = verifier[i] ^ og_rc4_next(&rc4);
    for (size_t i = 0; i < hash_len; i++)
        want[i] = hash[i] ^ og_rc4_next(&rc4);
    rc = og_decrypt_digest(lock->hash, plain, sizeof plain, "", 0, got, err);
    *right = rc == OG_OK && memcmp(want, got, hash_len) == 0;
    return rc;
}

/* 2.3.6.2 */
static enum og_rc
rc4_base(struct lock *lock, const unsigned char *salt, struct og_err *err)
{
    unsigned char hash[OG_DECRYPT_HASH], many[16 * (FORTY_BITS + SALT)];
    enum og_rc rc;

    rc = og_decrypt_digest(OG_MD5, og_locked_password, sizeof og_locked_password, "", 0,
                           hash, err);
    if (rc != OG_OK)
        return rc;
    for (size_t at = 0; at < sizeof many; at += FORTY_BITS + SALT) {
        memcpy(many + at, hash, FORTY_BITS);
        memcpy(many + at + FORTY_BITS, salt, SALT);
    }
    rc = og_decrypt_digest(OG_MD5, many, sizeof many, "", 0, hash, err);
    memcpy(lock->base, hash, FORTY_BITS);
    lock->base_len = FORTY_BITS;
    lock->key_len = SALT;
    lock->hash = OG_MD5;
    return rc;
}

/* the content of FILEPASS, [MS-XLS] 2.4.117, behind its first number */
static enum og_rc
find_key(const struct og_bytes *pass, struct lock *lock, bool *right, struct og_err *err)
{
    unsigned major = og_bytes_16(pass, 2), minor = og_bytes_16(pass, 4);
    size_t verifier = 14 + (size_t)og_bytes_32(pass, 10);
    unsigned char hash[OG_DECRYPT_HASH];
    enum og_rc rc = OG_OK;

    if (major == 1 && minor == 1 && og_bytes_has(pass, 6, SALT + 32)) {
        rc = rc4_base(lock, pass->data + 6, err);
        if (rc == OG_OK)
            rc = verify(lock, pass->data + 22, pass->data + 38, right, err);
    } else if (major >= 2 && major <= 4 && minor == 2
               && og_bytes_has(pass, verifier, 60)) {
        rc = og_decrypt_digest(OG_SHA1, pass->data + verifier + 4, SALT,
                               og_locked_password, sizeof og_locked_password, hash, err);
        memcpy(lock->base, hash, 20);
        lock->base_len = 20;
        lock->hash = OG_SHA1;
        lock->key_len = og_bytes_32(pass, 14 + 16) / 8;
        if (lock->key_len == 0)
            lock->key_len = FORTY_BITS;
        if (lock->key_len > SALT)
            return rc;
        if (rc == OG_OK)
            rc = verify(lock, pass->data + verifier + 20, pass->data + verifier + 40,
                        right, err);
    }
    return rc;
}

/* 2.3.7: key and verifier of the built-in password; BIFF 5 has no number before them */
static bool
is_xor(const struct og_bytes *pass)
{
    static const unsigned char built_in[] = "\0\0\x59\xb3\x0a\x9a";

    return (pass->len == 6 && memcmp(pass->data, built_in, 6) == 0)
           || (pass->len == 4 && memcmp(pass->data, built_in + 2, 4) == 0);
}

/* 2.2.10: what Excel reads before it has a key */
static bool
is_plain(unsigned id)
{
    return (id & OG_BIFF_KIND) == OG_BIFF_BOF || id == OG_BIFF_FILEPASS || id == 0x00e1
           || id == 0x0138 || id == 0x0194 || id == 0x0195 || id == 0x0196;
}

static enum og_rc
open_record(struct lock *lock, unsigned char *data, size_t at, size_t len, size_t skip,
            struct og_err *err)
{
    /* 2.3.7.2's array for the built-in password */
    static const unsigned char array[] =
        "\x3c\x5b\xd4\x17\xf0\x1f\x28\x13\xf0\x4b\xb4\x03\xc4\x73\xa4\x20";
    enum og_rc rc = OG_OK;

    for (size_t i = skip; i < len && rc == OG_OK; i++) {
        unsigned char *byte = &data[at + i];
        struct og_rc4 rc4;

        if (lock->plain_xor) {
            *byte = (unsigned char)(*byte << 3 | *byte >> 5) ^ array[(at + i + len) % 16];
            continue;
        }
        if ((at + i) / BLOCK != lock->block) {
            lock->block = (at + i) / BLOCK;
            rc = key_of_block(lock, lock->block, &rc4, err);
            for (size_t n = 0; rc == OG_OK && n < BLOCK; n++)
                lock->stream[n] = og_rc4_next(&rc4);
        }
        *byte ^= lock->stream[(at + i) % BLOCK];
    }
    return rc;
}

/* all behind the FILEPASS that stands at `at`, which becomes a record that says nothing */
static enum og_rc
open_records(struct lock *lock, size_t at, struct og_buf *inner, struct og_err *err)
{
    struct og_bytes biff = og_bytes(inner->data, inner->len);
    enum og_rc rc = OG_OK;

    lock->block = SIZE_MAX;
    memset(inner->data + at, 0xff, 2);
    at += OG_BIFF_HEADER + og_bytes_16(&biff, at + 2);
    while (rc == OG_OK && og_bytes_has(&biff, at, OG_BIFF_HEADER)) {
        unsigned id = og_bytes_16(&biff, at);
        size_t len = og_bytes_16(&biff, at + 2);

        at += OG_BIFF_HEADER;
        if (!og_bytes_has(&biff, at, len))
            len = biff.len - at;
        if (!is_plain(id)) /* where a sheet begins has to be found before */
            rc = open_record(lock, (unsigned char *)inner->data, at, len,
                             id == OG_BIFF_BOUNDSHEET ? 4 : 0, err);
        at += len;
    }
    return rc;
}

enum og_rc
og_locked_biff(struct og_bytes biff, struct og_buf *inner, enum og_locked *state,
               struct og_err *err)
{
    struct lock lock = { .plain_xor = false };
    struct og_bytes pass;
    bool right = false;
    size_t at;
    enum og_rc rc;

    *state = OG_LOCKED_NO;
    if (!og_biff_is(&biff) || !og_biff_locked(&biff, &at))
        return OG_OK;
    pass = og_bytes_from(&biff, at + OG_BIFF_HEADER, og_bytes_16(&biff, at + 2));
    *state = OG_LOCKED_SHUT;
    lock.plain_xor = is_xor(&pass);
    rc = lock.plain_xor ? OG_OK : find_key(&pass, &lock, &right, err);
    if (rc != OG_OK || (!lock.plain_xor && !right))
        return rc;
    *state = OG_LOCKED_OPEN;
    rc = og_buf_add(inner, biff.data, biff.len, err);
    if (rc == OG_OK)
        rc = open_records(&lock, at, inner, err);
    return rc;
}
