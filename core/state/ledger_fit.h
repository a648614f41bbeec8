/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_STATE_LEDGER_FIT_H
#define OG_STATE_LEDGER_FIT_H

#include "core/state/distinct.h"
#include "core/state/ledger_book.h"

/* one limit, and what a charge wants of it */
struct og_bound {
    enum og_level level;
    enum og_unit unit;
    enum og_window_span span;
    uint64_t limit; /* without grants */
    uint64_t amount;
    const struct og_window *window; /* or, for different recipients: */
    struct og_distinct *distinct;
    const struct og_book *grants; /* whose grants raise it; NULL: none do */
};

enum { OG_BOUNDS_MAX = OG_LEVELS * OG_UNITS * OG_WINDOWS + 1 };

/* og_bound_limit - the limit with the grants that hold at a time */
uint64_t og_bound_limit(const struct og_bound *bound, int64_t now);

/* og_bound_fits - does the amount fit now? */
enum og_rc og_bound_fits(const struct og_bound *bound, int64_t now, bool *fits,
                         struct og_err *err) OG_CHECKED;

/* og_bound_free_at - the first time from `from` on, which is not before now, at which
 * the amount fits if nothing is added meanwhile; INT64_MAX: never */
enum og_rc og_bound_free_at(const struct og_bound *bound, int64_t now, int64_t from,
                            int64_t *when, struct og_err *err) OG_CHECKED;

/* og_bounds_judge - do all fit at once? shortage receives the answer; err and codes are
 * those of the store */
enum og_rc og_bounds_judge(const struct og_bound *bounds, size_t count, int64_t now,
                           struct og_shortage *shortage, struct og_err *err) OG_CHECKED;

#endif
