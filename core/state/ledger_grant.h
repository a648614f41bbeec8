/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_STATE_LEDGER_GRANT_H
#define OG_STATE_LEDGER_GRANT_H

#include "core/state/account.h"
#include "core/state/ledger_book.h"

/*
 * Grants: every limit of a unit of one user is higher by some amount until some time, a
 * limit of 0 as well, "unset" stays unset. Several add up. They stand in the user's
 * record of ledger.db and leave it with the first charge after their time:
 *
 *     grant.messages.1=+500,given:2026-11-21T18:12:21Z,until:2026-11-22T18:12:21Z
 */

/*
 * og_ledger_grant - add one
 *
 * Returns OG_OK when it is on disk; OG_E_RANGE for an amount of 0 or above 2^40, for a
 * time that is over or after OG_TIME_MAX; OG_E_LIMIT above OG_GRANTS_MAX; OG_E_STATE as
 * og_ledger_charge; the codes of og_store_run.
 */
enum og_rc og_ledger_grant(const struct og_state *state, const struct og_account *account,
                           const struct og_grant *grant, struct og_err *err) OG_CHECKED;

/* og_ledger_revoke - drop those of one unit, or of all for unit OG_UNITS; *count: how
 * many had not been over at now */
enum og_rc og_ledger_revoke(const struct og_state *state,
                            const struct og_account *account, enum og_unit unit,
                            int64_t now, size_t *count, struct og_err *err) OG_CHECKED;

#endif
