/* SPDX-License-Identifier: BSD-2-Clause */
/* What stands in the database: its text, what is damaged, and what leaves */
#include "tests/unit/ledger_account.h"

#include "core/state/ledger_book.h"
#include "core/state/ledger_usage.h"

/* what stands in the database after one message to three, and one more */
static void
test_text(void **state)
{
    struct og_sender sender;
    struct og_account account = { &sender, "header:c 1" };

    (void)state;
    account_sender(
        &sender, "text@text.example", "text.example",
        "limit_messages_per_hour=identity 20;@limit_recipients_per_week=domain 9");
    assert_false(account_charge(&account, 1, 3, 0, T0).short_of);
    assert_false(account_charge(&account, 1, 1, 0, T0 + 61).short_of);
    account_record_is(OG_LEDGER_DB, "user text@text.example",
                      "messages.minute=2026-11-21T18:13:22Z:1 "
                      "messages.hour=2026-11-21T18:12:00Z:1,1 "
                      "messages.day=2026-11-21T18:00:00Z:2 "
                      "messages.week=2026-11-21T18:00:00Z:2 "
                      "messages.month=2026-11-21T12:00:00Z:2 "
                      "recipients.minute=2026-11-21T18:13:22Z:1 "
                      "recipients.hour=2026-11-21T18:12:00Z:3,1 "
                      "recipients.day=2026-11-21T18:00:00Z:4 "
                      "recipients.week=2026-11-21T18:00:00Z:4 "
                      "recipients.month=2026-11-21T12:00:00Z:4");
    account_record_is(OG_LEDGER_DB, "identity text@text.example header:c%201",
                      "messages.hour=2026-11-21T18:12:00Z:1,1 "
                      "messages.day=2026-11-21T18:00:00Z:2 "
                      "recipients.day=2026-11-21T18:00:00Z:4");
    account_record_is(OG_LEDGER_DB, "domain text.example",
                      "messages.day=2026-11-21T18:00:00Z:2 "
                      "recipients.day=2026-11-21T18:00:00Z:4 "
                      "recipients.week=2026-11-21T18:00:00Z:4");
    /* what does not fit stands apart, and nothing else has changed */
    assert_true(account_charge(&account, 1, 6, 0, T0 + 62).short_of);
    account_record_is(OG_LEDGER_DB, "domain text.example",
                      "messages.day=2026-11-21T18:00:00Z:2 "
                      "recipients.day=2026-11-21T18:00:00Z:4 "
                      "recipients.week=2026-11-21T18:00:00Z:4 "
                      "refused.messages.day=2026-11-21T18:00:00Z:1 "
                      "refused.recipients.day=2026-11-21T18:00:00Z:6 "
                      "refused.recipients.week=2026-11-21T18:00:00Z:6");
    account_record_is(OG_LEDGER_DB, "identity text@text.example header:c%201",
                      "messages.hour=2026-11-21T18:12:00Z:1,1 "
                      "messages.day=2026-11-21T18:00:00Z:2 "
                      "recipients.day=2026-11-21T18:00:00Z:4 "
                      "refused.messages.hour=2026-11-21T18:13:00Z:1 "
                      "refused.messages.day=2026-11-21T18:00:00Z:1 "
                      "refused.recipients.day=2026-11-21T18:00:00Z:6");
    og_sender_free(&sender);
    /* a window without limit is no longer kept, of a unit that is charged */
    account_sender(&sender, "text@text.example", "text.example", "");
    assert_false(account_charge(&account, 1, 0, 0, T0 + 63).short_of);
    account_record_is(OG_LEDGER_DB, "identity text@text.example header:c%201",
                      "messages.day=2026-11-21T18:00:00Z:3 "
                      "recipients.day=2026-11-21T18:00:00Z:4 "
                      "refused.messages.hour=2026-11-21T18:13:00Z:1 "
                      "refused.messages.day=2026-11-21T18:00:00Z:1 "
                      "refused.recipients.day=2026-11-21T18:00:00Z:6");
    og_sender_free(&sender);
}

static struct {
    const char *record, *text; /* part of the error */
} damages[] = {
    { NULL, "connections.day=1" },
    { "messages.hour=yesterday", "messages.hour" },
    { "messages.hour=2026-11-21T18:12:00Z:0", "messages.hour" },
    { "messages.hour=", "messages.hour" },
    { "messages.hour", "messages.hour" },
    { "messages.houx=2026-11-21T18:12:00Z:1", "messages.houx" },
    { "messages.hour=2026-11-21T18:12:00Z:1 messages.hour=2026-11-21T18:12:00Z:1",
      "messages.hour" },
    { "refused.messages=1", "refused.messages" },
    { "=1", "'=1'" },
    { "grant.messages.1=500", "grant.messages.1" },
    { "grant.messages.1=+500,given:2026-11-21T18:12:21Z", "grant.messages.1" },
    { "grant.messages.1=+5x,given:2026-11-21T18:12:21Z,until:2026-11-22T18:12:21Z",
      "grant.messages.1" },
    { "grant.messages.1=+5,given:2026-11-21T18:12:21Z,until:2026-11-22T18:12:21Zz",
      "grant.messages.1" },
    { "grant.virus.1=+5,given:2026-11-21T18:12:21Z,until:2026-11-22T18:12:21Z",
      "grant.virus.1" },
};

