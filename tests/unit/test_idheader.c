/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/rows.h"

#include "core/base/idheader.h"

#define N10 "aaaaaaaaaa"
#define N76 N10 N10 N10 N10 N10 N10 N10 "aaaaaa"
#define LIST15 "a,b,c,d,e,f,g,h,i,j,k,l,m,n,o"

/* what a list is read as, printed back; for an error a part of its text */
static const struct {
    const char *in;
    enum og_rc rc;
    const char *out;
} rows[] = {
    { "", OG_OK, "" },
    { " \t ", OG_OK, "" },
    { "X-A", OG_OK, "X-A" },
    { "X-A,X-B", OG_OK, "X-A, X-B" },
    { "  X-A \t,\t X-B  ", OG_OK, "X-A, X-B" },
    { "X-A keep", OG_OK, "X-A keep" },
    { "X-A KEEP , X-B", OG_OK, "X-A keep, X-B" },
    { "X-A /(.*)/", OG_OK, "X-A /(.*)/" },
    { "X-A/(.*)/i", OG_OK, "X-A /(.*)/i" },
    { "X-A /(.*)/i keep", OG_OK, "X-A /(.*)/i keep" },
    { "X-A /(.*)/keep", OG_OK, "X-A /(.*)/ keep" },
    { "X-A /(.*)/ikeep", OG_OK, "X-A /(.*)/i keep" },
    { "X-A //", OG_OK, "X-A //" },
    { "X-A /a,b c/", OG_OK, "X-A /a,b c/" },
    { "X-A /a\\/b/", OG_OK, "X-A /a\\/b/" },
    { "X-A /a\\\\/", OG_OK, "X-A /a\\\\/" },
    { "X-A /\\\\\\/x/", OG_OK, "X-A /\\\\\\/x/" },
    { "X-A /\\d\\/\\d/", OG_OK, "X-A /\\d\\/\\d/" },
    { "Received /.*\\(Authenticated sender: (.*?)\\).*/", OG_OK,
      "Received /.*\\(Authenticated sender: (.*?)\\).*/" },
    { "X-PHP-Originating-Script /^(.*?)\\(/i keep", OG_OK,
      "X-PHP-Originating-Script /^(.*?)\\(/i keep" },
    { "X-A, x-a", OG_OK, "X-A, x-a" }, /* two rules for one field */
    { N76, OG_OK, N76 },
    { "Received", OG_E_SYNTAX, "Received needs an expression" },
    { "X-A, Received keep", OG_E_SYNTAX, "Received needs an expression" },
    { N76 "a", OG_E_SYNTAX, "no header field name at 'aaaa" },
    { LIST15 ",p", OG_OK, "a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p" },
    { LIST15 ",p,q", OG_E_LIMIT, "16" },
    { ",", OG_E_SYNTAX, "no header field name" },
    { "X-A,", OG_E_SYNTAX, "nothing follows" },
    { "X-A, ", OG_E_SYNTAX, "nothing follows" },
    { "X-A,,X-B", OG_E_SYNTAX, "no header field name" },
    { ",X-A", OG_E_SYNTAX, "no header field name" },
    { "X-A:", OG_E_SYNTAX, "unexpected ':'" },
    { "X-A X-B", OG_E_SYNTAX, "unexpected 'X-B' after X-A" },
    { "X-A keep keep", OG_E_SYNTAX, "unexpected 'keep'" },
    { "X-A keeps", OG_E_SYNTAX, "unexpected 'keeps'" },
    { "X-A /x", OG_E_SYNTAX, "no second slash" },
    { "X-A /", OG_E_SYNTAX, "no second slash" },
    { "X-A /x\\/", OG_E_SYNTAX, "no second slash" },
    { "X-A /x\\", OG_E_SYNTAX, "no second slash" },
    { "X-A /x/g", OG_E_SYNTAX, "unexpected 'g'" },
    { "X-A /x/ii", OG_E_SYNTAX, "unexpected 'i'" },
    { "X-A /x/ /y/", OG_E_SYNTAX, "unexpected '/y/'" },
    { "X-A keep /x/", OG_E_SYNTAX, "unexpected '/x/'" },
    { "X-A /a\nb/", OG_E_SYNTAX, "control character" },
    { "X-A /a\\\tb/", OG_E_SYNTAX, "control character" },
    { "X-A /a\x7f/", OG_E_SYNTAX, "control character" },
    { "X-\xc3\xa4", OG_E_SYNTAX, "unexpected" },
    { "/x/", OG_E_SYNTAX, "no header field name" },
    { "From", OG_E_SYNTAX, "keep" },
    { "from /(.)/", OG_E_SYNTAX, "keep" },
    { "Sender", OG_E_SYNTAX, "keep" },
    { "MIME-Version", OG_E_SYNTAX, "keep" },
    { "content-type", OG_E_SYNTAX, "keep" },
    { "X-A, Date", OG_E_SYNTAX, "keep" },
    { "From keep", OG_OK, "From keep" },
    { "Sender /(.)/ keep", OG_OK, "Sender /(.)/ keep" },
};

