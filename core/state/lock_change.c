/* SPDX-License-Identifier: BSD-2-Clause */
/* how records of locks.db change, with their history and events */
#include "core/state/lock_record.h"

#include <inttypes.h>
#include <stdio.h>

#include "core/base/time.h"
#include "core/lib/key.h"
#include "core/state/lock_notice.h"

static const char db[] = OG_LOCKS_DB;

/* the fields that a lock has in its record and in its history */
static enum og_rc
set_lock(struct og_record *rec, const struct og_lock *lock, struct og_err *err)
{
    enum og_rc rc = og_record_set_some(rec, "id", lock->id, err);

    if (rc == OG_OK && lock->id[0] != '\0')
        rc = og_record_set_some(rec, "kind", lock->manual ? "manual" : "automatic", err);
    if (rc == OG_OK)
        rc = og_record_set_time(rec, "since", lock->since, err);
    if (rc == OG_OK)
        rc = og_record_set_time(rec, "until", lock->until, err);
    if (rc == OG_OK)
        rc = og_record_set_some(rec, "rule", lock->rule, err);
    if (rc == OG_OK)
        rc = og_record_set_some(rec, "reason", lock->reason, err);
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
        rc = og_record_set_some(&rec, "who", row->lock.who, err);
    if (rc == OG_OK && !row->lock.locked)
        rc = og_record_set_time(&rec, "ended", row->ended, err);
    if (rc == OG_OK)
        rc = og_record_set_number(&rec, "unlocks", (long long)row->lock.unlocks, err);
    if (rc == OG_OK)
        rc = og_record_set_number(&rec, "changes", (long long)row->changes, err);
    if (rc == OG_OK)
        rc = og_txn_put_record(txn, db, key, &rec, err);
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
    enum og_rc rc = og_record_set_time(&rec, "at", change->at, err);

    if (rc == OG_OK)
        rc = og_record_set_text(&rec, "change", what_text(change->what), err);
    if (rc == OG_OK)
        rc = og_record_set_text(&rec, "who", change->who, err);
    if (rc == OG_OK && change->what != OG_LOCK_RESET)
        rc = set_lock(&rec, &change->lock, err);
    if (rc == OG_OK)
        rc = og_record_set_some(&rec, "note", change->note, err);
    if (rc == OG_OK)
        rc = og_record_set_number(&rec, "unlocks", (long long)change->lock.unlocks, err);
    if (rc == OG_OK)
        rc = history_key(key, number, &at, err);
    if (rc == OG_OK)
        rc = og_txn_put_record(txn, db, at.data, &rec, err);
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

static enum og_rc
id_key(const char *id, struct og_buf *key, struct og_err *err)
{
    return og_buf_printf(key, err, OG_LOCK_ID_PREFIX "%s", id);
}

enum og_rc
og_lock_forget_id(struct og_txn *txn, const char *id, struct og_err *err)
{
    struct og_buf key = OG_BUF_INIT(OG_STORE_MAX_KEY);
    enum og_rc rc = id_key(id, &key, err);

    if (rc == OG_OK)
        rc = og_txn_delete(txn, db, key.data, err);
    og_buf_free(&key);
    return rc == OG_E_NOTFOUND ? OG_OK : rc;
}

/* the id of a lock that is made leads to it, that of one that has ended no longer */
static enum og_rc
put_id(struct og_txn *txn, const char *key, const struct og_lock_change *change,
       struct og_err *err)
{
    struct og_record rec = OG_RECORD_INIT;
    struct og_buf at = OG_BUF_INIT(OG_STORE_MAX_KEY);
    enum og_rc rc = OG_OK;

    if (change->what == OG_LOCK_ENDED)
        return og_lock_forget_id(txn, change->lock.id, err);
    if (change->what == OG_LOCK_MADE) {
        rc = og_record_set_text(&rec, "key", key, err);
        if (rc == OG_OK)
            rc = id_key(change->lock.id, &at, err);
        if (rc == OG_OK)
            rc = og_txn_put_record(txn, db, at.data, &rec, err);
    }
    og_buf_free(&at);
    og_record_free(&rec);
    return rc;
}

enum og_rc
og_lock_find(struct og_txn *txn, const char *id, struct og_buf *key, struct og_err *err)
{
    struct og_record rec = OG_RECORD_INIT;
    struct og_buf at = OG_BUF_INIT(OG_STORE_MAX_KEY);
    enum og_rc rc = id_key(id, &at, err);

    if (rc == OG_OK)
        rc = og_txn_get_record(txn, db, at.data, false, &rec, err);
    if (rc == OG_OK && og_record_get(&rec, "key") == NULL)
        rc = og_fail(err, OG_E_STATE, "%s: the record of %.100s cannot be read", db,
                     at.data);
    if (rc == OG_OK)
        rc = og_buf_add_text(key, og_record_get(&rec, "key"), err);
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
    if (rc == OG_OK)
        rc = put_id(txn, key.data, change, err);
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

/* og_evidence_note() has made them, so they fit */
static void
copy_lines(char out[OG_EVIDENCE_TEXT], const char *text)
{
    (void)snprintf(out, OG_EVIDENCE_TEXT, "%s", text != NULL ? text : "");
}

enum og_rc
og_lock_make(struct og_txn *txn, const struct og_account *account,
             struct og_lock_row *row, const char *rule, const char *reason,
             const char *who, const struct og_evidence *evidence, int64_t now,
             struct og_lock_changes *changes, struct og_err *err)
{
    const struct og_settings *set = &account->sender->settings;
    struct og_lock_change change = { .what = OG_LOCK_MADE, .at = now };
    struct og_lock *lock = &row->lock;
    enum og_rc rc = OG_OK;

    if (lock->locked && who == NULL)
        return OG_OK;
    if (lock->locked && lock->manual)
        return og_fail(err, OG_E_EXISTS, "locked by hand already");
    if (lock->locked)
        rc = og_lock_forget_id(txn, lock->id, err); /* the new one takes its place */
    if (rc != OG_OK)
        return rc;
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
    if (evidence != NULL) {
        copy_lines(change.clients, evidence->clients);
        copy_lines(change.subjects, evidence->subjects);
    }
    og_lock_text(change.who, sizeof change.who, who != NULL ? who : "outgate");
    rc = put_change(txn, account, row, now, &change, changes, err);
    return rc == OG_OK ? og_lock_notice(txn, account, lock, evidence, now, changes, err)
                       : rc;
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
