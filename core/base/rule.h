/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_BASE_RULE_H
#define OG_BASE_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/err.h"

/* how often in how long: `5 in 10m`; `off` is count 0 */
struct og_rate {
    uint64_t count;
    int64_t seconds;
};

/*
 * A lock rule: so many incidents of a class within a period lock whoever caused them.
 *
 *     spam 5 in 10m, virus 1 in 10m, macro 3 in 1h per user
 *
 * Without `per`, a rule holds for the identity and for the outgoing user, each with
 * its own count.
 */
enum { OG_RULE_CLASS = 32, OG_RULES_MAX = 16, OG_RULE_MAX_COUNT = 100 };

struct og_rule {
    char class[OG_RULE_CLASS]; /* of an incident, in lower case */
    struct og_rate rate;
    bool per_user, per_identity; /* at least one */
};

/* the classes an incident can have, ending in NULL */
extern const char *const og_incident_classes[];

/* og_incident_class - is this one of them? */
bool og_incident_class(const char *name);

/* og_rate_parse - read `COUNT in PERIOD` or `off`; OG_E_SYNTAX; OG_E_RANGE for a count
 * above OG_RULE_MAX_COUNT or a period outside 1s to 31d */
enum og_rc og_rate_parse(const char *text, struct og_rate *rate,
                         struct og_err *err) OG_CHECKED;
enum og_rc og_rate_print(const struct og_rate *rate, struct og_buf *out,
                         struct og_err *err) OG_CHECKED;

/*
 * og_rules_parse - read a list of rules, separated by commas; "" and `off` are none
 *
 * rules, count  receive them
 *
 * Returns OG_OK; OG_E_SYNTAX for an unknown class or word; OG_E_RANGE; OG_E_LIMIT above
 * OG_RULES_MAX rules.
 */
enum og_rc og_rules_parse(const char *text, struct og_rule rules[OG_RULES_MAX],
                          size_t *count, struct og_err *err) OG_CHECKED;
enum og_rc og_rules_print(const struct og_rule *rules, size_t count, struct og_buf *out,
                          struct og_err *err) OG_CHECKED;

#endif
