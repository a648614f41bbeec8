/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/rows.h"

#include "core/base/limit.h"

#define NO OG_UNLIMITED
#define MOST (UINT64_C(1) << 40)

static const struct {
    const char *in;
    enum og_rc rc;
    struct og_limit limit; /* user, identity, domain */
    const char *out;       /* the canonical form, or a part of the error */
} rows[] = {
    { "unset", OG_OK, { { NO, NO, NO } }, "unset" },
    { "UNSET", OG_OK, { { NO, NO, NO } }, "unset" },
    { "0", OG_OK, { { 0, NO, NO } }, "0" },
    { "100", OG_OK, { { 100, NO, NO } }, "100" },
    { "00100", OG_OK, { { 100, NO, NO } }, "100" },
    { " 100\t", OG_OK, { { 100, NO, NO } }, "100" },
    { "1099511627776", OG_OK, { { MOST, NO, NO } }, "1099511627776" },
    { "1099511627777", OG_E_RANGE, { { 0 } }, "above 1099511627776" },
    { "18446744073709551615", OG_E_RANGE, { { 0 } }, "above" },
    { "99999999999999999999", OG_E_RANGE, { { 0 } }, "above" },
    { "user 5", OG_OK, { { 5, NO, NO } }, "5" },
    { "identity 20", OG_OK, { { NO, 20, NO } }, "identity 20" },
    { "domain 5000", OG_OK, { { NO, NO, 5000 } }, "domain 5000" },
    { "100 identity 20", OG_OK, { { 100, 20, NO } }, "100 identity 20" },
    { "Identity 20, 100", OG_OK, { { 100, 20, NO } }, "100 identity 20" },
    { "domain 3 identity 2 user 1", OG_OK, { { 1, 2, 3 } }, "1 identity 2 domain 3" },
    { "100,identity\t20,,domain 0",
      OG_OK,
      { { 100, 20, 0 } },
      "100 identity 20 domain 0" },
    { "unset identity 20", OG_OK, { { NO, 20, NO } }, "identity 20" },
    { "identity unset", OG_OK, { { NO, NO, NO } }, "unset" },
    { "", OG_E_SYNTAX, { { 0 } }, "empty" },
    { " ,\t", OG_E_SYNTAX, { { 0 } }, "empty" },
    { "many", OG_E_SYNTAX, { { 0 } }, "'many' is no number" },
    { "-1", OG_E_SYNTAX, { { 0 } }, "'-1' is no number" },
    { "+1", OG_E_SYNTAX, { { 0 } }, "'+1' is no number" },
    { "1K", OG_E_SYNTAX, { { 0 } }, "'1K' is no number" },
    { "0x10", OG_E_SYNTAX, { { 0 } }, "no number" },
    { "1.5", OG_E_SYNTAX, { { 0 } }, "no number" },
    { "identity", OG_E_SYNTAX, { { 0 } }, "no number after 'identity'" },
    { "100 domain ", OG_E_SYNTAX, { { 0 } }, "no number after 'domain'" },
    { "identity domain 5", OG_E_SYNTAX, { { 0 } }, "'domain' is no number" },
    { "identity20", OG_E_SYNTAX, { { 0 } }, "'identity20' is no number" },
    { "1 2", OG_E_SYNTAX, { { 0 } }, "two numbers for the user" },
    { "1 user 2", OG_E_SYNTAX, { { 0 } }, "two numbers for the user" },
    { "identity 1 identity 1", OG_E_SYNTAX, { { 0 } }, "two numbers for the identity" },
    { "unset 5", OG_E_SYNTAX, { { 0 } }, "two numbers for the user" },
    { "100 a", OG_E_SYNTAX, { { 0 } }, "'a' is no number" },
};

static void
row_limit(size_t i, const struct og_limit *got, const struct og_limit *want)
{
    for (size_t level = 0; level < OG_LEVELS; level++)
        if (got->most[level] != want->most[level])
            fail_msg("row %zu: %s has %" PRIu64 ", expected %" PRIu64, i,
                     og_level_text((enum og_level)level), got->most[level],
                     want->most[level]);
}

static void
test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        const struct og_limit before = { { 7, 8, 9 } };
        struct og_limit limit = before, again;
        struct og_buf out = OG_BUF_INIT(100);
        struct og_err err = { "" };

        row_rc(i, og_limit_parse(rows[i].in, &limit, &err), rows[i].rc, &err);
        if (rows[i].rc != OG_OK) {
            if (strstr(err.text, rows[i].out) == NULL)
                fail_msg("row %zu: no '%s' in '%s'", i, rows[i].out, err.text);
            row_limit(i, &limit, &before); /* unchanged on failure */
            continue;
        }
        row_limit(i, &limit, &rows[i].limit);
        row_rc(i, og_limit_print(&limit, &out, &err), OG_OK, &err);
        row_text(i, out.data, rows[i].out);
        row_rc(i, og_limit_parse(out.data, &again, &err), OG_OK, &err);
        row_limit(i, &again, &limit);
        og_buf_free(&out);
    }
}

/* it appends, and says when there is no room */
static void
test_print(void **state)
{
    const struct og_limit limit = { { 100, 20, NO } };
    struct og_buf out = OG_BUF_INIT(22), small = OG_BUF_INIT(14);
    struct og_err err = { "" };

    (void)state;
    assert_int_equal(og_buf_add_text(&out, "limit: ", &err), OG_OK);
    assert_int_equal(og_limit_print(&limit, &out, &err), OG_OK);
    assert_string_equal(out.data, "limit: 100 identity 20");
    assert_int_equal(og_limit_print(&limit, &small, &err), OG_E_LIMIT);
    og_buf_free(&out);
    og_buf_free(&small);
}

static void
test_words(void **state)
{
    (void)state;
    assert_string_equal(og_level_text(OG_LEVEL_USER), "user");
    assert_string_equal(og_level_text(OG_LEVEL_IDENTITY), "identity");
    assert_string_equal(og_level_text(OG_LEVEL_DOMAIN), "domain");
    assert_string_equal(og_unit_text(OG_UNIT_CONNECTIONS), "connections");
    assert_string_equal(og_unit_text(OG_UNIT_MESSAGES), "messages");
    assert_string_equal(og_unit_text(OG_UNIT_RECIPIENTS), "recipients");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_print),
        cmocka_unit_test(test_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
