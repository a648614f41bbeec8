/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/rows.h"

#include "core/check/gate.h"
#include "core/check/verdict.h"

static void
test_cut(void **state)
{
    struct og_verdict verdict = OG_VERDICT_ACCEPT;
    char text[1000];

    (void)state;
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    og_verdict_set(&verdict, OG_REJECT, text, text, "%s", text);
    assert_int_equal(strlen(verdict.code), sizeof verdict.code - 1);
    assert_int_equal(strlen(verdict.class), sizeof verdict.class - 1);
    assert_int_equal(strlen(verdict.text), sizeof verdict.text - 1);
    og_verdict_set(&verdict, OG_ACCEPT, "", "auth", "%s %d%%", "logged in", 7);
    assert_int_equal(verdict.action, OG_ACCEPT);
    assert_string_equal(verdict.code, "");
    assert_string_equal(verdict.class, "auth");
    assert_string_equal(verdict.text, "logged in 7%");
    og_verdict_facts(&verdict, "a=%d", 7);
    assert_string_equal(verdict.facts, "a=7");
    og_verdict_facts(&verdict, "a=%s", text); /* too long: rather none */
    assert_string_equal(verdict.facts, "");
}

static void
test_fixed(void **state)
{
    struct og_verdict verdict = OG_VERDICT_ACCEPT;

    (void)state;
    assert_string_equal(verdict.class, "accepted");
    og_verdict_trouble(&verdict);
    assert_int_equal(verdict.action, OG_DEFER);
    assert_string_equal(verdict.code, "451 4.3.0");
    og_gate_unknown(&verdict);
    assert_int_equal(verdict.action, OG_REJECT);
    assert_string_equal(verdict.code, "550 5.7.1");
    assert_string_equal(og_action_text(OG_ACCEPT), "accept");
    assert_string_equal(og_action_text(OG_DEFER), "defer");
    assert_string_equal(og_action_text(OG_REJECT), "reject");
}

static const struct {
    uint64_t enabled, maximum, size;
    const char *code;
} gates[] = {
    { 1, 100, 0, "" },
    { 1, 100, 99, "" },
    { 1, 100, 100, "" },
    { 1, 100, 101, "552 5.3.4" },
    { 1, 100, UINT64_MAX, "552 5.3.4" },
    { 1, 0, UINT64_MAX, "" }, /* no limit */
    { 0, 0, 0, "550 5.7.1" },
    { 0, 100, 101, "550 5.7.1" }, /* the switch comes first */
};

static void
test_gate(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(gates); i++) {
        struct og_settings set = OG_SETTINGS_INIT;
        struct og_verdict verdict = OG_VERDICT_ACCEPT;

        set.enabled = gates[i].enabled;
        set.maximum_message_size = gates[i].maximum;
        og_gate_check(&set, gates[i].size, &verdict);
        row_text(i, verdict.code, gates[i].code);
        assert_int_equal(verdict.action,
                         gates[i].code[0] != '\0' ? OG_REJECT : OG_ACCEPT);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_fixed),
        cmocka_unit_test(test_gate),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
