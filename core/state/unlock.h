/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_STATE_UNLOCK_H
#define OG_STATE_UNLOCK_H

#include "core/lib/seal.h"
#include "core/state/lock_list.h"

/*
 * Words that unlock: they stand in the notice of a lock, in the address a reply goes to.
 *
 *     k2m4pxxxxx-6b49d200-9f86d081884c7d659a2feaa0c55ad015
 *
 * The id of the lock, the end of the word's life in hex, and a MAC over both: nobody who
 * has not read the notice can make one, and one that was used leads nowhere, as its lock
 * is gone. Case does not matter; it fits a local part behind `unlock+` (RFC 5321 section
 * 4.5.3.1.1: 64 bytes).
 */
enum {
    OG_UNLOCK_LIFE = 14 * 86400,       /* seconds */
    OG_UNLOCK_TOKEN = OG_LOCK_ID + 42, /* bytes with the NUL */
};

#define OG_UNLOCK_PREFIX "unlock+"

/*
 * og_unlock_make, og_unlock_read - the word itself, with a secret that is known
 *
 * id  receives the lock's; "" for a word that is not ours
 * Returns OG_OK; OG_E_SYNTAX, OG_E_PERM and OG_E_RANGE as og_unlock_check(); OG_E_LIB.
 */
enum og_rc og_unlock_make(const unsigned char secret[OG_SEAL_SECRET], const char *lock,
                          int64_t expires, char token[OG_UNLOCK_TOKEN],
                          struct og_err *err) OG_CHECKED;
enum og_rc og_unlock_read(const unsigned char secret[OG_SEAL_SECRET], const char *text,
                          int64_t now, char id[OG_LOCK_ID],
                          struct og_err *err) OG_CHECKED;

/* og_unlock_token - the word for a lock; the codes of og_secret_get */
enum og_rc og_unlock_token(const struct og_state *state, const char *lock,
                           int64_t expires, char token[OG_UNLOCK_TOKEN],
                           struct og_err *err) OG_CHECKED;

/*
 * og_unlock_check - would this word unlock now? Changes nothing but the secret, which is
 * made at its first use
 *
 * text   may be hostile
 * entry  receives whose lock it is
 *
 * Returns OG_OK; OG_E_SYNTAX for what is no such word; OG_E_PERM for a forged one;
 * OG_E_RANGE for one that is too old; OG_E_NOTFOUND when its lock holds no longer;
 * OG_E_STATE; the codes of og_store_run.
 */
enum og_rc og_unlock_check(const struct og_state *state, const char *text, int64_t now,
                           struct og_lock_entry *entry, struct og_err *err) OG_CHECKED;

/*
 * og_unlock_use - unlock by such a word
 *
 * who    for the history: the account or address that asks; may be hostile
 * entry  receives the lock that has ended
 *
 * The lock has ended and its event is written when it returns OG_OK; the admin contact is
 * told. A refusal writes an event. Returns as og_unlock_check().
 */
enum og_rc og_unlock_use(const struct og_state *state, const char *text, const char *who,
                         int64_t now, struct og_lock_entry *entry,
                         struct og_err *err) OG_CHECKED;

#endif
