/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/state_dir.h"

#include "core/check/bounce.h"
#include "core/state/invalid.h"
#include "core/state/ledger.h"

#define RCPT "SMTP error from remote mail server after RCPT TO:<x@y.example>: "
#define DATA "SMTP error from remote mail server after end of data: "

static const struct {
    const char *text;
    bool bad;
} answers[] = {
    /* codes that mean an address */
    { RCPT "550 5.1.1 no such user", true },
    { RCPT "550 5.1.1 <x@y.example>: Recipient address rejected: User unknown in virtual "
           "mailbox table",
      true },
    { RCPT "550-5.1.1 The email account that you tried to reach does not exist. Please "
           "try\\n550-5.1.1 double-checking the recipient's email address for typos or",
      true },
    { RCPT "550 5.1.2 bad destination system", true },
    { RCPT "501 5.1.3 bad address syntax", true },
    { RCPT "550 5.1.6 mailbox has moved", true },
    { RCPT "556 5.1.10 Recipient address has null MX", true },
    { RCPT "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found", true },
    { RCPT "550 5.1.1", true },
    { RCPT "550 5.1.1 rejected as spam, no such user", true }, /* the code is clear */
    /* codes that look like them */
    { RCPT "550 5.1.0 Address rejected", false },
    { RCPT "550 5.1.8 Sender address rejected: Domain not found", false },
    { RCPT "550 5.1.7 bad sender", false },
    { RCPT "550 5.1.11 something", false },
    { RCPT "550 5.1.100 something", false },
    { RCPT "550 25.1.1 something", false },
    /* policy */
    { RCPT "550 5.7.1 relay access denied", false },
    { RCPT "554 5.7.1 Service unavailable; client blocked using zen", false },
    { RCPT "550 5.7.1 no such user", false },
    { RCPT "550 5.2.2 mailbox full", false },
    { RCPT "552 5.2.2 over quota", false },
    { RCPT "550 5.4.1 Recipient address rejected: Access denied. AS(201806281)", true },
    { RCPT "550 5.4.1 All recipient addresses rejected : Access denied", false },
    { RCPT "550 5.5.0 Requested action not taken: mailbox unavailable", true },
    { RCPT "554 5.1.1 user unknown", true },
    /* temporary, or not to a recipient */
    { RCPT "450 4.1.1 user unknown", false },
    { RCPT "452 4.5.3 too many recipients", false },
    { RCPT "450 4.1.1 <x@y.example>: 550 5.1.1 no such user", false },
    { "SMTP error from remote mail server after MAIL FROM:<a@b.example>: 550 5.1.1 no "
      "such "
      "user",
      false },
    { "SMTP error from remote mail server after pipelined MAIL FROM:<a@b>: 550 no such "
      "user",
      false },
    { "SMTP error from remote mail server after initial connection: 550 user unknown",
      false },
    { DATA "550 5.1.1 no such user", true },
    { DATA "550 no such user", false },
    { DATA "550 5.7.1 spam", false },
    { "SMTP timeout after RCPT TO:<x@y.example>", false },
    /* words where the code says little */
    { RCPT "550 No such user here", true },
    { RCPT "550 no such mailbox", true },
    { RCPT "550 User unknown", true },
    { RCPT "550 Unknown user: x", true },
    { RCPT "550 Unknown local user", true },
    { RCPT "550 user x@y.example unknown", true },
    { RCPT "550 <x@y.example>: Recipient address rejected: User unknown", true },
    { RCPT "550 Requested action not taken: mailbox unavailable", true },
    { RCPT "550 mailbox not found", true },
    { RCPT "550 Mailbox is unknown", true },
    { RCPT "550 Invalid recipient", true },
    { RCPT "553 sorry, no mailbox here by that name. (#5.7.17)", true },
    { RCPT "550 Address unknown", true },
    { RCPT "550 The account does not exist", true },
    { RCPT "550 Sorry, x doesn't have a example.com account", true },
    { RCPT "550 sorry, recipient could not be found: not a valid mailbox", true },
    { RCPT "550 x@y.example... No such person at this address", true },
    { RCPT "550 x (x@y.example) not listed in Domino Directory", true },
    { RCPT "551 not a known user", true },
    { RCPT "550 Unrouteable address", true },
    { RCPT "550 5.1.0 unknown user", true },
    { RCPT "550 5.0.0 No such user", true },
    { RCPT "550-no such user\\n550 5.1.1", true },
    { RCPT "554 no such user", false }, /* 554 is anything */
    { RCPT "552 no such user", false },
    { RCPT "550 no", false },
    { RCPT "550 rejected", false },
    { RCPT "550 access denied", false },
    { RCPT "550 mailbox unavailable: message looks like spam", false },
    { RCPT "550 user unknown; your host is on a block list", false },
    { RCPT "550 invalid recipient: relay not permitted", false },
    { RCPT "550 sender address unknown", false },
    { RCPT "550 mailbox unavailable, over quota", false },
    { RCPT "550 DNS: no such domain", false },
    { RCPT "550 the account is disabled: unknown user", false },
    { RCPT "550 5.2.1 mailbox disabled", false },
    { RCPT "550 5.3.0 unknown user", false },
    { RCPT "550 generated separate addresses: no such user", true },
    /* Exim's own routing */
    { "Unrouteable address", true },
    { "all relevant MX records point to non-existent hosts", true },
    { "all relevant MX records point to non-existent hosts or (invalidly) to IP "
      "addresses",
      true },
    { "an MX or SRV record indicated no SMTP service", true },
    { "mail domain \"a..b\" is syntactically invalid", true },
    { "retry timeout exceeded", false },
    { "This message has been rejected by a filter", false },
    { "host lookup did not complete", false },
    { "", false },
    /* whatever the address is */
    { "SMTP error from remote mail server after RCPT TO:<\"a>: 550 b\"@y.example>: 450 x",
      false },
    { "SMTP error from remote mail server after RCPT TO:<a", false },
    { "SMTP error from remote mail server after RCPT TO:<>: 5", false },
    { "x SMTP error from remote mail server after RCPT TO:<a@b>: 550 5.1.1 x", false },
};

