/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_MAIL_VALUES_H
#define OG_MAIL_VALUES_H

#include "core/base/record.h"

/* What a template can say: variables by name, each a row of values.def, and lists of rows */

enum og_value_type {
    OG_VALUE_TEXT,
    OG_VALUE_NUMBER,
    OG_VALUE_TIME,
    OG_VALUE_DURATION,
    OG_VALUE_ADDRESS,
    OG_VALUE_URL,
    OG_VALUE_WORD,
    OG_VALUE_SAID,
    OG_VALUE_LIST,
};

struct og_variable {
    const char *name;
    enum og_value_type type;
    const char *sample;
    const char *help;
};

/* og_variable_find - the row of that name, or NULL */
const struct og_variable *og_variable_find(const char *name);

enum {
    OG_VALUES_LISTS = 4,
    OG_VALUES_ROWS = 100, /* of one list; more are left out */
};

struct og_value_list {
    const char *name; /* of a row of values.def */
    struct og_record rows[OG_VALUES_ROWS];
    size_t count;
};

struct og_values {
    struct og_record
        fields; /* numbers and durations in decimal, times as og_time_print */
    struct og_value_list *lists[OG_VALUES_LISTS]; /* NULL behind the last one */
};

#define OG_VALUES_INIT  \
    {                   \
        OG_RECORD_INIT, \
        {               \
            NULL        \
        }               \
    }

/* og_values_set - one variable; NULL and "" leave it unset; the codes of og_record_set */
enum og_rc og_values_set(struct og_values *values, const char *name, const char *text,
                         struct og_err *err) OG_CHECKED;

/*
 * og_values_row - one row more in a list; the list is made with its first one
 *
 * row  receives it, empty; NULL when the list is full
 */
enum og_rc og_values_row(struct og_values *values, const char *list,
                         struct og_record **row, struct og_err *err) OG_CHECKED;

/* og_values_lines - a list of one column, `item`, from the lines of a text */
enum og_rc og_values_lines(struct og_values *values, const char *list, const char *text,
                           struct og_err *err) OG_CHECKED;

/* og_values_list - the list of that name, or NULL */
const struct og_value_list *og_values_list(const struct og_values *values,
                                           const char *name);

/* og_values_sample - a value for every variable, as values.def has them; hostile: the
 * worst a mail could bring instead, wherever text is a stranger's */
enum og_rc og_values_sample(struct og_values *values, _Bool hostile,
                            struct og_err *err) OG_CHECKED;

void og_values_free(struct og_values *values);

#endif
