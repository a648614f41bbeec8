/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_BASE_LIMIT_H
#define OG_BASE_LIMIT_H

#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/err.h"

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

#endif
