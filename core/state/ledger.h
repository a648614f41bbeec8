/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_STATE_LEDGER_H
#define OG_STATE_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/window.h"
#include "core/state/account.h"

/*
 * What every sender has used up, in rolling windows: one record for each level of an
 * account in ledger.db, under the key of og_account_key(). Its fields, all optional:
 *
 *     messages.hour=2026-11-21T18:12:00Z:3,5     accepted, see og_window_print()
 *     refused.messages.hour=...                  asked for and refused
 *     grant.messages.1=+500,given:...,until:...  see ledger_grant.h
 *
 * The user has all five windows of each unit that is charged; identity and domain have
 * those with a limit, and the day of messages and recipients. A window is dropped when
 * it is no longer one of these. Different recipients are kept beside it: distinct.h.
 *
 * The numbers come from the account's settings: those of user and identity from
 * sender->settings, those of the domain from sender->domain_settings; of connections
 * only where enable_limits says so. maximum_recipients_per_day is a limit of the user's
 * recipients a day, maximum_distinct_recipients_per_day one of the user's different
 * recipients. Grants raise the user's limits of their unit; one of recipients raises
 * these two as well.
 */

/* what one decision would use up; units with an amount of 0 are not looked at */
struct og_charge {
    uint64_t amount[OG_UNITS];
    const char *const *addresses; /* the recipients in the form of og_idn_address(), for
                                   * the distinct limit; one may stand there twice */
    size_t addresses_count;
    bool always; /* it is counted whatever the limits say */
};

enum { OG_ROOM_MESSAGES = 20, OG_ROOM_RECIPIENTS = 200 };

/*
 * og_ledger_look - would a charge fit? Reads only, and where no limit is set not even that
 *
 * now       seconds as of og_time_now()
 * shortage  short_of when it would not fit
 *
 * For RCPT: the amount of recipients and the addresses are those the message has already
 * and the one that is asked for. Returns OG_OK; the codes of og_ledger_charge.
 */
enum og_rc og_ledger_look(const struct og_state *state, const struct og_account *account,
                          const struct og_charge *charge, int64_t now,
                          struct og_shortage *shortage, struct og_err *err) OG_CHECKED;

/*
 * og_ledger_charge - count a charge in every window of every level, or nowhere
 *
 * One transaction. What does not fit is counted as refused only.
 * shortage  short_of when it did not fit; room when OG_ROOM_MESSAGES more messages to
 *           OG_ROOM_RECIPIENTS recipients in all would fit, too, and there is no limit of
 *           different ones; og_ledger_look() tells it of what is there before
 *
 * Returns OG_OK when it is counted or refused; OG_E_STATE for a record or setting that
 * cannot be read, with its key; the codes of og_store_run.
 */
enum og_rc og_ledger_charge(const struct og_state *state,
                            const struct og_account *account,
                            const struct og_charge *charge, int64_t now,
                            struct og_shortage *shortage, struct og_err *err) OG_CHECKED;

/* og_ledger_refuse - count as refused what og_ledger_look() has found not to fit, for
 * what is refused before it ever comes to a charge; the codes of og_ledger_charge */
enum og_rc og_ledger_refuse(const struct og_state *state,
                            const struct og_account *account,
                            const struct og_charge *charge, int64_t now,
                            struct og_err *err) OG_CHECKED;

#endif
