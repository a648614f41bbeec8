/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "core/base/rule.h"
#include "core/base/time.h"
#include "core/lib/key.h"
#include "core/state/events.h"
#include "core/state/incidents.h"
#include "tools/complaint.h"
#include "tools/whose.h"

struct report {
    const char *class, *message, *detail, *client, *subject;
    char who[OG_LOCK_WHO];
    struct og_incident_result result;
};

static const char *
done_of(const struct og_incident_result *result)
{
    return result->counted ? "counted" : result->seen ? "known" : "ignored";
}

static int
tell(struct tool *tool, const struct og_account *account, const struct report *report)
{
    char id[OG_LOCK_ID] = "";
    struct og_record event = OG_RECORD_INIT;
    struct og_err err = { "" };
    enum og_rc rc = og_key_random_id(id, OG_LOCK_ID - 1, &err);
    const struct og_pair rows[] = {
        { "id", id },
        { "user", account->sender->user.name.text },
        { "identity", account->identity },
        { "check", "report" },
        { "class", "incident" },
        { "incident", report->class },
        { "reported", report->message },
        { "result", done_of(&report->result) },
        { "lock", report->result.lock.id },
        { "who", report->who },
        { "reason", report->detail },
    };

    if (rc == OG_OK)
        rc = og_record_set_pairs(&event, rows, N_ELEMENTS(rows), &err);
    if (rc == OG_OK)
        rc = og_events_write(&tool->state, &event, &err);
    og_record_free(&event);
    return tool_rc(tool, rc, &err);
}

static int
print(struct tool *tool, const struct og_account *account, const struct report *report)
{
    const struct og_incident_result *result = &report->result;
    const char *done = done_of(result);

    if (tool->json)
        return tool_json(
            tool,
            json_pack("{s:s, s:o, s:o, s:b, s:o}", "done", done, "name",
                      tool_string(account->sender->user.name.text), "identity",
                      account->identity[0] != '\0' ? tool_string(account->identity)
                                                   : json_null(),
                      "locked", result->lock.locked, "lock",
                      result->lock.locked ? tool_lock_json(&result->lock) : json_null()));
    puts(result->counted ? "counted"
         : result->seen  ? "not counted: this message has been"
                         : "not counted: locked already, or no lock rule is for it");
    return result->lock.locked ? tool_locked(tool, "locked", account, &result->lock)
                               : TOOL_DONE;
}

/* `<id>` and `id` are the same message; the caller frees what it gets */
static char *
bare_id(const char *text)
{
    size_t len = strlen(text);
    bool angled = len > 2 && text[0] == '<' && text[len - 1] == '>';

    return angled ? strndup(text + 1, len - 2) : strdup(text);
}

static int
count(struct tool *tool, const char *name, const char *identity, struct report *report)
{
    struct tool_account whose = TOOL_ACCOUNT_INIT;
    struct og_incident incident = { .class = report->class,
                                    .message = report->message,
                                    .detail = report->detail,
                                    .client = report->client,
                                    .subject = report->subject };
    struct og_err err = { "" };
    int code = tool_account(tool, name, identity, false, &whose);

    if (code == TOOL_DONE)
        code = tool_rc(tool,
                       og_incident_count(&tool->state, &whose.account, &incident,
                                         og_time_now(), &report->result, &err),
                       &err);
    if (code == TOOL_DONE)
        code = tell(tool, &whose.account, report);
    if (code == TOOL_DONE)
        code = print(tool, &whose.account, report);
    tool_account_free(&whose);
    return code;
}

/* a report of others, whose token tells whom it is about */
static int
complaint(struct tool *tool, const struct tool_option *options)
{
    struct tool_complaint found = { .class = NULL };
    struct report report = { .detail = found.detail };
    bool from_mail = options[7].value != NULL;
    int code = TOOL_DONE;

    for (int i = 0; i < 6; i++)
        if (options[i].value != NULL || tool->argc > 0)
            return tool_usage(tool, "with --arf the report itself tells all");
    tool_who(report.who);
    code = tool_complaint(tool, options[6].value, &found);
    if (code == TOOL_DONE && found.class == NULL)
        return TOOL_DONE; /* it speaks against nobody, and that has been said */
    report.class = found.class;
    report.message = found.token.message;
    if (code == TOOL_DONE)
        code =
            count(tool, found.token.user,
                  found.token.identity[0] != '\0' ? found.token.identity : NULL, &report);
    return from_mail && code != TOOL_TROUBLE ? TOOL_DONE : code;
}

static int
report_abuse(struct tool *tool)
{
    struct tool_option options[] = {
        { "--identity", true, NULL },   { "--class", true, NULL },
        { "--message-id", true, NULL }, { "--detail", true, NULL },
        { "--client", true, NULL },     { "--subject", true, NULL },
        { "--arf", true, NULL },        { "--from-mail", false, NULL },
        { NULL, false, NULL },
    };
    struct report report = { .detail = "" };
    char *message;
    int code = tool_options(tool, options, 0, 1);

    if (code == TOOL_DONE && options[6].value != NULL)
        return complaint(tool, options);
    if (code == TOOL_DONE && tool->argc == 0)
        code = tool_usage(tool, "NAME or --arf is missing");
    if (code != TOOL_DONE)
        return code;
    report.class = options[1].value;
    if (report.class == NULL)
        return tool_usage(tool, "--class is missing");
    code = tool_word(tool, "--class", report.class, og_incident_classes);
    if (code != TOOL_DONE)
        return code;
    if (options[3].value != NULL)
        report.detail = options[3].value;
    report.client = options[4].value;
    report.subject = options[5].value;
    message = bare_id(options[2].value != NULL ? options[2].value : "");
    if (message == NULL)
        return tool_fail(tool, TOOL_TROUBLE, "no memory");
    report.message = message;
    tool_who(report.who);
    code = tool_state(tool);
    if (code == TOOL_DONE)
        code = count(tool, tool->argv[0], options[0].value, &report);
    free(message);
    return code;
}

const struct tool_verb tool_verb_report_abuse = {
    "report-abuse",
    "NAME [--identity ID] --class CLASS [--message-id ID] [--detail TEXT] "
    "[--client ADDRESS] [--subject TEXT] | --arf FILE [--from-mail]",
    "count an incident that others have reported",
    "Counts an incident against a sender and locks by its lock_rules, as if a check of\n"
    "ours had found it: for complaints, feedback loops, other scanners. CLASS is one of\n"
    "those in lock_rules. The same message counts once within 24 hours; without\n"
    "--message-id each report is another one. Says whether it counted and locked. The\n"
    "notice of a lock tells of the addresses and subjects that were given.\n\n"
    "  --arf FILE   a report of a feedback loop (RFC 5965), `-`: standard input. The "
    "token\n"
    "               in the message it is about tells user and identity, the "
    "Feedback-Type\n"
    "               the class: spam, phish (fraud), virus. A forged token, or one of "
    "more\n"
    "               than 90 days, is refused, with an event.\n"
    "  --from-mail  status 0 also then, and for what is no report: for a pipe of "
    "Exim's,\n"
    "               which would return the mail; 3 still means: try again\n\n"
    "    outgatectl report-abuse bob@example.com --class spam \\\n"
    "        --message-id '<1@example.com>' --detail 'complaint of example.net'\n",
    report_abuse
};
