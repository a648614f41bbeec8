/* SPDX-License-Identifier: BSD-2-Clause */
/* how records of locks.db change, with their history and events */
#include "core/state/lock_record.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/base/time.h"
#include "core/lib/key.h"
#include "core/state/events.h"

static const char db[] = OG_LOCKS_DB;

static enum og_rc
set_time(struct og_record *rec, const char *name, int64_t at, struct og_err *err)
{
    char text[OG_TIME_TEXT];
    enum og_rc rc = at > 0 ? og_time_print(at, text, err) : OG_OK;

    return rc == OG_OK && at > 0 ? og_record_set_text(rec, name, text, err) : rc;
}

static enum og_rc
set_text(struct og_record *rec, const char *name, const char *text, struct og_err *err)
{
    return text[0] != '\0' ? og_record_set_text(rec, name, text, err) : OG_OK;
}

/* the fields that a lock has in its record and in its history */
static enum og_rc
set_lock(struct og_record *rec, const struct og_lock *lock, struct og_err *err)
{
    enum og_rc rc = set_text(rec, "id", lock->id, err);

    if (rc == OG_OK && lock->id[0] != '\0')
        rc = set_text(rec, "kind", lock->manual ? "manual" : "automatic", err);
    if (rc == OG_OK)
        rc = set_time(rec, "since", lock->since, err);
    if (rc == OG_OK)
        rc = set_time(rec, "until", lock->until, err);
    if (rc == OG_OK)
        rc = set_text(rec, "rule", lock->rule, err);
    if (rc == OG_OK)
        rc = set_text(rec, "reason", lock->reason, err);
    return rc;
}

static enum og_rc
put_record(struct og_txn *txn, const char *key, const struct og_record *rec,
           struct og_err *err)
{
    struct og_buf value = OG_BUF_INIT(OG_RECORD_MAX_TEXT);
    enum og_rc rc = og_record_print(rec, &value, err);

    if (rc == OG_OK)
        rc = og_txn_put(txn, db, key, og_buf_text(&value), err);
    og_buf_free(&value);
    return rc;
}

static enum og_rc
put_row(struct og_txn *txn, const char *key, const struct og_lock_row *row,
        struct og_err *err)
{
    struct og_record rec = OG_RECORD_INIT;
    enum og_rc rc =
        og_record_set_text(&rec, "state", row->lock.locked ? "locked" : "open", err);

    if (rc == OG_OK && row->lock.locked)
        rc = set_lock(&rec, &row->lock, err);
    if (rc == OG_OK && row->lock.locked)
        rc = set_text(&rec, "who", row->lock.who, err);
    if (rc == OG_OK && !row->lock.locked)
        rc = set_time(&rec, "ended", row->ended, err);
    if (rc == OG_OK)
        rc = og_record_set_number(&rec, "unlocks", (long long)row->lock.unlocks, err);
    if (rc == OG_OK)
        rc = og_record_set_number(&rec, "changes", (long long)row->changes, err);
    if (rc == OG_OK)
        rc = put_record(txn, key, &rec, err);
    og_record_free(&rec);
    return rc;
}

static const char *
what_text(enum og_lock_what what)
{
    switch (what) {
    case OG_LOCK_MADE:
        return "lock";
    case OG_LOCK_ENDED:
        return "unlock";
    case OG_LOCK_RESET:
        return "reset";
    }
    return "unknown";
}

static enum og_rc
history_key(const char *key, uint64_t number, struct og_buf *out, struct og_err *err)
{
    og_buf_reset(out);
    return og_buf_printf(out, err, OG_LOCK_HISTORY_PREFIX "%s %010" PRIu64, key, number);
}

