/* SPDX-License-Identifier: BSD-2-Clause */
/* report: as a table, as CSV (RFC 4180) and as JSON */
#include "tools/report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/time.h"

enum { KEY_WIDTH = 32, NUMBER_WIDTH = 10 };

static void
put_row(const struct report_row *row, const char *key)
{
    tool_cell(stdout, key[0] != '\0' ? key : "-", KEY_WIDTH);
    for (int i = 0; i < REPORT_COUNTS; i++)
        printf("%*" PRIu64 "%s", i == REPORT_BYTES ? NUMBER_WIDTH + 4 : NUMBER_WIDTH,
               row->counts[i], i + 1 < REPORT_COUNTS ? " " : "\n");
}

static void
put_head(const char *what)
{
    tool_cell(stdout, what, KEY_WIDTH);
    for (int i = 0; i < REPORT_COUNTS; i++)
        printf("%*s%s", i == REPORT_BYTES ? NUMBER_WIDTH + 4 : NUMBER_WIDTH,
               report_count_text((enum report_count)i),
               i + 1 < REPORT_COUNTS ? " " : "\n");
}

int
report_text(const struct report *report)
{
    char since[OG_TIME_TEXT] = "", until[OG_TIME_TEXT] = "";

    if (og_time_print(report->since, since, NULL) == OG_OK
        && og_time_print(report->until, until, NULL) == OG_OK)
        printf("%s to %s\n\n", since, until);
    put_head(report->by);
    for (size_t i = 0; i < report->groups.count; i++)
        put_row(&report->groups.rows[i], report->groups.rows[i].key);
    put_row(&report->total, "all");
    return TOOL_DONE;
}

/* a field that a spreadsheet would take for a formula gets a ' in front: the text may
 * come from a mail */
static void
put_csv(const char *text)
{
    char *plain = tool_printable(text);

    if (plain == NULL)
        return;
    putchar('"');
    if (strchr("=+-@\t\r", plain[0]) != NULL && plain[0] != '\0')
        putchar('\'');
    for (const char *at = plain; *at != '\0'; at++) {
        if (*at == '"')
            putchar('"');
        putchar(*at);
    }
    putchar('"');
    free(plain);
}

int
report_csv(const struct report *report)
{
    printf("%s", report->by);
    for (int i = 0; i < REPORT_COUNTS; i++)
        printf(",%s", report_count_text((enum report_count)i));
    fputs("\r\n", stdout);
    for (size_t i = 0; i < report->groups.count; i++) {
        put_csv(report->groups.rows[i].key);
        for (int c = 0; c < REPORT_COUNTS; c++)
            printf(",%" PRIu64, report->groups.rows[i].counts[c]);
        fputs("\r\n", stdout);
    }
    return TOOL_DONE;
}

static json_t *
row_json(const struct report_row *row, const char *name)
{
    json_t *one = json_object();

    if (name != NULL)
        (void)json_object_set_new(one, name, tool_string(row->key));
    for (int i = 0; i < REPORT_COUNTS; i++)
        (void)json_object_set_new(one, report_count_text((enum report_count)i),
                                  json_integer((json_int_t)row->counts[i]));
    return one;
}

static json_t *
table_json(const struct report_table *table, const char *name)
{
    json_t *list = json_array();

    for (size_t i = 0; i < table->count; i++)
        (void)json_array_append_new(list, row_json(&table->rows[i], name));
    return list;
}

int
report_json(const struct report *report)
{
    char since[OG_TIME_TEXT] = "", until[OG_TIME_TEXT] = "";

    if (og_time_print(report->since, since, NULL) != OG_OK
        || og_time_print(report->until, until, NULL) != OG_OK)
        return tool_fail(report->tool, TOOL_USAGE, "the times are out of bounds");
    return tool_json(report->tool,
                     json_pack("{s:s, s:s, s:s, s:o, s:o, s:o}", "since", since, "until",
                               until, "by", report->by, "rows",
                               table_json(&report->groups, report->by), "classes",
                               table_json(&report->classes, "class"), "total",
                               row_json(&report->total, NULL)));
}
