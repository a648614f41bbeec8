/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/state/keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/time.h"
#include "core/lib/dkim.h"

static const char db[] = "keys.db";

enum { KEY_TEXT = OG_KEY_DOMAIN + OG_KEY_SELECTOR + 8 };

const char *
og_key_kind_text(enum og_key_kind kind)
{
    return kind == OG_KEY_RSA ? "rsa" : "ed25519";
}

void
og_signing_key_free(struct og_signing_key *key)
{
    og_key_forget(&key->pem);
    *key = (struct og_signing_key)OG_SIGNING_KEY_INIT;
}

static enum og_rc
copy(char *to, size_t size, const char *from)
{
    if (from == NULL || strlen(from) >= size)
        return OG_E_SYNTAX;
    memcpy(to, from, strlen(from) + 1);
    return OG_OK;
}

static enum og_rc
from_record(const struct og_record *rec, struct og_signing_key *key)
{
    const char *kind = og_record_get(rec, "kind"), *bits = og_record_get(rec, "bits"),
               *pem = og_record_get(rec, "pem");

    if (kind == NULL || pem == NULL || bits == NULL
        || copy(key->created, sizeof key->created, og_record_get(rec, "created"))
               != OG_OK)
        return OG_E_SYNTAX;
    if (strcmp(kind, "rsa") != 0 && strcmp(kind, "ed25519") != 0)
        return OG_E_SYNTAX;
    key->kind = strcmp(kind, "rsa") == 0 ? OG_KEY_RSA : OG_KEY_ED25519;
    key->bits = (int)strtol(bits, NULL, 10);
    og_buf_reset(&key->pem);
    return og_buf_add_text(&key->pem, pem, NULL);
}

/* the record of a key holds the private key */
static void
forget(struct og_record *rec)
{
    for (size_t i = 0; i < rec->count; i++)
        explicit_bzero(rec->fields[i].value, rec->fields[i].len);
    og_record_free(rec);
}

/* value is what stands under `name`, dkim:DOMAIN:SELECTOR */
static enum og_rc
parse(const char *name, const char *value, struct og_signing_key *key, struct og_err *err)
{
    struct og_record rec = OG_RECORD_INIT;
    const char *domain = strchr(name, ':');
    const char *selector = domain != NULL ? strchr(domain + 1, ':') : NULL;
    enum og_rc rc = OG_E_SYNTAX;

    if (selector != NULL && selector - domain - 1 < OG_KEY_DOMAIN) {
        memcpy(key->domain, domain + 1, (size_t)(selector - domain) - 1);
        key->domain[selector - domain - 1] = '\0';
        rc = copy(key->selector, sizeof key->selector, selector + 1);
    }
    if (rc == OG_OK)
        rc = og_record_parse(value, strlen(value), &rec, NULL);
    if (rc == OG_OK)
        rc = from_record(&rec, key);
    forget(&rec);
    if (rc != OG_OK)
        rc =
            og_fail(err, OG_E_STATE, "%s: the record of %.200s cannot be read", db, name);
    return rc;
}

static enum og_rc
to_record(const struct og_signing_key *key, struct og_buf *value, struct og_err *err)
{
    struct og_record rec = OG_RECORD_INIT;
    char now[OG_TIME_TEXT];
    enum og_rc rc = og_time_print(og_time_now(), now, err);

    if (rc == OG_OK)
        rc = og_record_set_text(&rec, "kind", og_key_kind_text(key->kind), err);
    if (rc == OG_OK)
        rc = og_record_set_number(&rec, "bits", key->bits, err);
    if (rc == OG_OK)
        rc = og_record_set_text(&rec, "created", now, err);
    if (rc == OG_OK)
        rc = og_record_set_text(&rec, "pem", og_buf_text(&key->pem), err);
    if (rc == OG_OK)
        rc = og_record_print(&rec, value, err);
    forget(&rec);
    return rc;
}

/* names in DNS have no case */
static void
key_of(const char *domain, const char *selector, char key[KEY_TEXT])
{
    (void)snprintf(key, KEY_TEXT, "dkim:%s:%s", domain, selector);
    for (char *at = key; *at != '\0'; at++)
        if (*at >= 'A' && *at <= 'Z')
            *at = (char)(*at - 'A' + 'a');
}

static enum og_rc
add_work(struct og_txn *txn, void *arg, struct og_err *err)
{
    const struct og_signing_key *key = arg;
    struct og_buf value = OG_BUF_INIT(OG_RECORD_MAX_TEXT);
    char name[KEY_TEXT];
    enum og_rc rc = to_record(key, &value, err);

    key_of(key->domain, key->selector, name);
    if (rc == OG_OK)
        rc = og_txn_add(txn, db, name, og_buf_text(&value), err);
    if (rc == OG_E_EXISTS)
        rc = og_fail(err, rc, "%s has a key with selector %s already", key->domain,
                     key->selector);
    og_key_forget(&value);
    return rc;
}

enum og_rc
og_keys_add(const struct og_state *state, const struct og_signing_key *key,
            struct og_err *err)
{
    void *arg = og_unconst(key); /* only read */

    if (!og_dkim_name_ok(key->domain) || !og_dkim_name_ok(key->selector))
        return og_fail(err, OG_E_SYNTAX, "'%s' or '%s' cannot stand in a signature",
                       key->domain, key->selector);
    return og_store_run(&state->store, OG_STORE_COMMIT, add_work, arg, err);
}

