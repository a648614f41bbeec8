/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/check/verdict.h"

#include <stdarg.h>
#include <stdio.h>

void
og_verdict_set(struct og_verdict *verdict, enum og_action action, const char *code,
               const char *class, const char *fmt, ...)
{
    va_list args;

    verdict->action = action;
    (void)snprintf(verdict->code, sizeof verdict->code, "%s", code);
    (void)snprintf(verdict->class, sizeof verdict->class, "%s", class);
    va_start(args, fmt);
    (void)vsnprintf(verdict->text, sizeof verdict->text, fmt, args); /* cut on purpose */
    va_end(args);
    verdict->facts[0] = '\0';
}

void
og_verdict_facts(struct og_verdict *verdict, const char *fmt, ...)
{
    va_list args;
    int len;

    va_start(args, fmt);
    len = vsnprintf(verdict->facts, sizeof verdict->facts, fmt, args);
    va_end(args);
    if (len < 0 || (size_t)len >= sizeof verdict->facts)
        verdict->facts[0] = '\0'; /* half a number would be another number */
}

void
og_verdict_trouble(struct og_verdict *verdict)
{
    og_verdict_set(verdict, OG_DEFER, "451 4.3.0", "trouble",
                   "Temporary problem on this server, please try again later");
}

const char *
og_action_text(enum og_action action)
{
    switch (action) {
    case OG_ACCEPT:
        return "accept";
    case OG_DEFER:
        return "defer";
    case OG_REJECT:
        return "reject";
    case OG_DISCARD:
        return "discard";
    }
    return "unknown";
}