/* one entry more, and the one that is too old goes */
static enum og_rc
put_history(struct og_txn *txn, const char *key, uint64_t number,
            const struct og_lock_change *change, struct og_err *err)
{
    struct og_record rec = OG_RECORD_INIT;
    struct og_buf at = OG_BUF_INIT(OG_STORE_MAX_KEY);
    enum og_rc rc = set_time(&rec, "at", change->at, err);

    if (rc == OG_OK)
        rc = og_record_set_text(&rec, "change", what_text(change->what), err);
    if (rc == OG_OK)
        rc = og_record_set_text(&rec, "who", change->who, err);
    if (rc == OG_OK && change->what != OG_LOCK_RESET)
        rc = set_lock(&rec, &change->lock, err);
    if (rc == OG_OK)
        rc = set_text(&rec, "note", change->note, err);
    if (rc == OG_OK)
        rc = og_record_set_number(&rec, "unlocks", (long long)change->lock.unlocks, err);
    if (rc == OG_OK)
        rc = history_key(key, number, &at, err);
    if (rc == OG_OK)
        rc = put_record(txn, at.data, &rec, err);
    if (rc == OG_OK && number > OG_LOCK_HISTORY) {
        rc = history_key(key, number - OG_LOCK_HISTORY, &at, err);
        if (rc == OG_OK)
            rc = og_txn_delete(txn, db, at.data, err);
        if (rc == OG_E_NOTFOUND)
            rc = OG_OK;
    }
    og_buf_free(&at);
    og_record_free(&rec);
    return rc;
}

/* store the row with what has happened to it; what is old goes first, so that nothing
 * of this is among it */
static enum og_rc
put_change(struct og_txn *txn, const struct og_account *account, struct og_lock_row *row,
           int64_t now, const struct og_lock_change *change,
           struct og_lock_changes *changes, struct og_err *err)
{
    struct og_buf key = OG_BUF_INIT(OG_STORE_MAX_KEY);
    enum og_rc rc = og_account_key(account, row->lock.level, &key, err);

    row->changes++;
    if (rc == OG_OK)
        rc = og_lock_sweep(txn, now, err);
    if (rc == OG_OK)
        rc = put_history(txn, key.data, row->changes, change, err);
    if (rc == OG_OK)
        rc = put_row(txn, key.data, row, err);
    if (rc == OG_OK && changes->count < N_ELEMENTS(changes->rows))
        changes->rows[changes->count++] = *change;
    og_buf_free(&key);
    return rc;
}

enum og_rc
og_lock_open(struct og_txn *txn, const struct og_account *account, enum og_level level,
             int64_t now, struct og_lock_row *row, struct og_lock_changes *changes,
             struct og_err *err)
{
    struct og_lock_change change = { .what = OG_LOCK_ENDED, .who = "timeout" };
    struct og_buf key = OG_BUF_INIT(OG_STORE_MAX_KEY);
    struct og_lock view;
    enum og_rc rc = og_lock_get(txn, account, level, true, row, err);
    bool was_locked = rc == OG_OK && row->lock.locked;

    if (rc != OG_OK)
        return rc;
    og_lock_view(row, now, &view);
    if (was_locked && !view.locked) {
        change.at = row->lock.until;
        row->ended = row->lock.until;
        row->lock = view;
        row->lock.unsettled = false;
        change.lock = row->lock;
        rc = put_change(txn, account, row, now, &change, changes, err);
        og_lock_view(row, now, &row->lock); /* that may be long ago */
    } else if (view.unsettled) {
        row->lock = view;
        row->lock.unsettled = false;
        rc = og_account_key(account, level, &key, err);
        if (rc == OG_OK)
            rc = put_row(txn, key.data, row, err);
    } else
        row->lock = view;
    if (row->ended > now)
        row->ended = now; /* of a clock that was ahead */
    og_buf_free(&key);
    return rc;
}

enum og_rc
og_lock_make(struct og_txn *txn, const struct og_account *account,
             struct og_lock_row *row, const char *rule, const char *reason,
             const char *who, int64_t now, struct og_lock_changes *changes,
             struct og_err *err)
{
    const struct og_settings *set = &account->sender->settings;
    struct og_lock_change change = { .what = OG_LOCK_MADE, .at = now };
    struct og_lock *lock = &row->lock;
    enum og_rc rc;

    if (lock->locked && who == NULL)
        return OG_OK;
    if (lock->locked && lock->manual)
        return og_fail(err, OG_E_EXISTS, "locked by hand already");
    *lock = (struct og_lock){ .locked = true,
                              .manual = who != NULL,
                              .level = lock->level,
                              .since = now,
                              .unlocks = lock->unlocks };
    og_lock_text(lock->rule, sizeof lock->rule, rule);
    og_lock_text(lock->reason, sizeof lock->reason, reason);
    og_lock_text(lock->who, sizeof lock->who, who);
    if (who == NULL && lock->unlocks < set->maximum_unlocks_by_timeout)
        lock->until = now + (int64_t)set->lock_timeout;
    rc = og_key_random_id(lock->id, OG_LOCK_ID - 1, err);
    if (rc != OG_OK)
        return rc;
    change.lock = *lock;
    og_lock_text(change.who, sizeof change.who, who != NULL ? who : "outgate");
    return put_change(txn, account, row, now, &change, changes, err);
}

