/* SPDX-License-Identifier: BSD-2-Clause */
/* Rolling windows, a row for every edge; senders are in test_window_senders.c. */
#include "tests/unit/rows.h"

#include "core/base/time.h"
#include "core/base/window.h"

static const int64_t T0 = 1795219200; /* 2026-11-21T00:00:00Z */

enum { MIN = 60, HOUR = 3600, DAY = 86400, WEEK = 7 * DAY, MONTH = 30 * DAY };

/* 3 are added at T0 + add, unless that is 0 also 4 at T0; sum is asked at T0 + now */
static const struct {
    enum og_window_span span;
    int64_t add, now;
    uint64_t sum;
} sum_rows[] = {
    { OG_MINUTE, 0, 0, 3 },
    { OG_MINUTE, 0, MIN, 3 }, /* of 00:00:00.9 it is 59.1 s later */
    { OG_MINUTE, 0, MIN + 1, 0 },
    { OG_MINUTE, MIN, MIN, 7 },
    { OG_MINUTE, MIN, MIN + 1, 3 },
    { OG_MINUTE, MIN, 2 * MIN, 3 },
    { OG_MINUTE, MIN, 2 * MIN + 1, 0 },
    { OG_MINUTE, MIN + 1, MIN + 1, 3 },
    { OG_HOUR, 59, HOUR + 59, 7 },
    { OG_HOUR, 59, HOUR + MIN, 0 },
    { OG_HOUR, MIN, HOUR + MIN - 1, 7 },
    { OG_HOUR, MIN, HOUR + MIN, 3 },
    { OG_DAY, 1799, DAY + 1799, 7 },
    { OG_DAY, 1799, DAY + 1800, 0 },
    { OG_DAY, 1800, DAY + 1800, 3 },
    { OG_WEEK, 3 * HOUR - 1, WEEK + 3 * HOUR - 1, 7 },
    { OG_WEEK, 3 * HOUR - 1, WEEK + 3 * HOUR, 0 },
    { OG_WEEK, 3 * HOUR, WEEK + 3 * HOUR, 3 },
    { OG_MONTH, DAY / 2 - 1, MONTH + DAY / 2 - 1, 7 },
    { OG_MONTH, DAY / 2 - 1, MONTH + DAY / 2, 0 },
    { OG_MONTH, DAY / 2, MONTH + DAY / 2, 3 },
    /* the clock is behind: at the sum, at the second amount, by years */
    { OG_MINUTE, MIN, 0, 7 },
    { OG_MINUTE, -MIN, 1, 7 },
    { OG_MINUTE, -MIN, MIN, 7 }, /* counts from T0, as the one before it */
    { OG_MINUTE, -MIN, MIN + 1, 0 },
    { OG_MONTH, INT64_C(-1000) * DAY, INT64_C(-2000) * DAY, 7 },
    { OG_MONTH, INT64_MIN / 2, INT64_MIN / 2, 7 },
    /* gaps of years */
    { OG_MONTH, INT64_C(4000) * DAY, INT64_C(4000) * DAY, 3 },
    { OG_MONTH, DAY, INT64_MAX / 2, 0 },
};

static void
test_sum(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(sum_rows); i++) {
        struct og_window w = OG_WINDOW_INIT(sum_rows[i].span);
        uint64_t sum;

        if (sum_rows[i].add != 0)
            og_window_add(&w, T0, 4);
        og_window_add(&w, T0 + sum_rows[i].add, 3);
        sum = og_window_sum(&w, T0 + sum_rows[i].now);
        if (sum != sum_rows[i].sum)
            fail_msg("row %zu: sum %" PRIu64 ", expected %" PRIu64, i, sum,
                     sum_rows[i].sum);
    }
}

static void
test_spans(void **state)
{
    static const char *const text[] = { "minute", "hour", "day", "week", "month" };
    static const int64_t seconds[] = { MIN, HOUR, DAY, WEEK, MONTH };
    static const int64_t width[] = { 1, MIN, 1800, 3 * HOUR, DAY / 2 };

    (void)state;
    assert_int_equal(OG_WINDOWS, N_ELEMENTS(text));
    for (enum og_window_span span = 0; span < OG_WINDOWS; span++) {
        assert_string_equal(og_window_span_text(span), text[span]);
        assert_int_equal(og_window_span_seconds(span), seconds[span]);
        assert_int_equal(og_window_span_width(span), width[span]);
    }
    assert_in_range(sizeof(struct og_window), 1, 512);
}

/* an hour with 3 of T0, 4 of a minute later, asked half an hour later */
static const struct {
    uint64_t limit, amount;
    enum og_rc rc;
    int64_t when; /* after T0 */
} free_rows[] = {
    { 10, 3, OG_OK, HOUR / 2 },
    { 10, 4, OG_OK, HOUR + MIN },
    { 10, 6, OG_OK, HOUR + MIN },
    { 10, 7, OG_OK, HOUR + 2 * MIN },
    { 10, 10, OG_OK, HOUR + 2 * MIN },
    { 10, 11, OG_E_RANGE, 0 },
    { 7, 0, OG_OK, HOUR / 2 },
    { 6, 0, OG_OK, HOUR + MIN }, /* the limit was lowered */
    { 0, 0, OG_OK, HOUR + 2 * MIN },
    { 0, 1, OG_E_RANGE, 0 },
    { UINT64_MAX, UINT64_MAX - 7, OG_OK, HOUR / 2 },
    { UINT64_MAX, UINT64_MAX - 6, OG_OK, HOUR + MIN },
    { UINT64_MAX - 1, UINT64_MAX, OG_E_RANGE, 0 },
};

