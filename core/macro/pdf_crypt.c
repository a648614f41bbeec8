/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/macro/pdf_crypt.h"

#include <string.h>

#include "core/lib/decrypt.h"
#include "core/macro/rc4.h"

enum { PASSWORD_BYTES = 32, SALT_BYTES = 8, MAX_STRING = 1024 };

/* what an empty password is filled up with, ISO 32000-1 algorithm 2 */
static const unsigned char padding[PASSWORD_BYTES] = {
    0x28, 0xbf, 0x4e, 0x5e, 0x4e, 0x75, 0x8a, 0x41, 0x64, 0x00, 0x4e,
    0x56, 0xff, 0xfa, 0x01, 0x08, 0x2e, 0x2e, 0x00, 0xb6, 0xd0, 0x68,
    0x3e, 0x80, 0x2f, 0x0c, 0xa9, 0xfe, 0x64, 0x53, 0x69, 0x7a,
};

/* the dictionary's texts */
struct locked {
    struct og_buf owner, user, user_key;
    const struct og_bytes *id;
    uint32_t permissions;
    unsigned version, revision;
    bool plain_metadata;
};

static void
free_locked(struct locked *in)
{
    og_buf_free(&in->owner);
    og_buf_free(&in->user);
    og_buf_free(&in->user_key);
}

static enum og_rc
read_text(const struct og_pdf_tree *tree, uint32_t dict, const char *key,
          struct og_buf *out, struct og_err *err)
{
    enum og_rc rc = og_pdf_string(tree, og_pdf_get(tree, dict, key), out, err);

    return rc == OG_E_NOMEM ? rc : OG_OK; /* a short one does not open anything */
}

static enum og_rc
read_locked(const struct og_pdf_tree *tree, uint32_t dict, struct locked *in,
            struct og_err *err)
{
    uint32_t permissions = og_pdf_get(tree, dict, "P");
    uint32_t metadata = og_pdf_get(tree, dict, "EncryptMetadata");
    const struct og_pdf_node *p = &tree->nodes[permissions];
    enum og_rc rc = read_text(tree, dict, "O", &in->owner, err);

    if (rc == OG_OK)
        rc = read_text(tree, dict, "U", &in->user, err);
    if (rc == OG_OK)
        rc = read_text(tree, dict, "UE", &in->user_key, err);
    in->permissions = og_pdf_number(tree, permissions, 0);
    if (p->kind == OG_PDF_NUMBER && tree->source.data[p->at] == '-')
        in->permissions = -in->permissions;
    in->version = og_pdf_number(tree, og_pdf_get(tree, dict, "V"), 0);
    in->revision = og_pdf_number(tree, og_pdf_get(tree, dict, "R"), 0);
    in->plain_metadata = tree->nodes[metadata].kind == OG_PDF_WORD
                         && tree->source.data[tree->nodes[metadata].at] == 'f';
    return rc;
}

/* which cipher streams have, from version 4 on: a crypt filter's name tells */
static void
read_filter(const struct og_pdf_tree *tree, uint32_t dict, struct og_pdf_crypt *crypt)
{
    uint32_t name = og_pdf_get(tree, dict, "StmF"),
             filters = og_pdf_get(tree, dict, "CF");
    uint32_t method = 0;

    crypt->plain_streams = name == 0 || og_pdf_is(tree, name, "Identity");
    if (crypt->plain_streams || tree->nodes[filters].kind != OG_PDF_DICT)
        return;
    for (uint32_t at = tree->nodes[filters].child; at != 0; at = tree->nodes[at].next) {
        const struct og_pdf_node *have = &tree->nodes[at], *want = &tree->nodes[name];
        uint32_t value = have->next;

        if (value == 0)
            return;
        if (have->kind == OG_PDF_NAME && have->len == want->len
            && memcmp(tree->source.data + have->at, tree->source.data + want->at,
                      have->len)
                   == 0)
            method = og_pdf_get(tree, value, "CFM");
        at = value;
    }
    crypt->plain_streams = og_pdf_is(tree, method, "None");
    crypt->aes = og_pdf_is(tree, method, "AESV2") || og_pdf_is(tree, method, "AESV3");
}

static void
change(const unsigned char *key, size_t key_len, unsigned char *data, size_t len)
{
    struct og_rc4 rc4;

    og_rc4_key(&rc4, key, key_len);
    for (size_t i = 0; i < len; i++)
        data[i] ^= og_rc4_next(&rc4);
}

