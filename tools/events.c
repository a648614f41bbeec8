/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/tool.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/time.h"
#include "core/check/verdict.h"
#include "core/lib/json.h"
#include "core/state/events.h"
#include "tools/classes.h"
#include "tools/follow.h"

enum { MAX_LAST = 100000 };

enum { USER, DOMAIN, CLASS, VERDICT, SINCE, UNTIL, LAST, FOLLOW, END };

/* what is looked for, and the last lines found where only those are wanted */
struct events {
    struct tool *tool;
    struct og_name users[OG_NAME_CANDIDATES];
    size_t user_count; /* 0: all */
    struct og_name domain;
    void *domain_ips; /* tree of the names of ip senders that belong to domain */
    const char *class, *verdict;
    int64_t since, until;
    bool timed;
    char **ring; /* NULL: every line is printed at once */
    size_t ring_size, ring_count;
};

static int
compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

static bool
user_matches(const struct events *events, const char *user)
{
    for (size_t i = 0; i < events->user_count; i++)
        if (strcmp(events->users[i].text, user) == 0)
            return true;
    return events->user_count == 0;
}

static bool
domain_matches(const struct events *events, const char *user)
{
    const char *at = strrchr(user, '@');

    return events->domain.text[0] == '\0'
           || strcmp(at != NULL ? at + 1 : user, events->domain.text) == 0
           || tfind(user, &events->domain_ips, compare) != NULL;
}

static bool
time_matches(const struct events *events, const char *text)
{
    int64_t t;

    return !events->timed
           || (og_time_parse(text, &t, NULL) == OG_OK && t >= events->since
               && t <= events->until);
}

static bool
matches(const struct events *events, const struct og_record *event)
{
    const char *user = og_record_text(event, "user");

    return user_matches(events, user) && domain_matches(events, user)
           && (events->class == NULL
               || strcmp(events->class, og_record_text(event, "class")) == 0)
           && (events->verdict == NULL
               || strcmp(events->verdict, og_record_text(event, "verdict")) == 0)
           && time_matches(events, og_record_text(event, "time"));
}

static void
print_event(const struct events *events, const char *line, const struct og_record *event)
{
    static const char *const columns[] = { "time",     "verdict", "class",     "user",
                                           "identity", "client",  "message_id" };
    const char *reason = og_record_text(event, "reason");

    if (events->tool->json) {
        puts(line);
        return;
    }
    for (size_t i = 0; i < N_ELEMENTS(columns); i++) {
        const char *value = og_record_text(event, columns[i]);

        (void)tool_put(stdout, value[0] != '\0' ? value : "-");
        putchar(' ');
    }
    if (og_record_text(event, "template")[0] != '\0') { /* a notice */
        (void)tool_put(stdout, og_record_text(event, "template"));
        fputs(" to ", stdout);
        (void)tool_put(stdout, og_record_text(event, "recipient"));
        fputs(reason[0] != '\0' ? ": " : "", stdout);
    }
    (void)tool_put(stdout, reason);
    if (og_record_text(event, "by")[0] != '\0') { /* of outgatectl */
        fputs(reason[0] != '\0' ? "; by " : "by ", stdout);
        (void)tool_put(stdout, og_record_text(event, "by"));
    }
    if (og_record_text(event, "sudo_user")[0] != '\0') {
        fputs(" for ", stdout);
        (void)tool_put(stdout, og_record_text(event, "sudo_user"));
    }
    fputs(" (", stdout);
    (void)tool_put(stdout, og_record_text(event, "id"));
    puts(")");
}

static enum og_rc
visit(const char *line, const struct og_record *event, void *arg, struct og_err *err)
{
    struct events *events = arg;
    char **place;

    if (!matches(events, event) || (events->ring != NULL && events->ring_size == 0))
        return OG_OK;
    if (events->ring == NULL) {
        print_event(events, line, event);
        return ferror(stdout) == 0 ? OG_OK : og_fail(err, OG_E_IO, "cannot print");
    }
    place = &events->ring[events->ring_count++ % events->ring_size];
    free(*place);
    *place = strdup(line);
    return *place != NULL
               ? OG_OK
               : og_fail(err, OG_E_NOMEM, "no memory for %zu events", events->ring_size);
}

/* print the lines that were kept; from now on lines are printed at once */
static void
flush_ring(void *arg)
{
    struct events *events = arg;
    size_t size = events->ring_size;

    for (size_t i = 0; events->ring != NULL && i < size; i++) {
        const char *line = events->ring[(events->ring_count + i) % size];
        struct og_record event = OG_RECORD_INIT;

        if (line != NULL && og_json_parse(line, strlen(line), &event, NULL) == OG_OK)
            print_event(events, line, &event);
        og_record_free(&event);
    }
    for (size_t i = 0; events->ring != NULL && i < size; i++)
        free(events->ring[i]);
    free(events->ring);
    events->ring = NULL;
    (void)fflush(stdout); /* main() looks at ferror */
}

/* ip senders stand between domains and users: the walk ends with them */
static enum og_rc
note_ip(const struct og_user *user, void *arg, struct og_err *err)
{
    struct events *events = arg;
    const char *domain = og_record_get(&user->record, "domain");
    char *name;

    if (user->name.kind == OG_KIND_USER)
        return OG_E_LIMIT;
    if (user->name.kind != OG_KIND_IP || domain == NULL
        || strcmp(domain, events->domain.text) != 0)
        return OG_OK;
    name = strdup(user->name.text);
    if (name != NULL && tsearch(name, &events->domain_ips, compare) != NULL)
        return OG_OK;
    free(name);
    return og_fail(err, OG_E_NOMEM, "no memory for the domain's addresses");
}

