/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_STATE_LOCKS_H
#define OG_STATE_LOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/lib/store.h"
#include "core/state/account.h"

/*
 * Locks of users and identities, one record each in locks.db under the account's key:
 *
 *     state=locked id=k2m4p... kind=automatic since=... until=... rule=spam%205%20in%2010m
 *     reason=... unlocks=1 changes=3
 *
 * An automatic lock has `until` while unlocks by timeout remain, and ends there by
 * itself; it then counts in `unlocks`. One without `until`, and every manual one, ends
 * by hand only. An unlock by hand counts nothing. After OG_LOCK_CLEAN without a lock
 * `unlocks` is 0 again, and the record and its history go as other locks change.
 *
 * The end by timeout needs nobody: from `until` on, every reader finds the account
 * unlocked. It is entered in the record, with an event, by whoever calls
 * og_lock_settle() or changes the lock next; where that is nobody, the record goes after
 * OG_LOCK_CLEAN without one.
 *
 * The clock may step. A lock whose `since` lies in the future is taken as begun at this
 * moment and keeps its length; og_lock_settle() writes that down. So a step backwards
 * makes a lock last at most its own length longer, and never ends one. A step forward
 * is time that has passed.
 *
 * What happened before stays as history, the newest OG_LOCK_HISTORY changes of each key:
 *
 *     history user bob@example.com 0000000003
 *     at=... change=lock id=k2m4p... kind=automatic rule=... reason=... who=outgate
 *
 * As long as a lock holds, or has not been found to have ended, its id leads to it:
 *
 *     by-id k2m4p...  key=user%20bob@example.com
 *
 * Each lock puts its notices in the outbox, in the same transaction, and whoever made it
 * starts the program that sends them.
 */
enum {
    OG_LOCK_ID = 11,
    OG_LOCK_REASON = 200,
    OG_LOCK_RULE = 64,
    OG_LOCK_WHO = 64,
    OG_LOCK_HISTORY = 20,
    OG_LOCK_CLEAN = 30 * 86400, /* seconds */
};

struct og_lock {
    bool locked;
    bool manual;
    bool unsettled;      /* og_lock_settle() has something to write */
    enum og_level level; /* OG_LEVEL_USER or OG_LEVEL_IDENTITY: whose lock it is */
    char id[OG_LOCK_ID];
    char rule[OG_LOCK_RULE]; /* the rule that did it, "" for a manual one */
    char reason[OG_LOCK_REASON];
    char who[OG_LOCK_WHO]; /* of a manual one: the account that did it */
    int64_t since;
    int64_t until;    /* 0: by hand only */
    uint64_t unlocks; /* locks that ended by timeout so far */
};

/* what a notice tells of why; texts as og_evidence_note() makes them, NULL and 0 where
 * nothing is known */
struct og_evidence {
    uint64_t hits;        /* incidents within the rule's period */
    const char *clients;  /* addresses of clients */
    const char *subjects; /* of messages */
};

/*
 * og_lock_read - is the account locked at this time? Inside a transaction of the
 * caller's, a reading one too; the user's lock comes before the identity's
 *
 * lock  receives the lock that holds, or locked = false; unsettled is that of either
 * Returns OG_OK; OG_E_STATE for a record that cannot be read; the codes of og_txn_get.
 */
enum og_rc og_lock_read(struct og_txn *txn, const struct og_account *account, int64_t now,
                        struct og_lock *lock, struct og_err *err) OG_CHECKED;

/* og_lock_look - the same in a reading run of its own: changes nothing */
enum og_rc og_lock_look(const struct og_state *state, const struct og_account *account,
                        int64_t now, struct og_lock *lock, struct og_err *err) OG_CHECKED;

/*
 * og_lock_settle - write down what time has done to the locks of user and identity, with
 * an event for each that has ended; for whoever has seen `unsettled`, but not under
 * `exim -bh`
 *
 * Returns OG_OK, also when there is nothing to do; the codes of og_store_run and
 * og_events_write.
 */
enum og_rc og_lock_settle(const struct og_state *state, const struct og_account *account,
                          int64_t now, struct og_err *err) OG_CHECKED;

/*
 * og_lock_now - lock automatically, by a rule that the caller has judged
 *
 * level   OG_LEVEL_USER or OG_LEVEL_IDENTITY; whether settings allow it to be locked
 *         automatically is for the caller
 * rule    its first word is the class: `invalid-recipient 50 in 1d`
 * reason  for people: one line, content may be hostile; cut to fit
 * evidence  for the notice
 * lock    receives the lock that was made, or locked = false when the level is locked
 *         already
 *
 * The lock is on disk and its event written when it returns OG_OK. OG_E_NOTFOUND when
 * the account has no such level; the codes of og_store_run; those of og_events_write,
 * with the lock made.
 */
enum og_rc og_lock_now(const struct og_state *state, const struct og_account *account,
                       enum og_level level, const char *rule, const char *reason,
                       const struct og_evidence *evidence, int64_t now,
                       struct og_lock *lock, struct og_err *err) OG_CHECKED;

/*
 * og_lock_by_hand - a manual lock, without timeout. One that was made automatically
 * becomes a manual one.
 *
 * who  the account that does it, for the history
 * Returns OG_OK; OG_E_EXISTS when there is a manual lock; else as og_lock_now.
 */
enum og_rc og_lock_by_hand(const struct og_state *state, const struct og_account *account,
                           enum og_level level, const char *reason, const char *who,
                           int64_t now, struct og_lock *lock,
                           struct og_err *err) OG_CHECKED;

/*
 * og_lock_release - unlock by hand
 *
 * lock  receives the lock that has ended, with locked = false
 * Returns OG_OK; OG_E_NOTFOUND when it is not locked; else as og_lock_now.
 */
enum og_rc og_lock_release(const struct og_state *state, const struct og_account *account,
                           enum og_level level, const char *reason, const char *who,
                           int64_t now, struct og_lock *lock,
                           struct og_err *err) OG_CHECKED;

/* og_lock_reset - the count of unlocks by timeout returns to 0, in a lock that holds
 * too; OG_E_NOTFOUND when it is 0 already; else as og_lock_release */
enum og_rc og_lock_reset(const struct og_state *state, const struct og_account *account,
                         enum og_level level, const char *who, int64_t now,
                         struct og_err *err) OG_CHECKED;

#endif
