/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/rows.h"

#include <time.h>

#include "core/lib/regex.h"

enum { NONE = -1 };

static const struct {
    const char *pattern;
    enum og_regex_flags flags;
    const char *subject;
    enum og_rc rc;
    int start, len;
} rows[] = {
    { "id=([0-9]+)", 0, "x; id=42; y", OG_OK, 6, 2 },
    { "id=([0-9]+)", 0, "x; ID=42", OG_E_NOTFOUND, NONE, NONE },
    { "id=([0-9]+)", OG_REGEX_CASELESS, "x; ID=42", OG_OK, 6, 2 },
    { "id=([0-9]*)", 0, "id=", OG_OK, 3, 0 },
    { "a=(x)|b=(y)", 0, "b=y", OG_OK, 2, 1 },
    { "a(b)?", 0, "ac", OG_E_NOTFOUND, NONE, NONE }, /* matches, but no group did */
    { "b+", 0, "abbc", OG_OK, 1, 2 },                /* no group: the whole match */
    { "", 0, "", OG_OK, 0, 0 },
    { "", 0, "abc", OG_OK, 0, 0 },
    { "^$", 0, "", OG_OK, 0, 0 },
    { "x", 0, "", OG_E_NOTFOUND, NONE, NONE },
    { "(.)$", 0, "0123456789abcdef", OG_OK, 15, 1 }, /* last place of a slice */
    { "(g)", 0, "0123456789abcdefg", OG_OK, 16, 1 }, /* first of the next one */
    { "$()", 0, "0123456789abcdef", OG_OK, 16, 0 },
    { "$()", 0, "0123456789abcde", OG_OK, 15, 0 },
    { "(?<=f)(.)", 0, "0123456789abcdefg", OG_OK, 16, 1 },
    { "^(.)", 0, "0123456789abcdefg", OG_OK, 0, 1 },
    { "^g", 0, "0123456789abcdefg", OG_E_NOTFOUND, NONE, NONE },
    { "(\xc3\xa4)", 0, "n\xc3\xa4", OG_OK, 1, 2 },
    { "^(.)$", 0, "\xc3\xa4", OG_E_NOTFOUND, NONE, NONE }, /* two bytes, no UTF */
    { "(\\xff+)", 0, "a\xff\xff", OG_OK, 1, 2 },
    { "^uid=(\\d+)$", 0, "uid=1000", OG_OK, 4, 4 },
};

static const char *const bad_patterns[] = {
    "(",
    "a)",
    "[a",
    "*",
    "a{2,1}",
    "\\",
    "(?<n",
    "(*UTF)x",
    "(*UCP)x",
    "(?<=a*)b",
    ("(((((((((((((((((((((((((((((((((((((((((((((((((((a"
     ")))))))))))))))))))))))))))))))))))))))))))))))))))"), /* 51 deep */
    "(((a{1000}){1000}){1000})",
};

static void
test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        struct og_span found = { 77, 77 };
        struct og_regex *re = NULL;
        struct og_err err = { "" };
        size_t len = strlen(rows[i].subject);
        char *exact = exact_copy(rows[i].subject, len);

        row_rc(i, og_regex_compile(rows[i].pattern, rows[i].flags, &re, &err), OG_OK,
               &err);
        row_rc(i, og_regex_match(re, exact, len, &found, &err), rows[i].rc, &err);
        if (rows[i].rc != OG_OK)
            assert_true(found.start == 77 && found.len == 77);
        else if (found.start != (size_t)rows[i].start || found.len != (size_t)rows[i].len)
            fail_msg("row %zu: %zu+%zu", i, found.start, found.len);
        og_regex_free(re);
        free(exact);
    }
}

static void
test_bad_patterns(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(bad_patterns); i++) {
        struct og_regex *re = NULL;
        struct og_err err = { "" };

        row_rc(i, og_regex_compile(bad_patterns[i], OG_REGEX_DEFAULT, &re, &err),
               OG_E_SYNTAX, &err);
        assert_null(re);
        assert_memory_equal(err.text, "expression, byte ", 17);
    }
    og_regex_free(NULL);
}