static void
check_printed(size_t row, const struct og_idheaders *list)
{
    struct og_idheaders again = OG_IDHEADERS_INIT;
    struct og_buf out = OG_BUF_INIT(2000), second = OG_BUF_INIT(2000);
    struct og_err err = { "" };

    row_rc(row, og_idheaders_print(list, &out, &err), OG_OK, &err);
    row_text(row, og_buf_text(&out), rows[row].out);
    row_rc(row, og_idheaders_parse(og_buf_text(&out), &again, &err), OG_OK, &err);
    row_rc(row, og_idheaders_print(&again, &second, &err), OG_OK, &err);
    row_text(row, og_buf_text(&second), rows[row].out);
    og_idheaders_free(&again);
    og_buf_free(&out);
    og_buf_free(&second);
}

static void
test_parse(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        struct og_idheaders list = OG_IDHEADERS_INIT;
        struct og_err err = { "" };
        char *exact = exact_copy(rows[i].in, strlen(rows[i].in) + 1);

        row_rc(i, og_idheaders_parse(exact, &list, &err), rows[i].rc, &err);
        if (rows[i].rc == OG_OK)
            check_printed(i, &list);
        else if (strstr(err.text, rows[i].out) == NULL)
            fail_msg("row %zu: no '%s' in '%s'", i, rows[i].out, err.text);
        if (rows[i].rc != OG_OK)
            assert_int_equal(list.count, 0);
        og_idheaders_free(&list);
        free(exact);
    }
}

static void
test_fields(void **state)
{
    struct og_idheaders list = OG_IDHEADERS_INIT;
    struct og_err err = { "" };

    (void)state;
    assert_int_equal(og_idheaders_parse("X-A keep, X-b /a\\/\\d\\\\/i", &list, &err),
                     OG_OK);
    assert_int_equal(list.count, 2);
    assert_string_equal(list.rows[0].name, "X-A");
    assert_null(list.rows[0].pattern);
    assert_true(list.rows[0].keep);
    assert_string_equal(list.rows[1].name, "X-b");
    assert_string_equal(list.rows[1].pattern, "a/\\d\\\\");
    assert_true(list.rows[1].caseless);
    assert_false(list.rows[1].keep);
    assert_int_equal(og_idheaders_parse("X-A /", &list, &err), OG_E_SYNTAX);
    assert_int_equal(list.count, 2); /* a failure leaves it alone */
    assert_int_equal(og_idheaders_parse("", &list, &err), OG_OK);
    assert_int_equal(list.count, 0);
    og_idheaders_free(&list);
}

static void
test_print_ceiling(void **state)
{
    struct og_idheaders list = OG_IDHEADERS_INIT;
    struct og_err err = { "" };

    (void)state;
    assert_int_equal(og_idheaders_parse("X-A /a\\/b/i keep", &list, &err), OG_OK);
    for (size_t max = 0; max <= 16; max++) {
        struct og_buf out = OG_BUF_INIT(max);

        row_rc(max, og_idheaders_print(&list, &out, &err), max == 16 ? OG_OK : OG_E_LIMIT,
               &err);
        og_buf_free(&out);
    }
    og_idheaders_free(&list);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_print_ceiling),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
