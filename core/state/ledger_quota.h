/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_STATE_LEDGER_QUOTA_H
#define OG_STATE_LEDGER_QUOTA_H

#include "core/base/limit.h"
#include "core/state/account.h"

/* every limit of an account, OG_UNLIMITED where there is none; grants are not in it */
struct og_quota {
    uint64_t most[OG_LEVELS][OG_UNITS][OG_WINDOWS];
    uint64_t distinct; /* the user's different recipients a day */
};

/* og_quota_read - the limits that an account's settings say; OG_E_STATE with the name of
 * a setting that cannot be read */
enum og_rc og_quota_read(const struct og_account *account, struct og_quota *quota,
                         struct og_err *err) OG_CHECKED;

/* og_quota_source - the setting that a limit comes from, and the set of settings that
 * has it */
const struct og_setting *og_quota_source(const struct og_account *account,
                                         enum og_level level, enum og_unit unit,
                                         enum og_window_span span,
                                         const struct og_settings **set);

/* og_quota_keeps - is this window kept? See ledger.h */
static inline bool
og_quota_keeps(const struct og_quota *quota, enum og_level level, enum og_unit unit,
               enum og_window_span span)
{
    return level == OG_LEVEL_USER || quota->most[level][unit][span] != OG_UNLIMITED
           || (span == OG_DAY && unit != OG_UNIT_CONNECTIONS);
}

#endif