static void
test_answers(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(answers); i++) {
        struct og_err err = { "" };
        size_t len = strlen(answers[i].text) + 1;
        char *exact = exact_copy(answers[i].text, len);
        bool bad = !answers[i].bad;

        row_rc(i, og_bounce_bad_address(exact, &bad, &err), OG_OK, &err);
        if (bad != answers[i].bad)
            fail_msg("row %zu: %s", i, answers[i].text);
        free(exact);
    }
}

/* an answer as long as it likes, made to be slow */
static void
test_hostile_answer(void **state)
{
    static const char begin[] = RCPT "550 ";
    size_t len = 200000;
    char *text = malloc(len + 1);
    struct og_err err = { "" };
    bool bad = true;

    (void)state;
    assert_non_null(text);
    memset(text, 'a', len);
    for (size_t i = 0; i < len; i += 2)
        text[i] = ' ';
    memcpy(text, begin, sizeof begin - 1);
    text[len] = '\0';
    assert_int_equal(og_bounce_bad_address(text, &bad, &err), OG_OK);
    assert_false(bad);
    for (size_t i = 0; i + 5 < len; i += 5)
        memcpy(text + i, ">: 5 ", 5);
    memcpy(text, RCPT, sizeof RCPT - 1);
    assert_int_equal(og_bounce_bad_address(text, &bad, &err), OG_OK);
    assert_false(bad);
    free(text);
}

#define NOW INT64_C(1795284741) /* 2026-11-21T18:12:21Z */
enum { DAY = 86400 };

/* a sender that nothing is stored about; settings are `name=value` pairs */
static void
make(struct og_sender *sender, enum og_user_kind kind, const char *name,
     const char *const *settings)
{
    struct og_err err = { "" };

    assert_int_equal(og_name_parse(kind, name, "host.example", &sender->user.name, &err),
                     OG_OK);
    assert_int_equal(og_settings_copy(&sender->settings, &state_of_test.server, &err),
                     OG_OK);
    assert_int_equal(
        og_settings_copy(&sender->domain_settings, &state_of_test.server, &err), OG_OK);
    for (; settings != NULL && *settings != NULL; settings += 2)
        if (og_settings_set(&sender->settings, og_setting_find(settings[0]), settings[1],
                            OG_SOURCE_USER, &err)
            != OG_OK)
            fail_msg("%s", err.text);
}

static struct og_invalid
add(const struct og_account *account, const char *address, int64_t now)
{
    struct og_invalid found;
    struct og_err err = { "" };

    if (og_invalid_add(&state_of_test, account, address, now, &found, &err) != OG_OK)
        fail_msg("%s", err.text);
    return found;
}

