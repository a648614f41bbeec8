/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/mail/values.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const struct og_variable variables[] = {
#define VARIABLE(n, t, s, h) { #n, OG_VALUE_##t, (s), (h) },
#include "core/mail/values.def"
#undef VARIABLE
    { NULL, OG_VALUE_TEXT, NULL, NULL },
};

const struct og_variable *
og_variable_find(const char *name)
{
    for (const struct og_variable *at = variables; at->name != NULL; at++)
        if (strcmp(at->name, name) == 0)
            return at;
    return NULL;
}

enum og_rc
og_values_set(struct og_values *values, const char *name, const char *text,
              struct og_err *err)
{
    if (text == NULL || text[0] == '\0')
        return OG_OK;
    return og_record_set_text(&values->fields, name, text, err);
}

const struct og_value_list *
og_values_list(const struct og_values *values, const char *name)
{
    for (size_t i = 0; i < OG_VALUES_LISTS && values->lists[i] != NULL; i++)
        if (strcmp(values->lists[i]->name, name) == 0)
            return values->lists[i];
    return NULL;
}

enum og_rc
og_values_row(struct og_values *values, const char *name, struct og_record **row,
              struct og_err *err)
{
    const struct og_variable *variable = og_variable_find(name);
    struct og_value_list *list;
    size_t i = 0;

    *row = NULL;
    while (i < OG_VALUES_LISTS && values->lists[i] != NULL
           && strcmp(values->lists[i]->name, name) != 0)
        i++;
    if (i == OG_VALUES_LISTS || variable == NULL)
        return og_fail(err, OG_E_LIMIT, "no place for a list %s", name);
    if (values->lists[i] == NULL)
        values->lists[i] = calloc(1, sizeof *list);
    list = values->lists[i];
    if (list == NULL)
        return og_fail(err, OG_E_NOMEM, "no memory for a list");
    list->name = variable->name;
    if (list->count < OG_VALUES_ROWS)
        *row = &list->rows[list->count++];
    return OG_OK;
}

enum og_rc
og_values_lines(struct og_values *values, const char *list, const char *text,
                struct og_err *err)
{
    enum og_rc rc = OG_OK;

    while (text != NULL && *text != '\0' && rc == OG_OK) {
        size_t len = strcspn(text, "\n");
        struct og_record *row = NULL;

        if (len > 0)
            rc = og_values_row(values, list, &row, err);
        if (rc == OG_OK && row != NULL)
            rc = og_record_set(row, "item", text, len, err);
        text += len + (text[len] == '\n');
    }
    return rc;
}

/* markup, a line end with a header field, an expansion, a terminal's escape, a turn of
 * direction, no UTF-8, and more than anybody wants to read */
static enum og_rc
add_worst(struct og_buf *out, struct og_err *err)
{
    static const char worst[] =
        "<script>alert(1)</script>\"' & </td><!-- ]]> &lt; \r\nBcc: "
        "x@evil.example\r\n\r\n"
        "${run{/bin/id}} \\n %0a =?utf-8?q?=0a?= \x1b[31m \xe2\x80\xae"
        "txt.exe \xff\xfe \xc0\xaf ";
    enum og_rc rc = og_buf_add(out, worst, sizeof worst - 1, err);

    for (int i = 0; i < 10240 && rc == OG_OK; i += 16)
        rc = og_buf_add_text(out, "long name \xc3\xa4\xe2\x82\xac ", err);
    return rc;
}

/* the worst in place of each text of a record that a stranger may choose */
static enum og_rc
spoil(struct og_record *rec, const char *worst, struct og_err *err)
{
    enum og_rc rc = OG_OK;

    for (size_t i = 0; i < rec->count && rc == OG_OK; i++) {
        const struct og_variable *variable = og_variable_find(rec->fields[i].name);
        char name[OG_RECORD_MAX_NAME + 1];

        if (variable == NULL
            || (variable->type != OG_VALUE_TEXT && variable->type != OG_VALUE_WORD
                && variable->type != OG_VALUE_SAID && variable->type != OG_VALUE_ADDRESS
                && variable->type != OG_VALUE_URL))
            continue;
        memcpy(name, variable->name, strlen(variable->name) + 1);
        rc = og_record_set_text(rec, name, worst, err);
    }
    return rc;
}

static enum og_rc
sample_list(struct og_values *values, const struct og_variable *variable,
            const char *worst, struct og_err *err)
{
    enum og_rc rc = OG_OK;

    for (const char *at = variable->sample; *at != '\0' && rc == OG_OK;) {
        size_t len = strcspn(at, "\n");
        struct og_record *row = NULL;

        rc = og_values_row(values, variable->name, &row, err);
        if (rc == OG_OK && row != NULL)
            rc = og_record_parse(at, len, row, err);
        if (rc == OG_OK && row != NULL && worst != NULL)
            rc = spoil(row, worst, err);
        at += len + (at[len] == '\n');
    }
    return rc;
}

enum og_rc
og_values_sample(struct og_values *values, bool hostile, struct og_err *err)
{
    struct og_buf worst = OG_BUF_INIT(65536);
    enum og_rc rc = hostile ? add_worst(&worst, err) : OG_OK;

    for (const struct og_variable *at = variables; at->name != NULL && rc == OG_OK; at++)
        rc = at->type == OG_VALUE_LIST ? sample_list(values, at, worst.data, err)
                                       : og_values_set(values, at->name, at->sample, err);
    if (rc == OG_OK && hostile)
        rc = spoil(&values->fields, worst.data, err);
    og_buf_free(&worst);
    return rc;
}

void
og_values_free(struct og_values *values)
{
    og_record_free(&values->fields);
    for (size_t i = 0; i < OG_VALUES_LISTS && values->lists[i] != NULL; i++) {
        for (size_t j = 0; j < values->lists[i]->count; j++)
            og_record_free(&values->lists[i]->rows[j]);
        free(values->lists[i]);
    }
    *values = (struct og_values)OG_VALUES_INIT;
}
