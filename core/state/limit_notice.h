/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_STATE_LIMIT_NOTICE_H
#define OG_STATE_LIMIT_NOTICE_H

#include "core/state/account.h"

/*
 * og_limit_notice - tell the admin contact, and the user where notify_user says so, that
 * a limit of an hour or longer is in the way; once in its period, at most once a day
 *
 * Puts rows `kind=limit` in the outbox and starts the program that sends them. One
 * run when it has been told already, one more when not; nothing under `exim -bh`, for the
 * caller to heed. The codes of og_store_run and og_outbox_kick.
 */
enum og_rc og_limit_notice(const struct og_state *state, const struct og_account *account,
                           const struct og_shortage *shortage, int64_t now,
                           struct og_err *err) OG_CHECKED;

#endif
