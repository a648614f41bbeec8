/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/state/fan_out.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/marks.h"
#include "core/base/simhash.h"
#include "core/base/time.h"
#include "core/state/fingerprints.h"
#include "core/state/ledger_key.h"
#include "core/state/peers.h"
#include "core/state/sweep.h"

static const char db[] = OG_FINGERPRINTS_DB;

enum {
    TEXT_NAME = 34,                   /* the last word of a key, with its NUL */
    KEY_ROOM = TEXT_NAME + 8,         /* what stands around an account's key */
    MAX_TEXTS = 4 * OG_FAN_OUT_TEXTS, /* stored texts that are looked at */
};

/* one message on its way through a transaction */
struct work {
    const struct og_account *account;
    const struct og_findings *findings;
    struct og_peer *peers;
    size_t peers_count;
    int64_t now;
    char key[OG_STORE_MAX_KEY + 1]; /* of the account */
    char name[TEXT_NAME];           /* of its text, "" for one that does not count */
    struct og_fan_out result;
    /* the account's texts */
    char same[TEXT_NAME];   /* the stored text that is this one; or "" */
    char oldest[TEXT_NAME]; /* the one that goes when there are too many */
    int64_t oldest_until;
    unsigned distance;
    size_t texts;
};

static enum og_rc
account_key(struct work *work, struct og_err *err)
{
    struct og_buf key = OG_BUF_INIT(OG_STORE_MAX_KEY - KEY_ROOM);
    const char *identity = work->account->identity;
    bool person = identity[0] != '\0' && strncmp(identity, "sender:", 7) != 0;
    enum og_rc rc = og_ledger_key(work->account,
                                  person ? OG_LEVEL_IDENTITY : OG_LEVEL_USER, &key, err);

    if (rc == OG_OK)
        (void)snprintf(work->key, sizeof work->key, "%s", key.data);
    og_buf_free(&key);
    return rc;
}

static void
name_text(struct work *work)
{
    const struct og_findings *findings = work->findings;

    work->name[0] = '\0';
    if (findings->fingerprint[0] != '\0')
        (void)snprintf(work->name, sizeof work->name, "%s", findings->fingerprint);
    else if (findings->text_words >= OG_FINGERPRINT_MIN_WORDS)
        (void)snprintf(work->name, sizeof work->name, "=%.32s", findings->exact);
}

static enum og_rc
text_key(const struct work *work, const char *name, struct og_buf *key,
         struct og_err *err)
{
    og_buf_reset(key);
    return og_buf_printf(key, err, "text %s %s", work->key, name);
}

/* how far two texts are from each other; 64: they are others */
static unsigned
distance(const char *a, const char *b)
{
    if (a[0] == '=' || b[0] == '=')
        return strcmp(a, b) == 0 ? 0 : OG_SIMHASH_BITS;
    return og_simhash_distance(strtoull(a, NULL, 16), strtoull(b, NULL, 16));
}

static int64_t
time_of(const struct og_record *rec, const char *name)
{
    const char *text = og_record_get(rec, name);
    int64_t at = OG_TIME_MIN;

    return text != NULL && og_time_parse(text, &at, NULL) == OG_OK ? at : OG_TIME_MIN;
}

static int64_t
until_of(const char *value)
{
    struct og_record rec = OG_RECORD_INIT;
    int64_t until = OG_TIME_MIN;

    if (og_record_parse(value, strlen(value), &rec, NULL) == OG_OK)
        until = time_of(&rec, "until");
    og_record_free(&rec);
    return until;
}

/* one that has ended, or that a wrong clock has made */
static bool
has_ended(int64_t until, int64_t now)
{
    return until <= now || until > now + OG_FAN_OUT_SECONDS;
}

static enum og_rc
visit(const char *key, const char *value, void *arg, bool *stop, struct og_err *err)
{
    struct work *work = arg;
    const char *name = strrchr(key, ' ');
    int64_t until = until_of(value);
    unsigned far;

    (void)err;
    *stop = ++work->texts == MAX_TEXTS;
    if (name == NULL || strlen(++name) >= TEXT_NAME)
        return OG_OK;
    far = distance(name, work->name);
    if (!has_ended(until, work->now) && far <= OG_SIMHASH_NEAR && far < work->distance) {
        work->distance = far;
        (void)snprintf(work->same, sizeof work->same, "%s", name);
    }
    if (has_ended(until, work->now))
        until = OG_TIME_MIN;
    if (until < work->oldest_until) {
        work->oldest_until = until;
        (void)snprintf(work->oldest, sizeof work->oldest, "%s", name);
    }
    return OG_OK;
}

/* the text that this one is, or a place for it */
static enum og_rc
find(struct og_txn *txn, struct work *work, struct og_err *err)
{
    struct og_buf key = OG_BUF_INIT(OG_STORE_MAX_KEY);
    enum og_rc rc;

    work->same[0] = work->oldest[0] = '\0';
    work->oldest_until = INT64_MAX;
    work->distance = OG_SIMHASH_BITS;
    work->texts = 0;
    rc = text_key(work, "", &key, err);
    if (rc == OG_OK)
        rc = og_txn_walk(txn, db, key.data, "", visit, work, err);
    if (rc == OG_OK && work->same[0] == '\0'
        && (work->texts >= OG_FAN_OUT_TEXTS || work->oldest_until == OG_TIME_MIN)
        && work->oldest[0] != '\0') {
        rc = text_key(work, work->oldest, &key, err);
        if (rc == OG_OK)
            rc = og_txn_delete(txn, db, key.data, err);
        rc = rc == OG_E_NOTFOUND ? OG_OK : rc;
    }
    og_buf_free(&key);
    return rc;
}

