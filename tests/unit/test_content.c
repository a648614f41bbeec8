/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/rows.h"

#include "core/check/content.h"
#include "core/check/spam.h"

static struct og_findings findings = OG_FINDINGS_INIT;

static void
add(enum og_found what, const char *path, const char *name, uint64_t size)
{
    struct og_err err = { "" };
    char empty[] = "";
    struct og_finding found = { .what = what,
                                .path = (char *)(uintptr_t)path,
                                .name = (char *)(uintptr_t)name,
                                .type = empty,
                                .claimed = empty,
                                .size = size };

    if (og_findings_add(&findings, &found, &err) != OG_OK)
        fail_msg("%s", err.text);
}

static void
test_virus_and_macro(void **state)
{
    struct og_settings set = OG_SETTINGS_INIT;
    struct og_verdict verdict = OG_VERDICT_ACCEPT;

    (void)state;
    og_findings_free(&findings);
    add(OG_FOUND_FILE, "a.exe", "a.exe", 1);
    add(OG_FOUND_UNWANTED, "a.exe", "PUA.X", 0);
    assert_null(og_virus_check(&findings, &verdict));
    assert_string_equal(verdict.class, "accepted");
    add(OG_FOUND_MACRO, "", "vba\n", 0);
    assert_null(og_macro_check(&set, &findings, &verdict));
    assert_string_equal(verdict.class, "accepted");
    set.block_macros = 1;
    assert_ptr_equal(og_macro_check(&set, &findings, &verdict), &findings.list[2]);
    assert_string_equal(verdict.class, "macro");
    assert_string_equal(verdict.text, "The message holds a macro (vba?)");
    add(OG_FOUND_VIRUS, "a.zip/\"\r\n.exe", "Eicar\x1b[1m", 0);
    assert_ptr_equal(og_virus_check(&findings, &verdict), &findings.list[3]);
    assert_string_equal(verdict.class, "virus");
    assert_string_equal(verdict.code, "550 5.7.1");
    assert_string_equal(verdict.text,
                        "The message holds malware: Eicar?[1m in \"a.zip/???.exe\"");
    og_findings_free(&findings);
}

static const struct {
    const char *path, *name;
    uint64_t size, response;
    const char *code, *text;
} beyond[] = {
    { "", "parts", 10000, OG_SCAN_LIMIT_REJECT, "550 5.6.0",
      "The message has too many parts to be looked into (above 10000)" },
    { "a.zip", "files", 10000, OG_SCAN_LIMIT_REJECT, "550 5.6.0",
      "The file \"a.zip\" holds too many files to be looked into (above 10000)" },
    { "a.zip/b.zip", "depth", 17, OG_SCAN_LIMIT_REJECT, "550 5.6.0",
      "The file \"a.zip/b.zip\" has files in it that are nested too deep to be looked "
      "into "
      "(above 17)" },
    { "", "size", 400, OG_SCAN_LIMIT_REJECT, "550 5.6.0",
      "The message is too large to be looked into (above 400)" },
    { "", "space", 400, OG_SCAN_LIMIT_REJECT, "550 5.6.0",
      "The message is too large to be looked into (above 400)" },
    { "", "another", 4, OG_SCAN_LIMIT_REJECT, "550 5.6.0",
      "The message is too much to be looked into (above 4)" },
    { "a.zip", "format", 0, OG_SCAN_LIMIT_REJECT, "550 5.6.0",
      "The file \"a.zip\" is of a form that cannot be opened to be looked into" },
    { "a.xlsx", "rounds", 1000, OG_SCAN_LIMIT_REJECT, "550 5.6.0",
      "The file \"a.xlsx\" has a password that takes too long to be looked into (above "
      "1000)" },
    { "", "time", 60, OG_SCAN_LIMIT_REJECT, "451 4.3.0",
      "It takes too long to look into this message" },
    { "", "time", 60, OG_SCAN_LIMIT_ACCEPT, "", "" },
    { "", "size", 60, OG_SCAN_LIMIT_ACCEPT, "", "" },
};

