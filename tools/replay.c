/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * replay: what other limits and lock rules would have done. The mail of the log is
 * counted once more, by the same code, in a state of its own that is thrown away, at the
 * time of each event.
 */
#include "tools/replay.h"

#include <errno.h>
#include <ftw.h>
#include <search.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/rule.h"
#include "core/base/time.h"
#include "core/check/limits.h"
#include "core/state/incidents.h"
#include "core/state/ledger.h"
#include "tools/history.h"

enum { CONF, SINCE, UNTIL, LOG, PROGRESS, END };

enum { DEFAULT_PERIOD = 14 * 86400, WARM_UP = 30 * 86400, PROGRESS_EACH = 10000 };

struct work {
    struct replay replay;
    struct og_state changed; /* the new settings with the real senders */
    struct og_state scratch; /* the new settings with a state of its own */
    char directory[64];
    struct replay_senders senders;
    void *rows; /* tree of struct replay_row */
    bool progress;
};

static volatile sig_atomic_t ended;

static void
on_signal(int number)
{
    (void)number;
    ended = 1;
}

static int
by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b); /* the first member */
}

/* --- what happens to whom */

static enum og_rc
row_of(struct work *work, const struct replay_sender *sender, const char *identity,
       struct replay_row **row, struct og_err *err)
{
    struct replay_row *fresh = calloc(1, sizeof *fresh), **there = NULL;

    if (fresh != NULL && asprintf(&fresh->key, "%s %s", sender->name, identity) > 0)
        there = tsearch(fresh, &work->rows, by_name);
    if (there == NULL)
        return og_fail(err, OG_E_NOMEM, "no memory for the result");
    *row = *there;
    if (*there == fresh) {
        fresh->user = sender->name;
        fresh->identity = fresh->key + strlen(sender->name) + 1;
        return OG_OK;
    }
    free(fresh->key);
    free(fresh);
    return OG_OK;
}

static enum og_rc
note(struct replay_row *row, int64_t at, const char *what, struct og_err *err)
{
    if (row->first != 0)
        return OG_OK;
    row->first = at;
    row->what = strdup(what);
    return row->what != NULL ? OG_OK
                             : og_fail(err, OG_E_NOMEM, "no memory for the result");
}

/* one message that went out: would it still? */
static enum og_rc
replay_message(struct work *work, struct og_account *account,
               const struct og_record *event, int64_t at, struct replay_row *row,
               struct og_err *err)
{
    struct og_verdict verdict = OG_VERDICT_ACCEPT;
    struct og_shortage shortage = { .short_of = false };
    struct og_charge charge = { .amount = { [OG_UNIT_MESSAGES] = 1 } };
    struct og_lock lock = { .locked = false };
    enum og_rc rc = og_lock_look(&work->scratch, account, at, &lock, err);

    charge.amount[OG_UNIT_RECIPIENTS] =
        strtoull(og_record_text(event, "recipients"), NULL, 10);
    if (rc == OG_OK && !lock.locked)
        rc = og_ledger_charge(&work->scratch, account, &charge, at, &shortage, err);
    if (rc != OG_OK || at < work->replay.since)
        return rc;
    row->accepted++;
    if (lock.locked) {
        row->locked++;
        return note(row, at, "sent while locked", err);
    }
    if (!shortage.short_of)
        return OG_OK;
    og_limits_check(&account->sender->settings, &shortage, 0, &verdict);
    row->limited++;
    return note(row, at, verdict.text, err);
}

/* the class of incident that an event tells of, or "" */
static const char *
incident_of(const struct og_record *event)
{
    const char *class = og_record_text(event, "class");
    const char *incident = og_record_text(event, "incident");

    if (incident[0] != '\0') /* a message that comes again is the same one */
        return strcmp(og_record_text(event, "result"), "known") == 0 ? "" : incident;
    return og_incident_class(class) ? class : "";
}

static enum og_rc
replay_incident(struct work *work, struct og_account *account,
                const struct og_record *event, const char *class, int64_t at,
                struct replay_row *row, struct og_err *err)
{
    struct og_incident incident = { .class = class,
                                    .message = og_record_text(event, "message"),
                                    .detail = og_record_text(event, "reason") };
    struct og_lock lock = { .locked = false };
    char what[256];
    enum og_rc rc = og_incident_add(&work->scratch, account, &incident, at, &lock, err);

    if (rc != OG_OK || !lock.locked || at < work->replay.since)
        return rc;
    (void)snprintf(what, sizeof what, "%s locked by rule %s", og_level_text(lock.level),
                   lock.rule);
    row->locks++;
    return note(row, at, what, err);
}

