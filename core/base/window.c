/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/base/window.h"

#include <string.h>

#include "core/base/time.h"

/* Why slots = B + 1, and why that is right to the instant. Times t are real, so are
 * ends of intervals; n(t) = floor(t / width), the same for t cut to its second.
 * Exact: from t >= now - B * width follows n(t) >= n(now) - B, so all of [now - length,
 * now] is counted. Usable: t counts until (n(t) + B + 1) * width <= t + length + width,
 * so a limit is renewed at least every (B + 1) * width: B / (B + 1) > 1 - 1 / B. */
static const struct kind {
    const char *text;
    unsigned slots;       /* sub-buckets that count: B whole ones, one partly expired */
    int64_t width;        /* of one, in seconds; divides a day */
    unsigned char unit;   /* of a distance in the text form */
    unsigned char stride; /* width in this unit */
} kinds[OG_WINDOWS] = {
    [OG_MINUTE] = { "minute", 61, 1, 's', 1 },
    [OG_HOUR] = { "hour", 61, 60, 'm', 1 },
    [OG_DAY] = { "day", 49, 1800, 'm', 30 },
    [OG_WEEK] = { "week", 57, 10800, 'h', 3 },
    [OG_MONTH] = { "month", 61, 43200, 'h', 12 },
};

enum {
    MAX_DIGITS = 20,               /* of UINT64_MAX */
    TIME_BYTES = OG_TIME_TEXT - 1, /* of a time without its NUL */
};

/* dense is longest: a distance, `,+720h` and its colon, costs less than the count and
 * comma of the sub-bucket it leaves out */
_Static_assert(OG_WINDOW_TEXT >= TIME_BYTES + OG_WINDOW_SLOTS * (MAX_DIGITS + 1) + 1,
               "the longest text form fits");

const char *
og_window_span_text(enum og_window_span span)
{
    return kinds[span].text;
}

int64_t
og_window_span_seconds(enum og_window_span span)
{
    return (int64_t)(kinds[span].slots - 1) * kinds[span].width;
}

int64_t
og_window_span_width(enum og_window_span span)
{
    return kinds[span].width;
}

/* The number of a time's sub-bucket. Never negative, so that the division rounds down;
 * OG_TIME_MIN is a midnight, so that every width's sub-buckets end at midnight. */
static int64_t
number_of(const struct kind *kind, int64_t t)
{
    if (t < OG_TIME_MIN)
        t = OG_TIME_MIN;
    if (t > OG_TIME_MAX)
        t = OG_TIME_MAX;
    return (t - OG_TIME_MIN) / kind->width;
}

/* when a sub-bucket begins */
static int64_t
start_of(const struct kind *kind, int64_t number)
{
    return OG_TIME_MIN + number * kind->width;
}

static int64_t
newest(const struct og_window *w)
{
    return w->oldest + w->used - 1;
}

/* how many counts from the oldest on have expired; none more while the clock is behind */
static unsigned
expired(const struct og_window *w, int64_t now)
{
    const struct kind *kind = &kinds[w->span];
    int64_t n = number_of(kind, now) - (int64_t)kind->slots + 1 - w->oldest;

    if (n <= 0)
        return 0;
    return n < w->used ? (unsigned)n : w->used;
}

/* drop so many of the oldest counts, and those that are 0 behind them */
static void
drop(struct og_window *w, unsigned n)
{
    while (n < w->used && w->counts[n] == 0)
        n++;
    if (n == 0)
        return;
    w->used -= n;
    w->oldest = w->used > 0 ? w->oldest + n : 0;
    memmove(w->counts, w->counts + n, w->used * sizeof w->counts[0]);
}

