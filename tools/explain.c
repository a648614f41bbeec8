/* SPDX-License-Identifier: BSD-2-Clause */
/* explain: the whole story behind the id at the end of a reply */
#include <stdlib.h>
#include <string.h>

#include "core/base/time.h"
#include "tools/explain.h"
#include "tools/history.h"

enum { LOG, END };

static int64_t
time_of(const struct og_record *event, const char *name)
{
    int64_t at = 0;

    return og_time_parse(og_record_text(event, name), &at, NULL) == OG_OK ? at : 0;
}

/* --- what the log knows */

static enum og_rc
find_event(const char *line, const struct og_record *event, void *arg, struct og_err *err)
{
    struct explain *ex = arg;

    (void)line;
    if (strcmp(og_record_text(event, "id"), ex->id) != 0)
        return OG_OK;
    ex->found = true;
    return og_record_copy(&ex->event, event, err);
}

static enum og_rc
find_lock(const char *line, const struct og_record *event, void *arg, struct og_err *err)
{
    struct explain *ex = arg;

    (void)line;
    if (strcmp(og_record_text(event, "class"), "lock") != 0
        || strcmp(og_record_text(event, "lock"), og_record_text(&ex->event, "lock")) != 0)
        return OG_OK;
    return og_record_copy(&ex->lock, event, err);
}

static bool
counts(const struct explain *ex, const struct og_record *event)
{
    const char *incident = og_record_text(event, "incident");
    int64_t at = time_of(event, "time");
    bool same =
        strcmp(og_record_text(event, "user"), og_record_text(&ex->event, "user")) == 0;

    if (ex->account.identity.text[0] != '\0')
        same =
            same
            && strcmp(og_record_text(event, "identity"), ex->account.identity.text) == 0;
    if (!same || at < ex->begin || at > ex->last)
        return false;
    if (ex->counted[0] == '\0')
        return strcmp(og_record_text(event, "check"), "scan") == 0
               && strcmp(og_record_text(event, "verdict"), "accept") == 0;
    if (incident[0] == '\0') /* failed logins are incidents by themselves */
        return strcmp(og_record_text(event, "class"), ex->counted) == 0;
    return strcmp(incident, ex->counted) == 0
           && strcmp(og_record_text(event, "result"), "known") != 0; /* counts once */
}

/* as events_log has it */
static json_t *
field(const struct og_record *event, const char *name)
{
    const char *text = og_record_text(event, name);
    bool number = strcmp(name, "recipients") == 0 || strcmp(name, "invalid") == 0;

    return number ? json_integer(strtoll(text, NULL, 10)) : tool_string(text);
}

static enum og_rc
collect(const char *line, const struct og_record *event, void *arg, struct og_err *err)
{
    static const char *const fields[] = { "time",       "id",       "class",
                                          "identity",   "incident", "message_id",
                                          "client",     "sender",   "recipient",
                                          "recipients", "invalid",  "reason" };
    struct explain *ex = arg;
    json_t *one;

    (void)line;
    if (!counts(ex, event) || strcmp(og_record_text(event, "id"), ex->id) == 0)
        return OG_OK;
    ex->behind_count++;
    one = json_object();
    for (size_t i = 0; i < N_ELEMENTS(fields); i++)
        if (og_record_text(event, fields[i])[0] != '\0')
            (void)json_object_set_new(one, fields[i], field(event, fields[i]));
    if (json_array_size(ex->behind) == EXPLAIN_SHOWN)
        (void)json_array_remove(ex->behind, 0);
    return json_array_append_new(ex->behind, one) == 0
               ? OG_OK
               : og_fail(err, OG_E_NOMEM, "no memory");
}

/* which earlier events made it what it is: those of the lock rule, or the accepted mail
 * of the window; begin stays 0 where nothing but the message itself did */
