/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/audit.h"
#include "tools/counts.h"

#include <inttypes.h>

#include "core/base/time.h"
#include "core/state/ledger_usage.h"

enum { IDENTITY, DOMAIN, RESET, END };

enum { UNIT_WIDTH = 12, SPAN_WIDTH = 6, NUMBER_WIDTH = 10, LIMIT_WIDTH = 10 };

struct usage {
    struct tool *tool;
    struct tool_account account;
    char who[OG_LOCK_WHO];
    enum og_level level;
    int64_t now;
    struct og_usage seen;
};

static bool
is_full(const struct usage *usage, const struct og_usage_window *window)
{
    return window->limit != OG_UNLIMITED && window->free_at != usage->now;
}

static json_t *
window_json(const struct usage *usage, const char *unit, enum og_window_span span,
            const struct og_usage_window *w)
{
    bool limited = w->limit != OG_UNLIMITED;

    return json_pack(
        "{s:s, s:s, s:I, s:I, s:I, s:o, s:o, s:o, s:b, s:o, s:o}", "unit", unit, "window",
        og_window_span_text(span), "accepted", (json_int_t)w->accepted, "refused",
        (json_int_t)w->refused, "attempted",
        (json_int_t)w->accepted + (json_int_t)w->refused, "limit",
        limited ? json_integer((json_int_t)w->limit) : json_null(), "setting",
        limited ? json_string(og_setting_rows[w->row].name) : json_null(), "source",
        limited ? json_string(og_source_text(w->source)) : json_null(), "full",
        (int)is_full(usage, w), "free_at",
        is_full(usage, w) ? tool_time_json(w->free_at) : json_null(), "ahead",
        tool_time_json(w->ahead));
}

static json_t *
windows_json(const struct usage *usage, enum og_unit only)
{
    json_t *list = json_array();

    for (int unit = 0; unit < OG_UNITS; unit++)
        for (int span = 0; span < OG_WINDOWS; span++) {
            const struct og_usage_window *w = &usage->seen.windows[unit][span];

            if (w->kept && (only == OG_UNITS || only == (enum og_unit)unit)
                && json_array_append_new(
                       list, window_json(usage, og_unit_text((enum og_unit)unit),
                                         (enum og_window_span)span, w))
                       != 0) {
                json_decref(list);
                return NULL;
            }
        }
    return list;
}

static json_t *
distinct_json(const struct usage *usage)
{
    return usage->seen.distinct.kept
               ? window_json(usage, "distinct-recipients", OG_DAY, &usage->seen.distinct)
               : json_null();
}

static int
show_json(const struct usage *usage)
{
    return tool_json(
        usage->tool,
        json_pack(
            "{s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "name",
            tool_string(usage->account.sender.user.name.text), "level",
            og_level_text(usage->level), "identity",
            usage->level == OG_LEVEL_IDENTITY ? tool_string(usage->account.identity.text)
                                              : json_null(),
            "domain",
            usage->account.sender.domain[0] != '\0'
                ? tool_string(usage->account.sender.domain)
                : json_null(),
            "time", tool_time_json(usage->now), "windows", windows_json(usage, OG_UNITS),
            "distinct", distinct_json(usage), "grants",
            tool_grants_json(usage->seen.grants, usage->seen.grants_count)));
}

static void
line(const struct usage *usage, const char *unit, enum og_window_span span,
     const struct og_usage_window *w)
{
    char time[32];

    tool_cell(stdout, unit, UNIT_WIDTH);
    tool_cell(stdout, og_window_span_text(span), SPAN_WIDTH);
    printf("%*" PRIu64 " ", NUMBER_WIDTH, w->accepted);
    printf("%*" PRIu64 " ", NUMBER_WIDTH, w->accepted + w->refused);
    if (w->limit == OG_UNLIMITED)
        printf("%*s", LIMIT_WIDTH, "-");
    else
        printf("%*" PRIu64 "  %s (%s)", LIMIT_WIDTH, w->limit,
               og_setting_rows[w->row].name, og_source_text(w->source));
    if (is_full(usage, w) && w->free_at == 0)
        printf("  full: none may pass");
    else if (is_full(usage, w))
        printf("  full until %s", tool_time(w->free_at, time));
    if (w->ahead != 0)
        printf("  AHEAD of the clock: %s", tool_time(w->ahead, time));
    putchar('\n');
}

