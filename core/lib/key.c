/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/lib/key.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

enum { ED25519_BYTES = 32 };

/* a part of a PEM text; len is an int because OpenSSL's are */
struct block {
    const char *text;
    int len;
};

/* the oldest error of this thread's queue; the queue is empty afterwards */
static enum og_rc
lib_fail(const char *what, struct og_err *err)
{
    unsigned long code = ERR_get_error();
    const char *reason = ERR_reason_error_string(code);

    ERR_clear_error();
    return og_fail(err, OG_E_LIB, "%s: %s", what, reason != NULL ? reason : "OpenSSL");
}

static enum og_rc
add_base64(const unsigned char *data, size_t len, struct og_buf *out, struct og_err *err)
{
    unsigned char *text = malloc((len + 2) / 3 * 4 + 1);
    int n;
    enum og_rc rc;

    if (text == NULL)
        return og_fail(err, OG_E_NOMEM, "no memory for a key");
    n = EVP_EncodeBlock(text, data, (int)len); /* len is a key's, far below INT_MAX */
    rc = og_buf_add(out, text, (size_t)n, err);
    free(text);
    return rc;
}

static enum og_rc
print_public(const EVP_PKEY *key, enum og_key_kind kind, struct og_buf *out,
             struct og_err *err)
{
    unsigned char raw[ED25519_BYTES];
    unsigned char *der = NULL;
    size_t raw_len = sizeof raw;
    int len;
    enum og_rc rc;

    if (kind == OG_KEY_ED25519) {
        if (EVP_PKEY_get_raw_public_key(key, raw, &raw_len) != 1)
            return lib_fail("public key", err);
        return add_base64(raw, raw_len, out, err);
    }
    len = i2d_PUBKEY(key, &der);
    if (len <= 0)
        return lib_fail("public key", err);
    rc = add_base64(der, (size_t)len, out, err);
    OPENSSL_free(der);
    return rc;
}

static enum og_rc
print_private(const EVP_PKEY *key, struct og_buf *out, struct og_err *err)
{
    BIO *bio = BIO_new(BIO_s_mem()); /* wiped when freed */
    char *text = NULL;
    long len;
    enum og_rc rc;

    if (bio == NULL)
        return lib_fail("private key", err);
    if (PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) != 1) {
        rc = lib_fail("private key", err);
        goto out;
    }
    len = BIO_get_mem_data(bio, &text);
    rc = og_buf_add(out, text, (size_t)len, err);
out:
    BIO_free(bio);
    return rc;
}

enum og_rc
og_key_generate(enum og_key_kind kind, int bits, struct og_buf *pem_private,
                struct og_buf *public_b64, struct og_err *err)
{
    struct og_buf pem = OG_BUF_INIT(pem_private->max);
    struct og_buf text = OG_BUF_INIT(public_b64->max);
    EVP_PKEY *key;
    enum og_rc rc;

    if (kind == OG_KEY_RSA
        && (bits < OG_KEY_MIN_RSA || bits > OG_KEY_MAX_RSA || bits % 8 != 0))
        return og_fail(err, OG_E_RANGE, "RSA keys have %d to %d bits, a multiple of 8",
                       OG_KEY_MIN_RSA, OG_KEY_MAX_RSA);
    if (kind == OG_KEY_RSA)
        key = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)bits);
    else
        key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    if (key == NULL)
        return lib_fail("key generation", err);
    rc = print_private(key, &pem, err);
    if (rc == OG_OK)
        rc = print_public(key, kind, &text, err);
    if (rc == OG_OK) {
        og_buf_move(pem_private, &pem);
        og_buf_move(public_b64, &text);
    }
    EVP_PKEY_free(key);
    og_key_forget(&pem);
    og_buf_free(&text);
    return rc;
}

/* instead of OpenSSL's own, which asks at the terminal */
static int
no_passphrase(char *buf, int size, int writing, void *asked)
{
    (void)buf;
    (void)size;
    (void)writing;
    *(bool *)asked = true;
    return -1;
}

