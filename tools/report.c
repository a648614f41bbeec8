/* SPDX-License-Identifier: BSD-2-Clause */
/* report: what was sent and stopped, added up from the events */
#include "tools/report.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/rule.h"
#include "core/base/time.h"
#include "tools/classes.h"
#include "tools/history.h"

enum { BY, USER, IDENTITY, DOMAIN, CLASS, SINCE, UNTIL, LOG, CSV, HTML, END };

enum { DEFAULT_PERIOD = 7 * 86400, HOUR = 3600, DAY = 86400 };

static const char *const by_words[] = { "domain", "user",   "identity", "class",
                                        "client", "sender", "day",      NULL };

struct collect {
    struct report report;
    const char *user, *identity, *domain, *class; /* NULL: all */
    void *groups, *classes;                       /* trees of struct report_row */
    void *domains; /* of ip senders: tree of struct place */
};

struct place {
    char *name, *domain;
};

const char *
report_count_text(enum report_count count)
{
    static const char *const words[REPORT_COUNTS] = { "accepted",  "recipients",
                                                      "bytes",     "deferred",
                                                      "rejected",  "discarded",
                                                      "incidents", "locks" };

    return words[count];
}

static int
by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b); /* the first member of both */
}

/* --- domains of ip senders: a name has none in it */

static enum og_rc
note_ip(const struct og_user *user, void *arg, struct og_err *err)
{
    struct collect *all = arg;
    const char *domain = og_record_get(&user->record, "domain");
    struct place *place;

    if (user->name.kind == OG_KIND_USER)
        return OG_E_LIMIT; /* they come last */
    if (user->name.kind != OG_KIND_IP || domain == NULL)
        return OG_OK;
    place = calloc(1, sizeof *place);
    if (place == NULL)
        return og_fail(err, OG_E_NOMEM, "no memory");
    *place = (struct place){ strdup(user->name.text), strdup(domain) };
    if (place->name != NULL && place->domain != NULL
        && tsearch(place, &all->domains, by_name) != NULL)
        return OG_OK;
    free(place->name);
    free(place->domain);
    free(place);
    return og_fail(err, OG_E_NOMEM, "no memory");
}

static const char *
domain_of(struct collect *all, const char *user)
{
    const char *at = strrchr(user, '@');
    struct place key = { .name = strdup(user) };
    struct place **found = key.name != NULL ? tfind(&key, &all->domains, by_name) : NULL;

    free(key.name);
    return at != NULL ? at + 1 : found != NULL ? (*found)->domain : user;
}

/* --- counting */

static struct report_row *
row_of(void **tree, const char *key)
{
    struct report_row *row = calloc(1, sizeof *row);
    struct report_row **there;

    if (row != NULL)
        row->key = strdup(key);
    there = row != NULL && row->key != NULL ? tsearch(row, tree, by_name) : NULL;
    if (there != NULL && *there == row)
        return row;
    if (row != NULL)
        free(row->key);
    free(row);
    return there != NULL ? *there : NULL;
}

/* a message that was accepted tells of it once, whatever else its session told */
static bool
is_message(const struct og_record *event)
{
    return strcmp(og_record_text(event, "verdict"), "accept") == 0
           && strcmp(og_record_text(event, "class"), "accepted") == 0;
}

/* reported from outside, or what a check has refused */
static bool
is_incident(const char *class)
{
    return og_incident_class(class) || strcmp(class, "incident") == 0;
}

static void
count(const struct og_record *event, struct report_row *row)
{
    const char *verdict = og_record_text(event, "verdict"),
               *class = og_record_text(event, "class");
    uint64_t *counts = row->counts;

    if (is_message(event)) {
        counts[REPORT_ACCEPTED]++;
        counts[REPORT_RECIPIENTS] +=
            strtoull(og_record_text(event, "recipients"), NULL, 10);
        counts[REPORT_BYTES] += strtoull(og_record_text(event, "bytes"), NULL, 10);
    }
    counts[REPORT_DEFERRED] += strcmp(verdict, "defer") == 0;
    counts[REPORT_REJECTED] += strcmp(verdict, "reject") == 0;
    counts[REPORT_DISCARDED] += strcmp(verdict, "discard") == 0;
    counts[REPORT_INCIDENTS] += is_incident(class);
    counts[REPORT_LOCKS] += strcmp(class, "lock") == 0;
}

static bool
empty(const struct report_row *row)
{
    for (int i = 0; i < REPORT_COUNTS; i++)
        if (row->counts[i] > 0)
            return false;
    return true;
}

