/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/rows.h"

#include "core/base/rule.h"

static const struct {
    const char *in;
    enum og_rc rc;
    const char *out;
    uint64_t count;
    int64_t seconds;
} rates[] = {
    { "5 in 10m", OG_OK, "5 in 10m", 5, 600 },
    { "  5\tIN  600 ", OG_OK, "5 in 10m", 5, 600 },
    { "1 in 1s", OG_OK, "1 in 1s", 1, 1 },
    { "100 in 31d", OG_OK, "100 in 31d", 100, 31 * 86400 },
    { "007 in 1h30m", OG_OK, "7 in 1h30m", 7, 5400 },
    { "off", OG_OK, "off", 0, 0 },
    { " Off ", OG_OK, "off", 0, 0 },
    { "", OG_E_SYNTAX, NULL, 0, 0 },
    { " ", OG_E_SYNTAX, NULL, 0, 0 },
    { "5", OG_E_SYNTAX, NULL, 0, 0 },
    { "5 in", OG_E_SYNTAX, NULL, 0, 0 },
    { "5 per 10m", OG_E_SYNTAX, NULL, 0, 0 },
    { "5 in 10m x", OG_E_SYNTAX, NULL, 0, 0 },
    { "5 in 10m,", OG_E_SYNTAX, NULL, 0, 0 },
    { "off,", OG_E_SYNTAX, NULL, 0, 0 },
    { "off off", OG_E_SYNTAX, NULL, 0, 0 },
    { "5 in 10m a b c d", OG_E_SYNTAX, NULL, 0, 0 },
    { "-5 in 10m", OG_E_SYNTAX, NULL, 0, 0 },
    { "5x in 10m", OG_E_SYNTAX, NULL, 0, 0 },
    { "0 in 10m", OG_E_RANGE, NULL, 0, 0 },
    { "101 in 10m", OG_E_RANGE, NULL, 0, 0 },
    { "1000 in 10m", OG_E_RANGE, NULL, 0, 0 },
    { "99999999999999999999999999 in 10m", OG_E_RANGE, NULL, 0, 0 },
    { "18446744073709551617 in 10m", OG_E_RANGE, NULL, 0, 0 }, /* not 1 */
    { "5 in 0", OG_E_RANGE, NULL, 0, 0 },
    { "5 in 31d1s", OG_E_RANGE, NULL, 0, 0 },
    { "5 in 99999999999999999999", OG_E_RANGE, NULL, 0, 0 },
    { "5 in m", OG_E_SYNTAX, NULL, 0, 0 },
    { "5 in 1111111111111111111111111111111111111111111111111111111111111111s",
      OG_E_SYNTAX, NULL, 0, 0 }, /* a word of 65 bytes */
};

static void
test_rates(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(rates); i++) {
        struct og_buf out = OG_BUF_INIT(100);
        struct og_rate rate = { 77, 77 };
        struct og_err err = { "" };

        row_rc(i, og_rate_parse(rates[i].in, &rate, &err), rates[i].rc, &err);
        if (rates[i].rc != OG_OK) {
            assert_int_equal(rate.count, 77); /* unchanged on failure */
            assert_true(err.text[0] != '\0');
            continue;
        }
        assert_int_equal(rate.count, rates[i].count);
        assert_int_equal(rate.seconds, rates[i].seconds);
        row_rc(i, og_rate_print(&rate, &out, &err), OG_OK, &err);
        row_text(i, og_buf_text(&out), rates[i].out);
        og_buf_free(&out);
    }
}

#define EIGHT                                                  \
    "spam 1 in 1s, spam 2 in 1s, spam 3 in 1s, spam 4 in 1s, " \
    "spam 5 in 1s, spam 6 in 1s, spam 7 in 1s, spam 8 in 1s"

