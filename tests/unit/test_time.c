/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/rows.h"

#include <time.h>

#include "core/base/time.h"

enum { HOUR = 3600, DAY = 86400 };

static const int64_t OLD = -4711; /* what an output holds before a failure */

static const struct {
    const char *in;
    enum og_rc rc;
    int64_t t;
} time_rows[] = {
    { "1970-01-01T00:00:00Z", OG_OK, 0 },
    { "1970-01-01", OG_OK, 0 },
    { "1970-01-01T00:00:01Z", OG_OK, 1 },
    { "1969-12-31T23:59:59Z", OG_OK, -1 },
    { "2026-11-21T18:12:21Z", OG_OK, 1795284741 },
    { "2026-11-21", OG_OK, 1795219200 },
    { "2000-02-29", OG_OK, 951782400 },
    { "2024-02-29", OG_OK, 1709164800 },
    { "2038-01-19T03:14:08Z", OG_OK, INT64_C(2147483648) },
    { "0000-01-01T00:00:00Z", OG_OK, OG_TIME_MIN },
    { "0000-02-29", OG_OK, OG_TIME_MIN + 59 * DAY },
    { "9999-12-31T23:59:59Z", OG_OK, OG_TIME_MAX },
    { "2023-02-29", OG_E_RANGE, 0 },
    { "1900-02-29", OG_E_RANGE, 0 },
    { "2026-00-01", OG_E_RANGE, 0 },
    { "2026-13-01", OG_E_RANGE, 0 },
    { "2026-01-00", OG_E_RANGE, 0 },
    { "2026-04-31", OG_E_RANGE, 0 },
    { "2026-01-32", OG_E_RANGE, 0 },
    { "2026-01-01T24:00:00Z", OG_E_RANGE, 0 },
    { "2026-01-01T23:60:00Z", OG_E_RANGE, 0 },
    { "2026-01-01T23:59:60Z", OG_E_RANGE, 0 },
    { "", OG_E_SYNTAX, 0 },
    { "2026", OG_E_SYNTAX, 0 },
    { "2026-1-1", OG_E_SYNTAX, 0 },
    { "2026-11-21T18:12:21", OG_E_SYNTAX, 0 },
    { "2026-11-21T18:12Z", OG_E_SYNTAX, 0 },
    { "2026-11-21t18:12:21z", OG_E_SYNTAX, 0 },
    { "2026-11-21 18:12:21Z", OG_E_SYNTAX, 0 },
    { "2026-11-21T18:12:21.0Z", OG_E_SYNTAX, 0 },
    { "2026-11-21T18:12:21+00:00", OG_E_SYNTAX, 0 },
    { "2026-11-21T18:12:21Z ", OG_E_SYNTAX, 0 },
    { " 2026-11-21", OG_E_SYNTAX, 0 },
    { "-026-11-21", OG_E_SYNTAX, 0 },
    { "+026-11-21", OG_E_SYNTAX, 0 },
    { "12026-11-21", OG_E_SYNTAX, 0 },
};

static void
test_parse(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(time_rows); i++) {
        struct og_err err = { "" };
        char *exact = exact_copy(time_rows[i].in, strlen(time_rows[i].in) + 1);
        char text[OG_TIME_TEXT];
        int64_t t = OLD;

        row_rc(i, og_time_parse(exact, &t, &err), time_rows[i].rc, &err);
        if (time_rows[i].rc == OG_OK) {
            assert_int_equal(t, time_rows[i].t);
            assert_int_equal(og_time_print(t, text, &err), OG_OK);
            assert_memory_equal(text, exact, strlen(exact));
        } else {
            assert_int_equal(t, OLD);
            assert_string_not_equal(err.text, "");
        }
        free(exact);
    }
}

static void
test_print_bounds(void **state)
{
    static const int64_t outside[] = { OG_TIME_MIN - 1, OG_TIME_MAX + 1, INT64_MIN,
                                       INT64_MAX };

    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(outside); i++) {
        struct og_err err = { "" };
        char text[OG_TIME_TEXT] = "old";

        row_rc(i, og_time_print(outside[i], text, &err), OG_E_RANGE, &err);
        row_text(i, text, "old");
        assert_string_not_equal(err.text, "");
    }
}

/* the C library's calendar is ours: every day from 1820 to 2119, every 13th of the other
 * years, a random second each */