static const char *
key_of(struct collect *all, const struct og_record *event, char day[OG_TIME_TEXT])
{
    if (strcmp(all->report.by, "domain") == 0)
        return domain_of(all, og_record_text(event, "user"));
    if (strcmp(all->report.by, "day") != 0)
        return og_record_text(event, all->report.by);
    (void)snprintf(day, OG_TIME_TEXT, "%.10s", og_record_text(event, "time"));
    return day;
}

static bool
is(const char *wanted, const char *value)
{
    return wanted == NULL || strcmp(wanted, value) == 0;
}

static enum og_rc
visit(const char *line, const struct og_record *event, void *arg, struct og_err *err)
{
    struct collect *all = arg;
    struct report *report = &all->report;
    struct report_row one = { .key = NULL }, *rows[4];
    char day[OG_TIME_TEXT];
    size_t slot;
    int64_t at;

    (void)line;
    if (og_time_parse(og_record_text(event, "time"), &at, NULL) != OG_OK
        || at < report->since || at > report->until
        || !is(all->user, og_record_text(event, "user"))
        || !is(all->identity, og_record_text(event, "identity"))
        || !is(all->class, og_record_text(event, "class"))
        || !is(all->domain,
               all->domain != NULL ? domain_of(all, og_record_text(event, "user")) : ""))
        return OG_OK;
    count(event, &one);
    if (empty(&one))
        return OG_OK; /* a login, say */
    slot = (size_t)((at - report->first) / report->slot);
    rows[0] = row_of(&all->groups, key_of(all, event, day));
    rows[1] = row_of(&all->classes, og_record_text(event, "class"));
    rows[2] = &report->total;
    rows[3] = &report->slots[slot < report->slot_count ? slot : report->slot_count - 1];
    if (rows[0] == NULL || rows[1] == NULL)
        return og_fail(err, OG_E_NOMEM, "no memory for the report");
    for (size_t i = 0; i < N_ELEMENTS(rows); i++)
        for (int c = 0; c < REPORT_COUNTS; c++)
            rows[i]->counts[c] += one.counts[c];
    return OG_OK;
}

/* --- tables of the trees */

static uint64_t
weight(const struct report_row *row)
{
    return row->counts[REPORT_ACCEPTED] + row->counts[REPORT_DEFERRED]
           + row->counts[REPORT_REJECTED] + row->counts[REPORT_DISCARDED]
           + row->counts[REPORT_INCIDENTS] + row->counts[REPORT_LOCKS];
}

static int
heavy_first(const void *a, const void *b)
{
    uint64_t x = weight(a), y = weight(b);

    return x < y ? 1 : x > y ? -1 : by_name(a, b);
}

static struct report_table *filling; /* twalk() has no argument */

static void
gather(const void *node, VISIT when, int depth)
{
    (void)depth;
    if (when == postorder || when == leaf)
        filling->rows[filling->count++] = **(struct report_row *const *)node;
}

static size_t measured;

static void
measure(const void *node, VISIT when, int depth)
{
    (void)node, (void)depth;
    measured += when == postorder || when == leaf;
}

static int
flatten(struct tool *tool, void *tree, struct report_table *table, bool in_order)
{
    measured = 0;
    twalk(tree, measure);
    table->rows = calloc(measured + 1, sizeof *table->rows);
    if (table->rows == NULL)
        return tool_fail(tool, TOOL_TROUBLE, "no memory for the report");
    filling = table;
    twalk(tree, gather);
    qsort(table->rows, table->count, sizeof *table->rows,
          in_order ? by_name : heavy_first);
    return TOOL_DONE;
}

/* --- the command line */

static void
choose_slots(struct report *report)
{
    int64_t length = report->until - report->since;

    report->slot = length <= 2 * DAY ? HOUR : DAY;
    if (length / report->slot + 2 > REPORT_SLOTS)
        report->slot = (length / (REPORT_SLOTS - 2) / DAY + 1) * DAY;
    report->first = report->since - report->since % report->slot;
    report->slot_count = (size_t)((report->until - report->first) / report->slot) + 1;
}

static int
read_options(struct collect *all, const struct tool_option *options)
{
    struct tool *tool = all->report.tool;
    struct report *report = &all->report;
    int code;

    report->by = options[BY].value != NULL ? options[BY].value : "user";
    if (tool_word(tool, "--by", report->by, by_words) != TOOL_DONE)
        return TOOL_USAGE;
    if (options[CSV].value != NULL && options[HTML].value != NULL)
        return tool_usage(tool, "--csv or --html, not both");
    report->until = og_time_now();
    report->since = report->until - DEFAULT_PERIOD;
    code = tool_since(tool, &options[SINCE], &report->since);
    if (code == TOOL_DONE)
        code = tool_since(tool, &options[UNTIL], &report->until);
    if (code == TOOL_DONE && options[CLASS].value != NULL)
        code = tool_word(tool, "--class", options[CLASS].value, tool_class_names());
    if (code == TOOL_DONE && report->until < report->since)
        code = tool_usage(tool, "--until is before --since");
    all->user = options[USER].value;
    all->identity = options[IDENTITY].value;
    all->domain = options[DOMAIN].value;
    all->class = options[CLASS].value;
    choose_slots(report);
    return code;
}

