/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/rows.h"

#include "core/check/received.h"

#define SAMPLE ".*\\(Authenticated sender: (.*?)\\).*"
#define ID "\\(id (.*?)\\)"

/* what stands in place of the field; NULL: it is left alone. '#' is a NUL. */
static const struct {
    const char *pattern, *field, *out;
} rows[] = {
    { SAMPLE, "Received: from a (Authenticated sender: bob) by b; Sat\n",
      "Received: from a by b; Sat\n" },
    { SAMPLE,
      "Received: from [192.0.2.1] (host.example [192.0.2.1])\n"
      "\t(Authenticated sender: bob@example.com)\n"
      "\tby mx.example (Postfix) with ESMTPSA id 1234\n"
      "\tfor <x@example.net>; Sat, 21 Nov 2026 18:12:21 +0000 (UTC)\n",
      "Received: from [192.0.2.1] (host.example [192.0.2.1])\n"
      "\tby mx.example (Postfix) with ESMTPSA id 1234\n"
      "\tfor <x@example.net>; Sat, 21 Nov 2026 18:12:21 +0000 (UTC)\n" },
    { SAMPLE, "Received: from a by b; Sat\n", NULL },
    { SAMPLE, "Received: from a (authenticated sender: bob) by b\n", NULL },
    { SAMPLE, "Received: from a (Authenticated sender: ) by b\n",
      "Received: from a by b\n" }, /* an empty capture has a place too */
    { SAMPLE, "Received:(Authenticated sender: x)\n", "Received:\n" },
    { SAMPLE, "Received: (Authenticated sender: x)", "Received:" },
    /* the value as one line is not the field: the place is found through the folds */
    { SAMPLE, "Received:\n from a\n (x)\n (Authenticated\n sender: bob)\n by b\n",
      "Received:\n from a\n (x)\n by b\n" },
    { ID, "Received: from a \n\t (id x) \n by b\n", "Received: from a \n by b\n" },
    { ID, "Received: a (id x)\n", "Received: a\n" },
    { ID, "Received: a (id x); Sat\n", "Received: a; Sat\n" },
    { ID, "Received: from a(id x)by b\n", "Received: from a by b\n" },
    { ID, "Received: from a (id x)by b\n", "Received: from a by b\n" },
    { ID, "Received: from a (id x)(y) by b\n", "Received: from a (y) by b\n" },
    { ID, "Received: from a (y)(id x) by b\n", "Received: from a (y) by b\n" },
    /* nested: the outermost one goes */
    { ID, "Received: from a (one (id x) two) by b\n", "Received: from a by b\n" },
    { ID, "Received: a (1 (2 (3 (id x)))) b\n", "Received: a b\n" },
    { ID, "Received: a (1 (2) (id x)) (3) b\n", "Received: a (3) b\n" },
    { "id (.*?) end", "Received: a (id x (y) z end) b\n", "Received: a b\n" },
    /* escapes */
    { "id (\\w+)", "Received: a (\\) id x) b\n", "Received: a b\n" },
    { "id (\\w+)", "Received: a (\\( id x) b\n", "Received: a b\n" },
    { "id (\\w+)", "Received: a (y\\\\) id x b\n", NULL },
    { "id (\\w+)", "Received: a (id x\\) b\n", NULL }, /* the comment has no end */
    { "id (\\w+)", "Received: a (id x\\", NULL },
    /* quoted strings */
    { ID, "Received: from \"a (id x)\" by b\n", NULL },
    { ID, "Received: from \"a\\\" (id x)\" by b\n", NULL },
    { ID, "Received: from \"(\" (id x) by b\n", "Received: from \"(\" by b\n" },
    { ID, "Received: from \")\" (id x) \"\" by b\n", "Received: from \")\" \"\" by b\n" },
    { ID, "Received: from \"a (id x) by b\n", NULL }, /* a string without end */
    { ID, "Received: a (\" id) (id x) \") b\n",
      "Received: a (\" id) \") b\n" }, /* a quote in a comment is no string */
    /* captured outside a comment, across its borders, and itself */
    { "from (\\w+)", "Received: from bob (x) by b\n", NULL },
    { "from (.*) by", "Received: from bob (id x) by b\n", NULL },
    { "id (.*) by", "Received: from a (id x) c by b\n", "Received: from a c by b\n" },
    { "(\\(id .*?\\))", "Received: from a (id x) by b\n", "Received: from a by b\n" },
    { "\\)(.*)", "Received: from a (id x)\n", NULL },
    { "()", "Received: (id x) b\n", "Received: b\n" },
    { "()", "Received: b (id x)\n", NULL },
    { "(z*)$", "Received: b (id x)\n", NULL },
    { "(.*)", "Received:\n", NULL },
    { "(.*)", "Received:", NULL },
    /* without end, without begin */
    { "id (\\w+)", "Received: from a (id x by b\n", NULL },
    { "id (\\w+)", "Received: from a ((id x) by b\n", NULL },
    { "id (\\w+)", "Received: a ) (id x) b\n", "Received: a ) b\n" },
    { "id (\\w+)", "Received: a (id x) b (y\n", "Received: a b (y\n" },
    { "(", NULL, NULL }, /* no expression at all, see below */
    { ID, "Received: # (id x) b\n", NULL },
    { ID, "Received: (id #) b\n", NULL },
    { "id (\\w+)", "Received (id x)\n", NULL },      /* no colon */
    { "id (\\w+)", "Received(: id x) (y)\n", NULL }, /* one that is in no comment */
    { "id (\\w+)", "Received(:(id x) (y)\n", "Received(: (y)\n" },
    { "()", "", NULL },
};

