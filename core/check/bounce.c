/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/check/bounce.h"

#include <string.h>

#include "core/lib/regex.h"

enum { MAX_TEXT = 4096 }; /* bytes that are looked at; an answer of Exim's is shorter */

/* Exim's own words where a domain has no host, or their begin: src/route.c,
 * src/routers/dnslookup.c */
static const char *const unroutable[] = {
    "Unrouteable address",
    "all relevant MX records point to non-existent hosts",
    "an MX or SRV record indicated no SMTP service",
    "mail domain \"",
};

/* src/transports/smtp.c; the address may hold anything, it ends with the first `>: `
 * that an answer follows */
static const char after_rcpt[] = "^SMTP error from remote mail server after (?:pipelined "
                                 ")?RCPT TO:<.*?>: (\\d\\d\\d.*)";
static const char after_data[] =
    "^SMTP error from remote mail server after (?:pipelined )?"
    "end of data: (\\d\\d\\d.*)";

static const char exact_code[] = "^5\\d\\d[ -]5\\.1\\.(?:1|2|3|6|10)(?!\\d)";
static const char vague_code[] =
    "^(?:550|551|553)[ -](?:5\\.(?:0\\.0|1\\.0|2\\.1|4\\.1|5\\.0)(?!\\d)|(?!5\\.\\d))";

/* what the large providers and the usual servers say */
static const char words[] =
    "no such (?:user|mailbox|recipient|address|account|person|local|domain)"
    "|(?:user|recipient|mailbox|address|account|alias)(?: \\S+)? (?:is )?"
    "(?:unknown|not found|invalid|not known|unavailable|nonexistent|non-existent)"
    "|(?:unknown|invalid|nonexistent|non-existent|bad|illegal) (?:local )?"
    "(?:user|recipient|mailbox|address|account|alias|destination)"
    "|(?:does not|doesn'?t|do not|don'?t) (?:exist|have (?:an? |any )?(?:\\S+ )?"
    "(?:account|mailbox|user))"
    "|not? (?:a )?(?:valid|known|existing) (?:user|recipient|mailbox|address|account)"
    "|(?:no|not a) mailbox (?:here|by that|with that|found)"
    "|not (?:listed|found) in (?:\\S+ )?(?:directory|table|domino|database)"
    "|recipient address rejected: access denied"
    "|recipientnotfound|unrouteable address|user doesn|undeliverable address";

static const char policy[] =
    "spam|\\bu[cb]e\\b|black ?list|block ?list|blocked|listed (?:at|by|on)|reputation|"
    "polic(?:y|ies)|quota|mailbox (?:is )?full|too (?:many|large)|\\brate|relay|"
    "authenticat|\\bspf\\b|dkim|dmarc|\\bdns\\b|reverse|virus|malware|sender|disabled|"
    "suspended|inactive";

static enum og_rc
matches(const char *pattern, const char *text, size_t len, struct og_span *found,
        bool *yes, struct og_err *err)
{
    struct og_regex *regex = NULL;
    enum og_rc rc = og_regex_compile(pattern, OG_REGEX_CASELESS, &regex, err);

    if (rc == OG_OK)
        rc = og_regex_match(regex, text, len, found, err);
    og_regex_free(regex);
    *yes = rc == OG_OK;
    return rc == OG_E_NOTFOUND ? OG_OK : rc;
}

/* an answer: `550 5.1.1 words` */
static enum og_rc
judge(const char *answer, size_t len, bool for_one, bool *bad, struct og_err *err)
{
    struct og_span found;
    bool vague = false, refused = false;
    enum og_rc rc = matches(exact_code, answer, len, &found, bad, err);

    if (rc != OG_OK || *bad || !for_one)
        return rc;
    rc = matches(vague_code, answer, len, &found, &vague, err);
    if (rc == OG_OK && vague)
        rc = matches(policy, answer, len, &found, &refused, err);
    if (rc == OG_OK && vague && !refused)
        rc = matches(words, answer, len, &found, bad, err);
    return rc;
}

enum og_rc
og_bounce_bad_address(const char *text, bool *bad, struct og_err *err)
{
    size_t len = strnlen(text, MAX_TEXT);
    struct og_span answer;
    bool rcpt = false, data = false;
    enum og_rc rc;

    *bad = false;
    for (size_t i = 0; i < N_ELEMENTS(unroutable); i++)
        if (strncmp(text, unroutable[i], strlen(unroutable[i])) == 0)
            *bad = true;
    if (*bad)
        return OG_OK;
    rc = matches(after_rcpt, text, len, &answer, &rcpt, err);
    if (rc == OG_OK && !rcpt)
        rc = matches(after_data, text, len, &answer, &data, err);
    if (rc == OG_OK && (rcpt || data))
        rc = judge(text + answer.start, answer.len, rcpt, bad, err);
    return rc;
}
