/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_STATE_SENDER_H
#define OG_STATE_SENDER_H

#include "core/base/net.h"
#include "core/base/settings.h"
#include "core/state/users.h"

/* a user with everything that its mail is judged by */
struct og_sender {
    struct og_user user;
    struct og_settings settings;        /* server default -> domain -> user */
    struct og_settings domain_settings; /* server default -> domain */
    char domain[OG_NAME_TEXT];          /* the user's domain; "" for an ip user without */
    bool domain_known;                  /* the domain has a record of its own */
    bool keyless; /* whoever read it saw no DKIM key to sign with; else false */
};

#define OG_SENDER_INIT                                                     \
    {                                                                      \
        OG_USER_INIT, OG_SETTINGS_INIT, OG_SETTINGS_INIT, "", false, false \
    }

/*
 * og_users_sender - a user and its settings, read in one transaction
 *
 * text      a login or an administrator's word, see og_name_guess(); the first candidate
 *           with a record is taken
 * fallback  when no candidate has a record, the record of a candidate's domain
 *           serves: for logins that somebody else has authenticated
 * sender    the caller frees it with og_sender_free()
 *
 * Returns OG_OK; OG_E_NOTFOUND; OG_E_SYNTAX or OG_E_LIMIT when text can be no name. A
 * stored setting that cannot be read is OG_E_STATE, never a default.
 */
enum og_rc og_users_sender(const struct og_state *state, const char *text, bool fallback,
                           struct og_sender *sender, struct og_err *err) OG_CHECKED;

/* og_users_sender_or_gone - og_users_sender without fallback; one that is gone, or "",
 * has its name and the server's settings: its locks and notices outlive a sender */
enum og_rc og_users_sender_or_gone(const struct og_state *state, const char *text,
                                   struct og_sender *sender,
                                   struct og_err *err) OG_CHECKED;

/* What else is read in the same run once the sender is known; may be called again as
 * og_store_work. It keeps its troubles to itself: who needs the answer asks again. */
typedef void og_sender_also(struct og_txn *txn, const struct og_sender *sender,
                            void *arg);

/* og_users_sender_and - og_users_sender, and `also` unless it is NULL */
enum og_rc og_users_sender_and(const struct og_state *state, const char *text,
                               bool fallback, og_sender_also *also, void *arg,
                               struct og_sender *sender, struct og_err *err) OG_CHECKED;

/*
 * og_users_sender_at - the same for the ip user with the longest prefix around an address
 *
 * Returns OG_OK; OG_E_NOTFOUND with err untouched. Cost: one look-up per prefix length in
 * use.
 */
enum og_rc og_users_sender_at(const struct og_state *state, const struct og_net *address,
                              og_sender_also *also, void *arg, struct og_sender *sender,
                              struct og_err *err) OG_CHECKED;

/*
 * og_sender_is_person - is the client somebody who writes the message's headers himself?
 *
 * True for a user, and for a login name@domain that the domain's record serves. A login
 * of the domain itself, an address range or a local program is a system that may name
 * the people behind it.
 * login  as authenticated over SMTP, "" otherwise
 */
bool og_sender_is_person(const struct og_sender *sender, const char *login);

void og_sender_free(struct og_sender *sender);

#endif