static void
choose_behind(struct explain *ex)
{
    const struct og_record *lock =
        strcmp(og_record_text(&ex->event, "class"), "lock") == 0 ? &ex->event : &ex->lock;
    struct og_rule rules[OG_RULES_MAX];
    size_t count = 0;

    ex->last = ex->at;
    if (strcmp(ex->class->name, "limit") == 0) {
        for (int i = 0; i < OG_WINDOWS; i++)
            if (strcmp(og_window_span_text((enum og_window_span)i),
                       og_record_text(&ex->event, "window"))
                == 0)
                ex->begin = ex->at - og_window_span_seconds((enum og_window_span)i)
                            - og_window_span_width((enum og_window_span)i);
        if (strcmp(og_record_text(&ex->event, "unit"), "connections") == 0)
            ex->begin = 0; /* connections have no event of their own */
    } else if (og_rules_parse(og_record_text(lock, "rule"), rules, &count, NULL) == OG_OK
               && count == 1) {
        ex->last = time_of(lock, "time");
        ex->begin = ex->last - rules[0].rate.seconds;
        memcpy(ex->counted, rules[0].class, sizeof ex->counted);
    }
}

static int
read_log(struct explain *ex, const char *log)
{
    int code = tool_history(ex->tool, log, 0, true, find_event, ex);

    if (code == TOOL_DONE && !ex->found)
        return tool_fail(ex->tool, TOOL_NO,
                         "no event %s; older ones may be in files that are gone", ex->id);
    if (code != TOOL_DONE)
        return code;
    ex->class = tool_class(og_record_text(&ex->event, "class"));
    ex->at = time_of(&ex->event, "time");
    if (og_record_text(&ex->event, "user")[0] != '\0')
        ex->known =
            tool_account(
                ex->tool, og_record_text(&ex->event, "user"),
                og_record_text(&ex->event, "identity")[0] != '\0'
                        && strcmp(og_record_text(&ex->event, "level"), "user") != 0
                        && strcmp(og_record_text(&ex->event, "scope"), "user") != 0
                    ? og_record_text(&ex->event, "identity")
                    : NULL,
                true, &ex->account)
            == TOOL_DONE;
    if (strcmp(ex->class->name, "locked") == 0)
        code = tool_history(ex->tool, log, 0, false, find_lock, ex);
    choose_behind(ex);
    if (code == TOOL_DONE && ex->begin > 0)
        code = tool_history(ex->tool, log, ex->begin, false, collect, ex);
    return code;
}

static int
run(struct tool *tool)
{
    struct tool_option options[END + 1] = {
        [LOG] = { "--log", true, NULL }, [END] = { NULL, false, NULL }
    };
    struct explain ex = { .tool = tool,
                          .event = OG_RECORD_INIT,
                          .lock = OG_RECORD_INIT,
                          .account = TOOL_ACCOUNT_INIT,
                          .now = og_time_now(),
                          .behind = json_array() };
    int code = tool_options(tool, options, 1, 1);

    if (code == TOOL_DONE)
        code = tool_state(tool);
    if (code == TOOL_DONE) {
        ex.id = tool->argv[0];
        code = read_log(&ex, options[LOG].value);
    }
    if (code == TOOL_DONE)
        code = explain_tell(&ex);
    json_decref(ex.behind);
    og_record_free(&ex.event);
    og_record_free(&ex.lock);
    tool_account_free(&ex.account);
    return code;
}

const struct tool_verb tool_verb_explain = {
    "explain", "[--log FILE] ID", "tell the whole story behind the id of a reply",
    "ID is what stands in parentheses at the end of a reply, or of a line of\n"
    "`outgatectl events`, or the id of a lock. Tells what happened and to whom, the "
    "rule\n"
    "or setting behind it with its value now and where that comes from, what was "
    "counted\n"
    "then and what counts now, the events that led to it, when it ends, and who can end\n"
    "it sooner and how. Rotated files of events_log are read too, packed ones as "
    "well.\n\n"
    "  --log FILE   look in this file only\n\n"
    "    outgatectl explain k2m4p9x7qa\n",
    run
};
