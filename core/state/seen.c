/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/state/seen.h"

#include <stdio.h>
#include <string.h>

#include "core/base/time.h"

static const char db[] = "events-seen.db";
static const char queue[] = "until ";

/* a time of the record; OG_E_STATE when it is not there or cannot be read */
static enum og_rc
time_of(const struct og_record *rec, const char *name, const char *key, int64_t *at,
        struct og_err *err)
{
    const char *text = og_record_get(rec, name);

    if (text != NULL && og_time_parse(text, at, NULL) == OG_OK)
        return OG_OK;
    return og_fail(err, OG_E_STATE, "%s: the record of %.200s has no time `%s`", db, key,
                   name);
}

enum og_rc
og_seen_get(struct og_txn *txn, const char *key, int64_t now, struct og_record *rec,
            struct og_err *err)
{
    struct og_record found = OG_RECORD_INIT;
    int64_t until = 0;
    enum og_rc rc = og_txn_get_record(txn, db, key, true, &found, err);

    if (rc == OG_OK)
        rc = time_of(&found, "until", key, &until, err);
    if (rc == OG_OK && (until <= now || until > now + OG_SEEN_LONGEST))
        rc = OG_E_NOTFOUND;
    if (rc == OG_OK)
        og_record_move(rec, &found);
    og_record_free(&found);
    return rc;
}

static enum og_rc
queue_key(const char *time, const char *key, struct og_buf *out, struct og_err *err)
{
    return og_buf_printf(out, err, "%s%s %s", queue, time, key);
}

static enum og_rc
enqueue(struct og_txn *txn, const char *key, struct og_record *rec, const char *time,
        struct og_err *err)
{
    struct og_buf at = OG_BUF_INIT(OG_STORE_MAX_KEY);
    enum og_rc rc = queue_key(time, key, &at, err);

    if (rc == OG_OK)
        rc = og_txn_put(txn, db, at.data, "queued=1", err);
    if (rc == OG_OK)
        rc = og_record_set_text(rec, "queued", time, err);
    og_buf_free(&at);
    return rc;
}

static enum og_rc delete (struct og_txn *txn, const char *key, struct og_err *err) {
    enum og_rc rc = og_txn_delete(txn, db, key, err);

    return rc == OG_E_NOTFOUND ? OG_OK : rc;
}

/* keys of the queue that are due, copied out: the walk is over when they change */
struct due {
    int64_t from, to; /* which times */
    size_t count;
    char keys[OG_SEEN_SWEEP][OG_STORE_MAX_KEY + 1];
};

static enum og_rc
collect(const char *key, const char *value, void *arg, bool *stop, struct og_err *err)
{
    struct due *due = arg;
    char text[OG_TIME_TEXT] = "";
    int64_t at = OG_TIME_MIN; /* what cannot be read goes as well */

    (void)value, (void)err;
    (void)strncat(text, key + sizeof queue - 1, OG_TIME_TEXT - 1);
    if (og_time_parse(text, &at, NULL) == OG_OK && (at < due->from || at > due->to)) {
        *stop = true;
        return OG_OK;
    }
    (void)snprintf(due->keys[due->count++], sizeof due->keys[0], "%s", key);
    *stop = due->count == OG_SEEN_SWEEP;
    return OG_OK;
}

/* the record that an entry of the queue belongs to goes, or gets its entry again */
static enum og_rc
settle(struct og_txn *txn, const char *entry, int64_t now, struct og_err *err)
{
    const char *key = entry + sizeof queue - 1 + OG_TIME_TEXT;
    struct og_record rec = OG_RECORD_INIT;
    int64_t until = 0;
    enum og_rc rc = delete (txn, entry, err);

    if (rc != OG_OK || strlen(entry) < sizeof queue - 1 + OG_TIME_TEXT + 1)
        return rc;
    rc = og_txn_get_record(txn, db, key, true, &rec, err);
    if (rc == OG_OK
        && (time_of(&rec, "until", key, &until, NULL) != OG_OK || until <= now
            || until > now + OG_SEEN_LONGEST))
        rc = delete (txn, key, err);
    else if (rc == OG_OK) {
        const char *text = og_record_get(&rec, "until");
        char time[OG_TIME_TEXT];

        (void)snprintf(time, sizeof time, "%s", text);
        rc = enqueue(txn, key, &rec, time, err);
        if (rc == OG_OK)
            rc = og_txn_put_record(txn, db, key, &rec, err);
    }
    og_record_free(&rec);
    return rc == OG_E_NOTFOUND ? OG_OK : rc;
}

