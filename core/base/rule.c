/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/base/rule.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/base/time.h"

enum { MAX_WORDS = 6, MAX_WORD = 64, MAX_PERIOD = 31 * 86400 };

const char *const og_incident_classes[] = {
    "spam",         "phish",        "virus",
    "macro",        "attachment",   "invalid-recipient",
    "auth-failure", "login-spread", "fan-out",
    "tripwire",     NULL,
};

bool
og_incident_class(const char *name)
{
    for (size_t i = 0; og_incident_classes[i] != NULL; i++)
        if (strcmp(og_incident_classes[i], name) == 0)
            return true;
    return false;
}

/* the words of text up to its end or a comma, where *text is then; more than fit is an
 * error */
static enum og_rc
split(const char **text, char words[MAX_WORDS][MAX_WORD], size_t *count,
      struct og_err *err)
{
    const char *at = *text;

    *count = 0;
    for (;;) {
        size_t len;

        at += strspn(at, " \t");
        len = strcspn(at, " \t,");
        if (len == 0)
            break;
        if (*count == MAX_WORDS || len >= MAX_WORD)
            return og_fail(err, OG_E_SYNTAX, "unexpected '%.30s'", at);
        memcpy(words[*count], at, len);
        words[(*count)++][len] = '\0';
        at += len;
    }
    *text = at;
    return OG_OK;
}

/* COUNT in PERIOD in three words */
static enum og_rc
parse_rate(char words[][MAX_WORD], struct og_rate *rate, struct og_err *err)
{
    uint64_t count = 0;
    int64_t seconds = 0;
    enum og_rc rc;

    if (strcasecmp(words[1], "in") != 0)
        return og_fail(err, OG_E_SYNTAX, "'%s' where `in` is expected", words[1]);
    for (const char *at = words[0]; *at != '\0'; at++) {
        if (*at < '0' || *at > '9' || count > OG_RULE_MAX_COUNT)
            return og_fail(err, *at < '0' || *at > '9' ? OG_E_SYNTAX : OG_E_RANGE,
                           "'%s' is no count of 1 to %d", words[0], OG_RULE_MAX_COUNT);
        count = count * 10 + (uint64_t)(*at - '0');
    }
    rc = og_duration_parse(words[2], &seconds, err);
    if (rc != OG_OK)
        return rc;
    if (count < 1 || count > OG_RULE_MAX_COUNT)
        return og_fail(err, OG_E_RANGE, "count %s is outside 1 to %d", words[0],
                       OG_RULE_MAX_COUNT);
    if (seconds < 1 || seconds > MAX_PERIOD)
        return og_fail(err, OG_E_RANGE, "period %s is outside 1s to 31d", words[2]);
    *rate = (struct og_rate){ count, seconds };
    return OG_OK;
}

enum og_rc
og_rate_parse(const char *text, struct og_rate *rate, struct og_err *err)
{
    char words[MAX_WORDS][MAX_WORD];
    size_t count;
    enum og_rc rc = split(&text, words, &count, err);

    if (rc != OG_OK)
        return rc;
    if (*text == '\0' && count == 1 && strcasecmp(words[0], "off") == 0) {
        *rate = (struct og_rate){ 0, 0 };
        return OG_OK;
    }
    if (*text != '\0' || count != 3)
        return og_fail(err, OG_E_SYNTAX, "no COUNT in PERIOD");
    return parse_rate(words, rate, err);
}

enum og_rc
og_rate_print(const struct og_rate *rate, struct og_buf *out, struct og_err *err)
{
    char period[OG_DURATION_TEXT];

    if (rate->count == 0)
        return og_buf_add_text(out, "off", err);
    og_duration_print(rate->seconds, period);
    return og_buf_printf(out, err, "%" PRIu64 " in %s", rate->count, period);
}

static enum og_rc
parse_rule(char words[][MAX_WORD], size_t count, struct og_rule *rule, struct og_err *err)
{
    size_t known = 0;

    if (count != 4 && !(count == 6 && strcasecmp(words[4], "per") == 0))
        return og_fail(err, OG_E_SYNTAX, "no CLASS COUNT in PERIOD [per user|identity]");
    while (og_incident_classes[known] != NULL
           && strcasecmp(og_incident_classes[known], words[0]) != 0)
        known++;
    if (og_incident_classes[known] == NULL)
        return og_fail(err, OG_E_SYNTAX, "no class of incident '%s'", words[0]);
    (void)snprintf(rule->class, sizeof rule->class, "%s", og_incident_classes[known]);
    rule->per_user = count == 4 || strcasecmp(words[5], "user") == 0;
    rule->per_identity = count == 4 || strcasecmp(words[5], "identity") == 0;
    if (!rule->per_user && !rule->per_identity)
        return og_fail(err, OG_E_SYNTAX, "'%s' is neither user nor identity", words[5]);
    return parse_rate(words + 1, &rule->rate, err);
}

enum og_rc
og_rules_parse(const char *text, struct og_rule rules[OG_RULES_MAX], size_t *count,
               struct og_err *err)
{
    char words[MAX_WORDS][MAX_WORD];
    size_t n = 0, found;
    enum og_rc rc = OG_OK;

    while (rc == OG_OK) {
        rc = split(&text, words, &found, err);
        if (rc == OG_OK && n == 0 && *text == '\0'
            && (found == 0 || (found == 1 && strcasecmp(words[0], "off") == 0)))
            break;
        if (rc == OG_OK && n == OG_RULES_MAX)
            return og_fail(err, OG_E_LIMIT, "more than %d rules", OG_RULES_MAX);
        if (rc == OG_OK)
            rc = parse_rule(words, found, &rules[n++], err);
        if (rc != OG_OK || *text == '\0')
            break;
        text++; /* another rule must follow the comma */
    }
    if (rc == OG_OK)
        *count = n;
    return rc;
}

enum og_rc
og_rules_print(const struct og_rule *rules, size_t count, struct og_buf *out,
               struct og_err *err)
{
    enum og_rc rc = count == 0 ? og_buf_add_text(out, "off", err) : OG_OK;

    for (size_t i = 0; i < count && rc == OG_OK; i++) {
        const char *per = rules[i].per_user && rules[i].per_identity ? ""
                          : rules[i].per_user                        ? " per user"
                                                                     : " per identity";

        rc = og_buf_printf(out, err, "%s%s ", i > 0 ? ", " : "", rules[i].class);
        if (rc == OG_OK)
            rc = og_rate_print(&rules[i].rate, out, err);
        if (rc == OG_OK)
            rc = og_buf_add_text(out, per, err);
    }
    return rc;
}