static uint64_t
used(const struct og_account *account, enum og_level level, int64_t now)
{
    struct og_err err = { "" };
    uint64_t n = 0;

    if (og_invalid_look(&state_of_test, account, level, now, &n, &err) != OG_OK)
        fail_msg("%s", err.text);
    return n;
}

static struct og_lock
lock_of(const struct og_account *account, int64_t now)
{
    struct og_lock lock;
    struct og_err err = { "" };

    if (og_lock_look(&state_of_test, account, now, &lock, &err) != OG_OK)
        fail_msg("%s", err.text);
    return lock;
}

static void
test_different_addresses_lock(void **state)
{
    static const char *const set[] = { "invalid_recipient_limit", "4", NULL };
    struct og_sender sender = OG_SENDER_INIT;
    struct og_account account = { &sender, "" };
    struct og_invalid found;

    (void)state;
    make(&sender, OG_KIND_USER, "a@lock.example", set);
    assert_int_equal(add(&account, "one@x.example", NOW).used, 1);
    assert_int_equal(add(&account, "ONE@X.example.", NOW).used, 1); /* the same */
    assert_int_equal(add(&account, "two@x.example", NOW + 1).used, 2);
    assert_int_equal(add(&account, "no address", NOW + 2).used, 3);
    assert_int_equal(add(&account, "two@x.example", NOW + 3).used, 3);
    assert_false(lock_of(&account, NOW + 3).locked);
    found = add(&account, "four@x.example", NOW + 4);
    assert_int_equal(found.used, 4);
    assert_true(found.lock.locked);
    assert_int_equal(found.lock.level, OG_LEVEL_USER);
    assert_string_equal(found.lock.rule, "invalid-recipient 4 in 1d");
    assert_string_equal(found.lock.reason,
                        "4 different addresses refused as unknown, the "
                        "last one four@x.example");
    assert_true(lock_of(&account, NOW + 5).locked);
    found = add(&account, "five@x.example", NOW + 5); /* nothing counts while locked */
    assert_false(found.counted);
    assert_int_equal(used(&account, OG_LEVEL_USER, NOW + 5), 0);
    found = add(&account, "five@x.example", NOW + 4000); /* and then from the start */
    assert_true(found.counted);
    assert_int_equal(found.used, 1);
    assert_false(found.lock.locked);
    og_sender_free(&sender);
}

/* each address counts for 24 hours from the last time */
static void
test_rolling(void **state)
{
    static const char *const set[] = { "invalid_recipient_limit", "3", NULL };
    struct og_sender sender = OG_SENDER_INIT;
    struct og_account account = { &sender, "" };

    (void)state;
    make(&sender, OG_KIND_USER, "a@rolling.example", set);
    assert_int_equal(add(&account, "one@x.example", NOW).used, 1);
    assert_int_equal(add(&account, "two@x.example", NOW + DAY / 2).used, 2);
    assert_int_equal(add(&account, "three@x.example", NOW + DAY + 1).used, 2);
    assert_int_equal(used(&account, OG_LEVEL_USER, NOW + DAY + 1), 2);
    assert_int_equal(used(&account, OG_LEVEL_USER, NOW + 2 * DAY), 1);
    assert_int_equal(used(&account, OG_LEVEL_USER, NOW + 3 * DAY), 0);
    og_sender_free(&sender);
}

static const struct {
    enum og_user_kind kind;
    const char *name, *identity;
    const char *set[7];
    bool locked;
    enum og_level level;
} whose[] = {
    { OG_KIND_USER, "u1@who.example", "", { NULL }, true, OG_LEVEL_USER },
    { OG_KIND_USER, "u2@who.example", "login:x", { NULL }, true, OG_LEVEL_USER },
    { OG_KIND_USER, "u3@who.example", "", { "automatic_lock", "no" }, false, 0 },
    { OG_KIND_USER,
      "u4@who.example",
      "login:x",
      { "lock_identities_automatically", "yes" },
      true,
      OG_LEVEL_IDENTITY },
    { OG_KIND_USER,
      "u5@who.example",
      "login:x",
      { "lock_identities_automatically", "yes", "automatic_lock", "no" },
      true,
      OG_LEVEL_IDENTITY },
    { OG_KIND_USER, "u6@who.example", "", { "invalid_recipient_limit", "0" }, false, 0 },
    { OG_KIND_IP, "10.1.0.0/24", "header:x", { NULL }, true, OG_LEVEL_IDENTITY },
    { OG_KIND_IP, "10.2.0.0/24", "", { NULL }, true, OG_LEVEL_USER },
    { OG_KIND_IP,
      "10.3.0.0/24",
      "header:x",
      { "lock_identities_automatically", "no" },
      true,
      OG_LEVEL_USER },
};