static void
test_calendar(void **state)
{
    (void)state;
    srandom(1);
    for (int64_t day = OG_TIME_MIN / DAY; day <= OG_TIME_MAX / DAY;
         day += llabs(day) < 150 * 365 ? 1 : 13) {
        int64_t t = day * DAY + random() % DAY, back = OLD;
        time_t libc = t;
        struct tm tm;
        char text[OG_TIME_TEXT], want[64];

        assert_non_null(gmtime_r(&libc, &tm));
        (void)snprintf(want, sizeof want, "%04d-%02d-%02dT%02d:%02d:%02dZ",
                       tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
                       tm.tm_min, tm.tm_sec);
        assert_int_equal(og_time_print(t, text, NULL), OG_OK);
        if (strcmp(text, want) != 0)
            fail_msg("%s, expected %s", text, want);
        assert_int_equal(og_time_parse(text, &back, NULL), OG_OK);
        if (back != t)
            fail_msg("%s came back as %lld", text, (long long)back);
    }
}

static const struct {
    const char *in;
    enum og_rc rc;
    int64_t seconds;
    const char *out; /* printed back */
} duration_rows[] = {
    { "0", OG_OK, 0, "0s" },
    { "0s", OG_OK, 0, "0s" },
    { "0d", OG_OK, 0, "0s" },
    { "1", OG_OK, 1, "1s" },
    { "59s", OG_OK, 59, "59s" },
    { "60", OG_OK, 60, "1m" },
    { "90s", OG_OK, 90, "1m30s" },
    { "30m", OG_OK, 1800, "30m" },
    { "90m", OG_OK, 5400, "1h30m" },
    { "1h30m", OG_OK, 5400, "1h30m" },
    { "24h", OG_OK, DAY, "1d" },
    { "1d1s", OG_OK, DAY + 1, "1d1s" },
    { "7d", OG_OK, 7 * DAY, "1w" },
    { "2w", OG_OK, 14 * DAY, "2w" },
    { "1w1d", OG_OK, 8 * DAY, "8d" },
    { "30d", OG_OK, 30 * DAY, "30d" },
    { "1w2d3h4m5s", OG_OK, 9 * DAY + 3 * HOUR + 245, "9d3h4m5s" },
    { "007s", OG_OK, 7, "7s" },
    { "9223372036854775807", OG_OK, INT64_MAX, "106751991167300d15h30m7s" },
    { "106751991167300d15h30m7s", OG_OK, INT64_MAX, "106751991167300d15h30m7s" },
    { "9223372036854775808", OG_E_RANGE, 0, NULL },
    { "99999999999999999999999999s", OG_E_RANGE, 0, NULL },
    { "9223372036854775807m", OG_E_RANGE, 0, NULL },
    { "106751991167300d15h30m8s", OG_E_RANGE, 0, NULL },
    { "15250284452472w", OG_E_RANGE, 0, NULL },
    { "", OG_E_SYNTAX, 0, NULL },
    { "m", OG_E_SYNTAX, 0, NULL },
    { "1h30", OG_E_SYNTAX, 0, NULL },
    { "30m1h", OG_E_SYNTAX, 0, NULL },
    { "1h1h", OG_E_SYNTAX, 0, NULL },
    { "1hm", OG_E_SYNTAX, 0, NULL },
    { "1 h", OG_E_SYNTAX, 0, NULL },
    { " 1h", OG_E_SYNTAX, 0, NULL },
    { "1h ", OG_E_SYNTAX, 0, NULL },
    { "-1h", OG_E_SYNTAX, 0, NULL },
    { "+1h", OG_E_SYNTAX, 0, NULL },
    { "1.5h", OG_E_SYNTAX, 0, NULL },
    { "1H", OG_E_SYNTAX, 0, NULL },
    { "1y", OG_E_SYNTAX, 0, NULL },
    { "0x1", OG_E_SYNTAX, 0, NULL },
};

static void
test_duration(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(duration_rows); i++) {
        struct og_err err = { "" };
        char *exact = exact_copy(duration_rows[i].in, strlen(duration_rows[i].in) + 1);
        char text[OG_DURATION_TEXT];
        int64_t seconds = OLD;

        row_rc(i, og_duration_parse(exact, &seconds, &err), duration_rows[i].rc, &err);
        if (duration_rows[i].rc == OG_OK) {
            assert_int_equal(seconds, duration_rows[i].seconds);
            og_duration_print(seconds, text);
            row_text(i, text, duration_rows[i].out);
        } else {
            assert_int_equal(seconds, OLD);
            assert_string_not_equal(err.text, "");
        }
        free(exact);
    }
}

