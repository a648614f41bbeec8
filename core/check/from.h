/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_CHECK_FROM_H
#define OG_CHECK_FROM_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/header.h"
#include "core/base/settings.h"
#include "core/check/verdict.h"

/*
 * Whose name may a sender use? Settings require_from_domain and allowed_senders; where
 * both are set, both must hold. Addresses are compared in key form, og_idn_address().
 * Every refusal has class `from`.
 */

/*
 * og_from_check_envelope - may the sender use this address in MAIL FROM?
 *
 * domain   the sender's own, og_sender.domain; "" for an ip user without: then
 *          require_from_domain allows no address at all
 * sender   as Exim has it; "" is the null sender, which passes: bounces and automatic
 *          replies have it (RFC 3834), and their From is held to the same settings
 * verdict  550 5.7.1; else it is left as it was
 *
 * An address that cannot be read is refused where a restriction is set. Returns OG_OK;
 * OG_E_NOMEM.
 */
enum og_rc og_from_check_envelope(const struct og_settings *set, const char *domain,
                                  const char *sender, struct og_verdict *verdict,
                                  struct og_err *err) OG_CHECKED;

/*
 * og_from_check_recipients - a message from <> has one recipient
 *
 * recipients  with the one that is being decided. Holds without any setting: a bounce
 *             or an automatic reply goes to whoever sent the message, RFC 3834 section 4
 * verdict     550 5.5.3; else it is left as it was
 */
void og_from_check_recipients(const char *sender, size_t recipients,
                              struct og_verdict *verdict);

/*
 * og_from_check_headers - may the sender use the addresses in From and Sender?
 *
 * headers  those marked as removed do not count
 * verdict  550 5.7.1; else it is left as it was
 *
 * Without a restriction nothing is read. With one, every address of every From and
 * Sender field must be allowed, whatever the display names say; a field that cannot be
 * read as a whole or whose name has bytes in it that names do not have, one without an
 * address, and a message without From are refused.
 * Returns OG_OK; OG_E_NOMEM.
 */
enum og_rc og_from_check_headers(const struct og_settings *set, const char *domain,
                                 const struct og_headers *headers,
                                 struct og_verdict *verdict,
                                 struct og_err *err) OG_CHECKED;

/*
 * og_from_check_verified - the verdict on what Exim's `verify = sender/callout` found
 *
 * failure  $sender_verify_failure: `route` (the domain takes no mail) and `recipient`
 *          (its server refuses the address) are 550 5.1.8; `qualify`, an address without
 *          a domain, is 550 5.1.7. `mail`, where the server does not talk to us, says
 *          nothing about the address, and neither does anything else
 */
void og_from_check_verified(const char *failure, struct og_verdict *verdict);

#endif
