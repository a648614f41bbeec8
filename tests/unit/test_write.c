/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/base/write.h"
#include "tests/unit/rows.h"

#include <fcntl.h>
#include <unistd.h>

static const struct {
    const char *in;
    size_t size;
    const char *out;
} rows[] = {
    { "", 8, "" },
    { "plain text~", 20, "plain text~" },
    { "a\nb\r\x1b\x7f", 40, "a\\x0ab\\x0d\\x1b\\x7f" },
    { "\xc3\xa9", 20, "\\xc3\\xa9" },
    { "abc", 8, "abc" },      /* at the ceiling: room for one more \xHH is kept */
    { "abcd", 8, "abc" },     /* one above */
    { "ab\n", 8, "ab\\x0a" }, /* fits to the byte */
    { "abc\n", 8, "abc" },    /* never a part of one */
    { "abc", 1, "" },
};

static void
test_escape(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        char *out = malloc(rows[i].size); /* exact size, for ASan */

        assert_non_null(out);
        og_escape(rows[i].in, out, rows[i].size);
        if (strcmp(out, rows[i].out) != 0)
            fail_msg("row %zu: '%s', not '%s'", i, out, rows[i].out);
        free(out);
    }
}

static void
test_write_all(void **state)
{
    struct og_err err = { "" };
    char back[8] = "";
    int ends[2], full = open("/dev/full", O_WRONLY | O_CLOEXEC);

    (void)state;
    assert_true(full >= 0);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(og_write_all(ends[1], "hello", 5, "pipe", &err), OG_OK);
    assert_int_equal(read(ends[0], back, sizeof back), 5);
    assert_string_equal(back, "hello");
    assert_int_equal(og_write_all(full, "", 0, "full", &err), OG_OK);
    assert_int_equal(og_write_all(full, "x", 1, "full", &err), OG_E_IO);
    assert_string_equal(err.text, "full: No space left on device");
    (void)close(full);
    (void)close(ends[0]);
    (void)close(ends[1]);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_escape),
        cmocka_unit_test(test_write_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