static void
test_free_at(void **state)
{
    struct og_window w = OG_WINDOW_INIT(OG_HOUR);

    (void)state;
    og_window_add(&w, T0 + 59, 3);
    og_window_add(&w, T0 + 60, 4);
    for (size_t i = 0; i < N_ELEMENTS(free_rows); i++) {
        struct og_err err = { "" };
        int64_t when = -1;

        row_rc(i,
               og_window_free_at(&w, T0 + HOUR / 2, free_rows[i].limit,
                                 free_rows[i].amount, &when, &err),
               free_rows[i].rc, &err);
        if (when != (free_rows[i].rc == OG_OK ? T0 + free_rows[i].when : -1))
            fail_msg("row %zu: free at T0 + %" PRId64, i, when - T0);
        assert_int_equal(free_rows[i].rc == OG_OK, err.text[0] == '\0');
    }
}

static const struct {
    enum og_window_span span;
    const char *text;
    enum og_rc rc;
    uint64_t sum; /* of all counts */
} text_rows[] = {
    { OG_MINUTE, "", OG_OK, 0 },
    { OG_MINUTE, "2026-11-21T18:12:21Z:3", OG_OK, 3 },
    { OG_MINUTE, "2026-11-21T18:12:21Z:3,5", OG_OK, 8 },
    { OG_MINUTE, "2026-11-21T18:12:21Z:3,+60s:1099511627776", OG_OK, 1099511627779 },
    { OG_MINUTE, "2026-11-21T18:12:21Z:1,+2s:1,1,+57s:1", OG_OK, 4 },
    { OG_HOUR, "2026-11-21T18:12:00Z:3,+2m:5", OG_OK, 8 },
    { OG_DAY, "2026-11-21T18:00:00Z:3,5,+90m:7", OG_OK, 15 },
    { OG_WEEK, "2026-11-21T18:00:00Z:3,+168h:7", OG_OK, 10 },
    { OG_MONTH, "2026-11-21T12:00:00Z:3,+720h:7", OG_OK, 10 },
    { OG_MONTH, "0000-01-01T00:00:00Z:18446744073709551615", OG_OK, UINT64_MAX },
    { OG_MONTH, "9999-12-01T12:00:00Z:1,+720h:1", OG_OK, 2 },
    { OG_MINUTE, "9999-12-31T23:59:59Z:1", OG_OK, 1 },
    { OG_MINUTE, "9999-12-31T23:59:59Z:1,1", OG_E_RANGE, 0 },
    { OG_MONTH, "9999-12-02T12:00:00Z:1,+720h:1", OG_E_RANGE, 0 },
    { OG_MINUTE, "2026-11-21T18:12:21Z:3,+61s:5", OG_E_RANGE, 0 },
    { OG_MINUTE, "2026-11-21T18:12:21Z:3,+60s:5,1", OG_E_RANGE, 0 },
    { OG_DAY, "2026-11-21T18:00:00Z:3,+1470m:7", OG_E_RANGE, 0 },
    { OG_DAY, "2026-11-21T18:00:00Z:3,+30m:7", OG_E_RANGE, 0 }, /* that is `,7` */
    { OG_DAY, "2026-11-21T18:00:00Z:3,+0m:7", OG_E_RANGE, 0 },
    { OG_DAY, "2026-11-21T18:00:00Z:3,+75m:7", OG_E_RANGE, 0 },
    { OG_DAY, "2026-11-21T18:00:00Z:3,+18446744073709551646m:7", OG_E_RANGE, 0 },
    { OG_DAY, "2026-11-21T18:15:00Z:3", OG_E_RANGE, 0 },
    { OG_MONTH, "2026-11-21T18:00:00Z:3", OG_E_RANGE, 0 },
    { OG_MINUTE, "2026-02-30T18:00:00Z:3", OG_E_RANGE, 0 },
    { OG_MINUTE, "2026-11-21T18:12:21Z:0", OG_E_RANGE, 0 },
    { OG_MINUTE, "2026-11-21T18:12:21Z:3,0", OG_E_RANGE, 0 },
    { OG_MINUTE, "2026-11-21T18:12:21Z:18446744073709551616", OG_E_RANGE, 0 },
    { OG_MINUTE, "2026-11-21T18:12:21Z:99999999999999999999999", OG_E_RANGE, 0 },
    { OG_DAY, "2026-11-21T18:00:00Z:3,+90h:7", OG_E_SYNTAX, 0 },
    { OG_DAY, "2026-11-21T18:00:00Z:3,+90:7", OG_E_SYNTAX, 0 },
    { OG_DAY, "2026-11-21T18:00:00Z:3,+90m7", OG_E_SYNTAX, 0 },
    { OG_DAY, "2026-11-21T18:00:00Z:3,+m:7", OG_E_SYNTAX, 0 },
    { OG_DAY, "2026-11-21T18:00:00Z:3,+090m:7", OG_E_SYNTAX, 0 },
    { OG_DAY, "2026-11-21T18:00:00Z:3,-90m:7", OG_E_SYNTAX, 0 },
    { OG_MINUTE, "2026-11-21T18:12:21Z:03", OG_E_SYNTAX, 0 },
    { OG_MINUTE, "2026-11-21T18:12:21Z:-3", OG_E_SYNTAX, 0 },
    { OG_MINUTE, "2026-11-21T18:12:21Z:3,", OG_E_SYNTAX, 0 },
    { OG_MINUTE, "2026-11-21T18:12:21Z:3,,5", OG_E_SYNTAX, 0 },
    { OG_MINUTE, "2026-11-21T18:12:21Z:3 ", OG_E_SYNTAX, 0 },
    { OG_MINUTE, "2026-11-21T18:12:21Z:,3", OG_E_SYNTAX, 0 },
    { OG_MINUTE, "2026-11-21T18:12:21Z:", OG_E_SYNTAX, 0 },
    { OG_MINUTE, "2026-11-21T18:12:21Z", OG_E_SYNTAX, 0 },
    { OG_MINUTE, "2026-11-21T18:12:21 :3", OG_E_SYNTAX, 0 },
    { OG_MINUTE, "2026-11-21:3", OG_E_SYNTAX, 0 },
    { OG_MINUTE, "1795284741:3", OG_E_SYNTAX, 0 },
    { OG_MINUTE, ":3", OG_E_SYNTAX, 0 },
};

