/* SPDX-License-Identifier: BSD-2-Clause */
/* kinds of the settings that limits, locks and senders' addresses have */
#include "core/base/settings_kind.h"

#include <string.h>

#include "core/base/limit.h"
#include "core/base/rule.h"

static enum og_rc
parse_limit(const struct og_setting *row, const char *text, uint64_t *number,
            struct og_buf *canonical, struct og_err *err)
{
    struct og_limit limit;
    enum og_rc rc = og_limit_parse(text, &limit, err);

    (void)row, (void)number;
    return rc == OG_OK ? og_limit_print(&limit, canonical, err) : rc;
}

static enum og_rc
parse_rate(const struct og_setting *row, const char *text, uint64_t *number,
           struct og_buf *canonical, struct og_err *err)
{
    struct og_rate rate;
    enum og_rc rc = og_rate_parse(text, &rate, err);

    (void)row, (void)number;
    return rc == OG_OK ? og_rate_print(&rate, canonical, err) : rc;
}

static enum og_rc
parse_rules(const struct og_setting *row, const char *text, uint64_t *number,
            struct og_buf *canonical, struct og_err *err)
{
    struct og_rule rules[OG_RULES_MAX];
    size_t count = 0;
    enum og_rc rc = og_rules_parse(text, rules, &count, err);

    (void)row, (void)number;
    return rc == OG_OK ? og_rules_print(rules, count, canonical, err) : rc;
}

/* what og_addr_match() takes as a pattern: an address, a domain, with `*` at its begin */
static bool
pattern_ok(const char *at, size_t len)
{
    static const char more[] = "!#$%&'*+-/=?^_`{|}~.@";

    for (size_t i = 0; i < len; i++)
        if (!(at[i] >= 'a' && at[i] <= 'z') && !(at[i] >= '0' && at[i] <= '9')
            && memchr(more, at[i], sizeof more - 1) == NULL)
            return false;
    return at[len - 1] != '@' && at[len - 1] != '.';
}

static enum og_rc
parse_patterns(const struct og_setting *row, const char *text, uint64_t *number,
               struct og_buf *canonical, struct og_err *err)
{
    static const char blanks[] = " \t,";
    const char *at = text + strspn(text, blanks);
    enum og_rc rc = OG_OK;

    (void)row, (void)number;
    while (*at != '\0' && rc == OG_OK) {
        size_t len = strcspn(at, blanks), start;

        if (canonical->len > 0)
            rc = og_buf_add(canonical, " ", 1, err);
        start = canonical->len;
        if (rc == OG_OK)
            rc = og_buf_add(canonical, at, len, err);
        for (size_t i = start; i < canonical->len; i++)
            if (canonical->data[i] >= 'A' && canonical->data[i] <= 'Z')
                canonical->data[i] = (char)(canonical->data[i] - 'A' + 'a');
        if (rc == OG_OK && !pattern_ok(canonical->data + start, len))
            return og_fail(err, OG_E_SYNTAX, "'%.*s' is no address or domain", (int)len,
                           at);
        at += len;
        at += strspn(at, blanks);
    }
    return rc;
}

const struct og_kind og_kind_limit = {
    "a number, unset, or LEVEL NUMBER for user, identity, "
    "domain",
    NULL, true, parse_limit, NULL
};
const struct og_kind og_kind_rate = { "COUNT in PERIOD, or off", NULL, true, parse_rate,
                                      NULL };
const struct og_kind og_kind_rules = { "CLASS COUNT in PERIOD [per user|identity], ...",
                                       NULL, true, parse_rules, NULL };
const struct og_kind og_kind_patterns = {
    "addresses and domains, such as *@example.com or "
    "*.example.com",
    NULL, true, parse_patterns, NULL
};