static void
test_whose_lock(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(whose); i++) {
        const char *set[] = { "invalid_recipient_limit", "2", NULL };
        struct og_sender sender = OG_SENDER_INIT;
        struct og_account account = { &sender, whose[i].identity };
        struct og_account other = { &sender, "header:other" };
        struct og_invalid found;
        struct og_lock lock;

        make(&sender, whose[i].kind, whose[i].name, set);
        for (const char *const *at = whose[i].set; *at != NULL; at += 2)
            assert_int_equal(og_settings_set(&sender.settings, og_setting_find(at[0]),
                                             at[1], OG_SOURCE_USER, NULL),
                             OG_OK);
        found = add(&account, "one@x.example", NOW);
        if (found.counted != (sender.settings.invalid_recipient_limit > 0))
            fail_msg("row %zu: counted %d", i, found.counted);
        found = add(&account, "two@x.example", NOW);
        lock = lock_of(&account, NOW);
        if (found.lock.locked != whose[i].locked || lock.locked != whose[i].locked
            || (lock.locked && lock.level != whose[i].level))
            fail_msg("row %zu: locked %d %d level %d", i, found.lock.locked, lock.locked,
                     lock.level);
        if (lock.locked && lock_of(&other, NOW).locked != (lock.level == OG_LEVEL_USER))
            fail_msg("row %zu: the other identity", i);
        og_sender_free(&sender);
    }
}

/* 10 percent, once there are 20 recipients */
static void
test_percent(void **state)
{
    static const char *const set[] = { "invalid_recipient_limit",
                                       "0",
                                       "invalid_recipient_percent",
                                       "10",
                                       "invalid_recipient_minimum",
                                       "20",
                                       NULL };
    struct og_sender sender = OG_SENDER_INIT;
    struct og_account account = { &sender, "" };
    struct og_charge charge = { .amount = { [OG_UNIT_RECIPIENTS] = 19 } };
    struct og_shortage shortage;
    struct og_err err = { "" };
    char address[40];

    (void)state;
    make(&sender, OG_KIND_USER, "a@percent.example", set);
    assert_int_equal(
        og_ledger_charge(&state_of_test, &account, &charge, NOW, &shortage, &err), OG_OK);
    for (int i = 0; i < 3; i++) { /* 3 of 19: too few to tell */
        (void)snprintf(address, sizeof address, "a%d@x.example", i);
        assert_false(add(&account, address, NOW).lock.locked);
    }
    charge.amount[OG_UNIT_RECIPIENTS] = 31;
    assert_int_equal(
        og_ledger_charge(&state_of_test, &account, &charge, NOW, &shortage, &err), OG_OK);
    assert_false(add(&account, "b@x.example", NOW).lock.locked); /* 4 of 50 */
    assert_string_equal(add(&account, "c@x.example", NOW).lock.rule,
                        "invalid-recipient 10% in 1d");
    og_sender_free(&sender);
}

/* lock_rules may have a rule for the class beside the two settings */
static void
test_rule(void **state)
{
    static const char *const set[] = { "invalid_recipient_limit", "0", "lock_rules",
                                       "invalid-recipient 2 in 10m", NULL };
    struct og_sender sender = OG_SENDER_INIT;
    struct og_account account = { &sender, "" };
    struct og_invalid found;

    (void)state;
    make(&sender, OG_KIND_USER, "a@rule.example", set);
    assert_false(add(&account, "one@x.example", NOW).lock.locked);
    assert_false(add(&account, "one@x.example", NOW + 1).lock.locked);
    found = add(&account, "two@x.example", NOW + 2);
    assert_true(found.lock.locked);
    assert_string_equal(found.lock.rule, "invalid-recipient 2 in 10m");
    og_sender_free(&sender);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_hostile_answer),
        cmocka_unit_test(test_different_addresses_lock),
        cmocka_unit_test(test_rolling),
        cmocka_unit_test(test_whose_lock),
        cmocka_unit_test(test_percent),
        cmocka_unit_test(test_rule),
    };

    return cmocka_run_group_tests(tests, state_dir_set_up, state_dir_tear_down);
}