/* the first PEM block, without the text around it */
static enum og_rc
first_block(const char *pem, struct block *block, struct og_err *err)
{
    const char *begin = strstr(pem, "-----BEGIN ");
    const char *end = begin != NULL ? strstr(begin, "-----END ") : NULL;

    if (strlen(pem) > OG_KEY_MAX_PEM)
        return og_fail(err, OG_E_LIMIT, "key of more than %d bytes", OG_KEY_MAX_PEM);
    end = end != NULL ? strstr(end + strlen("-----END "), "-----") : NULL;
    if (end == NULL)
        return og_fail(err, OG_E_SYNTAX, "no private key in PEM form");
    *block = (struct block){ begin, (int)(end + strlen("-----") - begin) };
    return OG_OK;
}

static enum og_rc
no_key(bool asked, struct og_err *err)
{
    ERR_clear_error();
    if (asked)
        return og_fail(err, OG_E_SYNTAX, "the private key is encrypted");
    return og_fail(err, OG_E_SYNTAX, "no private key in PEM form");
}

/* the first block of a PEM text, and a reader of it */
static enum og_rc
open_block(const char *pem, struct block *block, BIO **bio, struct og_err *err)
{
    enum og_rc rc = first_block(pem, block, err);

    if (rc != OG_OK)
        return rc;
    *bio = BIO_new_mem_buf(block->text, block->len);
    return *bio != NULL ? OG_OK : lib_fail("private key", err);
}

static enum og_rc
read_private(const char *pem, EVP_PKEY **key, struct og_err *err)
{
    struct block block;
    bool asked = false;
    BIO *bio = NULL;
    enum og_rc rc = open_block(pem, &block, &bio, err);

    if (rc != OG_OK)
        return rc;
    *key = PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, &asked);
    BIO_free(bio);
    return *key != NULL ? OG_OK : no_key(asked, err);
}

/* the kind by a PEM label and the algorithm of a PKCS#8 envelope, RFC 5958 */
static enum og_rc
judge_envelope(const char *label, const unsigned char *der, long len,
               enum og_key_kind *kind, struct og_err *err)
{
    PKCS8_PRIV_KEY_INFO *envelope;
    const ASN1_OBJECT *algorithm = NULL;
    int nid = NID_undef;

    if (strcmp(label, PEM_STRING_RSA) == 0) {
        *kind = OG_KEY_RSA;
        return OG_OK;
    }
    if (strcmp(label, PEM_STRING_PKCS8INF) != 0)
        return no_key(strcmp(label, PEM_STRING_PKCS8) == 0, err);
    envelope = d2i_PKCS8_PRIV_KEY_INFO(NULL, &der, len);
    if (envelope == NULL)
        return no_key(false, err);
    if (PKCS8_pkey_get0(&algorithm, NULL, NULL, NULL, envelope) == 1)
        nid = OBJ_obj2nid(algorithm);
    PKCS8_PRIV_KEY_INFO_free(envelope);
    if (nid != NID_rsaEncryption && nid != NID_ED25519)
        return og_fail(err, OG_E_SYNTAX, "a key of type %s cannot sign DKIM",
                       nid != NID_undef ? OBJ_nid2sn(nid) : "unknown");
    *kind = nid == NID_ED25519 ? OG_KEY_ED25519 : OG_KEY_RSA;
    return OG_OK;
}

enum og_rc
og_key_peek(const char *pem, enum og_key_kind *kind, struct og_buf *out,
            struct og_err *err)
{
    struct og_buf copy = OG_BUF_INIT(out->max);
    enum og_key_kind found = OG_KEY_RSA;
    struct block block;
    unsigned char *der = NULL;
    char *label = NULL;
    long len = 0;
    bool asked = false;
    BIO *bio = NULL;
    enum og_rc rc = open_block(pem, &block, &bio, err);

    if (rc != OG_OK)
        return rc;
    if (PEM_bytes_read_bio(&der, &len, &label, PEM_STRING_EVP_PKEY, bio, no_passphrase,
                           &asked)
        == 1)
        rc = judge_envelope(label, der, len, &found, err);
    else
        rc = no_key(asked, err);
    if (rc == OG_OK)
        rc = og_buf_add(&copy, block.text, (size_t)block.len, err);
    if (rc == OG_OK) {
        *kind = found;
        og_buf_move(out, &copy);
    }
    BIO_free(bio);
    OPENSSL_clear_free(der, (size_t)len);
    OPENSSL_free(label);
    og_buf_free(&copy);
    return rc;
}

