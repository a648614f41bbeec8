/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/rows.h"

#include "core/check/lock.h"

#define UNTIL INT64_C(1795284741) /* 2026-11-21T18:12:21Z */

static struct og_settings
settings_of(const char *response, const char *contact)
{
    struct og_settings set = OG_SETTINGS_INIT;
    struct og_err err = { "" };

    if (og_settings_defaults(&set, &err) != OG_OK
        || og_settings_set(&set, og_setting_find("lock_response"), response,
                           OG_SOURCE_USER, &err)
               != OG_OK
        || og_settings_set(&set, og_setting_find("admin_contact"), contact,
                           OG_SOURCE_USER, &err)
               != OG_OK)
        fail_msg("%s", err.text);
    return set;
}

static const struct {
    const char *response, *contact;
    struct og_lock_facts lock;
    enum og_action action;
    const char *code, *text;
} rows[] = {
    { "defer",
      "",
      { false, "spam 5 in 10m", UNTIL, "k2m4", "" },
      OG_DEFER,
      "451 4.7.1",
      "Sending is locked for this sender until 2026-11-21T18:12:21Z (spam)" },
    { "defer",
      "abuse@x.example",
      { false, "virus 1 in 10m", 0, "k2m4", "" },
      OG_DEFER,
      "451 4.7.1",
      "Sending is locked for this sender (virus), contact abuse@x.example" },
    { "reject",
      "abuse@x.example",
      { false, "invalid-recipient 50 in 1d", UNTIL, "k2m4", "" },
      OG_REJECT,
      "550 5.7.1",
      "Sending is locked for this sender until 2026-11-21T18:12:21Z (invalid-recipient), "
      "contact abuse@x.example" },
    { "reject",
      "",
      { true, "", 0, "k2m4", "" },
      OG_REJECT,
      "550 5.7.1",
      "Sending is locked for this sender (manual)" },
    { "defer",
      "",
      { true, "spam 5 in 10m", 0, "k2m4", "" },
      OG_DEFER,
      "451 4.7.1",
      "Sending is locked for this sender (manual)" },
    { "defer",
      "j\xc3\xb6rg@x.example",
      { true, "", 0, "k2m4", "" },
      OG_DEFER,
      "451 4.7.1",
      "Sending is locked for this sender (manual), contact j??rg@x.example" },
    { "defer",
      "",
      { false, "spam 5 in 10m", 0, "k2m4", "header:cust42" },
      OG_DEFER,
      "451 4.7.1",
      "Sending is locked for identity cust42 of this sender (spam)" },
    { "reject",
      "",
      { true, "", 0, "k2m4", "header:a\r\nb:\xc3\xa4 01234567890123456789012345" },
      OG_REJECT,
      "550 5.7.1",
      "Sending is locked for identity a??b:?? 012345678901234567890123 of this sender "
      "(manual)" },
    { "discard",
      "abuse@x.example",
      { false, "spam 5 in 10m", UNTIL, "k2m4", "" },
      OG_DISCARD,
      "",
      "The sender is locked" },
};

static void
test_verdict(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        struct og_settings set = settings_of(rows[i].response, rows[i].contact);
        struct og_verdict verdict = OG_VERDICT_ACCEPT;

        og_lock_verdict(&set, &rows[i].lock, &verdict);
        if (verdict.action != rows[i].action)
            fail_msg("row %zu: %s", i, og_action_text(verdict.action));
        row_text(i, verdict.code, rows[i].code);
        row_text(i, verdict.class, "locked");
        row_text(i, verdict.text, rows[i].text);
        row_text(i, verdict.facts, "lock=k2m4");
        og_settings_free(&set);
    }
}

/* the longest contact there can be leaves room for the id behind it */
static void
test_long_contact(void **state)
{
    char contact[255];
    struct og_settings set;
    struct og_lock_facts lock = {
        false, "invalid-recipient 50 in 1d", UNTIL, "k2m4",
        "header:a-name-that-is-longer-than-any-reply-has-room-for"
    };
    struct og_verdict verdict = OG_VERDICT_ACCEPT;

    (void)state;
    memset(contact, 'a', sizeof contact - 1);
    contact[sizeof contact - 1] = '\0';
    contact[240] = '@';
    set = settings_of("defer", contact);
    og_lock_verdict(&set, &lock, &verdict);
    assert_true(strlen(verdict.text) < 240);
    og_settings_free(&set);
}

static const struct {
    const char *contact, *hostname, *address;
    bool exempt;
} exempts[] = {
    { "abuse@x.example", "mail.x.example", "abuse@x.example", true },
    { "Abuse@X.Example", "mail.x.example", "aBuse@x.eXample", true },
    { "abuse@x.example", "mail.x.example", "\"abuse\"@x.example.", true },
    { "abuse@x.example", "mail.x.example", "abuse+1@x.example", false },
    { "abuse@x.example", "mail.x.example", "abuse@x.example.evil.example", false },
    { "abuse@x.example", "mail.x.example", "abuse@sub.x.example", false },
    { "abuse@x.example", "mail.x.example", "xabuse@x.example", false },
    { "abuse@x.example", "mail.x.example", "postmaster@mail.x.example", true },
    { "", "mail.x.example", "PostMaster@MAIL.x.example", true },
    { "", "mail.x.example", "postmaster@x.example", false },
    { "", "mail.x.example", "abuse@mail.x.example", false },
    { "", "", "postmaster@", false },
    { "", "", "@", false },
    { "", "mail.x.example", "", false },
    { "", "mail.x.example", "@", false },
    { "abuse@x.example", "mail.x.example", "not an address", false },
    { "a@m\xc3\xbcnchen.example", "h.example", "a@xn--mnchen-3ya.example", true },
};

static void
test_exempt(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(exempts); i++) {
        struct og_settings set = settings_of("defer", exempts[i].contact);

        if (og_lock_exempt(&set, exempts[i].hostname, exempts[i].address)
            != exempts[i].exempt)
            fail_msg("row %zu: %s", i, exempts[i].address);
        og_settings_free(&set);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_verdict),
        cmocka_unit_test(test_long_contact),
        cmocka_unit_test(test_exempt),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