/* what has ended by now, then what a clock that was ahead has left */
static enum og_rc
sweep(struct og_txn *txn, int64_t now, struct og_err *err)
{
    struct due due = { OG_TIME_MIN, now, 0, { "" } };
    char after[OG_TIME_TEXT + sizeof queue], time[OG_TIME_TEXT];
    int64_t latest = now + OG_SEEN_LONGEST;
    enum og_rc rc = og_txn_walk(txn, db, queue, "", collect, &due, err);

    if (rc == OG_OK && due.count < OG_SEEN_SWEEP
        && og_time_print(latest + 1, time, NULL) == OG_OK) {
        due.from = latest + 1;
        due.to = OG_TIME_MAX;
        (void)snprintf(after, sizeof after, "%s%s", queue, time);
        rc = og_txn_walk(txn, db, queue, after, collect, &due, err);
    }
    for (size_t i = 0; i < due.count && rc == OG_OK; i++)
        rc = settle(txn, due.keys[i], now, err);
    return rc;
}

enum og_rc
og_seen_put(struct og_txn *txn, const char *key, struct og_record *rec, int64_t until,
            int64_t now, struct og_err *err)
{
    struct og_record old = OG_RECORD_INIT;
    char time[OG_TIME_TEXT];
    const char *queued;
    enum og_rc rc = sweep(txn, now, err);

    if (rc == OG_OK)
        rc = og_time_print(until, time, err);
    if (rc == OG_OK)
        rc = og_record_set_text(rec, "until", time, err);
    if (rc != OG_OK)
        return rc;
    rc = og_txn_get_record(txn, db, key, true, &old, err);
    queued = rc == OG_OK ? og_record_get(&old, "queued") : NULL;
    if (rc == OG_E_NOTFOUND || (rc == OG_OK && queued == NULL))
        rc = enqueue(txn, key, rec, time, err);
    else if (rc == OG_OK && strcmp(queued, time) > 0) {
        /* it ends sooner than its entry says, after a step of the clock */
        struct og_buf at = OG_BUF_INIT(OG_STORE_MAX_KEY);

        rc = queue_key(queued, key, &at, err);
        if (rc == OG_OK)
            rc = delete (txn, at.data, err);
        if (rc == OG_OK)
            rc = enqueue(txn, key, rec, time, err);
        og_buf_free(&at);
    } else if (rc == OG_OK)
        rc = og_record_set_text(rec, "queued", queued, err);
    if (rc == OG_OK)
        rc = og_txn_put_record(txn, db, key, rec, err);
    og_record_free(&old);
    return rc;
}

enum og_rc
og_seen_drop(struct og_txn *txn, const char *key, struct og_err *err)
{
    struct og_record rec = OG_RECORD_INIT;
    struct og_buf at = OG_BUF_INIT(OG_STORE_MAX_KEY);
    enum og_rc rc = og_txn_get_record(txn, db, key, true, &rec, err);
    const char *queued = rc == OG_OK ? og_record_get(&rec, "queued") : NULL;

    if (queued != NULL)
        rc = queue_key(queued, key, &at, err);
    if (rc == OG_OK && queued != NULL)
        rc = delete (txn, at.data, err);
    if (rc == OG_OK)
        rc = delete (txn, key, err);
    og_buf_free(&at);
    og_record_free(&rec);
    return rc == OG_E_NOTFOUND ? OG_OK : rc;
}
