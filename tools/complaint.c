/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/complaint.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/base/time.h"
#include "core/lib/key.h"
#include "core/state/events.h"

static int
read_all(struct tool *tool, const char *path, struct og_buf *text)
{
    bool is_stdin = strcmp(path, "-") == 0;
    int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    struct og_err err = { "" };
    char chunk[65536];
    ssize_t n = 0;
    enum og_rc rc = OG_OK;

    while (fd >= 0 && rc == OG_OK && (n = read(fd, chunk, sizeof chunk)) > 0)
        rc = og_buf_add(text, chunk, (size_t)n, &err);
    if (fd < 0 || n < 0)
        rc = og_fail(&err, OG_E_IO, "%s: %s", path, strerror(errno));
    else if (rc == OG_E_LIMIT)
        rc = og_fail(&err, rc, "%s: more than %d bytes", path, OG_FEEDBACK_MAX);
    if (fd >= 0 && !is_stdin)
        (void)close(fd); /* only read */
    return tool_rc(tool, rc, &err);
}

/* an event for what is not counted */
static void
tell(struct tool *tool, const char *verdict, const struct og_feedback *feedback,
     const char *reason)
{
    struct og_record event = OG_RECORD_INIT;
    char id[11] = "";
    struct og_err err = { "" };
    enum og_rc rc = og_key_random_id(id, sizeof id - 1, &err);
    const struct og_pair rows[] = {
        { "id", id },
        { "check", "report" },
        { "class", "feedback" },
        { "verdict", verdict },
        { "feedback", feedback->type },
        { "agent", feedback->agent },
        { "reason", reason },
    };

    if (rc == OG_OK)
        rc = og_record_set_pairs(&event, rows, N_ELEMENTS(rows), &err);
    if (rc == OG_OK)
        rc = og_events_write(&tool->state, &event, &err);
    og_record_free(&event);
    if (rc != OG_OK)
        (void)tool_rc(tool, rc, &err); /* what it is about is said in any case */
}

static int
refuse(struct tool *tool, const struct og_feedback *feedback, const char *why)
{
    tell(tool, "reject", feedback, why);
    return tool_fail(tool, TOOL_NO, "report refused: %s", why);
}

int
tool_complaint(struct tool *tool, const char *path, struct tool_complaint *complaint)
{
    struct og_buf text = OG_BUF_INIT(OG_FEEDBACK_MAX);
    struct og_feedback feedback = { "", "", "" };
    struct og_err err = { "" };
    enum og_rc rc;
    int code = read_all(tool, path, &text);

    if (code == TOOL_DONE)
        code = tool_state(tool);
    if (code != TOOL_DONE)
        goto out;
    rc = og_feedback_parse(og_buf_text(&text), text.len, &feedback, &err);
    if (rc == OG_E_SYNTAX)
        code = refuse(tool, &feedback, err.text);
    else if (rc != OG_OK)
        code = tool_rc(tool, rc, &err);
    if (code != TOOL_DONE)
        goto out;
    complaint->class = og_feedback_class(feedback.type);
    if (complaint->class == NULL) {
        tell(tool, "accept", &feedback, "it speaks against nobody");
        if (tool->json)
            code = tool_json(tool, json_pack("{s:s, s:o}", "done", "ignored", "feedback",
                                             tool_string(feedback.type)));
        else
            printf("not counted: a report of type %s speaks against nobody\n",
                   feedback.type);
        goto out;
    }
    if (feedback.token[0] == '\0') {
        code = refuse(tool, &feedback, "the message has no " OG_TOKEN_FIELD);
        goto out;
    }
    rc = og_token_read(&tool->state, feedback.token, og_time_now(), &complaint->token,
                       &err);
    if (rc == OG_E_SYNTAX || rc == OG_E_PERM || rc == OG_E_RANGE)
        code = refuse(tool, &feedback, err.text);
    else
        code = tool_rc(tool, rc, &err);
    (void)snprintf(complaint->detail, sizeof complaint->detail,
                   "feedback report (%s)%s%s", feedback.type,
                   feedback.agent[0] != '\0' ? " by " : "", feedback.agent);
out:
    og_buf_free(&text);
    return code;
}