static enum og_rc
load(struct og_txn *txn, const char *key, struct og_marks *marks, int64_t *told,
     struct og_err *err)
{
    struct og_buf value = OG_BUF_INIT(OG_STORE_MAX_VALUE);
    struct og_record rec = OG_RECORD_INIT;
    const char *strangers = NULL;
    enum og_rc rc = og_txn_get_for_update(txn, db, key, &value, err);

    marks->count = 0;
    *told = OG_TIME_MIN;
    if (rc == OG_OK
        && og_record_parse(og_buf_text(&value), value.len, &rec, NULL) == OG_OK)
        strangers = og_record_get(&rec, "strangers");
    if (rc == OG_OK
        && (strangers == NULL || og_marks_parse(strangers, marks, NULL) != OG_OK))
        rc = og_fail(err, OG_E_STATE, "%s: the record of %.200s cannot be read", db, key);
    if (rc == OG_OK)
        *told = time_of(&rec, "told");
    og_record_free(&rec);
    og_buf_free(&value);
    return rc == OG_E_NOTFOUND ? OG_OK : rc;
}

static enum og_rc
store(struct og_txn *txn, const char *key, const struct og_marks *marks, int64_t now,
      int64_t told, struct og_err *err)
{
    struct og_buf text = OG_BUF_INIT(OG_RECORD_MAX_TEXT);
    struct og_record rec = OG_RECORD_INIT;
    char time[OG_TIME_TEXT];
    enum og_rc rc = og_time_print(now + OG_FAN_OUT_SECONDS, time, err);

    if (rc == OG_OK)
        rc = og_record_set_text(&rec, "until", time, err);
    if (rc == OG_OK)
        rc = og_marks_print(marks, &text, err);
    if (rc == OG_OK)
        rc = og_record_set_text(&rec, "strangers", og_buf_text(&text), err);
    if (rc == OG_OK && told != OG_TIME_MIN)
        rc = og_time_print(told, time, err);
    if (rc == OG_OK && told != OG_TIME_MIN)
        rc = og_record_set_text(&rec, "told", time, err);
    if (rc == OG_OK)
        rc = og_txn_put_record(txn, db, key, &rec, err);
    og_record_free(&rec);
    og_buf_free(&text);
    return rc;
}

/* more than OG_MARKS_MAX of one message need not be remembered: so many are enough */
static void
add_strangers(const struct work *work, struct og_marks *marks)
{
    for (size_t i = 0; i < work->peers_count && marks->count < OG_MARKS_MAX; i++) {
        size_t at = 0;

        if (!work->peers[i].stranger)
            continue;
        while (at < marks->count && marks->rows[at].who != work->peers[i].who)
            at++;
        if (at == marks->count)
            og_marks_add(marks, work->now, work->peers[i].who);
    }
}

static enum og_rc
count_text(struct og_txn *txn, struct work *work, struct og_err *err)
{
    uint64_t limit = work->account->sender->settings.fan_out_recipients;
    struct og_buf key = OG_BUF_INIT(OG_STORE_MAX_KEY);
    struct og_marks marks;
    int64_t told;
    enum og_rc rc = find(txn, work, err);

    if (rc == OG_OK)
        rc = text_key(work, work->same[0] != '\0' ? work->same : work->name, &key, err);
    if (rc == OG_OK)
        rc = load(txn, key.data, &marks, &told, err);
    if (rc == OG_OK) {
        og_marks_settle(&marks, work->now, OG_FAN_OUT_SECONDS);
        add_strangers(work, &marks);
        work->result.strangers = marks.count;
        work->result.reached =
            marks.count >= limit
            && (told + OG_FAN_OUT_SECONDS <= work->now || told > work->now);
        if (work->result.reached)
            told = work->now;
        rc = store(txn, key.data, &marks, work->now, told, err);
    }
    og_buf_free(&key);
    return rc;
}

static bool
is_old(const char *key, const char *value, int64_t now)
{
    if (strncmp(key, "peer ", 5) == 0)
        return og_peers_is_old(value, now);
    return strncmp(key, "text ", 5) == 0 && has_ended(until_of(value), now);
}

static enum og_rc
run(struct og_txn *txn, void *arg, struct og_err *err)
{
    static const struct og_sweep sweep = { OG_FINGERPRINTS_DB, "deny~", is_old, NULL };
    struct work *work = arg;
    bool added = false, strange = false;
    enum og_rc rc = og_peers_meet(txn, work->key, work->peers, work->peers_count,
                                  work->now, &added, err);

    work->result = (struct og_fan_out){ 0, false };
    for (size_t i = 0; i < work->peers_count; i++)
        strange = strange || work->peers[i].stranger;
    if (rc == OG_OK && strange && work->name[0] != '\0')
        rc = count_text(txn, work, err);
    if (rc == OG_OK && (added || work->result.strangers > 0))
        rc = og_sweep(txn, &sweep, work->now, err);
    return rc;
}

enum og_rc
og_fan_out_count(const struct og_state *state, const struct og_account *account,
                 const struct og_findings *findings, const char *const *addresses,
                 size_t count, int64_t now, struct og_fan_out *result, struct og_err *err)
{
    struct work work = {
        .account = account, .findings = findings, .peers_count = count, .now = now
    };
    enum og_rc rc;

    *result = (struct og_fan_out){ 0, false };
    if (account->sender->settings.fan_out_recipients == 0 || count == 0)
        return OG_OK;
    name_text(&work);
    rc = account_key(&work, err);
    if (rc == OG_OK)
        rc = og_peers_hash(addresses, &work.peers_count, &work.peers, err);
    if (rc == OG_OK)
        rc = og_store_run(&state->store, OG_STORE_COUNT, run, &work, err);
    if (rc == OG_OK)
        *result = work.result;
    free(work.peers);
    return rc;
}