static uint64_t
add_saturated(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

uint64_t
og_window_sum(const struct og_window *w, int64_t now)
{
    uint64_t sum = 0;

    for (unsigned i = expired(w, now); i < w->used; i++)
        sum = add_saturated(sum, w->counts[i]);
    return sum;
}

bool
og_window_fits(const struct og_window *w, int64_t now, uint64_t limit, uint64_t amount)
{
    return amount <= limit && og_window_sum(w, now) <= limit - amount;
}

void
og_window_add(struct og_window *w, int64_t now, uint64_t amount)
{
    int64_t number = number_of(&kinds[w->span], now);

    if (amount == 0)
        return;
    drop(w, expired(w, now));
    if (w->used == 0)
        w->oldest = number;
    while (w->used == 0 || newest(w) < number) /* ends before slots: see expired() */
        w->counts[w->used++] = 0;
    w->counts[w->used - 1] = add_saturated(w->counts[w->used - 1], amount);
}

enum og_rc
og_window_free_at(const struct og_window *w, int64_t now, uint64_t limit, uint64_t amount,
                  int64_t *when, struct og_err *err)
{
    const struct kind *kind = &kinds[w->span];
    unsigned end = expired(w, now), i = w->used;
    uint64_t sum = 0;

    if (amount > limit)
        return og_fail(err, OG_E_RANGE, "%llu a %s never fit under a limit of %llu",
                       (unsigned long long)amount, kind->text, (unsigned long long)limit);
    while (i > end && sum <= limit - amount)
        sum = add_saturated(sum, w->counts[--i]);
    *when = now;
    if (sum > limit - amount) /* number i and all older ones must expire */
        *when = start_of(kind, w->oldest + i + (int64_t)kind->slots);
    return OG_OK;
}

/* append a number, without NUL; yields the place after it */
static char *
put_number(char *at, uint64_t n)
{
    if (n >= 10)
        at = put_number(at, n / 10); /* at most MAX_DIGITS deep */
    *at = (char)('0' + n % 10);
    return at + 1;
}

size_t
og_window_print(const struct og_window *w, char out[OG_WINDOW_TEXT])
{
    const struct kind *kind = &kinds[w->span];
    char *at = out;

    *at = '\0';
    if (w->used == 0 || og_time_print(start_of(kind, w->oldest), out, NULL) != OG_OK)
        return 0; /* a count always has a time that can be printed */
    at += TIME_BYTES;
    *at++ = ':';
    at = put_number(at, w->counts[0]);
    for (unsigned i = 1, last = 0; i < w->used; i++) {
        if (w->counts[i] == 0)
            continue;
        *at++ = ',';
        if (i - last > 1) {
            *at++ = '+';
            at = put_number(at, (uint64_t)(i - last) * kind->stride);
            *at++ = (char)kind->unit;
            *at++ = ':';
        }
        at = put_number(at, w->counts[i]);
        last = i;
    }
    *at = '\0';
    return (size_t)(at - out);
}

/* the text that is still to be read */
struct rest {
    const char *at;
    const char *end;
};

static bool
skip(struct rest *rest, char c)
{
    if (rest->at == rest->end || *rest->at != c)
        return false;
    rest->at++;
    return true;
}

static enum og_rc
bad_number(bool readable, struct og_err *err)
{
    if (!readable)
        return og_fail(err, OG_E_SYNTAX, "no number where a window's count should be");
    return og_fail(err, OG_E_RANGE, "a window's number is 0 or too large");
}

/* a number from 1 on, without leading zeros; most of the time of reading goes here */
static inline enum og_rc
read_number(struct rest *rest, uint64_t *number, struct og_err *err)
{
    const char *from = rest->at, *end = rest->end, *at = from;
    bool wraps = false;
    uint64_t n = 0;

    for (; at < end && *at >= '0' && *at <= '9'; at++) {
        wraps |= __builtin_mul_overflow(n, 10, &n);
        wraps |= __builtin_add_overflow(n, (uint64_t)(*at - '0'), &n);
    }
    if (at == from || *from == '0' || wraps)
        return bad_number(at > from && (*from != '0' || at - from == 1), err);
    rest->at = at;
    *number = n;
    return OG_OK;
}

/* `2026-11-21T18:00:00Z:`, exactly so and at the start of a sub-bucket */
static enum og_rc
read_start(const struct kind *kind, struct rest *rest, int64_t *number,
           struct og_err *err)
{
    char text[OG_TIME_TEXT] = "";
    int64_t t;
    enum og_rc rc;

    if (rest->end - rest->at <= TIME_BYTES || rest->at[TIME_BYTES] != ':')
        return og_fail(err, OG_E_SYNTAX, "a window does not begin with a time");
    memcpy(text, rest->at, TIME_BYTES);
    if (strlen(text) < TIME_BYTES) /* a NUL may hide behind a date */
        return og_fail(err, OG_E_SYNTAX, "a window does not begin with a time");
    rc = og_time_parse(text, &t, err);
    if (rc != OG_OK)
        return rc;
    *number = number_of(kind, t);
    if (start_of(kind, *number) != t)
        return og_fail(err, OG_E_RANGE, "no part of a window of a %s begins at %s",
                       kind->text, text);
    rest->at += TIME_BYTES + 1;
    return OG_OK;
}

/* `,` or `,+90m:`: how many sub-buckets from one count to the next */
static enum og_rc
read_distance(const struct kind *kind, struct rest *rest, unsigned *distance,
              struct og_err *err)
{
    uint64_t n;
    enum og_rc rc;

    if (!skip(rest, ','))
        return og_fail(err, OG_E_SYNTAX, "no comma after a window's count");
    *distance = 1;
    if (!skip(rest, '+'))
        return OG_OK;
    rc = read_number(rest, &n, err);
    if (rc != OG_OK)
        return rc;
    if (!skip(rest, (char)kind->unit) || !skip(rest, ':'))
        return og_fail(err, OG_E_SYNTAX, "no '%c:' after a distance in a window of a %s",
                       kind->unit, kind->text);
    if (n % kind->stride != 0 || n == kind->stride || n / kind->stride >= kind->slots)
        return og_fail(err, OG_E_RANGE, "no distance of %llu%c in a window of a %s",
                       (unsigned long long)n, kind->unit, kind->text);
    *distance = (unsigned)n / kind->stride;
    return OG_OK;
}

/* the counts after the first into w, whose first one is there */
static enum og_rc
read_counts(const struct kind *kind, struct rest *rest, struct og_window *w,
            struct og_err *err)
{
    while (rest->at < rest->end) {
        unsigned distance;
        enum og_rc rc = read_distance(kind, rest, &distance, err);

        if (rc != OG_OK)
            return rc;
        if (distance > kind->slots - w->used)
            return og_fail(err, OG_E_RANGE, "more counts than a window of a %s has",
                           kind->text);
        while (--distance > 0)
            w->counts[w->used++] = 0;
        rc = read_number(rest, &w->counts[w->used++], err);
        if (rc != OG_OK)
            return rc;
    }
    return OG_OK;
}

enum og_rc
og_window_parse(const char *text, size_t len, enum og_window_span span,
                struct og_window *w, struct og_err *err)
{
    const struct kind *kind = &kinds[span];
    struct rest rest = { text, len > 0 ? text + len : text };
    struct og_window fresh;
    enum og_rc rc = OG_OK;

    fresh.used = 0; /* its counts are set up to here; zeroing all takes longer */
    fresh.oldest = 0;
    if (len > 0) {
        rc = read_start(kind, &rest, &fresh.oldest, err);
        if (rc == OG_OK)
            rc = read_number(&rest, &fresh.counts[fresh.used++], err);
        if (rc == OG_OK)
            rc = read_counts(kind, &rest, &fresh, err);
        if (rc == OG_OK && start_of(kind, newest(&fresh)) > OG_TIME_MAX)
            rc = og_fail(err, OG_E_RANGE, "a window ends after the year 9999");
    }
    if (rc != OG_OK)
        return rc;
    w->span = span;
    w->used = fresh.used;
    w->oldest = fresh.oldest;
    memcpy(w->counts, fresh.counts, fresh.used * sizeof fresh.counts[0]);
    return OG_OK;
}
