/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/check/received.h"

#include <stdbool.h>
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

static bool
blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n';
}

/* offset behind the colon */
static size_t
body(const struct og_header *field)
{
    const char *colon = memchr(field->text, ':', field->len);

    return colon != NULL ? (size_t)(colon - field->text) + 1 : field->len;
}

/* where in the field stands byte `offset` of what og_header_value() makes of it? */
static size_t
place(const struct og_header *field, size_t offset)
{
    size_t at = body(field);

    while (at < field->len && blank(field->text[at]))
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
    size_t begin = body(field), at = begin, end = 0;
    enum og_rc rc;

    while (at < field->len) {
        end = text[at] == '(' || text[at] == '"' ? skip(text, field->len, at) : at + 1;
        if (end == 0)
            return OG_OK;
        /* cppcheck-suppress arrayIndexThenCheck ; the loop has checked it */
        if (text[at] == '(' && inside >= at && inside < end)
            break;
        at = end;
    }
    if (at >= field->len)
        return OG_OK;
    while (at > begin && blank(text[at - 1]))
        at--;
    rc = og_buf_add(out, text, at, err);
    if (rc == OG_OK && end < field->len && !blank(text[end]) && text[end] != ';')
        rc = og_buf_add(out, " ", 1, err); /* the comment kept two words apart */
    return rc == OG_OK ? og_buf_add(out, text + end, field->len - end, err) : rc;
}

enum og_rc
og_received_strip(struct og_header *field, const struct og_regex *regex,
                  struct og_err *err)
{
    /* what an earlier expression has left of the field */
    const struct og_header now = {
        .text = field->changed != NULL ? field->changed : field->text,
        .len = field->changed != NULL ? strlen(field->changed) : field->len,
    };
    struct og_buf value = OG_BUF_INIT(now.len), out = OG_BUF_INIT(now.len);
    struct og_span span;
    enum og_rc rc;

    /* a changed field is a C string */
    if (regex == NULL || memchr(now.text, '\0', now.len) != NULL)
        return OG_OK;
    rc = og_header_value(&now, &value, err);
    if (rc == OG_OK)
        rc = og_regex_match(regex, og_buf_text(&value), value.len, &span, err);
    if (rc == OG_OK)
        rc = strip(&now, place(&now, span.start), &out, err);
    if (rc == OG_OK && out.len > 0) {
        free(field->changed);
        field->changed = out.data;
        out = (struct og_buf)OG_BUF_INIT(0);
    }
    og_buf_free(&value);
    og_buf_free(&out);
    return rc == OG_E_NOTFOUND ? OG_OK : rc;
}
