/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_LIB_KEY_H
#define OG_LIB_KEY_H

#include <stddef.h>

#include "core/base/buf.h"
#include "core/base/err.h"

/*
 * Key pairs for DKIM and random names, by OpenSSL 3. Private keys are
 * PKCS#8 PEM without a passphrase: who may read them is a matter of the store.
 */
enum og_key_kind {
    OG_KEY_RSA,     /* rsa-sha256, RFC 6376 */
    OG_KEY_ED25519, /* ed25519-sha256, RFC 8463 */
};

enum {
    OG_KEY_MIN_RSA = 1024,  /* bits; RFC 8301 section 3.2: less is not to be used */
    OG_KEY_MAX_RSA = 4096,  /* bits; more no verifier has to understand, same place */
    OG_KEY_MAX_PEM = 16384, /* bytes; an RSA key of 4096 bits has 3272 */
    OG_KEY_MAX_ID = 64,     /* characters */
};

/*
 * og_key_generate - make a new key pair
 *
 * bits         size of an RSA key, a multiple of 8; not looked at for Ed25519
 * pem_private  receives the private key, PEM; the caller wipes and frees it with
 *              og_key_forget()
 * public_b64   receives the value of p= in the DNS record, base64 without line
 *              ends: for RSA the SubjectPublicKeyInfo in DER (RFC 6376 section
 *              3.6.1 as OpenSSL and all signers do it), for Ed25519 the 32 bytes
 *              of the key (RFC 8463 section 4)
 *
 * Returns OG_OK; OG_E_RANGE for bits; OG_E_LIMIT above a buffer's ceiling;
 * OG_E_NOMEM; OG_E_LIB. RSA takes 50 to 500 ms with 2048 bits.
 */
enum og_rc og_key_generate(enum og_key_kind kind, int bits, struct og_buf *pem_private,
                           struct og_buf *public_b64, struct og_err *err) OG_CHECKED;

/*
 * og_key_public - what kind of private key is this, and its public half
 *
 * pem         NUL-terminated; its first block counts, text around it does not
 * kind, bits  receive what the key is; 256 bits for Ed25519
 * public_b64  receives the value of p= as above; NULL when it is not wanted
 *
 * Returns OG_OK; OG_E_SYNTAX for what is no private key, for an encrypted one and
 * for another algorithm; OG_E_RANGE for RSA outside the sizes above; OG_E_LIMIT
 * above OG_KEY_MAX_PEM or public_b64->max; OG_E_NOMEM; OG_E_LIB. Never asks for a
 * passphrase.
 */
enum og_rc og_key_public(const char *pem, enum og_key_kind *kind, int *bits,
                         struct og_buf *public_b64, struct og_err *err) OG_CHECKED;

/*
 * og_key_peek - what kind of private key does this look like?
 *
 * Reads the envelope only, 10 us where og_key_public() takes 500: a damaged key or
 * one of a bad size is not found out.
 *
 * pem    as above
 * kind   receives RSA or Ed25519
 * block  receives the first PEM block alone; the caller gives it to og_key_forget()
 *
 * Returns as og_key_public().
 */
enum og_rc og_key_peek(const char *pem, enum og_key_kind *kind, struct og_buf *block,
                       struct og_err *err) OG_CHECKED;

/* og_key_forget - overwrite a buffer that held a private key, then free it */
void og_key_forget(struct og_buf *pem);

/*
 * og_key_random_id - a short random name
 *
 * out  receives n characters and a NUL, so it has n + 1 bytes; lower-case letters
 *      without vowels and digits without 0 and 1: 27 in all, 4.75 bits each
 * n    1 to OG_KEY_MAX_ID
 *
 * Returns OG_OK; OG_E_RANGE for n; OG_E_IO. Random bytes are the kernel's, so a
 * forked child does not repeat its parent.
 */
enum og_rc og_key_random_id(char *out, size_t n, struct og_err *err) OG_CHECKED;

/* og_key_preload - have OpenSSL read its configuration and find what it needs for a hash
 * and a key, 2 ms of CPU that processes which are forked later and sign save */
void og_key_preload(void);

#endif