/* names in the form in which events have them */
static int
find_names(struct collect *all, struct og_name *user, struct og_name *domain)
{
    struct tool *tool = all->report.tool;
    struct og_name names[OG_NAME_CANDIDATES];
    struct og_user stored = OG_USER_INIT;
    struct og_err err = { "" };
    size_t candidates = 0;
    enum og_rc rc;
    int code = TOOL_DONE;

    if (all->user != NULL) {
        code = tool_names(tool, all->user, names, &candidates);
        if (code != TOOL_DONE)
            return code;
        rc = tool_get(tool, names, candidates, &stored, &err);
        *user = rc == OG_OK ? stored.name : names[0]; /* one that is gone has events */
        og_user_free(&stored);
        all->user = user->text;
    }
    if (all->domain != NULL) {
        code = tool_name(tool, OG_KIND_DOMAIN, all->domain, domain);
        all->domain = domain->text;
    }
    return code;
}

static int
print(struct report *report, const struct tool_option *options)
{
    if (report->tool->json)
        return report_json(report);
    if (options[CSV].value != NULL)
        return report_csv(report);
    return options[HTML].value != NULL ? report_html(report) : report_text(report);
}

static int
run(struct tool *tool)
{
    struct tool_option options[END + 1] = {
        [BY] = { "--by", true, NULL },
        [USER] = { "--user", true, NULL },
        [IDENTITY] = { "--identity", true, NULL },
        [DOMAIN] = { "--domain", true, NULL },
        [CLASS] = { "--class", true, NULL },
        [SINCE] = { "--since", true, NULL },
        [UNTIL] = { "--until", true, NULL },
        [LOG] = { "--log", true, NULL },
        [CSV] = { "--csv", false, NULL },
        [HTML] = { "--html", false, NULL },
        [END] = { NULL, false, NULL },
    };
    static struct collect all; /* some kB; ends with the process, as its trees do */
    static struct og_name user, domain; /* all points there */
    struct og_err err = { "" };
    enum og_rc rc = OG_OK;
    int code = tool_options(tool, options, 0, 0);

    all.report.tool = tool;
    if (code == TOOL_DONE)
        code = read_options(&all, options);
    if (code == TOOL_DONE)
        code = tool_state(tool);
    if (code == TOOL_DONE)
        code = find_names(&all, &user, &domain);
    if (code == TOOL_DONE) /* a state that cannot be read leaves addresses for domains */
        rc = og_users_walk(&tool->state, note_ip, &all, &err);
    if (code == TOOL_DONE && rc != OG_OK && rc != OG_E_LIMIT)
        fprintf(stderr, "outgatectl: domains of ip senders are not known: %s\n",
                err.text);
    if (code == TOOL_DONE)
        code =
            tool_history(tool, options[LOG].value, all.report.since, true, visit, &all);
    if (code == TOOL_DONE)
        code = flatten(tool, all.groups, &all.report.groups,
                       strcmp(all.report.by, "day") == 0);
    if (code == TOOL_DONE)
        code = flatten(tool, all.classes, &all.report.classes, false);
    return code == TOOL_DONE ? print(&all.report, options) : code;
}

const struct tool_verb tool_verb_report = {
    "report",
    "[--by WHAT] [--user NAME] [--identity ID] [--domain DOMAIN] [--class CLASS]\n"
    "       [--since TIME] [--until TIME] [--csv | --html] [--log FILE]",
    "add up what was sent and what was stopped",
    "One line for each user, or what --by names: domain, identity, class, client,\n"
    "sender (of the envelope) or day. Messages accepted with their recipients and\n"
    "bytes, refusals with 4xx (deferred) and 5xx (rejected), messages discarded,\n"
    "incidents (refused or reported: what lock rules look at), locks begun. A message\n"
    "that is tried again is refused again, so refusals are attempts. From the last 7\n"
    "days unless --since says otherwise; times as in `events`.\n\n"
    "  --csv        with a header line, for spreadsheets\n"
    "  --html       one page with plots that needs nothing else, to be mailed around\n"
    "  --log FILE   from this file only\n\n"
    "    outgatectl report --by domain --since 30d\n"
    "    outgatectl report --user bob@example.com --by identity\n"
    "    outgatectl report --since 30d --html >report.html\n",
    run
};
