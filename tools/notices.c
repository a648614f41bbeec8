/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "core/base/time.h"
#include "core/lib/key.h"
#include "core/mail/arf.h"
#include "core/mail/notice.h"
#include "core/mail/submit.h"
#include "core/state/events.h"
#include "tools/tool.h"

enum { AT_ONCE = 1000 }; /* mails of one call; the next one goes on */

struct sending {
    struct tool *tool;
    size_t sent, failed;
};

static const char *
field(const struct og_outbox_row *row, const char *name)
{
    return og_record_text(&row->fields, name);
}

/* class `notice` when it was sent, `notice-failed` when not */
static enum og_rc
tell(const struct og_state *state, const struct og_outbox_batch *batch, const char *class,
     const char *template, const char *reason, struct og_err *err)
{
    const struct og_outbox_row *row = &batch->rows[0];
    struct og_record event = OG_RECORD_INIT;
    char id[11] = "";
    bool is_report = strcmp(field(row, "kind"), OG_ARF_KIND) == 0;
    enum og_rc rc = og_key_random_id(id, sizeof id - 1, err);
    const struct og_pair rows[] = {
        { "id", id },
        { "user", field(row, "user") },
        { "identity", field(row, "identity") },
        { "check", "notice" },
        { "class", class },
        { "notice", row->id },
        { is_report ? "refused" : "lock", field(row, "id") },
        { "recipient", field(row, "to") },
        { "template", template },
        { "reason", reason },
    };

    if (rc == OG_OK)
        rc = og_record_set_pairs(&event, rows, N_ELEMENTS(rows), err);
    if (rc == OG_OK && batch->count > 1)
        rc = og_record_set_number(&event, "notices", (long long)batch->count, err);
    if (rc == OG_OK)
        rc = og_events_write(state, &event, err);
    og_record_free(&event);
    return rc;
}

/* what cannot be sent is tried again, and in the end given up */
static enum og_rc
postpone(const struct og_state *state, const struct og_outbox_batch *batch, int64_t now,
         const char *why, struct og_err *err)
{
    int64_t made = 0;
    enum og_rc rc;

    if (og_time_parse(field(&batch->rows[0], "made"), &made, NULL) == OG_OK
        && now - made > OG_OUTBOX_LIFE) {
        rc = tell(state, batch, "notice-failed", "", "given up after five days", err);
        return rc == OG_OK ? og_outbox_done(state, batch, err) : rc;
    }
    rc = tell(state, batch, "notice-failed", "", why, err);
    return rc == OG_OK ? og_outbox_later(state, batch, now, err) : rc;
}

/* the row goes when Exim has the mail: killed in between, it is sent once more */
static enum og_rc
send_batch(struct sending *sending, const struct og_outbox_batch *batch, int64_t now,
           struct og_err *err)
{
    const struct og_state *state = &sending->tool->state;
    struct og_notice notice = OG_NOTICE_INIT;
    struct og_err why = { "" };
    const char *to = notice.to;
    bool is_report =
        batch->count == 1 && strcmp(field(&batch->rows[0], "kind"), OG_ARF_KIND) == 0;
    enum og_rc rc = is_report
                        ? og_arf_submit(state, &batch->rows[0], now, notice.trouble, &why)
                        : og_notice_make(state, batch, now, &notice, &why);

    if (rc == OG_OK && !is_report)
        rc = og_submit(state, "", &to, 1, notice.message.data, notice.message.len, &why);
    if (rc == OG_OK) {
        sending->sent++;
        rc = og_outbox_done(state, batch, err);
        if (rc == OG_OK)
            rc = tell(state, batch, "notice",
                      is_report ? OG_ARF_TEMPLATE : notice.template, notice.trouble, err);
    } else {
        sending->failed++;
        rc = postpone(state, batch, now, why.text, err);
    }
    og_notice_free(&notice);
    return rc;
}

