/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_CHECK_BOUNCE_H
#define OG_CHECK_BOUNCE_H

#include <stdbool.h>

#include "core/base/err.h"

/*
 * og_bounce_bad_address - does a permanent failure mean that the address does not exist?
 *
 * text  why Exim gave up a recipient, $event_data: an answer to RCPT or to the end of
 *       DATA in Exim's words, `SMTP error from remote mail server after RCPT TO:<...>:
 *       550 5.1.1 no such user`, or Exim's own failure to route; content may be hostile
 *
 * Yes for enhanced codes 5.1.1, 5.1.2, 5.1.3, 5.1.6 and 5.1.10 (RFC 3463, RFC 7505). For
 * 550, 551 and 553 with a code that says little (X.0.0, X.1.0, X.2.1, X.4.1, X.5.0), or
 * none, when the words say so, and none of them speaks of spam, a blocklist, a quota or
 * another policy. Also where Exim finds no host for the domain. No for 5.7.X and any
 * other code, for 4xx, for answers to other commands, and for an answer to the end of
 * DATA without a code that names the address.
 *
 * Returns OG_OK; OG_E_LIMIT when the words take too long to look through; OG_E_NOMEM.
 */
enum og_rc og_bounce_bad_address(const char *text, bool *bad,
                                 struct og_err *err) OG_CHECKED;

#endif
