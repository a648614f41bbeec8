/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_STATE_USERS_H
#define OG_STATE_USERS_H

#include <stdbool.h>

#include "core/base/record.h"
#include "core/state/name.h"
#include "core/state/state.h"

/*
 * Outgoing users, one record each in users.db. Key: `user:`, `domain:` or `ip:` and
 * the canonical name. Fields of the record, all but the first two optional:
 *
 *     created, changed   ISO 8601 UTC
 *     password           crypt(3) hash
 *     domain             of an ip user: whose settings and DKIM keys it has
 *     any setting with scope SENDER
 *
 * The key `net` holds how many ip users have each prefix length, so that the
 * longest prefix is found with one look-up per length in use.
 */
struct og_user {
    struct og_name name;
    struct og_record record;
};

#define OG_USER_INIT                         \
    {                                        \
        { OG_KIND_USER, "" }, OG_RECORD_INIT \
    }

/*
 * og_users_add - store a new user
 *
 * user  name and record; created and changed are set here. The record is checked
 *       as og_user_check does.
 *
 * Returns OG_OK when it is on disk; OG_E_EXISTS; the codes of og_user_check and of
 * og_store_run.
 */
enum og_rc og_users_add(const struct og_state *state, const struct og_user *user,
                        struct og_err *err) OG_CHECKED;

/* a record as it was before a change and as it is now */
struct og_user_change {
    struct og_record before, after;
};

#define OG_USER_CHANGE_INIT            \
    {                                  \
        OG_RECORD_INIT, OG_RECORD_INIT \
    }

/*
 * og_users_change - set and unset fields of a stored user in one transaction
 *
 * set      fields that get new values; the empty record is fine
 * unset    names of fields to drop, count of them; a field that is not there is fine
 * made     receives both records when it is done; NULL: not wanted
 *
 * Returns OG_OK when it is on disk; OG_E_NOTFOUND; the codes of og_user_check.
 * Owner: the caller frees both records of made.
 */
enum og_rc og_users_change(const struct og_state *state, const struct og_name *name,
                           const struct og_record *set, const char *const *unset,
                           size_t count, struct og_user_change *made,
                           struct og_err *err) OG_CHECKED;

/* og_users_delete - drop a user; OG_E_NOTFOUND. before receives the record that is gone,
 * empty if it could not be read; NULL: not wanted. The caller frees it. */
enum og_rc og_users_delete(const struct og_state *state, const struct og_name *name,
                           struct og_record *before, struct og_err *err) OG_CHECKED;

/*
 * og_users_walk - call visit for each user in order of kind and name
 *
 * Records are copied out a thousand at a time, so visit may take its time and use the
 * state; a change made meanwhile may be seen or not.
 * A visit that returns other than OG_OK ends the walk with that code.
 */
typedef enum og_rc og_users_visit(const struct og_user *user, void *arg,
                                  struct og_err *err);
enum og_rc og_users_walk(const struct og_state *state, og_users_visit *visit, void *arg,
                         struct og_err *err) OG_CHECKED;

/*
 * og_user_check - is every field of a record known and its value readable?
 *
 * Returns OG_OK; OG_E_SYNTAX for an unknown field, a server setting, or a password
 * hash that crypt(3) does not know; OG_E_RANGE outside a setting's bounds.
 */
enum og_rc og_user_check(const struct og_user *user, struct og_err *err) OG_CHECKED;

/*
 * og_user_get - read one record inside a transaction of the caller's
 *
 * Returns OG_OK; OG_E_NOTFOUND; OG_E_STATE for a record that cannot be read; the
 * codes of og_txn_get. Owner: the caller frees user.
 */
enum og_rc og_user_get(struct og_txn *txn, const struct og_name *name, bool for_update,
                       struct og_user *user, struct og_err *err) OG_CHECKED;

void og_user_free(struct og_user *user);

#endif