static int
send_all(struct tool *tool)
{
    const struct og_state *state = &tool->state;
    static struct og_outbox_batch batch; /* large */
    struct sending sending = { .tool = tool };
    struct og_err err = { "" };
    enum og_rc rc = OG_OK;
    bool more = true;

    og_notice_zone(state);
    for (int i = 0; i < AT_ONCE && more && rc == OG_OK; i++) {
        int64_t now = og_time_now();

        rc = og_outbox_take(state, state->server.notices_per_hour, now, &batch, &err);
        more = rc == OG_OK && batch.count > 0;
        if (more)
            rc = send_batch(&sending, &batch, now, &err);
        og_outbox_free(&batch);
    }
    if (rc != OG_OK)
        return tool_rc(tool, rc, &err);
    if (sending.failed > 0)
        return tool_fail(tool, TOOL_TROUBLE,
                         "%zu sent, %zu failed and will be tried again; see `outgatectl "
                         "events`",
                         sending.sent, sending.failed);
    if (tool->json)
        return tool_json(tool, json_pack("{s:s, s:I}", "done", "sent", "notices",
                                         (json_int_t)sending.sent));
    printf("%zu sent\n", sending.sent);
    return TOOL_DONE;
}

struct listing {
    struct tool *tool;
    json_t *rows;
};

static enum og_rc
visit(const struct og_outbox_row *row, void *arg, struct og_err *err)
{
    struct listing *listing = arg;
    char due[OG_TIME_TEXT];
    enum og_rc rc = og_time_print(row->due, due, err);
    json_t *object;

    if (rc != OG_OK)
        return rc;
    if (!listing->tool->json) {
        tool_cell(stdout, due, 20);
        tool_cell(stdout, field(row, "kind"), 10);
        tool_cell(stdout, field(row, "to"), 30);
        tool_cell(stdout, field(row, "tries"), 5);
        (void)tool_put(stdout, field(row, "user"));
        if (field(row, "identity")[0] != '\0')
            putchar(' ');
        (void)tool_put(stdout, field(row, "identity"));
        putchar('\n');
        return OG_OK;
    }
    object = json_pack("{s:s, s:o}", "due", due, "notice", tool_string(row->id));
    for (size_t i = 0; i < row->fields.count && object != NULL; i++)
        if (json_object_set_new(object, row->fields.fields[i].name,
                                tool_string(row->fields.fields[i].value))
            != 0)
            return og_fail(err, OG_E_NOMEM, "no memory");
    return json_array_append_new(listing->rows, object) == 0
               ? OG_OK
               : og_fail(err, OG_E_NOMEM, "no memory");
}

static int
list_all(struct tool *tool)
{
    struct listing listing = { tool, json_array() };
    struct og_err err = { "" };
    enum og_rc rc;

    if (!tool->json)
        printf("%-20s %-10s %-30s %-5s %s\n", "DUE", "KIND", "TO", "TRIES", "ABOUT");
    rc = og_outbox_walk(&tool->state, visit, &listing, &err);
    if (rc != OG_OK || !tool->json) {
        json_decref(listing.rows);
        return tool_rc(tool, rc, &err);
    }
    return tool_json(tool, listing.rows);
}

static int
notices(struct tool *tool)
{
    struct tool_option none[] = { { NULL, false, NULL } };
    int code = tool_options(tool, none, 0, 1);
    bool send;

    if (code != TOOL_DONE)
        return code;
    send = tool->argc == 1 && strcmp(tool->argv[0], "send") == 0;
    if (!send && tool->argc == 1 && strcmp(tool->argv[0], "list") != 0)
        return tool_usage(tool, "'%s' is neither list nor send", tool->argv[0]);
    code = tool_state(tool);
    if (code != TOOL_DONE)
        return code;
    return send ? send_all(tool) : list_all(tool);
}

const struct tool_verb tool_verb_notices = {
    "notices", "[list|send]", "list or send the notices that wait",
    "Lists what the outbox holds: notices that are about to be sent, that wait for "
    "their\n"
    "mailbox's budget (notices_per_hour), or that could not be sent. `send` sends what "
    "is\n"
    "due; hooks start it after a lock, and a timer does in case they could not.\n\n"
    "    outgatectl notices\n"
    "    * * * * * Debian-exim outgatectl notices send >/dev/null\n",
    notices
};
