/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_BASE_WINDOW_H
#define OG_BASE_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"

/*
 * Rolling windows: how much was accepted in the last minute, hour, day, week (7 days)
 * and month (30 days), at any moment, in a fixed amount of memory.
 *
 * A window is cut into B sub-buckets. The oldest one counts whole until all of it has
 * left the window, so an amount counts for at least the window's length and at most one
 * sub-bucket longer:
 *
 *                 B x width     an amount of 09:00:00 UTC stops counting at
 *     minute     60 x 1 s       09:01:01
 *     hour       60 x 1 min     10:01
 *     day        48 x 30 min    09:30 the next day
 *     week       56 x 3 h       12:00 seven days later
 *     month      60 x 12 h      12:00 thirty days later
 *
 * Who adds an amount only where og_window_fits() has said yes never has more than the
 * limit accepted in any interval of the window's length, both ends included; who sends
 * whatever is accepted gets at least 1 - 1/B of the limit in each window's length.
 *
 * Time is an argument: seconds as of og_time_now(), the current second begun, not
 * rounded. It may step backwards: a window stays in the sub-bucket of its newest amount
 * until the clock has caught up, so nothing is forgotten and nothing counted less. A
 * step forward by a window's length empties it, as silence would. A time outside
 * OG_TIME_MIN..OG_TIME_MAX counts as the nearer bound.
 */
enum og_window_span {
    OG_MINUTE,
    OG_HOUR,
    OG_DAY,
    OG_WEEK,
    OG_MONTH,
    OG_WINDOWS, /* how many there are */
};

enum {
    OG_WINDOW_SLOTS = 61,  /* sub-buckets of a window at most, the partly expired too */
    OG_WINDOW_TEXT = 1302, /* bytes of the longest text form with its NUL */
};

/*
 * One window in one unit. No pointers: copy it with `=`. Only these functions change it;
 * whoever shows windows may read it.
 */
struct og_window {
    enum og_window_span span;
    unsigned used;  /* counts in use: 0 when empty, else the first and last are not 0 */
    int64_t oldest; /* number of the first one's sub-bucket since OG_TIME_MIN */
    uint64_t counts[OG_WINDOW_SLOTS]; /* of this sub-bucket and those that follow */
};

#define OG_WINDOW_INIT(window_span) \
    {                               \
        .span = (window_span)       \
    }

/* og_window_span_text - `minute`, `hour`, `day`, `week`, `month`;
 * og_window_span_seconds, og_window_span_width - the length and one sub-bucket's */
const char *og_window_span_text(enum og_window_span span);
int64_t og_window_span_seconds(enum og_window_span span);
int64_t og_window_span_width(enum og_window_span span);

/* og_window_sum - what counts now; UINT64_MAX stands for that and anything above */
uint64_t og_window_sum(const struct og_window *w, int64_t now);

/* og_window_fits - may `amount` more be added now under limit? Limit 0 allows nothing;
 * an amount of 0 asks whether the sum is within the limit. */
bool og_window_fits(const struct og_window *w, int64_t now, uint64_t limit,
                    uint64_t amount);

/* og_window_add - count amount at now; a sub-bucket stops at UINT64_MAX. An amount of 0
 * changes nothing. */
void og_window_add(struct og_window *w, int64_t now, uint64_t amount);

/*
 * og_window_free_at - when will `amount` more fit under limit, if nothing is added?
 *
 * when  receives the first second at which og_window_fits() says yes; now if it does
 *       already. Later than now plus length plus width only while the clock is behind.
 *
 * Returns OG_OK; OG_E_RANGE when that is never: amount is above limit.
 */
enum og_rc og_window_free_at(const struct og_window *w, int64_t now, uint64_t limit,
                             uint64_t amount, int64_t *when,
                             struct og_err *err) OG_CHECKED;

/*
 * og_window_print - the text form for a record's value; yields its length
 *
 *     2026-11-21T18:00:00Z:3,5,+90m:7
 *
 * The counts of the sub-buckets that are not empty, oldest first, separated by commas.
 * The first has in front when its sub-bucket begins; one that does not follow directly
 * on the one before has its distance from that, in the window's own unit: s minute, m
 * hour and day, h week and month. Here, in a window of a day: 3 from 18:00, 5 from
 * 18:30, 7 from 20:00. No blanks, no '%'. The empty window is the empty text.
 */
size_t og_window_print(const struct og_window *w, char out[OG_WINDOW_TEXT]);

/*
 * og_window_parse - read a text form
 *
 * text, len  exactly what og_window_print() writes; no NUL needed, may be hostile
 * span       the window it was printed from; the text does not tell
 * w          receives the window
 *
 * Every text has one window and every window one text. Returns OG_OK; OG_E_SYNTAX;
 * OG_E_RANGE for a time or distance that is no sub-bucket's of this span, a time before
 * OG_TIME_MIN or after OG_TIME_MAX, a count of 0 or above UINT64_MAX, and for counts
 * that lie further apart than the span.
 */
enum og_rc og_window_parse(const char *text, size_t len, enum og_window_span span,
                           struct og_window *w, struct og_err *err) OG_CHECKED;

#endif
