/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/check/received.h"

#include <stdlib.h>
#include <string.h>

/* offset behind the comment or quoted string that begins at `at`, or 0 without end */
static size_t
skip(const char *text, size_t len, size_t at)
{
    char open = text[at];
    size_t depth = 0;

    for (; at < len; at++) {
        if (text[at] == '\\')
            at++;
        else if (open == '"') {
            if (text[at] == '"' && depth++ > 0)
                return at + 1;
        } else if (text[at] == '(') {
            depth++;
        } else if (text[at] == ')' && --depth == 0) {
            return at + 1;
        }
    }
    return 0;
}

/* where in the field stands byte `offset` of its value as one line? */
static size_t
place(const struct og_header *field, size_t offset)
{
    const char *colon = memchr(field->text, ':', field->len);
    size_t at = (size_t)(colon - field->text) + 1; /* Received has a colon */

    while (at < field->len && strchr(" \t\n", field->text[at]) != NULL)
        at++;
    for (; at < field->len; at++) {
        if (field->text[at] == '\n')
            continue;
        if (offset-- == 0)
            break;
    }
    return at;
}

/* the field without the outermost comment around `place`, or nothing */
static enum og_rc
strip(const struct og_header *field, size_t inside, struct og_buf *out,
      struct og_err *err)
{
    const char *text = field->text;
    size_t at = 0, end = 0;
    enum og_rc rc;

    while (at < field->len) {
        end = text[at] == '(' || text[at] == '"' ? skip(text, field->len, at) : at + 1;
        if (end == 0)
            return OG_OK;
        if (text[at] == '(' && inside > at && inside < end)
            break;
        at = end;
    }
    if (at >= field->len)
        return OG_OK;
    while (at > 0
           && (text[at - 1] == ' ' || text[at - 1] == '\t' || text[at - 1] == '\n'))
        at--;
    rc = og_buf_add(out, text, at, err);
    return rc == OG_OK ? og_buf_add(out, text + end, field->len - end, err) : rc;
}

enum og_rc
og_received_strip(struct og_header *field, const struct og_regex *regex,
                  struct og_err *err)
{
    struct og_buf value = OG_BUF_INIT(field->len), out = OG_BUF_INIT(field->len);
    struct og_span span;
    enum og_rc rc;

    if (regex == NULL)
        return OG_OK;
    rc = og_header_value(field, &value, err);
    if (rc == OG_OK)
        rc = og_regex_match(regex, og_buf_text(&value), value.len, &span, err);
    if (rc == OG_OK)
        rc = strip(field, place(field, span.start), &out, err);
    if (rc == OG_OK && out.len > 0) {
        free(field->changed);
        field->changed = out.data;
        out = (struct og_buf)OG_BUF_INIT(0);
    }
    og_buf_free(&value);
    og_buf_free(&out);
    return rc == OG_E_NOTFOUND ? OG_OK : rc;
}
