/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_STATE_LOCK_RECORD_H
#define OG_STATE_LOCK_RECORD_H

#include "core/base/record.h"
#include "core/state/evidence.h"
#include "core/state/locks.h"

/* Internal to the files about locks: records of locks.db and how they change, all
 * inside a transaction of the caller's */

#define OG_LOCKS_DB "locks.db"
#define OG_LOCK_HISTORY_PREFIX "history "
#define OG_LOCK_ID_PREFIX \
    "by-id " /* in front of the history: og_lock_sweep() passes it over */

/* a stored lock: what og_lock tells, and what has to be remembered when none holds */
struct og_lock_row {
    struct og_lock lock;
    int64_t ended;    /* when the last lock ended; 0: never */
    uint64_t changes; /* entries of history so far */
};

/* one change of a lock, as history and events tell it */
enum og_lock_what { OG_LOCK_MADE, OG_LOCK_ENDED, OG_LOCK_RESET };

struct og_lock_change {
    enum og_lock_what what;
    int64_t at;
    struct og_lock lock;       /* the one that was made, or has ended */
    char who[OG_LOCK_WHO];     /* `outgate`, `timeout`, or an account */
    char note[OG_LOCK_REASON]; /* why it was unlocked */
    char
        clients[OG_EVIDENCE_TEXT]; /* of one that was made: the evidence, for the event */
    char subjects[OG_EVIDENCE_TEXT];
};

/* the changes of one transaction, for the events that follow it; a work that is done
 * again has to empty it */
struct og_lock_changes {
    size_t count;
    struct og_lock_change rows[4];
    bool notices; /* the outbox has rows that it had not */
    bool nobody;  /* a lock was made, and there is nobody to tell */
};

/* og_lock_text - a line of text into a fixed place: cut to whole characters, control
 * characters become blanks; NULL is "" */
void og_lock_text(char *out, size_t size, const char *text);

/* og_lock_parse - read a record; level is not looked at; OG_E_STATE */
enum og_rc og_lock_parse(const char *value, size_t len, const char *key,
                         struct og_lock_row *row, struct og_err *err) OG_CHECKED;

/* og_lock_get - the row of a key as it is stored, an empty one when there is none */
enum og_rc og_lock_get(struct og_txn *txn, const struct og_account *account,
                       enum og_level level, bool for_update, struct og_lock_row *row,
                       struct og_err *err) OG_CHECKED;

/* og_lock_view - what a row means at this time */
void og_lock_view(const struct og_lock_row *row, int64_t now, struct og_lock *lock);

/*
 * og_lock_open - read a row in order to change it, and settle what time has done to it
 *
 * changes  receives the end by timeout, if there was one; the history has it already
 */
enum og_rc og_lock_open(struct og_txn *txn, const struct og_account *account,
                        enum og_level level, int64_t now, struct og_lock_row *row,
                        struct og_lock_changes *changes, struct og_err *err) OG_CHECKED;

/*
 * og_lock_make - lock; the row comes from og_lock_open()
 *
 * who  NULL for an automatic lock, which does nothing where one holds already; else
 *      for a manual one, OG_E_EXISTS where a manual one holds
 */
enum og_rc og_lock_make(struct og_txn *txn, const struct og_account *account,
                        struct og_lock_row *row, const char *rule, const char *reason,
                        const char *who, const struct og_evidence *evidence, int64_t now,
                        struct og_lock_changes *changes, struct og_err *err) OG_CHECKED;

/* og_lock_end - unlock by hand; OG_E_NOTFOUND where no lock holds */
enum og_rc og_lock_end(struct og_txn *txn, const struct og_account *account,
                       struct og_lock_row *row, const char *who, const char *note,
                       int64_t now, struct og_lock_changes *changes,
                       struct og_err *err) OG_CHECKED;

/* og_lock_forgive - the count returns to 0; OG_E_NOTFOUND where it is 0 */
enum og_rc og_lock_forgive(struct og_txn *txn, const struct og_account *account,
                           struct og_lock_row *row, const char *who, int64_t now,
                           struct og_lock_changes *changes,
                           struct og_err *err) OG_CHECKED;

/* og_lock_sweep - look at the next few records and delete those without a lock for
 * OG_LOCK_CLEAN, with their history; those that cannot be read stay */
enum og_rc og_lock_sweep(struct og_txn *txn, int64_t now, struct og_err *err) OG_CHECKED;

/* og_lock_find - the key of the lock with that id; OG_E_NOTFOUND */
enum og_rc og_lock_find(struct og_txn *txn, const char *id, struct og_buf *key,
                        struct og_err *err) OG_CHECKED;

/* og_lock_forget_id - an id leads nowhere from now on; one that is not there is fine */
enum og_rc og_lock_forget_id(struct og_txn *txn, const char *id,
                             struct og_err *err) OG_CHECKED;

/* og_lock_tell - write the events of changes that have been committed, and see that their
 * notices are sent; the first code of og_events_write that is not OG_OK */
enum og_rc og_lock_tell(const struct og_state *state, const struct og_account *account,
                        const struct og_lock_changes *changes,
                        struct og_err *err) OG_CHECKED;

#endif
