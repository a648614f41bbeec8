/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/rows.h"

#include <strings.h>

#include "core/base/header.h"

/* '@' is a NUL in both */
static const struct {
    const char *field;
    const char *name; /* the field has this name */
    const char *value;
} rows[] = {
    { "X-A: b\n", "X-A", "b" },
    { "X-A: b\n", "x-a", "b" },
    { "X-A:b\n", "X-A", "b" },
    { "X-A \t: b\n", "X-A", "b" },
    { "X-A:\n", "X-A", "" },
    { "X-A:", "X-A", "" },
    { "X-A: \t \n", "X-A", "" },
    { "X-A:\n \n", "X-A", "" },
    { "X-A:  b  c \n", "X-A", "b  c" },
    { "X-A: b\n c\n", "X-A", "b c" },
    { "X-A: b \n\t c\n", "X-A", "b \t c" },
    { "X-A:\n b\n  c\n", "X-A", "b  c" },
    { "X-A: b\n c\n \n", "X-A", "b c" },
    { "X-A: b: c\n", "X-A", "b: c" },
    { "X-A: b\r\n", "X-A", "b\r" },
    { "X-A: b\rc\n", "X-A", "b\rc" },
    { "X-A: @b@\n", "X-A", "@b@" },
    { "X-A:@\n", "X-A", "@" },
    { "X-A: b", "X-A", "b" }, /* no line end */
    { "X-A", NULL, "" },
    { "X-A b\n", NULL, "" },
    { "", NULL, "" },
    { "\n", NULL, "" },
    { ":", NULL, "" },
    { "X-AB: b\n", "X-AB", "b" },
    { "X-: b\n", "X-", "b" },
    { "X@A: b\n", NULL, "b" },
};

static void
swap(char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (text[i] == '@')
            text[i] = '\0';
}

static void
test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        size_t len = strlen(rows[i].field), want_len = strlen(rows[i].value);
        char *exact = exact_copy(rows[i].field, len);
        char *want = exact_copy(rows[i].value, want_len);
        struct og_buf out = OG_BUF_INIT(want_len);
        struct og_err err = { "" };
        struct og_header field = { .text = exact, .len = len };

        swap(exact, len);
        swap(want, want_len);
        if (og_header_is(&field, "X-A")
            != (rows[i].name != NULL && strcasecmp(rows[i].name, "X-A") == 0))
            fail_msg("row %zu: name", i);
        row_rc(i, og_header_value(&field, &out, &err), OG_OK, &err);
        if (out.len != want_len || memcmp(og_buf_text(&out), want, want_len) != 0)
            fail_msg("row %zu: '%s'", i, og_buf_text(&out));
        og_buf_free(&out);
        if (want_len > 0) { /* one byte less than needed */
            struct og_buf small = OG_BUF_INIT(want_len - 1);

            row_rc(i, og_header_value(&field, &small, &err), OG_E_LIMIT, &err);
            og_buf_free(&small);
        }
        free(exact);
        free(want);
    }
}

/* each beginning of a field, for ASan */
static void
test_cut(void **state)
{
    static const char whole[] = "Received \t:\n a\n (b)\n\tc \n";

    (void)state;
    for (size_t len = 0; len < sizeof whole; len++) {
        char *exact = exact_copy(whole, len);
        struct og_header field = { .text = exact, .len = len };
        struct og_buf out = OG_BUF_INIT(100);
        struct og_err err = { "" };

        assert_int_equal(og_header_is(&field, "Received"), len > 10);
        assert_int_equal(og_header_value(&field, &out, &err), OG_OK);
        og_buf_free(&out);
        free(exact);
    }
}

static void
test_list(void **state)
{
    struct og_headers list = OG_HEADERS_INIT;
    struct og_err err = { "" };
    char name[1000][8];

    (void)state;
    og_headers_free(&list);
    for (size_t i = 0; i < N_ELEMENTS(name); i++) {
        (void)snprintf(name[i], sizeof name[i], "%zu:\n", i);
        assert_int_equal(og_headers_add(&list, name[i], strlen(name[i]), &err), OG_OK);
    }
    assert_int_equal(list.count, N_ELEMENTS(name));
    for (size_t i = 0; i < N_ELEMENTS(name); i++) {
        assert_ptr_equal(list.rows[i].text, name[i]);
        assert_false(list.rows[i].removed);
        assert_null(list.rows[i].changed);
    }
    list.rows[3].changed = strdup("x");
    og_headers_free(&list);
    assert_int_equal(list.count, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_list),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
