/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_CHECK_SPAM_H
#define OG_CHECK_SPAM_H

#include <stdbool.h>

#include "core/base/findings.h"
#include "core/base/settings.h"
#include "core/check/verdict.h"

/*
 * What a spam filter has said of a message, as acl-snippets/spam.conf leaves it in
 * $acl_m_outgate_spam:
 *
 *     (empty)          nobody was asked
 *     failed           the filter did not answer
 *     153 reject       its score in tenths, and what it would do with the message
 */
struct og_spam {
    bool asked, failed;
    bool scored;
    int tenths;       /* of the score */
    bool filter_says; /* spam, by the filter's own threshold */
};

/* og_spam_read - read that text; OG_E_SYNTAX for anything else */
enum og_rc og_spam_read(const char *text, struct og_spam *spam,
                        struct og_err *err) OG_CHECKED;

/*
 * og_spam_check - is this spam or phishing?
 *
 * findings  libclamav's phishing heuristics count
 * verdict   550 5.7.1 with class `spam` or `phish`; else it is left as it was. Not
 *           looked at: block_outgoing_spam, whether the filter failed
 */
void og_spam_check(const struct og_settings *set, const struct og_spam *spam,
                   const struct og_findings *findings, struct og_verdict *verdict);

/* og_spam_denied - the verdict on a text that the administrator's list denies: 550 5.7.1,
 * class `spam` */
void og_spam_denied(struct og_verdict *verdict);

#endif
