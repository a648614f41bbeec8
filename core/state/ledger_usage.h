/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_STATE_LEDGER_USAGE_H
#define OG_STATE_LEDGER_USAGE_H

#include "core/state/account.h"
#include "core/state/ledger_book.h"

/* one window as a person wants to see it */
struct og_usage_window {
    bool kept;                 /* else nothing is known of it */
    uint64_t accepted;         /* what counts now */
    uint64_t refused;          /* asked for in the same time and refused */
    uint64_t limit;            /* grants included; OG_UNLIMITED: none */
    enum og_setting_index row; /* the setting that says so; meaningless without limit */
    enum og_source source;     /* and where it stands */
    int64_t free_at;           /* when one more passes: now if it does, 0: never */
    int64_t ahead;             /* a time after now at which something was counted; or 0 */
};

struct og_usage {
    struct og_usage_window windows[OG_UNITS][OG_WINDOWS];
    struct og_usage_window distinct; /* the user's different recipients of a day */
    struct og_grant grants[OG_GRANTS_MAX];
    size_t grants_count; /* those that hold now; of the user's level */
};

/*
 * og_ledger_usage - what one level of an account has used up
 *
 * Reads only. Returns OG_OK, also where nothing is stored; OG_E_NOTFOUND where the account
 * has no such level; OG_E_STATE for a record that cannot be read; the codes of
 * og_store_run.
 */
enum og_rc og_ledger_usage(const struct og_state *state, const struct og_account *account,
                           enum og_level level, int64_t now, struct og_usage *usage,
                           struct og_err *err) OG_CHECKED;

/*
 * og_ledger_reset - forget what one level of an account has used up
 *
 * unit  of this unit only; OG_UNITS: of all. Recipients include the different ones.
 *
 * Grants stay, except those of a record that cannot be read: such a one is deleted, for
 * OG_UNITS. Returns OG_OK when that is on disk; OG_E_NOTFOUND as above; OG_E_STATE for
 * one unit of such a record; the codes of og_store_run.
 */
enum og_rc og_ledger_reset(const struct og_state *state, const struct og_account *account,
                           enum og_level level, enum og_unit unit,
                           struct og_err *err) OG_CHECKED;

#endif