static enum og_rc
md5(const void *one, size_t one_len, const void *other, size_t other_len,
    unsigned char out[OG_DECRYPT_HASH], struct og_err *err)
{
    return og_decrypt_digest(OG_MD5, one, one_len, other, other_len, out, err);
}

/* the file's key: ISO 32000-1 algorithm 2 */
static enum og_rc
old_key(struct og_pdf_crypt *crypt, const struct locked *in, struct og_err *err)
{
    unsigned char hash[OG_DECRYPT_HASH], head[2 * PASSWORD_BYTES + 4];
    struct og_buf tail = OG_BUF_INIT(MAX_STRING + 4);
    size_t n = crypt->key_len;
    enum og_rc rc;

    memcpy(head, padding, PASSWORD_BYTES);
    memcpy(head + PASSWORD_BYTES, in->owner.data, PASSWORD_BYTES);
    for (int i = 0; i < 4; i++)
        head[2 * PASSWORD_BYTES + i] = (unsigned char)(in->permissions >> 8 * i);
    rc = og_buf_add(&tail, in->id->data, in->id->len, err);
    if (rc == OG_OK && in->revision >= 4 && in->plain_metadata)
        rc = og_buf_add(&tail, "\xff\xff\xff\xff", 4, err);
    if (rc == OG_OK)
        rc = md5(head, sizeof head, og_buf_text(&tail), tail.len, hash, err);
    for (int i = 0; i < 50 && in->revision >= 3 && rc == OG_OK; i++)
        rc = md5(hash, n, "", 0, hash, err);
    if (rc == OG_OK)
        memcpy(crypt->key, hash, n);
    og_buf_free(&tail);
    return rc;
}

/* does it open? algorithms 4 and 5: up to revision 4 */
static enum og_rc
open_old(struct og_pdf_crypt *crypt, const struct locked *in, struct og_err *err)
{
    unsigned char test[OG_DECRYPT_HASH];
    size_t n = crypt->key_len;
    enum og_rc rc;

    if (in->owner.len < PASSWORD_BYTES || in->user.len < 16)
        return OG_OK;
    rc = old_key(crypt, in, err);
    memcpy(test, padding, PASSWORD_BYTES);
    if (rc == OG_OK && in->revision < 3)
        change(crypt->key, n, test, PASSWORD_BYTES);
    else if (rc == OG_OK)
        rc = md5(padding, PASSWORD_BYTES, in->id->data, in->id->len, test, err);
    for (unsigned i = 0; i < 20 && in->revision >= 3; i++) {
        unsigned char key[16];

        for (size_t k = 0; k < n; k++)
            key[k] = (unsigned char)(crypt->key[k] ^ i);
        change(key, n, test, 16);
    }
    crypt->locked = rc != OG_OK || memcmp(test, in->user.data, 16) != 0;
    return rc;
}

/* ISO 32000-2 algorithm 2.B with an empty password, for a user; revision 5 is its start */
static enum og_rc
hash_new(unsigned revision, const void *salt, unsigned char key[OG_DECRYPT_HASH],
         struct og_err *err)
{
    static const enum og_decrypt_hash kinds[] = { OG_SHA256, OG_SHA384, OG_SHA512 };
    unsigned char block[64 * OG_DECRYPT_HASH];
    size_t len = 32;
    enum og_rc rc = og_decrypt_digest(OG_SHA256, salt, SALT_BYTES, "", 0, key, err);

    for (unsigned i = 0; revision >= 6 && rc == OG_OK; i++) {
        unsigned sum = 0;

        for (size_t k = 0; k < 64; k++)
            memcpy(block + k * len, key, len);
        rc = og_decrypt_back(key, key + 16, block, 64 * len, err);
        if (rc != OG_OK)
            break;
        for (size_t k = 0; k < 16; k++)
            sum += block[k]; /* 256 is 1 modulo 3 */
        rc = og_decrypt_digest(kinds[sum % 3], block, 64 * len, "", 0, key, err);
        if (i >= 63 && block[64 * len - 1] <= i - 31)
            break;
        len = og_decrypt_hash_bytes(kinds[sum % 3]);
    }
    return rc;
}