static void
test_beyond(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(beyond); i++) {
        struct og_settings set = { .scan_limit_response = beyond[i].response };
        struct og_verdict verdict = OG_VERDICT_ACCEPT;

        og_findings_free(&findings);
        assert_null(og_beyond_check(&set, &findings, &verdict));
        add(OG_FOUND_LIMIT, beyond[i].path, beyond[i].name, beyond[i].size);
        assert_ptr_equal(og_beyond_check(&set, &findings, &verdict),
                         beyond[i].code[0] != '\0' ? findings.list : NULL);
        row_text(i, verdict.code, beyond[i].code);
        row_text(i, verdict.text, beyond[i].text);
    }
    og_findings_free(&findings);
}

static const struct {
    const char *text;
    enum og_rc rc;
    uint64_t threshold;
    const char *class, *reply;
} spam[] = {
    { "", OG_OK, 0, "accepted", "" },
    { "failed", OG_OK, 0, "accepted", "" },
    { "0 no action", OG_OK, 0, "accepted", "" },
    { "149 add header", OG_OK, 0, "accepted", "" },
    { "9999 no action", OG_OK, 0, "accepted", "" }, /* the filter's word counts */
    { "153 reject", OG_OK, 0, "spam", "The message looks like spam (score 15.3)" },
    { "-3 reject", OG_OK, 0, "spam", "The message looks like spam (score -0.3)" },
    { "153 reject", OG_OK, 154, "accepted", "" }, /* ours does */
    { "153 no action", OG_OK, 153, "spam", "The message looks like spam (score 15.3)" },
    { "-153 reject", OG_OK, 1, "accepted", "" },
    { "0 ", OG_OK, 1, "accepted", "" },
    { "1", OG_E_SYNTAX, 0, NULL, NULL },
    { "reject", OG_E_SYNTAX, 0, NULL, NULL },
    { " ", OG_E_SYNTAX, 0, NULL, NULL },
    { "99999999999999999999 reject", OG_E_SYNTAX, 0, NULL, NULL },
    { "1000001 reject", OG_E_SYNTAX, 0, NULL, NULL },
    { "1.5 reject", OG_E_SYNTAX, 0, NULL, NULL },
};

static void
test_spam(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(spam); i++) {
        struct og_settings set = { .spam_threshold = spam[i].threshold };
        struct og_verdict verdict = OG_VERDICT_ACCEPT;
        struct og_spam read = { .asked = false };
        struct og_err err = { "" };

        row_rc(i, og_spam_read(spam[i].text, &read, &err), spam[i].rc, &err);
        if (spam[i].rc != OG_OK)
            continue;
        assert_int_equal(read.asked, spam[i].text[0] != '\0');
        assert_int_equal(read.failed, strcmp(spam[i].text, "failed") == 0);
        og_spam_check(&set, &read, &findings, &verdict);
        row_text(i, verdict.class, spam[i].class);
        row_text(i, verdict.text, spam[i].reply);
    }
}

static void
test_phish_and_denied(void **state)
{
    struct og_settings set = { .spam_threshold = 0 };
    struct og_spam none = { .asked = false }, high = { true, false, true, 999, true };
    struct og_verdict verdict = OG_VERDICT_ACCEPT;

    (void)state;
    og_findings_free(&findings);
    og_spam_check(&set, &none, &findings, &verdict);
    assert_string_equal(verdict.class, "accepted");
    add(OG_FOUND_PHISH, "", "Heuristics.Phishing.Email.SpoofedDomain", 0);
    og_spam_check(&set, &none, &findings, &verdict);
    assert_string_equal(verdict.class, "phish");
    og_spam_denied(&verdict);
    assert_string_equal(verdict.class, "spam");
    og_spam_check(&set, &high, &findings, &verdict);
    assert_string_equal(verdict.class, "spam");
    og_findings_free(&findings);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_virus_and_macro),
        cmocka_unit_test(test_beyond),
        cmocka_unit_test(test_spam),
        cmocka_unit_test(test_phish_and_denied),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
