/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_TOOLS_REPORT_H
#define OG_TOOLS_REPORT_H

#include <stdint.h>

#include "tools/tool.h"

/* what is counted of a group of events */
enum report_count {
    REPORT_ACCEPTED,   /* messages */
    REPORT_RECIPIENTS, /* of them */
    REPORT_BYTES,      /* of them */
    REPORT_DEFERRED,   /* refusals with 4xx */
    REPORT_REJECTED,   /* with 5xx */
    REPORT_DISCARDED,
    REPORT_INCIDENTS, /* what lock rules look at */
    REPORT_LOCKS,     /* begun */
    REPORT_COUNTS,
};

struct report_row {
    char *key; /* of the event: bytes from mail */
    uint64_t counts[REPORT_COUNTS];
};

struct report_table {
    struct report_row *rows; /* sorted by what the table is about */
    size_t count;
};

enum { REPORT_SLOTS = 62 }; /* at most, in the plot over time */

struct report {
    struct tool *tool;
    const char *by;
    int64_t since, until;
    int64_t slot;  /* seconds of one place in the plot, a whole hour or day in UTC */
    int64_t first; /* when the first one begins */
    struct report_row slots[REPORT_SLOTS];
    size_t slot_count;
    struct report_row total;
    struct report_table groups, classes;
};

/* report_count_text - `accepted`, `recipients` ... */
const char *report_count_text(enum report_count count);

/* three forms of the same; all go to standard output */
int report_text(const struct report *report);
int report_csv(const struct report *report);
int report_json(const struct report *report);
/* one HTML page that needs nothing else: styles and plots stand in it */
int report_html(const struct report *report);

#endif