static bool
same(const struct og_window *a, const struct og_window *b)
{
    return a->span == b->span && a->used == b->used && a->oldest == b->oldest
           && memcmp(a->counts, b->counts, a->used * sizeof a->counts[0]) == 0;
}

static void
test_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(text_rows); i++) {
        struct og_window old = { OG_WEEK, 1, 7, { 7 } }, w = old;
        struct og_err err = { "" };
        size_t len = strlen(text_rows[i].text);
        char *exact = exact_copy(text_rows[i].text, len), out[OG_WINDOW_TEXT];

        row_rc(i, og_window_parse(exact, len, text_rows[i].span, &w, &err),
               text_rows[i].rc, &err);
        assert_int_equal(text_rows[i].rc == OG_OK, err.text[0] == '\0');
        if (text_rows[i].rc == OG_OK) {
            assert_int_equal(og_window_print(&w, out), len);
            row_text(i, out, text_rows[i].text);
            assert_int_equal(og_window_sum(&w, OG_TIME_MIN), text_rows[i].sum);
        } else {
            assert_true(same(&w, &old));
        }
        free(exact);
    }
    assert_int_equal(og_window_parse("2026-11-21\0T18:12:21Z:3", 23, OG_MINUTE,
                                     &(struct og_window){ 0 }, NULL),
                     OG_E_SYNTAX);
    assert_int_equal(og_window_parse("2026-11-21\0-12:12:21:3", 22, OG_MINUTE,
                                     &(struct og_window){ 0 }, NULL),
                     OG_E_SYNTAX);
}

/* full windows: exact sums of 2^40, the longest text, and nothing wraps */
static void
test_large(void **state)
{
    static const uint64_t counts[] = { 1, UINT64_C(1) << 40, UINT64_MAX };

    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(counts); i++)
        for (enum og_window_span span = 0; span < OG_WINDOWS; span++) {
            struct og_window w = OG_WINDOW_INIT(span), back;
            int64_t width = og_window_span_width(span);
            uint64_t slots = (uint64_t)(og_window_span_seconds(span) / width) + 1;
            char out[OG_WINDOW_TEXT];
            size_t len;

            for (uint64_t n = 0; n < slots; n++)
                og_window_add(&w, T0 + (int64_t)n * width, counts[i]);
            assert_int_equal(og_window_sum(&w, T0),
                             counts[i] == UINT64_MAX ? UINT64_MAX : slots * counts[i]);
            len = og_window_print(&w, out);
            assert_int_equal(len, strlen(out));
            if (counts[i] == UINT64_MAX && slots == OG_WINDOW_SLOTS)
                assert_int_equal(len, OG_WINDOW_TEXT - 1);
            assert_int_equal(og_window_parse(out, len, span, &back, NULL), OG_OK);
            assert_true(same(&w, &back));
            og_window_add(&w, T0, counts[i]);
            og_window_add(&w, T0, 0);
            assert_true(og_window_sum(&w, T0) >= og_window_sum(&back, T0));
        }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sum),     cmocka_unit_test(test_spans),
        cmocka_unit_test(test_free_at), cmocka_unit_test(test_text),
        cmocka_unit_test(test_large),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
