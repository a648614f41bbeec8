/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_EXIM_SESSION_H
#define OG_EXIM_SESSION_H

#include "core/check/identity.h"
#include "core/state/locks.h"
#include "core/state/sender.h"

/*
 * What one Exim process remembers of its sender between the commands of a session. It
 * holds as long as nobody has changed users, locks or keys, og_store_changes().
 */

/*
 * og_session_sender - the outgoing user with its settings
 *
 * user    canonical name, as $acl_c_outgate_user has it
 * sender  receives it, valid until the next call
 *
 * Returns the codes of og_users_sender without fallback.
 */
enum og_rc og_session_sender(const struct og_state *state, const char *user,
                             const struct og_sender **sender,
                             struct og_err *err) OG_CHECKED;

/* og_session_sender_at - the ip user with the longest prefix around an address; the codes
 * of og_users_sender_at */
enum og_rc og_session_sender_at(const struct og_state *state,
                                const struct og_net *address,
                                const struct og_sender **sender,
                                struct og_err *err) OG_CHECKED;

/*
 * og_session_lock - as og_lock_look; that there is no lock is remembered. An end by
 * timeout that nobody has written down yet is written down, but not under exim -bh.
 */
enum og_rc og_session_lock(const struct og_state *state, const struct og_account *account,
                           int64_t now, struct og_lock *lock,
                           struct og_err *err) OG_CHECKED;

/* og_session_lock_verdict - the answer to mail of an account with this lock, see
 * og_lock_verdict */
void og_session_lock_verdict(const struct og_account *account, const struct og_lock *lock,
                             struct og_verdict *verdict);

/* og_session_incident - this hook has counted an incident, so there may be a lock now */
void og_session_incident(void);

/*
 * og_session_room - was there room for a lot more in this second? og_session_room_set -
 * what the ledger has said at the last charge or look, shortage.room
 *
 * Then the questions before the message need not be asked: in one second others hardly
 * use up so much, and if they do, the message is refused when it is counted.
 */
bool og_session_room(const struct og_sender *sender, const char *identity, int64_t now);
void og_session_room_set(const struct og_account *account, int64_t now, bool room);

/*
 * og_session_identity - og_identity_find with the session's envelope sender and login
 *
 * headers  NULL where the message is not there yet
 */
enum og_rc og_session_identity(const struct og_state *state,
                               const struct og_sender *sender, struct og_headers *headers,
                               struct og_identity *identity, struct og_verdict *verdict,
                               struct og_err *err) OG_CHECKED;

/* og_session_short - a limit has refused something: whoever answers for the sender is
 * told. Nothing under exim -bh; a failure goes to Exim's main log. */
void og_session_short(const struct og_state *state, const struct og_account *account,
                      const struct og_shortage *shortage, int64_t now);

/* og_session_outbox - start who sends the notices, where one is due and nobody sees to
 * it: one stat() otherwise. Nothing under exim -bh. */
void og_session_outbox(const struct og_state *state, int64_t now);

#endif
