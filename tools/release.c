/* SPDX-License-Identifier: BSD-2-Clause */
/* outgatectl quarantine release */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/base/settings_scan.h"
#include "core/base/time.h"
#include "core/check/content.h"
#include "core/mail/kept.h"
#include "core/mail/quarantine.h"
#include "core/mail/release.h"
#include "core/scan/any.h"
#include "tools/delivered.h"
#include "tools/kept.h"
#include "tools/whose.h"

struct release {
    struct tool *tool;
    const char *id;
    bool again, many; /* --again, --all */
    size_t refused;   /* of many, which goes on without them */
    char who[OG_LOCK_WHO];
    struct og_record entry;
    struct tool_delivered delivered;
    const struct tool_delivery *before; /* it went out meanwhile; NULL: it did not */
    size_t sent;
};

/* not this one, and the answer is no; of many, the others go on */
static int OG_PRINTF(2, 3) refuse(struct release *release, const char *fmt, ...)
{
    char text[1000];
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args); /* cut on purpose */
    va_end(args);
    if (!release->many)
        return tool_fail(release->tool, TOOL_NO, "%s: %s", release->id, text);
    release->refused++;
    tool_warn(release->tool, "%s: %s", release->id, text);
    return TOOL_NO;
}

static int
refuse_released(struct release *release)
{
    const char *at = og_record_text(&release->entry, "released");
    const char *who = og_record_text(&release->entry, "released_by");

    if (strcmp(og_record_text(&release->entry, "release"), "done") == 0)
        return refuse(release, "already released at %s by %s; --again sends it once more",
                      at, who);
    return refuse(release,
                  "a release has begun at %s by %s, and nobody knows how it ended: "
                  "look for it in Exim's log; --again sends it once more",
                  at, who);
}

static enum og_rc
scan(const struct og_state *state, int fd, struct og_findings *findings,
     struct og_err *err)
{
    struct og_scan_request request = { .name = "", .fd = fd };
    struct og_kept kept = OG_KEPT_INIT;
    enum og_rc rc = og_kept_load(fd, &kept, err);

    request.start = (off_t)kept.original;
    if (rc == OG_OK)
        rc = og_scan_any(&state->server, &request, findings, err);
    og_kept_free(&kept);
    return rc;
}

/* A signature may have come since it was kept; and what cannot be scanned now is not sent
 * now, whatever scanner_failure says: nobody waits for it. */
static int
look_for_virus(struct release *release, int fd)
{
    struct tool *tool = release->tool;
    const char *user = og_record_text(&release->entry, "user");
    struct og_sender sender = OG_SENDER_INIT;
    struct og_findings findings = OG_FINDINGS_INIT;
    struct og_verdict verdict = OG_VERDICT_ACCEPT;
    struct og_err err = { "" };
    enum og_rc rc;
    int code = TOOL_DONE;

    if (!og_checks_have(tool->state.server.checks, "virus"))
        return TOOL_DONE;
    rc = scan(&tool->state, fd, &findings, &err);
    if (rc == OG_OK)
        rc = og_users_sender_or_gone(&tool->state, user, &sender, &err);
    if (rc != OG_OK)
        code = tool_fail(tool, TOOL_TROUBLE,
                         "%s: not sent, as nobody can tell whether there is a virus in "
                         "it: %s",
                         release->id, err.text);
    else if (og_virus_check(&findings, &verdict) != NULL)
        code = refuse(release, "a virus is never released. %s", verdict.text);
    else if (og_beyond_check(&sender.settings, &findings, &verdict) != NULL)
        code =
            refuse(release, "not sent, as there may be a virus in it. %s", verdict.text);
    og_findings_free(&findings);
    og_sender_free(&sender);
    return code;
}

/* hand it to Exim, with the entry saying so before and after */
static int
send_it(struct release *release)
{
    struct tool *tool = release->tool;
    struct og_err err = { "" }, why = { "" };
    int fd = -1, code = TOOL_DONE;
    enum og_rc rc, ended;

    rc = og_quarantine_open(&tool->state, &release->entry, &fd, &err);
    if (rc == OG_E_NOTFOUND)
        return tool_kept_missing(tool, release->id);
    if (rc == OG_OK)
        code = look_for_virus(release, fd);
    if (code != TOOL_DONE) {
        (void)close(fd);
        return code;
    }
    if (rc == OG_OK)
        rc = og_vault_begin(&tool->state, release->id, release->again, release->who,
                            og_time_now(), &release->entry, &err);
    if (rc == OG_E_EXISTS) { /* somebody was quicker */
        (void)close(fd);
        return refuse_released(release);
    }
    if (rc == OG_OK) {
        rc = og_release_submit(&tool->state, release->id, &release->entry, fd,
                               &release->sent, &err);
        ended = og_vault_end(&tool->state, release->id, release->sent > 0 ? "done" : NULL,
                             &why);
        if (rc == OG_OK && ended != OG_OK) {
            rc = ended;
            err = why;
        }
    }
    if (fd >= 0)
        (void)close(fd); /* only read */
    if (rc != OG_OK)
        return tool_fail(tool, TOOL_TROUBLE, "%s: sent to %zu recipients: %s",
                         release->id, release->sent, err.text);
    return TOOL_DONE;
}

