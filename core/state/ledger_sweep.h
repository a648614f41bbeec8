/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_STATE_LEDGER_SWEEP_H
#define OG_STATE_LEDGER_SWEEP_H

#include "core/lib/store.h"

/*
 * og_ledger_sweep - delete records of ledger.db in which nothing counts any more
 *
 * Looks at the next few behind those of the last call, which the record `sweep` names:
 * called for each record that is made, it keeps pace. Records that cannot be read stay.
 * Returns OG_OK; the codes of the store.
 */
enum og_rc og_ledger_sweep(struct og_txn *txn, int64_t now,
                           struct og_err *err) OG_CHECKED;

#endif
