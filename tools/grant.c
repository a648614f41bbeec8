/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/audit.h"
#include "tools/counts.h"

#include <inttypes.h>
#include <string.h>

#include "core/base/time.h"
#include "core/state/ledger_grant.h"
#include "core/state/ledger_usage.h"

enum { UNTIL, LIST, REVOKE, END };

enum { DAY = 86400 };

static const long most = 1L << 40; /* as a limit's */

/* a time to come: `18:00`, a time, or a duration from now on */
static int
read_until(struct tool *tool, const char *text, int64_t now, int64_t *until)
{
    struct og_err err = { "" };
    int64_t seconds;

    if (text == NULL)
        *until = now + DAY;
    else if (og_time_parse(text, until, &err) == OG_OK)
        ;
    else if (og_duration_parse(text, &seconds, &err) == OG_OK)
        *until = seconds <= OG_TIME_MAX - now ? now + seconds : OG_TIME_MAX + 1;
    else if (strlen(text) == 5 && og_time_since_parse(text, now, until, &err) == OG_OK)
        *until += DAY; /* the last such minute that has begun: the next one is wanted */
    else
        return tool_usage(tool,
                          "--until: '%s': expected 18:00, 2h, 2026-11-22 or "
                          "2026-11-22T18:00:00Z",
                          text);
    if (*until > now && *until <= OG_TIME_MAX)
        return TOOL_DONE;
    return tool_fail(tool, TOOL_USAGE, "--until: '%s' is %s", text,
                     *until > now ? "too far away" : "over already");
}

static int
read_amount(struct tool *tool, const char *text, uint64_t *amount)
{
    long number = 0;
    int code = tool_number(tool, "the number", text + (text[0] == '+' && text[1] != '+'),
                           1, most, &number);

    *amount = (uint64_t)number;
    return code;
}

static int
give(struct tool *tool, const char *who, const struct og_account *account,
     const struct og_grant *grant)
{
    const char *name = account->sender->user.name.text;
    char until[OG_TIME_TEXT] = "", reason[200];
    struct og_err err = { "" };
    int code = tool_rc(tool, og_ledger_grant(&tool->state, account, grant, &err), &err);

    if (code != TOOL_DONE || og_time_print(grant->until, until, &err) != OG_OK)
        return code;
    (void)snprintf(reason, sizeof reason, "+%" PRIu64 " %s until %s", grant->amount,
                   og_unit_text(grant->unit), until);
    tool_event(tool, who, name, "grant", reason);
    if (tool->json)
        return tool_json(tool,
                         json_pack("{s:s, s:o, s:s, s:I, s:s}", "done", "granted", "name",
                                   tool_string(name), "unit", og_unit_text(grant->unit),
                                   "amount", (json_int_t)grant->amount, "until", until));
    fputs("granted ", stdout);
    (void)tool_put(stdout, name);
    printf(" %s\n", reason);
    return TOOL_DONE;
}

static int
list(struct tool *tool, const struct og_account *account)
{
    struct og_usage usage;
    struct og_err err = { "" };
    int code = tool_rc(tool,
                       og_ledger_usage(&tool->state, account, OG_LEVEL_USER,
                                       og_time_now(), &usage, &err),
                       &err);

    if (code != TOOL_DONE)
        return code;
    if (tool->json)
        return tool_json(tool, tool_grants_json(usage.grants, usage.grants_count));
    tool_grants_put(usage.grants, usage.grants_count);
    if (usage.grants_count == 0)
        puts("no grants");
    return TOOL_DONE;
}

