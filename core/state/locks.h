/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_STATE_LOCKS_H
#define OG_STATE_LOCKS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/lib/store.h"
#include "core/state/account.h"

/*
 * Locks of users and identities, one record each in locks.db under the account's key:
 *
 *     state=locked id=k2m4p... kind=automatic since=... until=... rule=spam%205%20in%2010m
 *     reason=... unlocks=1
 *
 * An automatic lock has `until` while unlocks by timeout remain, and ends there by
 * itself; one without `until`, and every manual one, ends by hand only. What happened
 * before stays as history, the newest 20 changes of each key.
 */
enum { OG_LOCK_ID = 11, OG_LOCK_REASON = 200 };

struct og_lock {
    bool locked;
    bool manual;
    enum og_level level; /* OG_LEVEL_USER or OG_LEVEL_IDENTITY: whose lock it is */
    char id[OG_LOCK_ID];
    char rule[64]; /* the rule that did it, "" for a manual one */
    char reason[OG_LOCK_REASON];
    int64_t since;
    int64_t until;    /* 0: by hand only */
    uint64_t unlocks; /* locks that ended by timeout so far */
};

/*
 * og_lock_read - is the account locked at this time? Inside a transaction of the
 * caller's; the user's lock comes before the identity's
 *
 * lock  receives the lock that holds, or locked = false
 * Returns OG_OK; OG_E_STATE for a record that cannot be read; the codes of og_txn_get.
 */
enum og_rc og_lock_read(struct og_txn *txn, const struct og_account *account, int64_t now,
                        struct og_lock *lock, struct og_err *err) OG_CHECKED;

/* og_lock_look - the same in a run of its own */
enum og_rc og_lock_look(const struct og_state *state, const struct og_account *account,
                        int64_t now, struct og_lock *lock, struct og_err *err) OG_CHECKED;

/* something that speaks against an account */
struct og_incident {
    const char *class;   /* one of og_incident_classes */
    const char *message; /* what makes a retry of the same message the same incident:
                          * Message-ID and body hash, say; "" when it cannot repeat */
    const char *detail;  /* for the lock's reason: one line, content may be hostile */
};

/*
 * og_incident_add - count an incident and lock by lock_rules, in one transaction
 *
 * The same message within 24 hours counts once. Identity and user are counted apart;
 * the identity is locked where lock_identities_automatically says so, the user where
 * automatic_lock does. Nothing is counted on a level that is locked already.
 *
 * lock  receives the lock that this incident made, or locked = false
 * Returns OG_OK; the codes of og_store_run.
 */
enum og_rc og_incident_add(const struct og_state *state, const struct og_account *account,
                           const struct og_incident *incident, int64_t now,
                           struct og_lock *lock, struct og_err *err) OG_CHECKED;

#endif
