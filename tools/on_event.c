/* SPDX-License-Identifier: BSD-2-Clause */
/* on-event: gives the events that nobody has given yet to the program on_event */
#include "core/state/on_event.h"

#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/program.h"
#include "core/base/time.h"
#include "core/lib/json.h"
#include "core/lib/key.h"
#include "core/state/events.h"
#include "tools/classes.h"
#include "tools/tool.h"

enum { TEST, END };

enum { MAX_AGE = 3600, MAX_WORDS = 32, SAID = 200, ID = 11 };

struct hook {
    struct tool *tool;
    int fd; /* the locked file */
    struct og_position position;
    int64_t now;
    uint64_t given, old, failed;
    char why[SAID + 100]; /* the last failure */
};

/* --- one event */

static int
input_of(const char *line)
{
    int fd = memfd_create("outgate-event", MFD_CLOEXEC);
    size_t len = strlen(line);

    if (fd >= 0
        && (write(fd, line, len) != (ssize_t)len || write(fd, "\n", 1) != 1
            || lseek(fd, 0, SEEK_SET) != 0)) {
        (void)close(fd); /* nobody has it yet */
        return -1;
    }
    return fd;
}

static enum og_rc
give(struct hook *hook, const char *line, struct og_err *err)
{
    const struct og_settings *set = &hook->tool->state.server;
    const char *words[MAX_WORDS + 1],
        *env[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", NULL, NULL };
    struct og_buf said = OG_BUF_INIT(SAID), conf = OG_BUF_INIT(2000);
    char *command = strdup(set->on_event);
    const struct og_store_conf *store = &hook->tool->state.store; /* knows the account */
    struct og_program program = { words, env, store->uid, store->gid, input_of(line) };
    size_t count = 0;
    int status = 0;
    enum og_rc rc =
        command == NULL || program.input < 0
            ? og_fail(err, OG_E_NOMEM, "no memory")
            : og_buf_printf(&conf, err, "OUTGATE_CONF=%s", hook->tool->state.conf);

    env[2] = og_buf_text(&conf);
    if (rc == OG_OK)
        rc = og_program_words(command, "on_event", words, MAX_WORDS, &count, err);
    if (rc == OG_OK)
        rc = og_program_run(&program, (unsigned)set->on_event_timeout * 1000, &status,
                            &said, err);
    if (rc == OG_OK && status != 0)
        rc = og_fail(err, OG_E_IO, "%s: status %d: %s", words[0], status,
                     said.len == 0 && status == 127 ? "it cannot be started"
                                                    : og_buf_text(&said));
    if (program.input >= 0)
        (void)close(program.input); /* only read from */
    og_buf_free(&said);
    og_buf_free(&conf);
    free(command);
    return rc;
}

static bool
is_old(const struct hook *hook, const struct og_record *event)
{
    const char *text = og_record_get(event, "time");
    int64_t at;

    return text != NULL && og_time_parse(text, &at, NULL) == OG_OK
           && at < hook->now - MAX_AGE;
}

/* a line that has a line end; the position moves behind it in any case */
static enum og_rc
handle(struct hook *hook, const char *line, long long len, struct og_err *err)
{
    struct og_record event = OG_RECORD_INIT;
    struct og_err why = { "" };
    bool wanted =
        og_json_parse(line, strlen(line), &event, NULL) == OG_OK
        && og_record_get(&event, "class") != NULL
        && og_on_event_wants(&hook->tool->state.server, og_record_get(&event, "class"));

    hook->position.at += len;
    if (wanted && is_old(hook, &event))
        hook->old++;
    else if (wanted && give(hook, line, &why) == OG_OK)
        hook->given++;
    else if (wanted) {
        hook->failed++;
        (void)snprintf(hook->why, sizeof hook->why, "%s", why.text);
    }
    og_record_free(&event);
    return wanted ? og_on_event_note(hook->fd, &hook->position, err) : OG_OK;
}

/* --- the log */

static enum og_rc
read_on(struct hook *hook, const char *path, struct og_err *err)
{
    FILE *f = fopen(path, "re");
    char *line = NULL;
    size_t cap = 0;
    ssize_t len;
    enum og_rc rc = OG_OK;

    if (f == NULL)
        return og_fail(err, OG_E_IO, "%s: %s", path, strerror(errno));
    if (fseeko(f, (off_t)hook->position.at, SEEK_SET) != 0)
        rc = og_fail(err, OG_E_IO, "%s: %s", path, strerror(errno));
    while (rc == OG_OK && (len = getline(&line, &cap, f)) > 0 && line[len - 1] == '\n') {
        line[len - 1] = '\0';
        rc = handle(hook, line, len, err);
    }
    free(line);
    (void)fclose(f); /* only read from */
    return rc == OG_OK ? og_on_event_note(hook->fd, &hook->position, err) : rc;
}

/* a file that is the one we were in, under the name it has now; false when it is gone or
 * has been packed */
static bool
find_old(const struct hook *hook, char *path, size_t size)
{
    char pattern[1100];
    glob_t files = { .gl_pathc = 0 };
    struct stat st;
    bool found = false;

    (void)snprintf(pattern, sizeof pattern, "%s[.-][0-9]*",
                   hook->tool->state.server.events_log);
    if (glob(pattern, GLOB_NOSORT, NULL, &files) != 0)
        return false;
    for (size_t i = 0; i < files.gl_pathc && !found; i++)
        if (stat(files.gl_pathv[i], &st) == 0 && st.st_ino == hook->position.file) {
            (void)snprintf(path, size, "%s", files.gl_pathv[i]);
            found = true;
        }
    globfree(&files);
    return found;
}

/* work until nothing is new; more says whether anything was */
static enum og_rc
catch_up(struct hook *hook, bool *more, struct og_err *err)
{
    const char *path = hook->tool->state.server.events_log;
    char old[1100];
    struct stat st;
    enum og_rc rc = OG_OK;

    *more = false;
    if (stat(path, &st) != 0)
        return errno == ENOENT ? OG_OK
                               : og_fail(err, OG_E_IO, "%s: %s", path, strerror(errno));
    if (st.st_ino != hook->position.file) {
        if (find_old(hook, old, sizeof old))
            rc = read_on(hook, old, err);
        hook->position = (struct og_position){ st.st_ino, 0 };
    } else if (st.st_size < hook->position.at)
        hook->position.at = 0; /* truncated */
    *more = st.st_size > hook->position.at;
    return rc == OG_OK && *more ? read_on(hook, path, err) : rc;
}

/* --- what it has to say */

static enum og_rc
tell(struct hook *hook, struct og_err *err)
{
    struct og_record event = OG_RECORD_INIT;
    char id[ID], text[SAID + 300];
    enum og_rc rc;

    if (hook->failed == 0 && hook->old == 0)
        return OG_OK;
    (void)snprintf(text, sizeof text,
                   "%llu events given, %llu failed, %llu passed over as older than an "
                   "hour%s%s",
                   (unsigned long long)hook->given, (unsigned long long)hook->failed,
                   (unsigned long long)hook->old, hook->why[0] != '\0' ? "; last: " : "",
                   hook->why);
    rc = og_key_random_id(id, sizeof id - 1, err);
    if (rc == OG_OK)
        rc = og_record_set_text(&event, "id", id, err);
    if (rc == OG_OK)
        rc = og_record_set_text(&event, "check", "outgatectl", err);
    if (rc == OG_OK)
        rc = og_record_set_text(&event, "class", "on-event", err);
    if (rc == OG_OK)
        rc = og_record_set_text(&event, "reason", text, err);
    if (rc == OG_OK)
        rc = og_events_write(&hook->tool->state, &event, err);
    og_record_free(&event);
    return rc;
}

/* until no event was written between the last look and the end of the lock: whoever
 * writes one while it is locked starts nobody */
static enum og_rc
work(struct hook *hook, struct og_err *err)
{
    bool more = true;
    enum og_rc rc = OG_OK;

    while (rc == OG_OK && more) {
        rc = og_on_event_lock(&hook->tool->state, &hook->fd, &hook->position, err);
        if (rc == OG_E_BUSY || rc == OG_E_NOTFOUND)
            return OG_OK;
        while (rc == OG_OK && more)
            rc = catch_up(hook, &more, err);
        (void)close(hook->fd); /* every position has been written */
        if (rc == OG_OK) {
            struct stat st;

            more =
                stat(hook->tool->state.server.events_log, &st) == 0
                && (st.st_ino != hook->position.file || st.st_size > hook->position.at);
        }
    }
    return rc;
}

/* one event of our own making, given at once */
static int
test(struct hook *hook, const char *class)
{
    struct tool *tool = hook->tool;
    struct og_err err = { "" };
    char at[OG_TIME_TEXT], line[300];
    enum og_rc rc;

    if (!og_on_event_wants(&tool->state.server, class))
        return tool_fail(tool, TOOL_NO,
                         "events of class '%s' are not given; see on_event_classes",
                         class);
    rc = og_time_print(og_time_now(), at, &err);
    (void)snprintf(line, sizeof line,
                   "{\"time\":\"%s\",\"id\":\"test\",\"check\":\"outgatectl\","
                   "\"class\":\"%.64s\",\"reason\":\"a test\"}",
                   at, class);
    if (rc == OG_OK)
        rc = give(hook, line, &err);
    if (rc != OG_OK)
        return tool_rc(tool, rc, &err);
    if (tool->json)
        return tool_json(tool, json_pack("{s:s, s:s}", "done", "given", "class", class));
    puts("given");
    return TOOL_DONE;
}

static int
run(struct tool *tool)
{
    struct tool_option options[END + 1] = {
        [TEST] = { "--test", true, NULL }, [END] = { NULL, false, NULL }
    };
    struct hook hook = { .tool = tool, .fd = -1, .now = og_time_now() };
    struct og_err err = { "" };
    int code = tool_options(tool, options, 0, 0);
    enum og_rc rc;

    if (code == TOOL_DONE && options[TEST].value != NULL)
        code = tool_word(tool, "--test", options[TEST].value, tool_class_names());
    if (code == TOOL_DONE)
        code = tool_state(tool);
    if (code != TOOL_DONE)
        return code;
    if (tool->state.server.on_event[0] == '\0')
        return tool_fail(tool, TOOL_NO, "on_event is not set in %s", tool->state.conf);
    if (options[TEST].value != NULL)
        return test(&hook, options[TEST].value);
    rc = work(&hook, &err);
    if (rc == OG_OK)
        rc = tell(&hook, &err);
    if (rc != OG_OK)
        return tool_rc(tool, rc, &err);
    if (tool->json)
        return tool_json(
            tool, json_pack("{s:I, s:I, s:I}", "given", (json_int_t)hook.given, "failed",
                            (json_int_t)hook.failed, "old", (json_int_t)hook.old));
    printf("%llu given, %llu failed, %llu too old\n", (unsigned long long)hook.given,
           (unsigned long long)hook.failed, (unsigned long long)hook.old);
    return TOOL_DONE;
}

const struct tool_verb tool_verb_on_event = {
    "on-event", "[--test CLASS]", "give the newest events to the program on_event",
    "Exim's processes start this when an event of on_event_classes has been written, so\n"
    "nobody has to. Gives each such event, a JSON object in one line, to the program "
    "that\n"
    "the setting on_event names, on its standard input, one after the other and in "
    "their\n"
    "order, and ends when there are no more. A program that takes longer than\n"
    "on_event_timeout is killed. Events that are an hour old are passed over. Failures "
    "are\n"
    "told in an event of class on-event, which is given to nobody.\n\n"
    "  --test CLASS   give one event of our own making now, and say how that went\n\n"
    "    outgatectl on-event --test lock\n",
    run
};