static void
test_ceiling(void **state)
{
    char pattern[OG_REGEX_MAX_PATTERN + 2];
    char *subject = malloc(OG_REGEX_MAX_SUBJECT + 1);
    struct og_regex *re = NULL;
    struct og_err err = { "" };
    struct og_span found;

    (void)state;
    assert_non_null(subject);
    memset(pattern, 'a', sizeof pattern);
    pattern[OG_REGEX_MAX_PATTERN + 1] = '\0';
    assert_int_equal(og_regex_compile(pattern, OG_REGEX_DEFAULT, &re, &err), OG_E_LIMIT);
    pattern[OG_REGEX_MAX_PATTERN] = '\0';
    assert_int_equal(og_regex_compile(pattern, OG_REGEX_DEFAULT, &re, &err), OG_OK);
    assert_int_equal(og_regex_captures(re), 0);
    memset(subject, 'a', OG_REGEX_MAX_SUBJECT + 1);
    assert_int_equal(og_regex_match(re, subject, OG_REGEX_MAX_SUBJECT + 1, &found, &err),
                     OG_E_LIMIT);
    assert_int_equal(og_regex_match(re, subject, OG_REGEX_MAX_SUBJECT, &found, &err),
                     OG_OK);
    og_regex_free(re);
    assert_int_equal(og_regex_compile("(a)((b)|c)", OG_REGEX_DEFAULT, &re, &err), OG_OK);
    assert_int_equal(og_regex_captures(re), 3);
    assert_int_equal(og_regex_match(re, NULL, 0, &found, &err), OG_E_NOTFOUND);
    og_regex_free(re);
    free(subject);
}

/* expressions that a careless administrator writes, texts that an enemy writes:
 * fill repeated up to len, then end */
static const struct {
    const char *pattern;
    const char *fill;
    size_t len;
    enum og_rc rc;
} slow[] = {
    { "(a+)+$", "a", 30, OG_OK },
    { "(a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", 1000, OG_E_LIMIT },
    { "(a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", 65536, OG_E_LIMIT },
    { "^(\\w+\\s?)*!", "a", 65536, OG_E_LIMIT },
    { "(\\w+\\s?)*[!?]", "aaaaaaaaaaaaaa.", 65536,
      OG_E_LIMIT }, /* below it at each place */
    { "(a?){15}[bc]", "a", 65536, OG_E_LIMIT },
    { ".*?.*?[xy]", "a", 200, OG_E_NOTFOUND },
    { "a.*[xy]", "a", 65536, OG_E_LIMIT },
    { "(a|b|ab)*[cd]", "ab", 65536, OG_E_LIMIT }, /* deep */
    { "(.*)(.*)(.*)(.*)(.*)[xy]", "a", 65536, OG_E_LIMIT },
};

static void
test_slow(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(slow); i++) {
        size_t unit = strlen(slow[i].fill);
        char *subject = malloc(slow[i].len);
        struct og_regex *re = NULL;
        struct og_err err = { "" };
        struct og_span found;
        enum og_rc rc;
        double ms;

        assert_non_null(subject);
        for (size_t k = 0; k < slow[i].len; k++)
            subject[k] = slow[i].fill[k % unit];
        row_rc(i, og_regex_compile(slow[i].pattern, OG_REGEX_DEFAULT, &re, &err), OG_OK,
               &err);
        ms = (double)clock() * 1000 / CLOCKS_PER_SEC;
        rc = og_regex_match(re, subject, slow[i].len, &found, &err);
        ms = (double)clock() * 1000 / CLOCKS_PER_SEC - ms;
        print_message("row %zu: %s after %.1f ms\n", i, og_rc_text(rc), ms);
        if (rc != slow[i].rc || ms > 1000)
            fail_msg("row %zu: %s after %.0f ms", i, og_rc_text(rc), ms);
        og_regex_free(re);
        free(subject);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_bad_patterns),
        cmocka_unit_test(test_ceiling),
        cmocka_unit_test(test_slow),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
