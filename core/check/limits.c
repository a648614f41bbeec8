/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/check/limits.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/base/time.h"

enum { WHAT_TEXT = 120, TAIL_TEXT = 80 };

/* `Limit of 100 messages per hour for this sender` */
static void
name_limit(const struct og_shortage *shortage, char out[WHAT_TEXT])
{
    static const char *const whose[OG_LEVELS] = { "sender", "identity", "domain" };

    const char *unit = og_unit_text(shortage->unit);
    size_t len = strlen(unit) - (shortage->limit == 1 ? 1 : 0); /* 1 message */

    (void)snprintf(out, WHAT_TEXT, "Limit of %" PRIu64 " %s%.*s per %s for this %s",
                   shortage->limit, shortage->distinct ? "different " : "", (int)len,
                   unit, og_window_span_text(shortage->span), whose[shortage->level]);
}

/* when it passes, as far as that can be said */
static void
name_time(const struct og_shortage *shortage, uint64_t before, char out[TAIL_TEXT])
{
    bool one = before > 0 || shortage->asked == 1;
    char when[OG_TIME_TEXT];

    if (shortage->free_at != 0 && og_time_print(shortage->free_at, when, NULL) == OG_OK)
        (void)snprintf(out, TAIL_TEXT, ", %s at %s",
                       one ? "next one passes" : "this message passes", when);
    else if (shortage->free_at != 0)
        (void)snprintf(out, TAIL_TEXT, ", try again later");
    else if (shortage->used < shortage->limit)
        (void)snprintf(out, TAIL_TEXT, ", send the others in another message");
    else
        out[0] = '\0';
}

static void
note(const struct og_shortage *shortage, struct og_verdict *verdict)
{
    char when[OG_TIME_TEXT];

    if (shortage->free_at == 0 || og_time_print(shortage->free_at, when, NULL) != OG_OK)
        (void)snprintf(when, sizeof when, "never");
    og_verdict_facts(verdict,
                     "level=%s unit=%s%s window=%s used=%" PRIu64 " limit=%" PRIu64
                     " asked=%" PRIu64 " free_at=%s",
                     og_level_text(shortage->level),
                     shortage->distinct ? "distinct-" : "", og_unit_text(shortage->unit),
                     og_window_span_text(shortage->span), shortage->used, shortage->limit,
                     shortage->asked, when);
}

void
og_limits_check(const struct og_settings *set, const struct og_shortage *shortage,
                uint64_t before, struct og_verdict *verdict)
{
    bool recipients = shortage->unit == OG_UNIT_RECIPIENTS;
    bool never = shortage->free_at == 0 && (before == 0 || shortage->limit == 0);
    bool reject = never || set->limit_response == OG_LIMIT_REJECT;
    const char *code = reject ? (recipients ? "550 5.5.3" : "550 5.7.1")
                              : (recipients ? "452 4.5.3" : "451 4.7.1");
    enum og_action action = reject ? OG_REJECT : OG_DEFER;
    char what[WHAT_TEXT], tail[TAIL_TEXT];

    if (!shortage->short_of)
        return;
    name_limit(shortage, what);
    name_time(shortage, before, tail);
    if (shortage->limit == 0)
        og_verdict_set(verdict, action, code, "limit", "%s: none may pass", what);
    else if (never)
        og_verdict_set(verdict, action, code, "limit",
                       "%s: %" PRIu64 " at once can never pass", what, shortage->asked);
    else if (before > 0 || shortage->used >= shortage->limit)
        og_verdict_set(verdict, action, code, "limit",
                       "%s is reached (%" PRIu64 " of %" PRIu64 "%s)%s", what,
                       shortage->used, shortage->limit,
                       before > 0 ? " before this message" : "", tail);
    else
        og_verdict_set(verdict, action, code, "limit",
                       "%s would be exceeded by %" PRIu64 " more (%" PRIu64 " of %" PRIu64
                       ")%s",
                       what, shortage->asked, shortage->used, shortage->limit, tail);
    note(shortage, verdict);
}