static void
test_damage(void **state)
{
    static char long_field[OG_BOOK_WINDOWS * OG_WINDOW_TEXT + 10000];
    struct og_charge charge = { { 0, 1, 1 }, NULL, 0, false };
    struct og_sender sender;
    struct og_account account = { &sender, "" };

    (void)state;
    /* of a unit that is not charged: not read, but longer than any window */
    memset(long_field, '1', sizeof long_field - 1);
    memcpy(long_field, "connections.day=", 16);
    damages[0].record = long_field;
    account_sender(&sender, "damaged@d.example", "d.example",
                   "limit_messages_per_hour=5");
    for (size_t i = 0; i < N_ELEMENTS(damages); i++) {
        struct og_shortage shortage;
        struct og_usage usage;
        struct og_err err = { "" };

        account_record_put(OG_LEDGER_DB, "user damaged@d.example", damages[i].record);
        row_rc(i,
               og_ledger_charge(&state_of_test, &account, &charge, T0, &shortage, &err),
               OG_E_STATE, &err);
        if (strstr(err.text, "user damaged@d.example") == NULL
            || strstr(err.text, damages[i].text) == NULL)
            fail_msg("row %zu: %s", i, err.text);
        row_rc(i, og_ledger_look(&state_of_test, &account, &charge, T0, &shortage, &err),
               OG_E_STATE, &err);
        account_record_is(OG_LEDGER_DB, "user damaged@d.example", damages[i].record);
        row_rc(i,
               og_ledger_usage(&state_of_test, &account, OG_LEVEL_USER, T0, &usage, &err),
               OG_E_STATE, &err);
        row_rc(i,
               og_ledger_reset(&state_of_test, &account, OG_LEVEL_USER, OG_UNITS, &err),
               OG_OK, &err);
        account_record_is(OG_LEDGER_DB, "user damaged@d.example", "-");
        assert_false(account_charge(&account, 1, 1, 0, T0).short_of);
    }
    og_sender_free(&sender);
}

/* records in which nothing counts any more leave as others come */
static void
test_sweep(void **state)
{
    struct og_sender sender;
    char identity[32];
    struct og_account account = { &sender, identity };
    enum { MANY = 50 };

    (void)state;
    account_sender(&sender, "many@sweep.example", "sweep.example", "");
    for (int i = 0; i < MANY; i++) {
        (void)snprintf(identity, sizeof identity, "sender:old%d", i);
        assert_false(account_charge(&account, 1, 1, 0, T0).short_of);
    }
    account_record_put(OG_LEDGER_DB, "identity many@sweep.example sender:bad", "x=1");
    assert_int_equal(account_keys(OG_LEDGER_DB, "identity many@sweep.example "),
                     MANY + 1);
    for (int i = 0; i < MANY; i++) {
        (void)snprintf(identity, sizeof identity, "sender:new%d", i);
        assert_false(account_charge(&account, 1, 1, 0, T0 + 3 * DAY).short_of);
    }
    assert_int_equal(account_keys(OG_LEDGER_DB, "identity many@sweep.example sender:old"),
                     0);
    assert_int_equal(account_keys(OG_LEDGER_DB, "identity many@sweep.example sender:new"),
                     MANY);
    account_record_is(OG_LEDGER_DB, "identity many@sweep.example sender:bad", "x=1");
    og_sender_free(&sender);
}

/* names that are too long for a key have one, each its own */
static void
test_long_names(void **state)
{
    struct og_sender sender;
    char identity[800], name[OG_NAME_TEXT];
    struct og_account account = { &sender, identity };

    (void)state;
    memset(name, '%', 300);
    memcpy(name + 300, "@long.example", 14);
    account_sender(&sender, name, "long.example", "limit_messages_per_hour=9 identity 2");
    memset(identity, '\xc3', sizeof identity);
    identity[sizeof identity - 1] = '\0';
    assert_false(account_charge(&account, 2, 2, 0, T0).short_of);
    assert_int_equal(account_charge(&account, 1, 1, 0, T0).level, OG_LEVEL_IDENTITY);
    identity[700] = 'x';
    assert_false(account_charge(&account, 2, 2, 0, T0).short_of);
    assert_int_equal(account_keys(OG_LEDGER_DB, "identity %sha256:"), 2);
    og_sender_free(&sender);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_damage),
        cmocka_unit_test(test_sweep),
        cmocka_unit_test(test_long_names),
    };

    return cmocka_run_group_tests(tests, state_dir_set_up, state_dir_tear_down);
}