struct signing {
    const char *domain, *selector;
    struct og_signing_key *keys;
    size_t count;
};

static enum og_rc
get(struct og_txn *txn, struct signing *signing, const char *selector, struct og_err *err)
{
    struct og_signing_key *key = &signing->keys[signing->count];
    struct og_buf value = OG_BUF_INIT(OG_RECORD_MAX_TEXT);
    char name[KEY_TEXT];
    enum og_rc rc;

    key_of(signing->domain, selector, name);
    rc = og_txn_get(txn, db, name, &value, err);
    if (rc == OG_OK) {
        *key = (struct og_signing_key)OG_SIGNING_KEY_INIT;
        rc = parse(name, og_buf_text(&value), key, err);
        if (rc == OG_OK)
            signing->count++;
        else
            og_signing_key_free(key);
    }
    og_key_forget(&value);
    return rc == OG_E_NOTFOUND ? OG_OK : rc;
}

static enum og_rc
signing_work(struct og_txn *txn, void *arg, struct og_err *err)
{
    struct signing *signing = arg;
    char second[OG_KEY_SELECTOR];
    enum og_rc rc;

    while (signing->count > 0) /* a retry starts from nothing */
        og_signing_key_free(&signing->keys[--signing->count]);
    rc = get(txn, signing, signing->selector, err);
    (void)snprintf(second, sizeof second, "%s" OG_KEY_ED25519_SUFFIX, signing->selector);
    return rc == OG_OK ? get(txn, signing, second, err) : rc;
}

enum og_rc
og_keys_look(struct og_txn *txn, const char *domain, const char *selector, bool *any,
             struct og_err *err)
{
    struct og_signing_key keys[OG_KEYS_SIGNING];
    struct signing signing = { domain, selector, keys, 0 };
    enum og_rc rc = signing_work(txn, &signing, err);

    if (rc == OG_OK)
        *any = signing.count > 0;
    while (signing.count > 0)
        og_signing_key_free(&keys[--signing.count]);
    return rc;
}

enum og_rc
og_keys_signing(const struct og_state *state, const char *domain, const char *selector,
                struct og_signing_key keys[OG_KEYS_SIGNING], size_t *count,
                struct og_err *err)
{
    struct signing signing = { domain, selector, keys, 0 };
    enum og_rc rc =
        og_store_run(&state->store, OG_STORE_READ, signing_work, &signing, err);

    if (rc == OG_OK)
        *count = signing.count;
    while (rc != OG_OK && signing.count > 0)
        og_signing_key_free(&keys[--signing.count]);
    return rc;
}

/* the keys are copied out, so that the visits happen outside the run: a visit may take
 * its time, and a run that starts again visits nothing twice */
struct walk {
    char prefix[KEY_TEXT];
    struct og_buf text; /* name LF record LF ... */
};

enum { MAX_WALK = 256 << 20 }; /* bytes; some 100,000 RSA keys of 2048 bits */

static enum og_rc
copy_visit(const char *name, const char *value, void *arg, bool *stop, struct og_err *err)
{
    struct walk *walk = arg;

    (void)stop;
    return og_buf_printf(&walk->text, err, "%s\n%s\n", name, value);
}

static enum og_rc
walk_work(struct og_txn *txn, void *arg, struct og_err *err)
{
    struct walk *walk = arg;

    og_buf_reset(&walk->text);
    return og_txn_walk(txn, db, walk->prefix, "", copy_visit, walk, err);
}

enum og_rc
og_keys_walk(const struct og_state *state, const char *domain, og_keys_visit *visit,
             void *arg, struct og_err *err)
{
    struct walk walk = { "dkim:", OG_BUF_INIT(MAX_WALK) };
    char *rest, *name, *value;
    enum og_rc rc;

    if (domain[0] != '\0')
        key_of(domain, "", walk.prefix);
    rc = og_store_run(&state->store, OG_STORE_READ, walk_work, &walk, err);
    rest = walk.text.data;
    while (rc == OG_OK && rest != NULL && *rest != '\0') {
        struct og_signing_key key = OG_SIGNING_KEY_INIT;

        name = strsep(&rest, "\n");
        value = strsep(&rest, "\n");
        rc = parse(name, value, &key, err);
        if (rc == OG_OK)
            rc = visit(&key, arg, err);
        og_signing_key_free(&key);
    }
    og_key_forget(&walk.text);
    return rc;
}

struct id {
    const char *domain, *selector;
};

static enum og_rc
delete_work(struct og_txn *txn, void *arg, struct og_err *err)
{
    const struct id *id = arg;
    char name[KEY_TEXT];
    enum og_rc rc;

    key_of(id->domain, id->selector, name);
    rc = og_txn_delete(txn, db, name, err);
    if (rc == OG_E_NOTFOUND)
        rc = og_fail(err, rc, "%s has no key with selector %s", id->domain, id->selector);
    return rc;
}

enum og_rc
og_keys_delete(const struct og_state *state, const char *domain, const char *selector,
               struct og_err *err)
{
    struct id id = { domain, selector };

    return og_store_run(&state->store, OG_STORE_COMMIT, delete_work, &id, err);
}