static const struct {
    const char *in;
    enum og_rc rc;
    const char *out;
} lists[] = {
    { "spam 5 in 10m, virus 1 in 10m", OG_OK, "spam 5 in 10m, virus 1 in 10m" },
    { "SPAM 5 in 10m,virus 1 in 10m", OG_OK, "spam 5 in 10m, virus 1 in 10m" },
    { "macro 3 in 1h per user", OG_OK, "macro 3 in 1h per user" },
    { "macro 3 in 1h PER Identity ", OG_OK, "macro 3 in 1h per identity" },
    { "fan-out 1 in 1d , tripwire 1 in 1s per identity", OG_OK,
      "fan-out 1 in 1d, tripwire 1 in 1s per identity" },
    { "invalid-recipient 100 in 31d per user", OG_OK,
      "invalid-recipient 100 in 31d per user" },
    { "", OG_OK, "off" },
    { "  ", OG_OK, "off" },
    { " off", OG_OK, "off" },
    { "Off", OG_OK, "off" },
    { "off ", OG_OK, "off" },
    { EIGHT ", " EIGHT, OG_OK, EIGHT ", " EIGHT }, /* at the ceiling */
    { EIGHT ", " EIGHT ", spam 9 in 1s", OG_E_LIMIT, NULL },
    { "spam 5 in 10m,", OG_E_SYNTAX, NULL },
    { ",", OG_E_SYNTAX, NULL },
    { ", spam 5 in 10m", OG_E_SYNTAX, NULL },
    { "spam 5 in 10m,, virus 1 in 10m", OG_E_SYNTAX, NULL },
    { "spam 5 in 10m virus 1 in 10m", OG_E_SYNTAX, NULL },
    { "off, spam 5 in 10m", OG_E_SYNTAX, NULL },
    { "spam", OG_E_SYNTAX, NULL },
    { "spam off", OG_E_SYNTAX, NULL },
    { "spam 5 in 10m per", OG_E_SYNTAX, NULL },
    { "spam 5 in 10m per domain", OG_E_SYNTAX, NULL },
    { "spam 5 in 10m for user", OG_E_SYNTAX, NULL },
    { "spam 5 in 10m per user x", OG_E_SYNTAX, NULL },
    { "ham 5 in 10m", OG_E_SYNTAX, NULL },
    { "spa 5 in 10m", OG_E_SYNTAX, NULL },
    { "spam 0 in 10m", OG_E_RANGE, NULL },
    { "spam 5 in 32d", OG_E_RANGE, NULL },
};

static void
test_lists(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(lists); i++) {
        struct og_rule rules[OG_RULES_MAX], again[OG_RULES_MAX];
        struct og_buf out = OG_BUF_INIT(1000);
        struct og_err err = { "" };
        size_t count = 99, count_again = 99;

        row_rc(i, og_rules_parse(lists[i].in, rules, &count, &err), lists[i].rc, &err);
        if (lists[i].rc != OG_OK) {
            assert_int_equal(count, 99);
            assert_true(err.text[0] != '\0');
            continue;
        }
        row_rc(i, og_rules_print(rules, count, &out, &err), OG_OK, &err);
        row_text(i, og_buf_text(&out), lists[i].out);
        row_rc(i, og_rules_parse(og_buf_text(&out), again, &count_again, &err), OG_OK,
               &err);
        assert_int_equal(count, count_again);
        og_buf_free(&out);
    }
}

static void
test_scopes(void **state)
{
    struct og_rule rules[OG_RULES_MAX];
    struct og_err err = { "" };
    size_t count = 0;

    (void)state;
    assert_int_equal(og_rules_parse("spam 1 in 1s, phish 2 in 2s per user, "
                                    "virus 3 in 3s per identity",
                                    rules, &count, &err),
                     OG_OK);
    assert_int_equal(count, 3);
    assert_true(rules[0].per_user && rules[0].per_identity);
    assert_true(rules[1].per_user && !rules[1].per_identity);
    assert_true(!rules[2].per_user && rules[2].per_identity);
    assert_string_equal(rules[1].class, "phish");
    assert_int_equal(rules[2].rate.count, 3);
    assert_int_equal(rules[2].rate.seconds, 3);
}

static void
test_every_class(void **state)
{
    (void)state;
    for (size_t i = 0; og_incident_classes[i] != NULL; i++) {
        struct og_rule rules[OG_RULES_MAX];
        struct og_err err = { "" };
        char text[100];
        size_t count = 0;

        (void)snprintf(text, sizeof text, "%s 5 in 10m", og_incident_classes[i]);
        row_rc(i, og_rules_parse(text, rules, &count, &err), OG_OK, &err);
        assert_int_equal(count, 1);
        row_text(i, rules[0].class, og_incident_classes[i]);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rates),
        cmocka_unit_test(test_lists),
        cmocka_unit_test(test_scopes),
        cmocka_unit_test(test_every_class),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
