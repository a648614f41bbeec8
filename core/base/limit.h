/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_BASE_LIMIT_H
#define OG_BASE_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/base/window.h"

/* whose mail is counted together */
enum og_level { OG_LEVEL_USER, OG_LEVEL_IDENTITY, OG_LEVEL_DOMAIN, OG_LEVELS };

/*
 * The value of a limit: one number for each level.
 *
 *     unset            no limit
 *     100              for the outgoing user
 *     100 identity 20  and for each identity inside it
 *     domain 5000      for all users of the domain together
 *
 * OG_UNLIMITED where none is set; 0 allows nothing. The domain's number is taken from
 * the domain's settings, whatever a user's record says.
 */
#define OG_UNLIMITED UINT64_MAX

struct og_limit {
    uint64_t most[OG_LEVELS];
};

/* og_limit_parse - read a value; OG_E_SYNTAX; OG_E_RANGE above 2^40 */
enum og_rc og_limit_parse(const char *text, struct og_limit *limit,
                          struct og_err *err) OG_CHECKED;

/* og_limit_print - append the canonical form; OG_E_LIMIT, OG_E_NOMEM */
enum og_rc og_limit_print(const struct og_limit *limit, struct og_buf *out,
                          struct og_err *err) OG_CHECKED;

/* og_level_text - `user`, `identity`, `domain` */
const char *og_level_text(enum og_level level);

/* what is counted */
enum og_unit { OG_UNIT_CONNECTIONS, OG_UNIT_MESSAGES, OG_UNIT_RECIPIENTS, OG_UNITS };

/* og_unit_text - `connections`, `messages`, `recipients` */
const char *og_unit_text(enum og_unit unit);

/*
 * Why something does not fit: of all limits in its way the one that stays there longest,
 * which is the one to tell about.
 */
struct og_shortage {
    bool short_of; /* false: everything fits, and nothing else but room is set */
    enum og_level level;
    enum og_unit unit;
    bool distinct; /* the limit of different recipients */
    enum og_window_span span;
    uint64_t limit;  /* grants included */
    uint64_t used;   /* what counts now; above limit when the limit was lowered */
    uint64_t asked;  /* how much of the unit was asked for */
    uint64_t left;   /* how much of the unit would fit, over all windows and levels */
    int64_t free_at; /* when all of it fits, if nothing else is sent; 0: never */
    bool room;       /* after it a lot more fits, see og_ledger_charge() */
};

#endif
