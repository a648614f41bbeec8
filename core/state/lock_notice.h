/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_STATE_LOCK_NOTICE_H
#define OG_STATE_LOCK_NOTICE_H

#include "core/state/lock_record.h"
#include "core/state/outbox.h"

/*
 * Rows of the outbox about locks. One goes to the admin contact, one to the locked user
 * where notify_user says so; `for=admin` or `for=user` tells which. Fields of both kinds,
 * `lock` and `unlocked`:
 *
 *     id, user, identity, level, kind_of_lock (manual, automatic), rule, reason, who,
 *     since, until, unlocks, unlocks_max, hits, clients, subjects (one a line)
 */

/* og_lock_notice - put the rows of a lock that was made; changes->notices when there are
 * any, changes->nobody when nobody is to be told although notices are wanted */
enum og_rc og_lock_notice(struct og_txn *txn, const struct og_account *account,
                          const struct og_lock *lock, const struct og_evidence *evidence,
                          int64_t now, struct og_lock_changes *changes,
                          struct og_err *err) OG_CHECKED;

/* og_unlock_notice - put the row that tells the admin contact of an unlock by token */
enum og_rc og_unlock_notice(struct og_txn *txn, const struct og_account *account,
                            const struct og_lock *lock, const char *who, int64_t now,
                            struct og_lock_changes *changes,
                            struct og_err *err) OG_CHECKED;

#endif
