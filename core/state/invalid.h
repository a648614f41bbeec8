/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_STATE_INVALID_H
#define OG_STATE_INVALID_H

#include "core/state/locks.h"

/*
 * Addresses that were refused as unknown, and the locks they lead to: settings
 * invalid_recipient_limit, invalid_recipient_percent and invalid_recipient_minimum.
 *
 * Different addresses of the last 24 hours, as exact sets in recipients.db, kept and swept
 * as core/state/distinct.h does it, under the name `invalid user NAME` or `invalid
 * identity NAME IDENTITY` where a user's name stands otherwise. What is counted on is
 * what can be stopped: the identity, where the mail has one and identities are locked
 * automatically, else the user. Nothing is counted on an account that is locked, and a
 * lock begins the count anew, so that an unlocked account has its whole limit again.
 */
struct og_invalid {
    bool counted;        /* false: switched off, or the account is locked */
    uint64_t used;       /* different addresses within 24 hours, this one included */
    struct og_lock lock; /* that this one led to, or locked = false */
};

/*
 * og_invalid_add - count an address that was refused as unknown; lock at the limit
 *
 * address  as the message had it, content may be hostile; folded here
 *
 * One run of the store, and two more when it locks. A rule of lock_rules for the class
 * invalid-recipient counts beside this, one more run; the same address counts there once
 * in 24 hours. Returns OG_OK; the codes of og_distinct_add, og_lock_now and
 * og_incident_add; OG_E_STATE.
 */
enum og_rc og_invalid_add(const struct og_state *state, const struct og_account *account,
                          const char *address, int64_t now, struct og_invalid *result,
                          struct og_err *err) OG_CHECKED;

/* og_invalid_look - how many addresses count now on a level; 0 without such a level */
enum og_rc og_invalid_look(const struct og_state *state, const struct og_account *account,
                           enum og_level level, int64_t now, uint64_t *used,
                           struct og_err *err) OG_CHECKED;

#endif
