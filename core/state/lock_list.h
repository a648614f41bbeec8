/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_STATE_LOCK_LIST_H
#define OG_STATE_LOCK_LIST_H

#include "core/base/record.h"
#include "core/state/locks.h"

/* one account that is locked, or has been */
struct og_lock_entry {
    char user[OG_NAME_TEXT];
    char identity[OG_NAME_TEXT]; /* "" for the user's own */
    struct og_lock lock;         /* what it means now; its level says whose it is */
};

/* og_lock_names - whose lock a key of locks.db is: user and identity; OG_E_STATE */
enum og_rc og_lock_names(const char *key, struct og_lock_entry *entry,
                         struct og_err *err) OG_CHECKED;

/*
 * og_locks_walk - call visit for the records of one level in order of their keys
 *
 * user  only this one and its identities, by canonical name; NULL: all
 *
 * Records are copied out a thousand at a time, so visit may take its time and use the
 * state; a change made meanwhile may be seen or not. A visit that returns other than
 * OG_OK ends the walk with that code. OG_E_STATE; the codes of og_store_run.
 */
typedef enum og_rc og_locks_visit(const struct og_lock_entry *entry, void *arg,
                                  struct og_err *err);
enum og_rc og_locks_walk(const struct og_state *state, enum og_level level,
                         const char *user, int64_t now, og_locks_visit *visit, void *arg,
                         struct og_err *err) OG_CHECKED;

/* og_lock_history - call visit for what has happened to an account's lock, oldest
 * first, with the fields of a change as it is stored: at, change, who, id ... */
typedef enum og_rc og_lock_history_visit(const struct og_record *entry, void *arg,
                                         struct og_err *err);
enum og_rc og_lock_history(const struct og_state *state, const char *user,
                           const char *identity, og_lock_history_visit *visit, void *arg,
                           struct og_err *err) OG_CHECKED;

#endif