/* what an administrator did in truth is done here too */
static enum og_rc
replay_hand(struct work *work, struct og_account *account, const struct og_record *event,
            int64_t at, struct og_err *err)
{
    enum og_level level = strcmp(og_record_text(event, "scope"), "identity") == 0
                              ? OG_LEVEL_IDENTITY
                              : OG_LEVEL_USER;
    struct og_lock lock;
    enum og_rc rc = OG_OK;

    if (strcmp(og_record_text(event, "class"), "unlock") == 0)
        rc = og_lock_release(&work->scratch, account, level, "",
                             og_record_text(event, "who"), at, &lock, err);
    else
        rc = og_lock_by_hand(&work->scratch, account, level, "",
                             og_record_text(event, "who"), at, &lock, err);
    return rc == OG_E_NOTFOUND || rc == OG_E_EXISTS ? OG_OK : rc;
}

static void
tell_progress(struct work *work)
{
    if (++work->replay.events % PROGRESS_EACH == 0 && work->progress)
        fprintf(stderr, "\r%llu events", (unsigned long long)work->replay.events);
}

/* All senders first: the store keeps one state open at a time, and to change between two
 * of them for each event would take a hundred times as long. */
static enum og_rc
meet(const char *line, const struct og_record *event, void *arg, struct og_err *err)
{
    struct work *work = arg;
    const char *user = og_record_text(event, "user");
    struct og_name names[OG_NAME_CANDIDATES];
    const struct replay_sender *sender;
    size_t candidates = 0;
    int64_t at;

    (void)line;
    if (ended != 0)
        return og_fail(err, OG_E_BUSY, "interrupted");
    if (og_time_parse(og_record_text(event, "time"), &at, NULL) != OG_OK
        || at < work->replay.since - WARM_UP || at > work->replay.until || user[0] == '\0'
        || og_name_guess(user, work->changed.hostname, names, &candidates, NULL) != OG_OK)
        return OG_OK;
    return replay_sender(&work->senders, user, &sender, err);
}

static enum og_rc
visit(const char *line, const struct og_record *event, void *arg, struct og_err *err)
{
    struct work *work = arg;
    const char *user = og_record_text(event, "user"),
               *identity = og_record_text(event, "identity");
    const char *class = og_record_text(event, "class"), *incident = incident_of(event);
    bool message = strcmp(class, "accepted") == 0
                   && strcmp(og_record_text(event, "verdict"), "accept") == 0;
    bool hand = (strcmp(class, "unlock") == 0
                 && strcmp(og_record_text(event, "who"), "timeout") != 0)
                || (strcmp(class, "lock") == 0
                    && strcmp(og_record_text(event, "kind"), "manual") == 0);
    bool stopped = strcmp(class, "limit") == 0 || strcmp(class, "locked") == 0;
    const struct replay_sender *known = NULL;
    struct og_sender sender;
    struct og_account account = { &sender, identity };
    struct og_name names[OG_NAME_CANDIDATES];
    struct replay_row *row = NULL;
    size_t candidates = 0;
    enum og_rc rc;
    int64_t at;

    (void)line;
    tell_progress(work);
    if (ended != 0)
        return og_fail(err, OG_E_BUSY, "interrupted");
    if (user[0] == '\0' || (!message && !stopped && !hand && incident[0] == '\0')
        || og_time_parse(og_record_text(event, "time"), &at, NULL) != OG_OK
        || at < work->replay.since - WARM_UP || at > work->replay.until)
        return OG_OK;
    if (og_name_guess(user, work->changed.hostname, names, &candidates, NULL) != OG_OK)
        return OG_OK; /* of somebody who edited the log, say */
    rc = replay_sender(&work->senders, user, &known, err);
    if (rc == OG_OK)
        rc = row_of(work, known, identity, &row, err);
    if (rc != OG_OK)
        return rc;
    replay_sender_as(known, &sender);
    row->stopped += stopped && at >= work->replay.since;
    if (message)
        rc = replay_message(work, &account, event, at, row, err);
    if (rc != OG_OK)
        return rc;
    if (hand)
        return replay_hand(work, &account, event, at, err);
    return incident[0] != '\0'
               ? replay_incident(work, &account, event, incident, at, row, err)
               : OG_OK;
}

/* --- a state of its own */

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
    return (void)st, (void)type, (void)where, remove(path);
}

