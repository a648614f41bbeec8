/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/base/header.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum og_rc
og_headers_add(struct og_headers *list, const char *text, size_t len, struct og_err *err)
{
    if (list->count == list->cap) {
        size_t cap = list->cap > 0 ? list->cap * 2 : 32;
        struct og_header *rows = realloc(list->rows, cap * sizeof *rows);

        if (rows == NULL)
            return og_fail(err, OG_E_NOMEM, "no memory for header fields");
        list->rows = rows;
        list->cap = cap;
    }
    list->rows[list->count++] = (struct og_header){ text, len, false, NULL };
    return OG_OK;
}

void
og_headers_free(struct og_headers *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->rows[i].changed);
    free(list->rows);
    *list = (struct og_headers)OG_HEADERS_INIT;
}

/* offset behind the colon, or 0 when the name is another one */
static size_t
value_offset(const struct og_header *field, const char *name, size_t name_len)
{
    size_t at = name_len;

    if (field->len <= name_len || strncasecmp(field->text, name, name_len) != 0)
        return 0;
    while (at < field->len && (field->text[at] == ' ' || field->text[at] == '\t'))
        at++;
    return at < field->len && field->text[at] == ':' ? at + 1 : 0;
}

bool
og_header_is(const struct og_header *field, const char *name)
{
    return value_offset(field, name, strlen(name)) > 0;
}

const struct og_header *
og_headers_find(const struct og_headers *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++)
        if (og_header_is(&list->rows[i], name))
            return &list->rows[i];
    return NULL;
}

enum og_rc
og_header_value(const struct og_header *field, struct og_buf *out, struct og_err *err)
{
    const char *colon = memchr(field->text, ':', field->len);
    size_t at = colon != NULL ? (size_t)(colon - field->text) + 1 : field->len;
    size_t end = field->len;
    enum og_rc rc = OG_OK;

    while (end > at && strchr(" \t\n", field->text[end - 1]) != NULL
           && field->text[end - 1] != '\0')
        end--;
    while (at < end && strchr(" \t\n", field->text[at]) != NULL
           && field->text[at] != '\0')
        at++;
    while (at < end && rc == OG_OK) {
        const char *lf = memchr(field->text + at, '\n', end - at);
        size_t stop = lf != NULL ? (size_t)(lf - field->text) : end;

        rc = og_buf_add(out, field->text + at, stop - at, err);
        at = stop + 1;
    }
    return rc;
}