/* ISO 32000-2 algorithm 2.A: the file's key is encrypted with one of the password's */
static enum og_rc
open_new(struct og_pdf_crypt *crypt, const struct locked *in, struct og_err *err)
{
    static const unsigned char zeros[OG_DECRYPT_BLOCK];
    struct og_buf key = OG_BUF_INIT(32);
    unsigned char hash[OG_DECRYPT_HASH];
    enum og_rc rc;

    if (in->user.len < PASSWORD_BYTES + 2 * SALT_BYTES || in->user_key.len < 32)
        return OG_OK;
    rc = hash_new(in->revision, in->user.data + PASSWORD_BYTES, hash, err);
    if (rc != OG_OK || memcmp(hash, in->user.data, PASSWORD_BYTES) != 0)
        return rc;
    rc = hash_new(in->revision, in->user.data + PASSWORD_BYTES + SALT_BYTES, hash, err);
    if (rc == OG_OK)
        rc = og_decrypt_aes(hash, 32, zeros, (const unsigned char *)in->user_key.data, 32,
                            &key, err);
    if (rc == OG_OK)
        memcpy(crypt->key, key.data, 32);
    og_buf_free(&key);
    crypt->locked = rc != OG_OK;
    return rc;
}

enum og_rc
og_pdf_crypt_open(struct og_pdf_crypt *crypt, const struct og_pdf_tree *tree,
                  uint32_t dict, const struct og_bytes *id, struct og_err *err)
{
    struct locked in = { OG_BUF_INIT(MAX_STRING), OG_BUF_INIT(MAX_STRING),
                         OG_BUF_INIT(MAX_STRING), .id = id };
    size_t bits = og_pdf_number(tree, og_pdf_get(tree, dict, "Length"), 40);
    enum og_rc rc;

    *crypt = (struct og_pdf_crypt){ .encrypted = true, .locked = true };
    if (!og_pdf_is(tree, og_pdf_get(tree, dict, "Filter"), "Standard"))
        return OG_OK; /* for who has a certificate */
    rc = read_locked(tree, dict, &in, err);
    crypt->version = in.version;
    crypt->key_len = in.version >= 5   ? 32
                     : in.version == 4 ? 16
                     : in.version == 1 ? 5
                                       : bits / 8;
    if (in.version >= 4)
        read_filter(tree, dict, crypt);
    if (rc == OG_OK && in.version >= 1 && in.version <= 4 && crypt->key_len >= 5
        && crypt->key_len <= 16)
        rc = open_old(crypt, &in, err);
    else if (rc == OG_OK && in.version == 5)
        rc = open_new(crypt, &in, err);
    free_locked(&in);
    return rc;
}

/* the key of one object, ISO 32000-1 algorithm 1 */
static enum og_rc
object_key(const struct og_pdf_crypt *crypt, uint32_t number, uint32_t generation,
           unsigned char key[OG_DECRYPT_HASH], size_t *len, struct og_err *err)
{
    const unsigned char which[] = { (unsigned char)number,
                                    (unsigned char)(number >> 8),
                                    (unsigned char)(number >> 16),
                                    (unsigned char)generation,
                                    (unsigned char)(generation >> 8),
                                    's',
                                    'A',
                                    'l',
                                    'T' };
    if (crypt->version >= 5) {
        memcpy(key, crypt->key, 32);
        *len = 32;
        return OG_OK;
    }
    *len = crypt->key_len + 5 < 16 ? crypt->key_len + 5 : 16;
    return md5(crypt->key, crypt->key_len, which, crypt->aes ? 9 : 5, key, err);
}

enum og_rc
og_pdf_decrypt(const struct og_pdf_crypt *crypt, uint32_t number, uint32_t generation,
               const struct og_bytes *data, struct og_buf *out, struct og_err *err)
{
    unsigned char key[OG_DECRYPT_HASH];
    size_t from = out->len, key_len;
    enum og_rc rc;

    if (!crypt->encrypted || crypt->locked || crypt->plain_streams)
        return og_buf_add(out, data->data, data->len, err);
    rc = object_key(crypt, number, generation, key, &key_len, err);
    if (rc != OG_OK)
        return rc;
    if (crypt
            ->aes) /* its first block is the start value; padding at the end is no harm */
        return data->len < OG_DECRYPT_BLOCK
                   ? OG_OK
                   : og_decrypt_aes(key, key_len, data->data,
                                    data->data + OG_DECRYPT_BLOCK,
                                    data->len - OG_DECRYPT_BLOCK, out, err);
    rc = og_buf_add(out, data->data, data->len, err);
    if (rc == OG_OK)
        change(key, key_len, (unsigned char *)out->data + from, data->len);
    return rc;
}
