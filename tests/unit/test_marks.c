/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/rows.h"

#include "core/base/marks.h"
#include "core/base/time.h"

#define T1 "2026-11-21T18:12:21Z"
#define T2 "2026-11-21T18:12:22Z"

static const struct {
    const char *in;
    enum og_rc rc;
    size_t count;
} rows[] = {
    { "", OG_OK, 0 },
    { T1, OG_OK, 1 },
    { T1 "," T1, OG_OK, 2 },
    { T1 "," T2 "/1a2b3c4d", OG_OK, 2 },
    { T1 "/ffffffff", OG_OK, 1 },
    { T2 "," T1, OG_E_SYNTAX, 0 },
    { ",", OG_E_SYNTAX, 0 },
    { T1 ",", OG_E_SYNTAX, 0 },
    { "," T1, OG_E_SYNTAX, 0 },
    { T1 "/", OG_E_SYNTAX, 0 },
    { T1 "/1a2b3c4", OG_E_SYNTAX, 0 },
    { T1 "/1a2b3c4d5", OG_E_SYNTAX, 0 },
    { T1 "/1a2b3c4D", OG_E_SYNTAX, 0 },
    { T1 "/00000000", OG_E_SYNTAX, 0 },
    { T1 "x1a2b3c4d", OG_E_SYNTAX, 0 },
    { "2026-11-21", OG_E_SYNTAX, 0 },
    { "2026-13-21T18:12:21Z", OG_E_RANGE, 0 },
};

static void
test_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        struct og_marks marks = { .count = 55 };
        struct og_buf out = OG_BUF_INIT(1000);
        struct og_err err = { "" };

        row_rc(i, og_marks_parse(rows[i].in, &marks, &err), rows[i].rc, &err);
        assert_int_equal(marks.count, rows[i].rc == OG_OK ? rows[i].count : 55);
        if (rows[i].rc == OG_OK) {
            row_rc(i, og_marks_print(&marks, &out, &err), OG_OK, &err);
            row_text(i, og_buf_text(&out), rows[i].in);
        }
        og_buf_free(&out);
    }
}

/* the ceiling: as many as may be, and one more */
static void
test_many(void **state)
{
    struct og_marks marks = { .count = 0 };
    struct og_buf out = OG_BUF_INIT(OG_MARKS_MAX * 40);
    struct og_err err = { "" };

    (void)state;
    for (int i = 0; i < OG_MARKS_MAX + 7; i++)
        og_marks_add(&marks, 1000 + i, (uint32_t)i + 1);
    assert_int_equal(marks.count, OG_MARKS_MAX);
    assert_int_equal(marks.rows[0].at, 1007); /* the oldest have gone */
    assert_int_equal(og_marks_print(&marks, &out, &err), OG_OK);
    assert_int_equal(og_marks_parse(og_buf_text(&out), &marks, &err), OG_OK);
    assert_int_equal(marks.count, OG_MARKS_MAX);
    assert_int_equal(og_marks_sum(&marks, 1106, 1000).persons, OG_MARKS_MAX);
    assert_int_equal(og_buf_add_text(&out, "," T1, &err), OG_OK);
    assert_int_equal(og_marks_parse(og_buf_text(&out), &marks, &err), OG_E_LIMIT);
    og_buf_free(&out);
}

static void
test_sum(void **state)
{
    struct og_marks marks = { .count = 0 };
    struct og_marks_sum sum;

    (void)state;
    og_marks_add(&marks, 100, 0);
    og_marks_add(&marks, 200, 7);
    og_marks_add(&marks, 200, 8);
    og_marks_add(&marks, 300, 7);
    sum = og_marks_sum(&marks, 300, 200); /* both ends count */
    assert_int_equal(sum.all, 4);
    assert_int_equal(sum.unknown, 1);
    assert_int_equal(sum.persons, 2);
    sum = og_marks_sum(&marks, 301, 200);
    assert_int_equal(sum.all, 3);
    assert_int_equal(sum.unknown, 0);
    sum = og_marks_sum(&marks, 301, 100);
    assert_int_equal(sum.all, 1);
    assert_int_equal(og_marks_sum(&marks, 401, 100).all, 0);
    assert_int_equal(og_marks_sum(&marks, OG_TIME_MIN, 100).all, 4);
}

static void
test_settle(void **state)
{
    struct og_marks marks = { .count = 0 };

    (void)state;
    og_marks_add(&marks, 100, 0);
    og_marks_add(&marks, 200, 1);
    og_marks_add(&marks, 900, 2);
    og_marks_settle(&marks, 300, 150); /* the clock has been ahead */
    assert_int_equal(marks.count, 2);
    assert_int_equal(marks.rows[0].at, 200);
    assert_int_equal(marks.rows[1].at, 300);
    assert_int_equal(marks.rows[1].who, 2);
    og_marks_settle(&marks, 450, 150);
    assert_int_equal(marks.count, 1);
    og_marks_settle(&marks, 451, 150);
    assert_int_equal(marks.count, 0);
}

/* `5 in 10m` holds for any ten minutes: against a plain list of all times */
static void
test_any_interval(void **state)
{
    enum { N = 400, PERIOD = 50 };
    struct og_marks marks = { .count = 0 };
    int64_t all[N], now = 1000000;
    uint32_t seed = 12345;

    (void)state;
    for (int i = 0; i < N; i++) {
        size_t expected = 0;

        seed = seed * 1664525 + 1013904223;
        now += seed >> 28; /* 0 to 15 s */
        all[i] = now;
        og_marks_settle(&marks, now, PERIOD);
        og_marks_add(&marks, now, 0);
        for (int j = 0; j <= i; j++)
            expected += all[j] >= now - PERIOD;
        assert_int_equal(og_marks_sum(&marks, now, PERIOD).all, expected);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),         cmocka_unit_test(test_many),
        cmocka_unit_test(test_sum),          cmocka_unit_test(test_settle),
        cmocka_unit_test(test_any_interval),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
