/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/state/locks.h"

#include "core/state/lock_record.h"

static bool
has_level(const struct og_account *account, enum og_level level)
{
    return level == OG_LEVEL_USER
           || (level == OG_LEVEL_IDENTITY && account->identity[0] != '\0');
}

enum og_rc
og_lock_read(struct og_txn *txn, const struct og_account *account, int64_t now,
             struct og_lock *lock, struct og_err *err)
{
    static const enum og_level levels[] = { OG_LEVEL_USER, OG_LEVEL_IDENTITY };
    struct og_lock found = { .locked = false };
    bool unsettled = false;
    enum og_rc rc = OG_OK;

    for (size_t i = 0; i < N_ELEMENTS(levels) && rc == OG_OK && !found.locked; i++) {
        struct og_lock_row row;

        if (!has_level(account, levels[i]))
            continue;
        rc = og_lock_get(txn, account, levels[i], false, &row, err);
        if (rc == OG_OK)
            og_lock_view(&row, now, &found);
        unsettled = unsettled || found.unsettled;
    }
    if (rc == OG_OK) {
        found.unsettled = unsettled;
        *lock = found;
    }
    return rc;
}

/* one operation: what it works on, and what comes out of it */
struct work {
    const struct og_account *account;
    enum og_level level;
    const char *rule, *reason, *who;
    const struct og_evidence *evidence;
    int64_t now;
    struct og_lock lock;
    struct og_lock_changes changes;
};

static enum og_rc
look_work(struct og_txn *txn, void *arg, struct og_err *err)
{
    struct work *work = arg;

    return og_lock_read(txn, work->account, work->now, &work->lock, err);
}

enum og_rc
og_lock_look(const struct og_state *state, const struct og_account *account, int64_t now,
             struct og_lock *lock, struct og_err *err)
{
    struct work work = { .account = account, .now = now };
    enum og_rc rc = og_store_run(&state->store, OG_STORE_READ, look_work, &work, err);

    if (rc == OG_OK)
        *lock = work.lock;
    return rc;
}

static enum og_rc
settle_work(struct og_txn *txn, void *arg, struct og_err *err)
{
    struct work *work = arg;
    struct og_lock_row row;
    enum og_rc rc;

    work->changes = (struct og_lock_changes){ .count = 0 };
    rc = og_lock_open(txn, work->account, OG_LEVEL_USER, work->now, &row, &work->changes,
                      err);
    if (rc == OG_OK && has_level(work->account, OG_LEVEL_IDENTITY))
        rc = og_lock_open(txn, work->account, OG_LEVEL_IDENTITY, work->now, &row,
                          &work->changes, err);
    return rc;
}

/* run an operation and write its events */
static enum og_rc
change(const struct og_state *state, og_store_work *work, struct work *arg,
       struct og_err *err)
{
    enum og_rc rc = og_store_run(&state->store, OG_STORE_COMMIT, work, arg, err);

    return rc == OG_OK ? og_lock_tell(state, arg->account, &arg->changes, err) : rc;
}

enum og_rc
og_lock_settle(const struct og_state *state, const struct og_account *account,
               int64_t now, struct og_err *err)
{
    struct work work = { .account = account, .now = now };

    return change(state, settle_work, &work, err);
}

static enum og_rc
open_row(struct og_txn *txn, struct work *work, struct og_lock_row *row,
         struct og_err *err)
{
    work->changes = (struct og_lock_changes){ .count = 0 }; /* a second try starts anew */
    work->lock = (struct og_lock){ .level = work->level };
    return og_lock_open(txn, work->account, work->level, work->now, row, &work->changes,
                        err);
}

static enum og_rc
make_work(struct og_txn *txn, void *arg, struct og_err *err)
{
    struct work *work = arg;
    struct og_lock_row row;
    enum og_rc rc = open_row(txn, work, &row, err);
    bool was_locked = rc == OG_OK && row.lock.locked;

    if (rc == OG_OK)
        rc = og_lock_make(txn, work->account, &row, work->rule, work->reason, work->who,
                          work->evidence, work->now, &work->changes, err);
    if (rc == OG_OK && !(was_locked && work->who == NULL))
        work->lock = row.lock;
    return rc;
}

enum og_rc
og_lock_now(const struct og_state *state, const struct og_account *account,
            enum og_level level, const char *rule, const char *reason,
            const struct og_evidence *evidence, int64_t now, struct og_lock *lock,
            struct og_err *err)
{
    struct work work = { .account = account,
                         .level = level,
                         .rule = rule,
                         .reason = reason,
                         .evidence = evidence,
                         .now = now };
    enum og_rc rc = change(state, make_work, &work, err);

    *lock = work.lock;
    return rc;
}

enum og_rc
og_lock_by_hand(const struct og_state *state, const struct og_account *account,
                enum og_level level, const char *reason, const char *who, int64_t now,
                struct og_lock *lock, struct og_err *err)
{
    struct work work = { .account = account,
                         .level = level,
                         .rule = "",
                         .reason = reason,
                         .who = who,
                         .now = now };
    enum og_rc rc = change(state, make_work, &work, err);

    *lock = work.lock;
    return rc;
}

static enum og_rc
release_work(struct og_txn *txn, void *arg, struct og_err *err)
{
    struct work *work = arg;
    struct og_lock_row row;
    enum og_rc rc = open_row(txn, work, &row, err);

    if (rc == OG_OK)
        rc = og_lock_end(txn, work->account, &row, work->who, work->reason, work->now,
                         &work->changes, err);
    if (rc == OG_OK)
        work->lock = row.lock;
    return rc;
}

enum og_rc
og_lock_release(const struct og_state *state, const struct og_account *account,
                enum og_level level, const char *reason, const char *who, int64_t now,
                struct og_lock *lock, struct og_err *err)
{
    struct work work = {
        .account = account, .level = level, .reason = reason, .who = who, .now = now
    };
    enum og_rc rc = change(state, release_work, &work, err);

    *lock = work.lock;
    return rc;
}

static enum og_rc
reset_work(struct og_txn *txn, void *arg, struct og_err *err)
{
    struct work *work = arg;
    struct og_lock_row row;
    enum og_rc rc = open_row(txn, work, &row, err);

    return rc == OG_OK ? og_lock_forgive(txn, work->account, &row, work->who, work->now,
                                         &work->changes, err)
                       : rc;
}

enum og_rc
og_lock_reset(const struct og_state *state, const struct og_account *account,
              enum og_level level, const char *who, int64_t now, struct og_err *err)
{
    struct work work = { .account = account, .level = level, .who = who, .now = now };

    return change(state, reset_work, &work, err);
}
