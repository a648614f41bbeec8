/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/state/fingerprints.h"

#include <stdio.h>
#include <string.h>

#include "core/base/record.h"
#include "core/base/time.h"
#include "core/state/walk.h"

static const char db[] = OG_FINGERPRINTS_DB;
static const char prefix[] = "deny ";

enum { HASH = 64, KEY = sizeof prefix + HASH };

/* the key of a hash; OG_E_SYNTAX when it is none */
static enum og_rc
make_key(const char *hash, char key[KEY], struct og_err *err)
{
    if (strlen(hash) != HASH || strspn(hash, "0123456789abcdef") != HASH)
        return og_fail(err, OG_E_SYNTAX,
                       "'%.80s' is no hash of a text: 64 digits and letters a to f",
                       hash);
    (void)snprintf(key, KEY, "%s%s", prefix, hash);
    return OG_OK;
}

struct change {
    char key[KEY];
    const char *value; /* NULL: it goes */
};

static enum og_rc
run(struct og_txn *txn, void *arg, struct og_err *err)
{
    const struct change *change = arg;

    return change->value != NULL ? og_txn_add(txn, db, change->key, change->value, err)
                                 : og_txn_delete(txn, db, change->key, err);
}

static enum og_rc
set_cut(struct og_record *rec, const char *name, const char *text, struct og_err *err)
{
    size_t len = strnlen(text, OG_DENIED_TEXT - 1);

    return len > 0 ? og_record_set(rec, name, text, len, err) : OG_OK;
}

enum og_rc
og_fingerprint_deny(const struct og_state *state, const char *hash, const char *who,
                    const char *reason, int64_t now, struct og_err *err)
{
    struct og_record rec = OG_RECORD_INIT;
    struct og_buf value = OG_BUF_INIT(OG_STORE_MAX_VALUE);
    struct change change;
    char time[OG_TIME_TEXT];
    enum og_rc rc = make_key(hash, change.key, err);

    if (rc == OG_OK)
        rc = og_time_print(now, time, err);
    if (rc == OG_OK)
        rc = og_record_set_text(&rec, "since", time, err);
    if (rc == OG_OK)
        rc = set_cut(&rec, "who", who, err);
    if (rc == OG_OK)
        rc = set_cut(&rec, "reason", reason, err);
    if (rc == OG_OK)
        rc = og_record_print(&rec, &value, err);
    change.value = og_buf_text(&value);
    if (rc == OG_OK)
        rc = og_store_run(&state->store, OG_STORE_COMMIT, run, &change, err);
    og_record_free(&rec);
    og_buf_free(&value);
    return rc;
}

enum og_rc
og_fingerprint_allow(const struct og_state *state, const char *hash, struct og_err *err)
{
    struct change change = { .value = NULL };
    enum og_rc rc = make_key(hash, change.key, err);

    return rc == OG_OK ? og_store_run(&state->store, OG_STORE_COMMIT, run, &change, err)
                       : rc;
}

static enum og_rc
look(struct og_txn *txn, void *arg, struct og_err *err)
{
    struct og_buf value = OG_BUF_INIT(OG_STORE_MAX_VALUE);
    enum og_rc rc = og_txn_get(txn, db, arg, &value, err);

    og_buf_free(&value);
    return rc;
}

enum og_rc
og_fingerprint_denied(const struct og_state *state, const struct og_findings *findings,
                      bool *denied, struct og_err *err)
{
    char key[KEY];
    enum og_rc rc;

    *denied = false;
    if (findings->text_words < OG_FINGERPRINT_MIN_WORDS || findings->exact[0] == '\0')
        return OG_OK;
    rc = make_key(findings->exact, key, err);
    if (rc == OG_OK)
        rc = og_store_run(&state->store, OG_STORE_READ, look, key, err);
    *denied = rc == OG_OK;
    return rc == OG_E_NOTFOUND ? OG_OK : rc;
}

struct each {
    og_denied_visit *visit;
    void *arg;
};

static void
copy(char out[OG_DENIED_TEXT], const struct og_record *rec, const char *name)
{
    const char *text = og_record_get(rec, name);

    (void)snprintf(out, OG_DENIED_TEXT, "%s", text != NULL ? text : "");
}

static enum og_rc
each_one(const char *key, const char *value, void *arg, struct og_err *err)
{
    const struct each *each = arg;
    struct og_record rec = OG_RECORD_INIT;
    struct og_denied denied = { .hash = "" };
    const char *since;
    enum og_rc rc = og_record_parse(value, strlen(value), &rec, err);

    since = rc == OG_OK ? og_record_get(&rec, "since") : NULL;
    if (since == NULL || og_time_parse(since, &denied.since, NULL) != OG_OK)
        rc = og_fail(err, OG_E_STATE, "%s: the record of %.100s cannot be read", db, key);
    if (rc == OG_OK) {
        (void)snprintf(denied.hash, sizeof denied.hash, "%s", key + sizeof prefix - 1);
        copy(denied.who, &rec, "who");
        copy(denied.reason, &rec, "reason");
        rc = each->visit(&denied, each->arg, err);
    }
    og_record_free(&rec);
    return rc;
}

enum og_rc
og_fingerprints_each(const struct og_state *state, og_denied_visit *visit, void *arg,
                     struct og_err *err)
{
    struct each each = { visit, arg };

    return og_state_walk(state, db, prefix, each_one, &each, err);
}
