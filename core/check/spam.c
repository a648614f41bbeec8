/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/check/spam.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_TENTHS = 1000000 };

enum og_rc
og_spam_read(const char *text, struct og_spam *spam, struct og_err *err)
{
    struct og_spam read = { .asked = text[0] != '\0' };
    char *end = NULL;
    long tenths;

    read.failed = strcmp(text, "failed") == 0;
    if (read.asked && !read.failed) {
        tenths = strtol(text, &end, 10);
        if (end == text || *end != ' ' || tenths < -MAX_TENTHS || tenths > MAX_TENTHS)
            return og_fail(err, OG_E_SYNTAX,
                           "acl_m_outgate_spam: no score in tenths and action in "
                           "'%.60s', see spam.conf",
                           text);
        read.scored = true;
        read.tenths = (int)tenths;
        read.filter_says = strcmp(end + 1, "reject") == 0;
    }
    *spam = read;
    return OG_OK;
}

void
og_spam_check(const struct og_settings *set, const struct og_spam *spam,
              const struct og_findings *findings, struct og_verdict *verdict)
{
    bool above = set->spam_threshold == 0
                     ? spam->filter_says
                     : spam->tenths >= 0 && (uint64_t)spam->tenths >= set->spam_threshold;

    if (spam->scored && above)
        og_verdict_set(verdict, OG_REJECT, "550 5.7.1", "spam",
                       "The message looks like spam (score %s%d.%d)",
                       spam->tenths < 0 ? "-" : "", abs(spam->tenths) / 10,
                       abs(spam->tenths) % 10);
    else if (og_findings_first(findings, OG_FOUND_PHISH) != NULL)
        og_verdict_set(verdict, OG_REJECT, "550 5.7.1", "phish",
                       "The message looks like phishing");
}

void
og_spam_denied(struct og_verdict *verdict)
{
    og_verdict_set(verdict, OG_REJECT, "550 5.7.1", "spam",
                   "The text of this message has been found to be spam before");
}
