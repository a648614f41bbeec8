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

/* the part behind an '@', or all: `example.com`, `*.example.com`, `*`; else it would
 * match nothing */
static bool
domain_ok(const char *at, size_t len)
{
    const char *sign = memchr(at, '@', len), *end = at + len;

    if (sign != NULL)
        at = sign + 1;
    if (end - at == 1 && at[0] == '*')
        return true;
    if (end - at > 2 && at[0] == '*' && at[1] == '.')
        at += 2;
    if (at == end || at[0] == '.' || end[-1] == '.'
        || memchr(at, '*', (size_t)(end - at)) != NULL
        || memchr(at, '@', (size_t)(end - at)) != NULL)
        return false;
    return memmem(at, (size_t)(end - at), "..", 2) == NULL;
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
    return domain_ok(at, len);
}

static enum og_rc
parse_patterns(const struct og_setting *row, const char *text, uint64_t *number,
               struct og_buf *canonical, struct og_err *err)
{
    (void)row, (void)number;
    return og_setting_words(text, pattern_ok, true, "address or domain", canonical, err);
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
