/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/rows.h"

#include "core/base/plain.h"

static const struct {
    const char *in;
    size_t most;
    const char *out;
} rows[] = {
    { "", 10, "" },
    { "Gr\xc3\xbc\xc3\x9f"
      "e",
      10,
      "Gr\xc3\xbc\xc3\x9f"
      "e" },
    { "a\r\nBcc: b\tc\x7f", 100, "a  Bcc: b c " },
    { "\x1b[31m", 100, " [31m" },
    { "\xc2\x85\xe2\x80\xa8", 100, "  " },                           /* NEL, LS */
    { "a\xff", 100, "a\xef\xbf\xbd" },                               /* no UTF-8 */
    { "\xc0\xaf", 100, "\xef\xbf\xbd\xef\xbf\xbd" },                 /* overlong */
    { "\xed\xa0\x80", 100, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" }, /* surrogate */
    { "\xf4\x90\x80\x80", 100,
      "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" }, /* above U+10FFFF */
    { "\xe2\x82", 100, "\xef\xbf\xbd\xef\xbf\xbd" },        /* cut short */
    { "\xe2\x80\xaetxt.exe", 100, "\xef\xbf\xbdtxt.exe" },  /* right-to-left override */
    { "\xe2\x81\xa6x\xd8\x9c", 100, "\xef\xbf\xbdx\xef\xbf\xbd" },
    { "a\xe2\x80\x8b\xef\xbb\xbf", 100,
      "a\xef\xbf\xbd\xef\xbf\xbd" },      /* not to be seen */
    { "12345", 5, "12345" },              /* at the ceiling */
    { "123456", 5, "12345\xe2\x80\xa6" }, /* one above */
    { "\xe2\x82\xac\xe2\x82\xac", 1, "\xe2\x82\xac\xe2\x80\xa6" },
};

static void
test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        struct og_buf out = OG_BUF_INIT(1000);
        struct og_err err = { "" };
        size_t len = strlen(rows[i].in);
        char *exact = exact_copy(rows[i].in, len);

        row_rc(i, og_plain(exact, len, rows[i].most, &out, &err), OG_OK, &err);
        row_text(i, og_buf_text(&out), rows[i].out);
        og_buf_free(&out);
        free(exact);
    }
}

static void
test_nul_and_full(void **state)
{
    struct og_buf out = OG_BUF_INIT(5);
    struct og_err err = { "" };

    (void)state;
    row_rc(0, og_plain("a\0b", 3, 9, &out, &err), OG_OK, &err);
    assert_string_equal(og_buf_text(&out), "a b");
    row_rc(1, og_plain("123", 3, 9, &out, &err), OG_E_LIMIT, &err);
    assert_string_equal(og_buf_text(&out), "a b"); /* as it was */
    og_buf_free(&out);
}

/* every character that there is comes back, is a blank, or U+FFFD */
static void
test_all_characters(void **state)
{
    (void)state;
    for (long c = 1; c < 0x110000; c++) {
        char text[5] = { 0 };
        size_t n = 0, used;

        if (c < 0x80)
            text[n++] = (char)c;
        else if (c < 0x800)
            text[n++] = (char)(0xc0 | c >> 6);
        else if (c < 0x10000)
            text[n++] = (char)(0xe0 | c >> 12);
        else
            text[n++] = (char)(0xf0 | c >> 18);
        if (c >= 0x10000)
            text[n++] = (char)(0x80 | (c >> 12 & 0x3f));
        if (c >= 0x800)
            text[n++] = (char)(0x80 | (c >> 6 & 0x3f));
        if (c >= 0x80)
            text[n++] = (char)(0x80 | (c & 0x3f));
        if (c >= 0xd800 && c < 0xe000)
            assert_int_equal(og_plain_next(text, n, &used), -1);
        else {
            assert_int_equal(og_plain_next(text, n, &used), c);
            assert_int_equal(used, n);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_nul_and_full),
        cmocka_unit_test(test_all_characters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