static void
test_duration_print(void **state)
{
    char text[OG_DURATION_TEXT];

    (void)state;
    og_duration_print(-5400, text);
    assert_string_equal(text, "-1h30m");
    og_duration_print(INT64_MIN, text);
    assert_string_equal(text, "-106751991167300d15h30m8s");
    srandom(3);
    for (int i = 0; i < 100000; i++) {
        int64_t seconds = (random() << 31 | random()) >> random() % 62, back = OLD;

        og_duration_print(seconds, text);
        assert_int_equal(og_duration_parse(text, &back, NULL), OG_OK);
        assert_int_equal(back, seconds);
    }
}

/* now is 2026-11-21T18:12:21Z unless the row says otherwise */
static const struct {
    const char *in;
    int64_t now;
    enum og_rc rc;
    const char *out;
} since_rows[] = {
    { "2026-11-20", 1795284741, OG_OK, "2026-11-20T00:00:00Z" },
    { "2027-01-01T10:00:00Z", 1795284741, OG_OK, "2027-01-01T10:00:00Z" },
    { "1h30m", 1795284741, OG_OK, "2026-11-21T16:42:21Z" },
    { "0", 1795284741, OG_OK, "2026-11-21T18:12:21Z" },
    { "7d", 1795284741, OG_OK, "2026-11-14T18:12:21Z" },
    { "18:12", 1795284741, OG_OK, "2026-11-21T18:12:00Z" },
    { "18:12", 1795284720, OG_OK, "2026-11-21T18:12:00Z" }, /* this very moment */
    { "18:13", 1795284741, OG_OK, "2026-11-20T18:13:00Z" },
    { "00:00", 1795284741, OG_OK, "2026-11-21T00:00:00Z" },
    { "23:59", 1795284741, OG_OK, "2026-11-20T23:59:00Z" },
    { "12:00", 0, OG_OK, "1969-12-31T12:00:00Z" },
    { "12:00", -1, OG_OK, "1969-12-31T12:00:00Z" },
    { "00:00", -1, OG_OK, "1969-12-31T00:00:00Z" },
    { "1s", OG_TIME_MIN + 1, OG_OK, "0000-01-01T00:00:00Z" },
    { "2s", OG_TIME_MIN + 1, OG_E_RANGE, NULL },
    { "00:01", OG_TIME_MIN, OG_E_RANGE, NULL },
    { "9223372036854775807", 1795284741, OG_E_RANGE, NULL },
    { "9223372036854775808", 1795284741, OG_E_RANGE, NULL },
    { "1h", INT64_MIN, OG_E_RANGE, NULL },
    { "1h", INT64_MAX, OG_E_RANGE, NULL },
    { "24:00", 1795284741, OG_E_RANGE, NULL },
    { "12:60", 1795284741, OG_E_RANGE, NULL },
    { "2026-02-30", 1795284741, OG_E_RANGE, NULL },
    { "", 1795284741, OG_E_SYNTAX, NULL },
    { "8:12", 1795284741, OG_E_SYNTAX, NULL },
    { "18:12:21", 1795284741, OG_E_SYNTAX, NULL },
    { "-1h", 1795284741, OG_E_SYNTAX, NULL },
    { "yesterday", 1795284741, OG_E_SYNTAX, NULL },
};

static void
test_since(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(since_rows); i++) {
        struct og_err err = { "" };
        char text[OG_TIME_TEXT];
        int64_t t = OLD;

        row_rc(i, og_time_since_parse(since_rows[i].in, since_rows[i].now, &t, &err),
               since_rows[i].rc, &err);
        if (since_rows[i].rc == OG_OK) {
            assert_int_equal(og_time_print(t, text, &err), OG_OK);
            row_text(i, text, since_rows[i].out);
        } else {
            assert_int_equal(t, OLD);
            assert_string_not_equal(err.text, "");
        }
    }
}

static void
test_now(void **state)
{
    (void)state;
    assert_in_range(og_time_now() - (int64_t)time(NULL) + 1, 0, 2);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_print_bounds),
        cmocka_unit_test(test_calendar),
        cmocka_unit_test(test_duration),
        cmocka_unit_test(test_duration_print),
        cmocka_unit_test(test_since),
        cmocka_unit_test(test_now),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