static int
release_one(struct release *release)
{
    struct tool *tool = release->tool;
    struct og_err err = { "" };
    enum og_rc rc = og_vault_get(&tool->state, release->id, &release->entry, &err);

    if (rc == OG_E_NOTFOUND)
        return tool_kept_missing(tool, release->id);
    if (rc != OG_OK)
        return tool_rc(tool, rc, &err);
    if (strcmp(og_record_text(&release->entry, "class"), "virus") == 0
        || og_record_text(&release->entry, "virus")[0] != '\0')
        return refuse(release, "a virus is never released");
    if (!release->again && og_record_get(&release->entry, "release") != NULL)
        return refuse_released(release);
    release->before = tool_delivered_find(&release->delivered, &release->entry);
    if (!release->again && release->before != NULL)
        return refuse(
            release,
            "the sender has sent a message with the same Message-ID again, and it was "
            "accepted at %s (%s); --again sends this one as well",
            release->before->time, release->before->id);
    return send_it(release);
}

static json_t *
result_json(const struct release *release)
{
    return json_pack("{s:s, s:I, s:o}", "id", release->id, "recipients",
                     (json_int_t)release->sent, "delivered_before",
                     release->before != NULL ? json_string(release->before->time)
                                             : json_null());
}

static void
print_result(const struct release *release)
{
    printf("released %s to %zu recipient%s\n", release->id, release->sent,
           release->sent == 1 ? "" : "s");
    if (release->before != NULL)
        printf("a message with the same Message-ID was accepted at %s (%s)\n",
               release->before->time, release->before->id);
}

/* have they gone out meanwhile? Ids that are none are told of in their turn */
static int
look_for_deliveries(struct release *release, const struct tool_kept_list *list)
{
    struct tool *tool = release->tool;
    struct og_err err = { "" };
    enum og_rc rc = OG_OK;

    for (int i = 0; i < tool->argc && rc == OG_OK; i++) {
        rc = og_vault_get(&tool->state, tool->argv[i], &release->entry, &err);
        if (rc == OG_OK)
            rc = tool_delivered_ask(&release->delivered, &release->entry, &err);
        else if (rc == OG_E_NOTFOUND)
            rc = OG_OK;
        og_record_free(&release->entry);
    }
    for (size_t i = 0; i < list->count && rc == OG_OK; i++)
        rc = tool_delivered_ask(&release->delivered, &list->rows[i].entry, &err);
    if (rc == OG_OK)
        tool_delivered_read(tool, &release->delivered);
    return tool_rc(tool, rc, &err);
}

static int
release_run(struct tool *tool)
{
    struct tool_option options[] = { TOOL_KEPT_OPTIONS,
                                     { "--all", false, NULL },
                                     { "--yes", false, NULL },
                                     { "--again", false, NULL },
                                     { NULL, false, NULL } };
    struct tool_kept_list list = { NULL, 0, 0 };
    struct release release = { .tool = tool, .delivered = TOOL_DELIVERED_INIT };
    json_t *done = json_array();
    size_t count, refused, i = 0;
    int code = tool_options(tool, options, 0, 100000);

    tool->so_far_name = "messages";
    tool->so_far = done;
    tool_who(release.who);
    release.again = options[TOOL_KEPT_OPTION_COUNT + 2].value != NULL;
    if (code == TOOL_DONE)
        code = tool_state(tool);
    if (code == TOOL_DONE)
        code = tool_kept_chosen(tool, options, &list);
    if (code == TOOL_DONE)
        code = look_for_deliveries(&release, &list);
    release.many = tool->argc == 0;
    count = tool->argc > 0 ? (size_t)tool->argc : list.count;
    for (; i < count && code == TOOL_DONE; i++) {
        release.id = tool->argc > 0 ? tool->argv[i] : list.rows[i].id;
        if (tool->argc == 0 && !release.again
            && og_record_get(&list.rows[i].entry, "release") != NULL)
            continue; /* of many, those that wait are meant */
        refused = release.refused;
        code = release_one(&release);
        if (release.refused > refused)
            code = TOOL_DONE; /* nothing of this one; it was told */
        else if (code == TOOL_DONE && !tool->json)
            print_result(&release);
        else if (code == TOOL_DONE
                 && json_array_append_new(done, result_json(&release)) != 0)
            code = tool_fail(tool, TOOL_TROUBLE, "no memory");
        og_record_free(&release.entry);
    }
    if (code == TOOL_DONE && tool->json)
        code = tool_json(tool,
                         json_pack("{s:s, s:O}", "done", "released", "messages", done));
    tool->so_far = NULL;
    json_decref(done);
    tool_kept_free(&list);
    return code == TOOL_DONE && release.refused > 0 ? TOOL_NO : code;
}

const struct tool_verb tool_verb_quarantine_release = {
    "quarantine release",
    "ID ... | --all [--domain D] [--user U] [--identity I] [--class C] [--since T] "
    "[--until T] [--limit N] --yes [--again]",
    "send kept messages on",
    "Sends a kept message to its recipients, with its envelope sender, signed, without\n"
    "filters, limits and locks, but counted. If `checks` has virus, it is scanned once\n"
    "more: a virus is never released, nor what cannot be scanned now. The entry stays\n"
    "until it expires, and says that and by whom it was released. Once only: what has\n"
    "been released, or what the sender has sent again meanwhile (events.log holds an\n"
    "accepted message with the same Message-ID), goes out with --again only. Exim does\n"
    "the rest, through `exim_command`.\n\n"
    "    outgatectl quarantine release k2m4pqrs7t\n"
    "    outgatectl quarantine release --all --user bob@example.com --since 2h --yes\n",
    release_run
};
