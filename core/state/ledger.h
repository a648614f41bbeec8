/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_STATE_LEDGER_H
#define OG_STATE_LEDGER_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/window.h"
#include "core/state/account.h"

enum og_unit { OG_UNIT_CONNECTIONS, OG_UNIT_MESSAGES, OG_UNIT_RECIPIENTS, OG_UNITS };

/* what one decision would use up */
struct og_charge {
    uint64_t amount[OG_UNITS];
    const char *const *addresses; /* the recipients, folded; for the distinct limit */
    size_t addresses_count;
};

/* the limit that a charge meets first */
struct og_shortage {
    bool short_of; /* false: everything fits */
    enum og_level level;
    enum og_unit unit;
    bool distinct; /* the limit of different recipients */
    enum og_window_span span;
    uint64_t limit, used;
    uint64_t left;   /* how much of the unit would still fit */
    int64_t free_at; /* when the charge fits; 0: never */
};

/*
 * og_ledger_look - would a charge fit? Reads only; see og_ledger_charge
 */
enum og_rc og_ledger_look(const struct og_state *state, const struct og_account *account,
                          const struct og_charge *charge, int64_t now,
                          struct og_shortage *shortage, struct og_err *err) OG_CHECKED;

/*
 * og_ledger_charge - count a charge in every window of every level, or nowhere
 *
 * One transaction. What does not fit is counted as attempted only.
 * shortage  short_of when it did not fit
 * Returns OG_OK when it is counted or refused; the codes of og_store_run.
 */
enum og_rc og_ledger_charge(const struct og_state *state,
                            const struct og_account *account,
                            const struct og_charge *charge, int64_t now,
                            struct og_shortage *shortage, struct og_err *err) OG_CHECKED;

#endif
