/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_STATE_ACCOUNT_H
#define OG_STATE_ACCOUNT_H

#include "core/base/buf.h"
#include "core/base/limit.h"
#include "core/state/sender.h"

/*
 * What mail is counted on and locked by: the outgoing user, the identity inside it, the
 * user's domain. The keys of ledger.db, locks.db and identities.db are
 *
 *     user bob@example.com
 *     identity bob@example.com header:cust42
 *     domain example.com
 *
 * Names and identities are percent-encoded as a record's values are, so a key has no
 * blank but those between its words.
 */
struct og_account {
    const struct og_sender *sender; /* user, its settings and its domain's */
    const char *identity;           /* as struct og_identity has it; "" for none */
};

/* og_account_key - append the key of one level; OG_E_NOTFOUND where the account has
 * none (no identity, no domain); OG_E_LIMIT, OG_E_NOMEM */
enum og_rc og_account_key(const struct og_account *account, enum og_level level,
                          struct og_buf *key, struct og_err *err) OG_CHECKED;

#endif
