/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_CHECK_LIMITS_H
#define OG_CHECK_LIMITS_H

#include "core/base/limit.h"
#include "core/base/settings.h"
#include "core/check/verdict.h"

/*
 * og_limits_check - the answer to what is above a limit
 *
 * set       the sender's settings: limit_response
 * shortage  what og_ledger_look() or og_ledger_charge() found; when nothing is short,
 *           the verdict is left as it was
 * before    recipients that this message has already, where one more is judged (RCPT);
 *           0 elsewhere
 *
 * The verdict's class is `limit`. Its text names the limit, what is used of it and when
 * the same will pass, in UTC:
 *
 *     Limit of 100 messages per hour for this sender is reached (100 of 100), next one
 *     passes at 2026-11-21T18:12:21Z
 *
 * Its code:
 *
 *                      defer        reject
 *     recipients       452 4.5.3    550 5.5.3
 *     anything else    451 4.7.1    550 5.7.1
 *
 * What can never pass, because it is more than the whole limit, gets the right column
 * whatever limit_response says; but not a recipient behind others that have been taken:
 * it may pass in a message of its own, and 452 makes the client send one.
 *
 * Source: RFC 5321 section 4.5.3.1.10 (452 for too many recipients; 552 is not used,
 * as it is to be taken for a temporary failure), RFC 3463 sections 3.6 (X.5.3 too many
 * recipients) and 3.8 (X.7.1 not authorized by policy).
 */
void og_limits_check(const struct og_settings *set, const struct og_shortage *shortage,
                     uint64_t before, struct og_verdict *verdict);

#endif
