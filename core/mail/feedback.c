/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/mail/feedback.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "core/lib/mime.h"

struct parse {
    struct og_feedback *feedback;
    const char *data;
    size_t len;
    bool found; /* the part message/feedback-report */
};

const char *
og_feedback_class(const char *type)
{
    static const struct {
        const char *type, *class;
    } rows[] = { { "abuse", "spam" },
                 { "fraud", "phish" },
                 { "virus", "virus" },
                 { "other", "spam" } };

    for (size_t i = 0; i < N_ELEMENTS(rows); i++)
        if (strcmp(rows[i].type, type) == 0)
            return rows[i].class;
    return NULL;
}

/* the value of the first field of that name, unfolded and without blanks where it was
 * folded; printable bytes only. header: text stops at the first empty line. */
static bool
find_field(const char *text, size_t len, const char *name, bool header, char *out,
           size_t size)
{
    size_t name_len = strlen(name), n = 0;
    const char *end = text + len;
    bool inside = false;

    for (const char *line = text; line < end;) {
        const char *lf = memchr(line, '\n', (size_t)(end - line));
        const char *stop = lf != NULL ? lf : end, *at = line;

        if (inside && *line != ' ' && *line != '\t')
            break;
        if (header && (stop == line || (stop == line + 1 && *line == '\r')))
            break;
        if (!inside && (size_t)(stop - line) > name_len && line[name_len] == ':'
            && strncasecmp(line, name, name_len) == 0) {
            inside = true;
            at = line + name_len + 1;
        }
        for (; inside && at < stop; at++)
            if (*at > ' ' && *at < 0x7f) {
                if (n + 1 == size)
                    return false;
                out[n++] = *at;
            } else if (*at == ' ' && n > 0 && n + 1 < size && at + 1 < stop
                       && at[1] > ' ')
                out[n++] = ' ';
        line = lf != NULL ? lf + 1 : end;
    }
    out[n] = '\0';
    return inside;
}

/* A message has to stand as it is, RFC 2046 section 5.2.1: behind this part come a
 * boundary, the header of the next part, an empty line, and the header of the message. */
static void
read_token(const char *text, size_t len, struct og_feedback *feedback)
{
    const char *at = text, *end = text + len, *lf;
    char type[64] = "";

    while ((lf = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        size_t line = (size_t)(lf - at);
        bool is_empty = line == 0 || (line == 1 && *at == '\r');

        at = lf + 1;
        if (is_empty && at > text + 2) /* not the end of the part itself */
            break;
    }
    if (!find_field(text, (size_t)(at - text), "Content-Type", false, type, sizeof type)
        || strncasecmp(type, "message/", strlen("message/")) != 0)
        return; /* a part that may be encoded is decoded for visit() */
    if (!find_field(at, (size_t)(end - at), OG_TOKEN_FIELD, true, feedback->token,
                    sizeof feedback->token))
        feedback->token[0] = '\0';
}

static enum og_rc
visit(const struct og_mime_part *part, void *arg, struct og_err *err)
{
    struct parse *parse = arg;
    struct og_feedback *feedback = parse->feedback;

    (void)err;
    if (!parse->found && strcmp(part->claimed, "message/feedback-report") == 0
        && part->data != NULL) {
        parse->found = find_field(part->data, part->len, "Feedback-Type", false,
                                  feedback->type, sizeof feedback->type);
        for (char *at = feedback->type; *at != '\0'; at++)
            *at = (char)tolower((unsigned char)*at);
        if (!find_field(part->data, part->len, "User-Agent", false, feedback->agent,
                        sizeof feedback->agent))
            feedback->agent[0] = '\0';
        if (parse->found && part->end < parse->len)
            read_token(parse->data + part->end, parse->len - part->end, feedback);
    }
    if (parse->found && feedback->token[0] == '\0' && part->data != NULL
        && strcmp(part->claimed, "text/rfc822-headers") == 0
        && !find_field(part->data, part->len, OG_TOKEN_FIELD, true, feedback->token,
                       sizeof feedback->token))
        feedback->token[0] = '\0';
    return OG_OK;
}

enum og_rc
og_feedback_parse(const char *data, size_t len, struct og_feedback *feedback,
                  struct og_err *err)
{
    static const struct og_mime_limits limits = { 50, 10, OG_FEEDBACK_MAX };
    struct og_feedback fresh = { "", "", "" };
    struct parse parse = { &fresh, data, len, false };
    struct og_mime_message message;
    enum og_rc rc;

    if (len > OG_FEEDBACK_MAX)
        return og_fail(err, OG_E_LIMIT, "a report of more than %d bytes",
                       OG_FEEDBACK_MAX);
    rc = og_mime_walk(data, len, &limits, visit, &parse, &message, err);
    if (rc == OG_OK && !parse.found)
        rc = og_fail(err, OG_E_SYNTAX,
                     "no abuse report: no part message/feedback-report with a "
                     "Feedback-Type");
    if (rc == OG_OK)
        *feedback = fresh;
    return rc;
}
