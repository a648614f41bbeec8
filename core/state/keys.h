/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_STATE_KEYS_H
#define OG_STATE_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/buf.h"
#include "core/base/record.h"
#include "core/lib/key.h"
#include "core/state/state.h"

/*
 * DKIM keys, one record each in keys.db. Key: `dkim:DOMAIN:SELECTOR`. Fields: `kind`
 * (rsa, ed25519), `bits`, `created`, `pem` (the private key; the file is readable by
 * the owner of the state only).
 */
enum {
    OG_KEY_DOMAIN = 254,   /* bytes of a domain, with NUL */
    OG_KEY_SELECTOR = 128, /* bytes of a selector, with NUL */
    OG_KEYS_SIGNING = 2,   /* keys that sign one message: one of each kind */
};

struct og_signing_key {
    enum og_key_kind kind;
    int bits;
    char domain[OG_KEY_DOMAIN];
    char selector[OG_KEY_SELECTOR];
    char created[32];
    struct og_buf pem;
};

#define OG_SIGNING_KEY_INIT                                    \
    {                                                          \
        OG_KEY_RSA, 0, "", "", "", OG_BUF_INIT(OG_KEY_MAX_PEM) \
    }

/* what the Ed25519 key's selector has behind the RSA key's: one DNS name holds one key */
#define OG_KEY_ED25519_SUFFIX "-ed25519"

/* og_keys_add - store a new key; OG_OK when it is on disk; OG_E_EXISTS; OG_E_SYNTAX for
 * a domain or selector that no signature can name; the codes of og_store_run. Case of
 * both does not matter, here and below */
enum og_rc og_keys_add(const struct og_state *state, const struct og_signing_key *key,
                       struct og_err *err) OG_CHECKED;

/*
 * og_keys_signing - the keys that sign for a domain and a selector, in one transaction
 *
 * The RSA key `selector` and the Ed25519 key `selector-ed25519`; also an Ed25519 key
 * that stands under the plain selector.
 * keys, count  receive up to OG_KEYS_SIGNING keys; none is no error
 *
 * Returns OG_OK; OG_E_STATE for a record that cannot be read; the codes of
 * og_store_run. Owner: the caller frees each key with og_signing_key_free().
 */
enum og_rc og_keys_signing(const struct og_state *state, const char *domain,
                           const char *selector,
                           struct og_signing_key keys[OG_KEYS_SIGNING], size_t *count,
                           struct og_err *err) OG_CHECKED;

/* og_keys_look - are there such keys? Inside a run of the store, with the codes of
 * og_keys_signing */
enum og_rc og_keys_look(struct og_txn *txn, const char *domain, const char *selector,
                        bool *any, struct og_err *err) OG_CHECKED;

/* og_keys_walk - call visit for each key of a domain, "" for all, by domain and
 * selector, outside any run of the store. A visit that returns other than OG_OK ends the
 * walk with that code. */
typedef enum og_rc og_keys_visit(const struct og_signing_key *key, void *arg,
                                 struct og_err *err);
enum og_rc og_keys_walk(const struct og_state *state, const char *domain,
                        og_keys_visit *visit, void *arg, struct og_err *err) OG_CHECKED;

/* og_keys_delete - drop a key; OG_E_NOTFOUND */
enum og_rc og_keys_delete(const struct og_state *state, const char *domain,
                          const char *selector, struct og_err *err) OG_CHECKED;

/* og_key_kind_text - `rsa`, `ed25519` */
const char *og_key_kind_text(enum og_key_kind kind);

/* og_signing_key_free - wipe and release; OG_SIGNING_KEY_INIT is fine */
void og_signing_key_free(struct og_signing_key *key);

#endif