static enum og_rc
strip(size_t row, const char *pattern, struct og_header *field, struct og_err *err)
{
    struct og_regex *regex = NULL;
    enum og_rc rc;

    if (rows[row].field != NULL)
        row_rc(row, og_regex_compile(pattern, OG_REGEX_DEFAULT, &regex, err), OG_OK, err);
    rc = og_received_strip(field, regex, err);
    og_regex_free(regex);
    return rc;
}

static void
test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        const char *text = rows[i].field != NULL ? rows[i].field : "Received: (id x)\n";
        size_t len = strlen(text);
        char *exact = exact_copy(text, len);
        struct og_header field = { .text = exact, .len = len };
        struct og_err err = { "" };

        for (size_t k = 0; k < len; k++)
            if (exact[k] == '#')
                exact[k] = '\0';
        row_rc(i, strip(i, rows[i].pattern, &field, &err), OG_OK, &err);
        row_text(i, field.changed, rows[i].out);
        assert_false(field.removed);
        free(field.changed);
        free(exact);
    }
}

/* two expressions on one field, and one that matches what is gone already */
static void
test_again(void **state)
{
    static const char text[] = "Received: a (id x)\n (Authenticated sender: y) b\n";
    char *exact = exact_copy(text, sizeof text - 1);
    struct og_header field = { .text = exact, .len = sizeof text - 1 };
    struct og_err err = { "" };

    (void)state;
    assert_int_equal(strip(0, ID, &field, &err), OG_OK);
    assert_string_equal(field.changed, "Received: a\n (Authenticated sender: y) b\n");
    assert_int_equal(strip(0, SAMPLE, &field, &err), OG_OK);
    assert_string_equal(field.changed, "Received: a b\n");
    assert_int_equal(strip(0, ID, &field, &err), OG_OK);
    assert_string_equal(field.changed, "Received: a b\n");
    free(field.changed);
    free(exact);
}

static void
test_slow(void **state)
{
    struct og_header field = { .text =
                                   "Received: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n" };
    struct og_err err = { "" };

    (void)state;
    field.len = strlen(field.text);
    assert_int_equal(strip(0, "((a+)+)+[^a]", &field, &err), OG_E_LIMIT);
    assert_null(field.changed);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_again),
        cmocka_unit_test(test_slow),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