enum og_rc
og_lock_end(struct og_txn *txn, const struct og_account *account, struct og_lock_row *row,
            const char *who, const char *note, int64_t now,
            struct og_lock_changes *changes, struct og_err *err)
{
    struct og_lock_change change = { .what = OG_LOCK_ENDED, .at = now };

    if (!row->lock.locked)
        return og_fail(err, OG_E_NOTFOUND, "not locked");
    row->lock.locked = false;
    row->ended = now;
    change.lock = row->lock;
    og_lock_text(change.who, sizeof change.who, who);
    og_lock_text(change.note, sizeof change.note, note);
    return put_change(txn, account, row, now, &change, changes, err);
}

enum og_rc
og_lock_forgive(struct og_txn *txn, const struct og_account *account,
                struct og_lock_row *row, const char *who, int64_t now,
                struct og_lock_changes *changes, struct og_err *err)
{
    struct og_lock_change change = { .what = OG_LOCK_RESET, .at = now };

    if (row->lock.unlocks == 0)
        return og_fail(err, OG_E_NOTFOUND, "no unlock by timeout is counted");
    change.lock = row->lock; /* with the count that was */
    row->lock.unlocks = 0;
    og_lock_text(change.who, sizeof change.who, who);
    return put_change(txn, account, row, now, &change, changes, err);
}

/* the fields that only this module puts are known not to stand twice */
static enum og_rc
fill_event(struct og_record *event, const struct og_account *account,
           const struct og_lock_change *change, struct og_err *err)
{
    const struct og_lock *lock = &change->lock;
    bool is_identity = lock->level == OG_LEVEL_IDENTITY;
    char id[OG_LOCK_ID] = "", until[OG_TIME_TEXT] = "";
    enum og_rc rc = og_key_random_id(id, OG_LOCK_ID - 1, err);

    if (rc == OG_OK && change->what == OG_LOCK_MADE && lock->until > 0)
        rc = og_time_print(lock->until, until, err);
    if (rc == OG_OK) {
        const char *class = change->what == OG_LOCK_MADE ? "lock" : "unlock";
        const char *reason = change->what == OG_LOCK_RESET
                                 ? "the count of unlocks by timeout is 0 again"
                             : change->note[0] != '\0'       ? change->note
                             : change->what == OG_LOCK_ENDED ? change->who
                             : lock->reason[0] != '\0'       ? lock->reason
                                                             : lock->rule;
        const struct {
            const char *name, *value;
        } rows[] = {
            { "id", change->what == OG_LOCK_MADE ? lock->id : id },
            { "user", account->sender->user.name.text },
            { "identity", is_identity ? account->identity : "" },
            { "check", "lock" },
            { "class", class },
            { "lock", lock->id },
            { "scope", og_level_text(lock->level) },
            { "kind", lock->manual ? "manual" : "automatic" },
            { "rule", lock->rule },
            { "until", until },
            { "who", change->who },
            { "reason", reason },
        };

        for (size_t i = 0; i < N_ELEMENTS(rows) && rc == OG_OK; i++)
            rc = set_text(event, rows[i].name, rows[i].value, err);
    }
    if (rc == OG_OK)
        rc = og_record_set_number(event, "unlocks", (long long)lock->unlocks, err);
    return rc;
}

enum og_rc
og_lock_tell(const struct og_state *state, const struct og_account *account,
             const struct og_lock_changes *changes, struct og_err *err)
{
    enum og_rc first = OG_OK;

    for (size_t i = 0; i < changes->count; i++) {
        struct og_record event = OG_RECORD_INIT;
        enum og_rc rc = fill_event(&event, account, &changes->rows[i], err);

        if (rc == OG_OK)
            rc = og_events_write(state, &event, err);
        if (first == OG_OK)
            first = rc;
        og_record_free(&event);
    }
    return first;
}