static int
read_domain(struct events *events, const char *text)
{
    struct og_err err = { "" };
    int code = tool_name(events->tool, OG_KIND_DOMAIN, text, &events->domain);
    enum og_rc rc;

    if (code != TOOL_DONE)
        return code;
    rc = og_users_walk(&events->tool->state, note_ip, events, &err);
    return rc == OG_E_LIMIT ? TOOL_DONE : tool_rc(events->tool, rc, &err);
}

static int
read_verdict(struct tool *tool, const char *text)
{
    for (int i = 0; strcmp(og_action_text((enum og_action)i), "unknown") != 0; i++)
        if (text == NULL || strcmp(og_action_text((enum og_action)i), text) == 0)
            return TOOL_DONE;
    return tool_usage(tool,
                      "--verdict: '%s' is none; expected accept, defer, reject or "
                      "discard",
                      text);
}

static int
read_last(struct events *events, const char *text)
{
    long last = 0;
    int code = TOOL_DONE;

    if (text == NULL)
        return code;
    code = tool_number(events->tool, "--last", text, 0, MAX_LAST, &last);
    if (code != TOOL_DONE)
        return code;
    events->ring_size = (size_t)last;
    events->ring = calloc(events->ring_size + 1, sizeof *events->ring);
    return events->ring != NULL ? TOOL_DONE
                                : tool_fail(events->tool, TOOL_TROUBLE, "no memory");
}

static int
read_filters(struct events *events, const struct tool_option *options)
{
    struct tool *tool = events->tool;
    int code = tool_since(tool, &options[SINCE], &events->since);

    if (code == TOOL_DONE)
        code = tool_since(tool, &options[UNTIL], &events->until);
    if (code == TOOL_DONE)
        code = read_verdict(tool, options[VERDICT].value);
    if (code == TOOL_DONE && options[CLASS].value != NULL)
        code = tool_word(tool, "--class", options[CLASS].value, tool_class_names());
    if (code == TOOL_DONE)
        code = read_last(events, options[LAST].value);
    if (code == TOOL_DONE)
        code = tool_state(tool);
    if (code == TOOL_DONE && options[USER].value != NULL)
        code = tool_names(tool, options[USER].value, events->users, &events->user_count);
    if (code == TOOL_DONE && options[DOMAIN].value != NULL)
        code = read_domain(events, options[DOMAIN].value);
    events->timed = options[SINCE].value != NULL || options[UNTIL].value != NULL;
    events->class = options[CLASS].value;
    events->verdict = options[VERDICT].value;
    return code;
}

static int
read_once(struct events *events)
{
    struct tool *tool = events->tool;
    struct og_err err = { "" };
    long long from = 0;
    size_t damaged = 0;
    enum og_rc rc = og_events_read(tool->state.server.events_log, &from, &damaged, visit,
                                   events, &err);

    if (rc == OG_E_NOTFOUND)
        return tool_fail(tool, TOOL_NO, "no events yet: %s", err.text);
    flush_ring(events);
    if (damaged > 0)
        fprintf(stderr, "outgatectl: %zu damaged line%s passed over\n", damaged,
                damaged > 1 ? "s" : "");
    return tool_rc(tool, rc, &err);
}

static int
events(struct tool *tool)
{
    struct tool_option options[END + 1] = {
        [USER] = { "--user", true, NULL },   [DOMAIN] = { "--domain", true, NULL },
        [CLASS] = { "--class", true, NULL }, [VERDICT] = { "--verdict", true, NULL },
        [SINCE] = { "--since", true, NULL }, [UNTIL] = { "--until", true, NULL },
        [LAST] = { "--last", true, NULL },   [FOLLOW] = { "--follow", false, NULL },
        [END] = { NULL, false, NULL },
    };
    struct events events = { .tool = tool, .since = OG_TIME_MIN, .until = OG_TIME_MAX };
    int code = tool_options(tool, options, 0, 0);

    if (code == TOOL_DONE)
        code = read_filters(&events, options);
    if (code == TOOL_DONE && options[FOLLOW].value != NULL)
        code = tool_follow(tool, visit, flush_ring, &events);
    else if (code == TOOL_DONE)
        code = read_once(&events);
    for (size_t i = 0; events.ring != NULL && i < events.ring_size; i++)
        free(events.ring[i]);
    free(events.ring);
    tdestroy(events.domain_ips, free);
    return code;
}

const struct tool_verb tool_verb_events = {
    "events",
    "[--user U] [--domain D] [--class C] [--verdict V]\n"
    "       [--since T] [--until T] [--last N] [--follow]",
    "show what has been decided",
    "Prints the events of events_log that all the filters let through, oldest first,\n"
    "one a line: time, verdict, class, user, identity, client, Exim's message id,\n"
    "reason and, in parentheses, the id that ends the reply; `-` stands for nothing.\n"
    "With --json the lines as they stand in the file, one JSON object each.\n\n"
    "  --user U     of this sender\n"
    "  --domain D   of senders of this domain, its ip senders included\n"
    "  --class C    auth, accepted, trouble ...; a wrong one is told all there are\n"
    "  --verdict V  accept, defer, reject or discard\n"
    "  --since T    from T on: a duration such as 2h, a minute such as 18:12, a day or\n"
    "               a time such as 2026-11-21T18:12:21Z; all in UTC\n"
    "  --until T    up to T\n"
    "  --last N     the last N of them only\n"
    "  --follow     go on as the file grows, also when it is rotated\n\n"
    "    outgatectl events --domain example.com --verdict reject --since 1d\n"
    "    outgatectl events --last 0 --follow --json\n",
    events
};