static int
show_text(const struct usage *usage)
{
    bool ahead = usage->seen.distinct.ahead != 0;

    printf("%*s %*s %*s %*s %*s\n", -UNIT_WIDTH, "unit", -SPAN_WIDTH, "last",
           NUMBER_WIDTH, "accepted", NUMBER_WIDTH, "attempted", LIMIT_WIDTH, "limit");
    for (int unit = 0; unit < OG_UNITS; unit++)
        for (int span = 0; span < OG_WINDOWS; span++) {
            const struct og_usage_window *w = &usage->seen.windows[unit][span];

            if (w->kept)
                line(usage, og_unit_text((enum og_unit)unit), (enum og_window_span)span,
                     w);
            ahead = ahead || w->ahead != 0;
        }
    if (usage->seen.distinct.kept)
        line(usage, "different", OG_DAY, &usage->seen.distinct);
    tool_grants_put(usage->seen.grants, usage->seen.grants_count);
    if (ahead)
        printf(
            "\nWhat is ahead of the clock was counted while the clock was wrong, or is "
            "wrong now.\nIt counts until the clock has caught up; `--reset` clears "
            "it.\n");
    return TOOL_DONE;
}

/* say what a reset has cleared: what was seen before it */
static int
tell_reset(const struct usage *usage, enum og_unit only, const char *damage)
{
    struct tool *tool = usage->tool;
    const char *unit = only == OG_UNITS ? "all" : og_unit_text(only);
    char reason[300];

    (void)snprintf(reason, sizeof reason, "%s counts of the %s cleared", unit,
                   og_level_text(usage->level));
    tool_event(tool, usage->who, usage->account.sender.user.name.text, "usage-reset",
               reason);
    if (tool->json)
        return tool_json(
            tool, json_pack("{s:s, s:o, s:s, s:s, s:o, s:o}", "done", "cleared", "name",
                            tool_string(usage->account.sender.user.name.text), "level",
                            og_level_text(usage->level), "unit", unit, "windows",
                            windows_json(usage, only), "damage",
                            damage[0] != '\0' ? tool_string(damage) : json_null()));
    printf("cleared %s counts of the %s ", unit, og_level_text(usage->level));
    (void)tool_put(stdout, usage->level == OG_LEVEL_DOMAIN ? usage->account.sender.domain
                           : usage->level == OG_LEVEL_IDENTITY
                               ? usage->account.identity.text
                               : usage->account.sender.user.name.text);
    putchar('\n');
    if (damage[0] != '\0') {
        fputs("what stood there could not be read: ", stdout);
        (void)tool_put(stdout, damage);
        putchar('\n');
        return TOOL_DONE;
    }
    for (int i = 0; i < OG_UNITS; i++)
        for (int span = 0; span < OG_WINDOWS; span++) {
            const struct og_usage_window *w = &usage->seen.windows[i][span];

            if ((only == OG_UNITS || (int)only == i) && w->accepted + w->refused > 0)
                printf("%s of the last %s: %" PRIu64 " accepted, %" PRIu64 " refused\n",
                       og_unit_text((enum og_unit)i),
                       og_window_span_text((enum og_window_span)span), w->accepted,
                       w->refused);
        }
    if (usage->seen.distinct.kept && (only == OG_UNITS || only == OG_UNIT_RECIPIENTS))
        printf("different recipients of the last day: %" PRIu64 "\n",
               usage->seen.distinct.accepted);
    return TOOL_DONE;
}