static int
make_scratch(struct work *work)
{
    struct tool *tool = work->replay.tool;
    const char *parent = getenv("TMPDIR");
    struct og_err err = { "" };
    char *log = NULL;
    enum og_rc rc;

    (void)snprintf(work->directory, sizeof work->directory, "%.40s/outgate-replayXXXXXX",
                   parent != NULL && strlen(parent) <= 40 ? parent : "/tmp");
    rc = og_state_open(work->replay.conf, &work->changed, &err);
    if (rc == OG_OK)
        rc = og_state_open(work->replay.conf, &work->scratch, &err);
    if (rc == OG_E_NOTFOUND) /* the file, or an account that it names */
        return tool_fail(tool, TOOL_TROUBLE, "%s", err.text);
    if (rc != OG_OK)
        return tool_rc(tool, rc, &err);
    if (mkdtemp(work->directory) == NULL)
        return tool_fail(tool, TOOL_TROUBLE,
                         "%s: %s; let TMPDIR name a directory that %s can write",
                         work->directory, strerror(errno), tool->state.server.user);
    if (asprintf(&log, "%s/events.log", work->directory) < 0)
        return tool_fail(tool, TOOL_TROUBLE, "no memory");
    work->changed.store = tool->state.store;
    work->scratch.conf[0] = '\0'; /* nobody is told of what has not happened */
    work->scratch.store = tool->state.store;
    work->scratch.store.directory = work->directory;
    free(work->scratch.server.events_log);
    work->scratch.server.events_log = log;
    return tool_rc(tool, og_store_create(&work->scratch.store, false, &err), &err);
}

static int
run(struct tool *tool)
{
    struct tool_option options[END + 1] = {
        [CONF] = { "--conf", true, NULL },          [SINCE] = { "--since", true, NULL },
        [UNTIL] = { "--until", true, NULL },        [LOG] = { "--log", true, NULL },
        [PROGRESS] = { "--progress", false, NULL }, [END] = { NULL, false, NULL }
    };
    og_events_visit *const passes[] = { meet, visit };
    const struct sigaction end = { .sa_handler = on_signal };
    static struct work work; /* its trees end with the process */
    int code = tool_options(tool, options, 0, 0);

    work.replay.tool = tool;
    work.senders = (struct replay_senders){ .tool = tool, .changed = &work.changed };
    work.replay.until = og_time_now();
    work.replay.since = work.replay.until - DEFAULT_PERIOD;
    work.replay.conf = options[CONF].value;
    work.progress = options[PROGRESS].value != NULL || isatty(STDERR_FILENO) != 0;
    if (code == TOOL_DONE && work.replay.conf == NULL)
        code = tool_usage(tool, "--conf FILE: which settings shall be tried?");
    if (code == TOOL_DONE)
        code = tool_since(tool, &options[SINCE], &work.replay.since);
    if (code == TOOL_DONE)
        code = tool_since(tool, &options[UNTIL], &work.replay.until);
    if (code == TOOL_DONE)
        code = tool_state(tool);
    (void)sigaction(SIGINT, &end, NULL); /* so that what is below TMPDIR goes */
    (void)sigaction(SIGTERM, &end, NULL);
    if (code == TOOL_DONE)
        code = make_scratch(&work);
    for (size_t i = 0; i < N_ELEMENTS(passes) && code == TOOL_DONE; i++)
        code = tool_history(tool, options[LOG].value, work.replay.since - WARM_UP, i == 0,
                            passes[i], &work);
    if (work.progress && work.replay.events >= PROGRESS_EACH)
        fputc('\n', stderr);
    if (code == TOOL_DONE)
        code = replay_rank(&work.replay, work.rows);
    if (code == TOOL_DONE)
        code = tool->json ? replay_json(&work.replay) : replay_text(&work.replay);
    if (work.directory[0] != '\0') /* what cannot be removed is in a temporary place */
        (void)nftw(work.directory, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    og_state_free(&work.changed);
    og_state_free(&work.scratch);
    return code;
}

const struct tool_verb tool_verb_replay = {
    "replay", "--conf FILE [--since TIME] [--until TIME] [--log FILE] [--progress]",
    "try changed limits and lock rules on the mail of the past",
    "FILE is a changed copy of outgate.conf. The messages that were accepted in the\n"
    "last 14 days, and the incidents, are counted once more with its settings, what\n"
    "domains and senders have set themselves on top, and the answer is who would have\n"
    "been stopped or locked, when first, and how many messages that would have hit.\n"
    "Locks and unlocks by hand are done at their time as well. Nothing is changed, and\n"
    "the 30 days before fill the windows.\n\n"
    "Connections and different recipients are not in the events, so limits on them are "
    "not\n"
    "tried; messages that were refused in truth are not taken for sent, but their "
    "number\n"
    "is told. Exit status 1 when somebody would have been stopped.\n\n"
    "    cp /etc/outgate/outgate.conf /tmp/new.conf\n"
    "    outgatectl replay --conf /tmp/new.conf --since 14d\n",
    run
};