static int
revoke(struct tool *tool, const char *who, const struct og_account *account,
       const char *word)
{
    const char *name = account->sender->user.name.text;
    enum og_unit unit = OG_UNITS;
    struct og_err err = { "" };
    size_t count = 0;
    char reason[100];
    int code = word != NULL ? tool_unit(tool, word, &unit) : TOOL_DONE;

    if (code == TOOL_DONE)
        code = tool_rc(
            tool,
            og_ledger_revoke(&tool->state, account, unit, og_time_now(), &count, &err),
            &err);
    if (code != TOOL_DONE)
        return code;
    if (count == 0)
        return tool_fail(tool, TOOL_NO, "%s has no such grant", name);
    (void)snprintf(reason, sizeof reason, "%zu grant%s of %s", count,
                   count > 1 ? "s" : "",
                   unit == OG_UNITS ? "any unit" : og_unit_text(unit));
    tool_event(tool, who, name, "grant-revoked", reason);
    if (tool->json)
        return tool_json(tool, json_pack("{s:s, s:o, s:I}", "done", "revoked", "name",
                                         tool_string(name), "count", (json_int_t)count));
    printf("revoked %s: ", reason);
    (void)tool_put(stdout, name);
    putchar('\n');
    return TOOL_DONE;
}

static int
run(struct tool *tool)
{
    struct tool_option options[END + 1] = { [UNTIL] = { "--until", true, NULL },
                                            [LIST] = { "--list", false, NULL },
                                            [REVOKE] = { "--revoke", false, NULL },
                                            [END] = { NULL, false, NULL } };
    struct tool_account account = TOOL_ACCOUNT_INIT;
    struct og_grant grant = { .given = og_time_now() };
    char who[OG_LOCK_WHO];
    int code = tool_options(tool, options, 1, 3);
    bool lists = options[LIST].value != NULL, revokes = options[REVOKE].value != NULL;

    if (code == TOOL_DONE && (lists || revokes) && options[UNTIL].value != NULL)
        return tool_usage(tool, "--until is for a new grant");
    if (code == TOOL_DONE
        && (lists + revokes > 1
            || tool->argc > (lists     ? 1
                             : revokes ? 2
                                       : 3)))
        return tool_usage(tool, "one of them at a time");
    if (code == TOOL_DONE && !lists && !revokes) {
        code = tool->argc == 3 ? tool_unit(tool, tool->argv[1], &grant.unit)
                               : tool_usage(tool, "NAME, UNIT and +NUMBER are wanted");
        if (code == TOOL_DONE)
            code = read_amount(tool, tool->argv[2], &grant.amount);
        if (code == TOOL_DONE)
            code = read_until(tool, options[UNTIL].value, grant.given, &grant.until);
    }
    tool_who(who);
    if (code == TOOL_DONE)
        code = tool_state(tool);
    if (code == TOOL_DONE)
        code = tool_account(tool, tool->argv[0], NULL, false, &account);
    if (code == TOOL_DONE)
        code = lists     ? list(tool, &account.account)
               : revokes ? revoke(tool, who, &account.account,
                                  tool->argc == 2 ? tool->argv[1] : NULL)
                         : give(tool, who, &account.account, &grant);
    tool_account_free(&account);
    return code;
}

const struct tool_verb tool_verb_grant = {
    "grant", "NAME UNIT +NUMBER [--until T] | NAME --list | NAME --revoke [UNIT]",
    "raise a sender's limits for a time",
    "Raises every limit of messages, recipients or connections that the sender itself "
    "has\n"
    "(not those of its identities and its domain) by a number until some time; without\n"
    "--until for 24 hours. Grants add up. Of recipients it also raises\n"
    "maximum_recipients_per_day and maximum_distinct_recipients_per_day. What has no\n"
    "limit stays without.\n\n"
    "  --until T         until T: a duration such as 2h from now on, a minute to come\n"
    "                    such as 18:00, a day or a time such as 2026-11-22T18:00:00Z; "
    "all\n"
    "                    in UTC\n"
    "  --list            show the grants that hold\n"
    "  --revoke [UNIT]   end them all, or those of one unit\n\n"
    "    outgatectl grant bob@example.com messages +500 --until 18:00\n"
    "    outgatectl grant bob@example.com --revoke messages\n",
    run
};