/* damage: why it could not be read; a reset may go on */
static int
look(struct usage *usage, bool resets, char damage[512])
{
    struct og_err err = { "" };
    enum og_rc rc = og_ledger_usage(&usage->tool->state, &usage->account.account,
                                    usage->level, usage->now, &usage->seen, &err);

    damage[0] = '\0';
    if (rc != OG_E_STATE || !resets)
        return tool_rc(usage->tool, rc, &err);
    (void)snprintf(damage, 512, "%s", err.text);
    return TOOL_DONE;
}

static int
reset(struct usage *usage, const char *word)
{
    enum og_unit only = OG_UNITS;
    struct og_err err = { "" };
    char damage[512];
    int code = word != NULL ? tool_unit(usage->tool, word, &only) : TOOL_DONE;

    if (code == TOOL_DONE)
        code = look(usage, true, damage);
    if (code == TOOL_DONE)
        code = tool_rc(usage->tool,
                       og_ledger_reset(&usage->tool->state, &usage->account.account,
                                       usage->level, only, &err),
                       &err);
    return code == TOOL_DONE ? tell_reset(usage, only, damage) : code;
}

static int
run(struct tool *tool)
{
    struct tool_option options[END + 1] = { [IDENTITY] = { "--identity", true, NULL },
                                            [DOMAIN] = { "--domain", false, NULL },
                                            [RESET] = { "--reset", false, NULL },
                                            [END] = { NULL, false, NULL } };
    struct usage usage = { .tool = tool,
                           .account = TOOL_ACCOUNT_INIT,
                           .now = og_time_now() };
    int code = tool_options(tool, options, 1, 2);
    bool resets = options[RESET].value != NULL;
    char damage[512];

    if (code == TOOL_DONE && tool->argc == 2 && !resets)
        return tool_usage(tool, "'%s' is one word too many", tool->argv[1]);
    if (code == TOOL_DONE && options[IDENTITY].value != NULL
        && options[DOMAIN].value != NULL)
        return tool_usage(tool, "--identity or --domain, not both");
    usage.level = options[IDENTITY].value != NULL ? OG_LEVEL_IDENTITY
                  : options[DOMAIN].value != NULL ? OG_LEVEL_DOMAIN
                                                  : OG_LEVEL_USER;
    tool_who(usage.who);
    if (code == TOOL_DONE)
        code = tool_state(tool);
    if (code == TOOL_DONE)
        code = tool_account(tool, tool->argv[0], options[IDENTITY].value, false,
                            &usage.account);
    if (code == TOOL_DONE && resets) {
        code = reset(&usage, tool->argc == 2 ? tool->argv[1] : NULL);
    } else if (code == TOOL_DONE) {
        code = look(&usage, false, damage);
        if (code == TOOL_DONE)
            code = tool->json ? show_json(&usage) : show_text(&usage);
    }
    tool_account_free(&usage.account);
    return code;
}

const struct tool_verb tool_verb_usage = {
    "usage", "NAME [--identity ID | --domain] [--reset [UNIT]]",
    "show what a sender has used up of its limits",
    "Prints for each unit (connections, messages, recipients) and window (the last\n"
    "minute, hour, day, week of 7 days, month of 30 days) what was accepted, what was\n"
    "attempted, the limit with the setting it comes from, and, where a window is full,\n"
    "when one more passes; then different recipients of the last 24 hours, and grants.\n"
    "All times are UTC.\n\n"
    "  --identity ID    of one identity, such as header:cust42 or "
    "sender:bob@example.com\n"
    "  --domain         of the domain: all of its senders together\n"
    "  --reset [UNIT]   clear the counts, without asking, and say what they were; of "
    "one\n"
    "                   unit or all. Grants stay. For counts that are ahead of the "
    "clock,\n"
    "                   and for records that cannot be read.\n\n"
    "    outgatectl usage bob@example.com\n"
    "    outgatectl usage bob@example.com --identity header:cust42\n"
    "    outgatectl usage bob@example.com --reset messages\n",
    run
};