static enum og_rc
judge(const EVP_PKEY *key, enum og_key_kind *kind, int *bits, struct og_err *err)
{
    const char *name = EVP_PKEY_get0_type_name(key);
    int size = EVP_PKEY_get_bits(key);

    if (EVP_PKEY_is_a(key, "ED25519")) {
        *kind = OG_KEY_ED25519;
        *bits = ED25519_BYTES * 8;
        return OG_OK;
    }
    if (!EVP_PKEY_is_a(key, "RSA"))
        return og_fail(err, OG_E_SYNTAX, "a key of type %s cannot sign DKIM",
                       name != NULL ? name : "unknown");
    if (size < OG_KEY_MIN_RSA || size > OG_KEY_MAX_RSA)
        return og_fail(err, OG_E_RANGE, "RSA key of %d bits, DKIM wants %d to %d", size,
                       OG_KEY_MIN_RSA, OG_KEY_MAX_RSA);
    *kind = OG_KEY_RSA;
    *bits = size;
    return OG_OK;
}

enum og_rc
og_key_public(const char *pem, enum og_key_kind *kind, int *bits,
              struct og_buf *public_b64, struct og_err *err)
{
    struct og_buf text = OG_BUF_INIT(public_b64 != NULL ? public_b64->max : 0);
    EVP_PKEY *key = NULL;
    enum og_key_kind found = OG_KEY_RSA;
    int size = 0;
    enum og_rc rc = read_private(pem, &key, err);

    if (rc != OG_OK)
        return rc;
    rc = judge(key, &found, &size, err);
    if (rc == OG_OK && public_b64 != NULL)
        rc = print_public(key, found, &text, err);
    if (rc == OG_OK) {
        *kind = found;
        *bits = size;
        if (public_b64 != NULL)
            og_buf_move(public_b64, &text);
    }
    EVP_PKEY_free(key);
    og_buf_free(&text);
    return rc;
}

void
og_key_forget(struct og_buf *pem)
{
    if (pem->data != NULL)
        explicit_bzero(pem->data, pem->cap);
    og_buf_free(pem);
}

enum og_rc
og_key_random_id(char *out, size_t n, struct og_err *err)
{
    static const char alphabet[] = "bcdfghjkmnpqrstvwxz23456789";
    enum { LETTERS = sizeof alphabet - 1, FAIR = 256 / LETTERS * LETTERS };
    char id[OG_KEY_MAX_ID + 1];
    size_t have = 0;

    if (n < 1 || n > OG_KEY_MAX_ID)
        return og_fail(err, OG_E_RANGE, "id of %zu characters, wanted 1 to %d", n,
                       OG_KEY_MAX_ID);
    while (have < n) {
        unsigned char bytes[OG_KEY_MAX_ID];
        ssize_t got = getrandom(bytes, sizeof bytes, 0);

        if (got < 0 && errno != EINTR)
            return og_fail(err, OG_E_IO, "getrandom: %s", strerror(errno));
        for (ssize_t i = 0; i < got && have < n; i++)
            if (bytes[i] < FAIR) /* above it the first letters would come more often */
                id[have++] = alphabet[bytes[i] % LETTERS];
    }
    memcpy(out, id, n);
    out[n] = '\0';
    return OG_OK;
}

void
og_key_preload(void)
{
    struct og_buf pem = OG_BUF_INIT(OG_KEY_MAX_PEM), half = OG_BUF_INIT(OG_KEY_MAX_PEM);
    unsigned char hash[EVP_MAX_MD_SIZE];
    enum og_key_kind kind;
    int bits;

    /* who signs sees what fails here */
    (void)EVP_Digest("", 0, hash, NULL, EVP_sha256(), NULL);
    if (og_key_generate(OG_KEY_ED25519, 0, &pem, &half, NULL) == OG_OK)
        (void)!og_key_public(pem.data, &kind, &bits, NULL, NULL);
    og_key_forget(&pem);
    og_buf_free(&half);
}
