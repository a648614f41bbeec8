/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/rows.h"

#include "core/lib/mime_words.h"

static const struct {
    const char *text, *want;
} rows[] = {
    { "", "" },
    { "plain", "plain" },
    { "Gr\xc3\xbc\xc3\x9f"
      "e",
      "Gr\xc3\xbc\xc3\x9f"
      "e" },
    { "\xff no UTF-8", "\xff no UTF-8" },
    { "=?utf-8?b?R3LDvMOfZQ==?=", "Gr\xc3\xbc\xc3\x9f"
                                  "e" },
    { "a =?utf-8?q?=E2=98=83?= =?iso-8859-1?Q?=fc_x?= b", "a \xe2\x98\x83\xc3\xbc x b" },
    { "=?utf-8?q?=0ABcc:_x?=", "\nBcc: x" }, /* whoever shows it makes it plain */
    { "=?utf-8?b?Zm9vIA==?= =?utf-8?B?YmFyIA==?= =?utf-8?b?YmF6?=", "foo bar baz" },
    { "=?utf-8?b?Zm9v!IA?= x", "foo  x" },
    { "=?utf-8?b?"
      "?= =?utf-8?b?=?= =?utf-8?b?Z?=",
      "" },
    { "is 1 =? 2 or not", "is 1 =? 2 or not" },
    { "=?utf-8?b?R3LD", "" },
    { "a =?utf-8?q?b?= =?utf-8?q?cut", "a b" },
    { "a =?utf-8", "a" },
    { "a =?utf-8?q?b?=", "a b" },
    { "a =?utf-8?q?=", "a" },
    { "=?", "" },
};

static void
test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        struct og_buf out = OG_BUF_INIT(200);
        struct og_err err = { "" };
        size_t len;

        row_rc(i, og_mime_words(rows[i].text, &out, &err), OG_OK, &err);
        for (len = out.len; len > 0 && out.data[len - 1] == ' '; len--)
            out.data[len - 1] = '\0'; /* blanks at the end are all the same */
        row_text(i, og_buf_text(&out), rows[i].want);
        og_buf_free(&out);
    }
}

static void
test_ceiling(void **state)
{
    struct og_buf out = OG_BUF_INIT(3);
    struct og_err err = { "" };

    (void)state;
    assert_int_equal(og_mime_words("=?utf-8?q?abc?=", &out, &err), OG_OK);
    assert_int_equal(og_mime_words("=?utf-8?q?d?=", &out, &err), OG_E_LIMIT);
    og_buf_free(&out);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_ceiling),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
