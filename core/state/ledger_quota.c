/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/state/ledger_quota.h"

#include <string.h>

/* the rows stand in settings.def as the units and spans do in their enums */
enum { FIRST = OG_SETTING_limit_connections_per_minute };

_Static_assert(OG_SETTING_limit_messages_per_minute
                   == FIRST + OG_UNIT_MESSAGES * OG_WINDOWS,
               "messages follow connections");
_Static_assert(OG_SETTING_limit_recipients_per_month
                   == FIRST + OG_UNIT_RECIPIENTS * OG_WINDOWS + OG_MONTH,
               "recipients follow messages");
_Static_assert(OG_SETTING_limit_connections_per_day == FIRST + OG_DAY, "spans are so");

static const struct og_setting *
row_of(enum og_unit unit, enum og_window_span span)
{
    return &og_setting_rows[FIRST + (int)unit * OG_WINDOWS + (int)span];
}

/* the values read last: a sender's are asked for several times a message, and reading
 * the fifteen of them costs as much as a look at the ledger */
static struct {
    char text[82]; /* above the `high` of a limit's row */
    struct og_limit limit;
} seen[2][OG_UNITS][OG_WINDOWS];

/* og_limit_parse, of a text that is mostly that of the last time */
static enum og_rc
parse(const char *text, bool of_domain, enum og_unit unit, enum og_window_span span,
      struct og_limit *limit, struct og_err *err)
{
    size_t len = strlen(text);
    enum og_rc rc;

    if (strcmp(text, seen[of_domain][unit][span].text) == 0) {
        *limit = seen[of_domain][unit][span].limit;
        return OG_OK;
    }
    rc = og_limit_parse(text, limit, err);
    if (rc == OG_OK && len < sizeof seen[0][0][0].text) {
        memcpy(seen[of_domain][unit][span].text, text, len + 1);
        seen[of_domain][unit][span].limit = *limit;
    }
    return rc;
}

/* those numbers of a setting that belong to its set: a domain's for all of its users, or
 * a user's for itself and its identities */
static enum og_rc
read_limit(const struct og_settings *set, bool of_domain, enum og_unit unit,
           enum og_window_span span, struct og_quota *quota, struct og_err *err)
{
    const struct og_setting *row = row_of(unit, span);
    const char *text;
    struct og_limit limit;
    struct og_err why = { "" };

    memcpy(&text, (const char *)set + row->at, sizeof text);
    if (strcmp(text, "unset") == 0)
        return OG_OK;
    if (parse(text, of_domain, unit, span, &limit, &why) != OG_OK)
        return og_fail(err, OG_E_STATE, "%s: cannot read '%.80s': %.200s", row->name,
                       text, why.text);
    for (int level = 0; level < OG_LEVELS; level++)
        if ((level == OG_LEVEL_DOMAIN) == of_domain)
            quota->most[level][unit][span] = limit.most[level];
    return OG_OK;
}

enum og_rc
og_quota_read(const struct og_account *account, struct og_quota *quota,
              struct og_err *err)
{
    const struct og_settings *own = &account->sender->settings;
    const struct og_settings *domain = &account->sender->domain_settings;
    uint64_t *day = &quota->most[OG_LEVEL_USER][OG_UNIT_RECIPIENTS][OG_DAY];
    enum og_rc rc = OG_OK;

    memset(quota, 0xff, sizeof *quota); /* OG_UNLIMITED in every place */
    for (int unit = 0; unit < OG_UNITS; unit++) {
        bool counts = unit != OG_UNIT_CONNECTIONS;

        for (int span = 0; span < OG_WINDOWS; span++) {
            if (rc == OG_OK && (counts || own->enable_limits != 0))
                rc = read_limit(own, false, (enum og_unit)unit, (enum og_window_span)span,
                                quota, err);
            if (rc == OG_OK && (counts || domain->enable_limits != 0))
                rc = read_limit(domain, true, (enum og_unit)unit,
                                (enum og_window_span)span, quota, err);
        }
    }
    if (own->maximum_recipients_per_day != 0 && own->maximum_recipients_per_day < *day)
        *day = own->maximum_recipients_per_day;
    if (own->maximum_distinct_recipients_per_day != 0)
        quota->distinct = own->maximum_distinct_recipients_per_day;
    return rc;
}

const struct og_setting *
og_quota_source(const struct og_account *account, enum og_level level, enum og_unit unit,
                enum og_window_span span, const struct og_settings **set)
{
    const struct og_settings *own = &account->sender->settings;
    const struct og_setting *row = row_of(unit, span);
    struct og_limit limit;
    const char *text;

    *set = level == OG_LEVEL_DOMAIN ? &account->sender->domain_settings : own;
    if (level != OG_LEVEL_USER || unit != OG_UNIT_RECIPIENTS || span != OG_DAY
        || own->maximum_recipients_per_day == 0)
        return row;
    memcpy(&text, (const char *)own + row->at, sizeof text);
    if (og_limit_parse(text, &limit, NULL) == OG_OK
        && limit.most[OG_LEVEL_USER] <= own->maximum_recipients_per_day)
        return row;
    return &og_setting_rows[OG_SETTING_maximum_recipients_per_day];
}
