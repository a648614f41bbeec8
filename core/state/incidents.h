/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_STATE_INCIDENTS_H
#define OG_STATE_INCIDENTS_H

#include "core/state/locks.h"

/*
 * Incidents: what speaks against an account, and the locks that lock_rules make of it.
 *
 * An incident counts on the identity where lock_identities_automatically says yes
 * (`auto`: of ip users), and on the user where automatic_lock does, each by the rules
 * that hold for it; nothing is counted for a class without a rule. The same message
 * counts once in OG_INCIDENT_AGAIN for one class and sender.
 *
 * One bad identity inside a relay must not stop the whole relay. So where identities
 * are locked automatically, a rule without `per` counts on the user
 *
 *     - each different identity once within the period, however often it sinned,
 *     - each incident of mail without identity,
 *
 * and one identity alone never locks the user. A rule that says `per user` counts every
 * incident, whoever it is from: that is what its writer asked for. Where identities are
 * not locked automatically nobody else would stop them, so every incident counts.
 *
 * Nothing is counted on a level that is locked already. An incident of an identity that
 * is locked counts nowhere: who did it is stopped. A lock by a rule forgets what was
 * counted on its level, so that an account begins anew when it is unlocked.
 *
 * A refusal because of a lock or a limit is no incident: that is for callers to heed.
 *
 * The counts stand in events-seen.db, see seen.h:
 *
 *     incidents user bob@example.com     until=... queued=... spam=2026-...,2026-...
 *                                        clients=192.0.2.7 subjects=Hello%20you
 *     message user bob@example.com HASH  until=... queued=...
 */
enum { OG_INCIDENT_AGAIN = 86400 }; /* seconds */

struct og_incident {
    const char *class;   /* one of og_incident_classes */
    const char *message; /* what makes a retry of the same message the same incident:
                          * Message-ID and body hash, say; "" when it cannot repeat */
    const char *detail;  /* for the lock's reason: one line, content may be hostile */
    const char
        *client; /* where it came from, an address; and the message's subject: for */
    const char *subject; /* the notice, NULL where they are not known. Hostile as well. */
};

/* what became of an incident */
struct og_incident_result {
    bool counted;        /* on some level */
    bool seen;           /* not counted, as the same message has been counted already */
    struct og_lock lock; /* that it made, the user's before the identity's, or locked =
                          * false */
};

/*
 * og_incident_count - count an incident and lock by lock_rules, in one transaction
 *
 * Locks are on disk and their events written when it returns OG_OK. OG_E_SYNTAX for an
 * unknown class; OG_E_STATE; the codes of og_store_run; those of og_events_write, with
 * the locks made.
 */
enum og_rc og_incident_count(const struct og_state *state,
                             const struct og_account *account,
                             const struct og_incident *incident, int64_t now,
                             struct og_incident_result *result,
                             struct og_err *err) OG_CHECKED;

/* og_incident_may_count - is there a rule for this class that holds for the account? Else
 * og_incident_count() does nothing. The store is not asked. */
bool og_incident_may_count(const struct og_account *account, const char *class);

/* og_incident_add - the same for callers who want to know of the lock only */
enum og_rc og_incident_add(const struct og_state *state, const struct og_account *account,
                           const struct og_incident *incident, int64_t now,
                           struct og_lock *lock, struct og_err *err) OG_CHECKED;

#endif
