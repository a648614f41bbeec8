/* SPDX-License-Identifier: BSD-2-Clause */
/* What an administrator sees of the counts, gives, and takes back */
#include "tests/unit/ledger_account.h"

#include "core/state/ledger_grant.h"
#include "core/state/ledger_usage.h"

static void
must_grant(const struct og_account *account, enum og_unit unit, uint64_t amount,
           int64_t given, int64_t until)
{
    struct og_grant grant = { unit, amount, given, until };
    struct og_err err = { "" };

    if (og_ledger_grant(&state_of_test, account, &grant, &err) != OG_OK)
        fail_msg("%s", err.text);
}

/* grants add up, end one by one, and the time to wait knows that they do */
static void
test_grants(void **state)
{
    struct og_sender sender;
    struct og_account account = { &sender, "" };
    struct og_shortage shortage;
    struct og_err err = { "" };
    size_t count = 0;

    (void)state;
    account_sender(&sender, "g@g.example", "g.example",
                   "limit_messages_per_hour=10;limit_messages_per_day=12");
    assert_false(account_charge(&account, 10, 0, 0, T0).short_of);
    assert_true(account_charge(&account, 1, 0, 0, T0).short_of);
    must_grant(&account, OG_UNIT_RECIPIENTS, 100, T0, T0 + DAY); /* another unit */
    assert_true(account_charge(&account, 1, 0, 0, T0).short_of);
    must_grant(&account, OG_UNIT_MESSAGES, 5, T0, T0 + 10 * MINUTE);
    must_grant(&account, OG_UNIT_MESSAGES, 3, T0, T0 + 20 * MINUTE);
    assert_false(account_charge(&account, 8, 0, 0, T0 + 1).short_of);
    shortage = account_charge(&account, 1, 0, 0, T0 + 2);
    assert_int_equal(shortage.limit, 18); /* the hour's, with both grants */
    assert_int_equal(shortage.used, 18);
    assert_int_equal(shortage.left, 0);
    /* when the hour lets it pass the grants are over, and then the day does not */
    assert_int_equal(shortage.free_at, T0 + DAY + 30 * MINUTE - 12 * MINUTE - 21);
    /* 14 at once: only as long as both grants hold, and they do not hold long enough */
    shortage = account_charge(&account, 14, 0, 0, T0 + 3);
    assert_int_equal(shortage.free_at, 0);
    assert_true(account_charge(&account, 1, 0, 0, T0 + 10 * MINUTE).short_of);
    must_grant(&account, OG_UNIT_MESSAGES, 8, T0 + 30 * MINUTE, T0 + 3 * HOUR);
    assert_true(account_charge(&account, 1, 0, 0, T0 + 30 * MINUTE).short_of);
    shortage = account_charge(&account, 2, 0, 0, T0 + 30 * MINUTE);
    assert_int_equal(shortage.free_at, T0 + HOUR + MINUTE - 21); /* within the grant */
    row_rc(0,
           og_ledger_revoke(&state_of_test, &account, OG_UNIT_MESSAGES, T0 + 31 * MINUTE,
                            &count, &err),
           OG_OK, &err);
    assert_int_equal(count, 1);
    account_record_is(
        OG_LEDGER_DB, "user g@g.example",
        "messages.minute=2026-11-21T18:12:21Z:10,8 messages.hour=2026-11-21T18:12:00Z:18 "
        "messages.day=2026-11-21T18:00:00Z:18 messages.week=2026-11-21T18:00:00Z:18 "
        "messages.month=2026-11-21T12:00:00Z:18 "
        "refused.messages.minute=2026-11-21T18:42:21Z:3 "
        "refused.messages.hour=2026-11-21T18:12:00Z:17,+10m:1,+20m:3 "
        "refused.messages.day=2026-11-21T18:00:00Z:18,3 "
        "refused.messages.week=2026-11-21T18:00:00Z:21 "
        "refused.messages.month=2026-11-21T12:00:00Z:21 "
        "grant.recipients.1=+100,given:2026-11-21T18:12:21Z,until:2026-11-22T18:12:21Z");
    og_sender_free(&sender);
}

static const struct {
    struct og_grant grant;
    enum og_rc rc;
} bad_grants[] = {
    { { OG_UNIT_MESSAGES, 0, T0, T0 + 1 }, OG_E_RANGE },
    { { OG_UNIT_MESSAGES, (UINT64_C(1) << 40) + 1, T0, T0 + 1 }, OG_E_RANGE },
    { { OG_UNIT_MESSAGES, 1, T0, T0 }, OG_E_RANGE },
    { { OG_UNIT_MESSAGES, 1, T0, OG_TIME_MAX + 1 }, OG_E_RANGE },
    { { OG_UNIT_MESSAGES, UINT64_C(1) << 40, T0, OG_TIME_MAX }, OG_OK },
};

static void
test_bad_grants(void **state)
{
    struct og_sender sender;
    struct og_account account = { &sender, "" };
    struct og_err err = { "" };

    (void)state;
    account_sender(&sender, "bad@g.example", "g.example", "");
    for (size_t i = 0; i < N_ELEMENTS(bad_grants); i++)
        row_rc(i, og_ledger_grant(&state_of_test, &account, &bad_grants[i].grant, &err),
               bad_grants[i].rc, &err);
    for (size_t i = 1; i < OG_GRANTS_MAX; i++)
        must_grant(&account, OG_UNIT_MESSAGES, 1, T0, T0 + 1 + (int64_t)i);
    row_rc(0, og_ledger_grant(&state_of_test, &account, &bad_grants[4].grant, &err),
           OG_E_LIMIT, &err);
    /* those that are over make room */
    must_grant(&account, OG_UNIT_MESSAGES, 1, T0 + 2, T0 + 10);
    og_sender_free(&sender);
}

/* a window whose newest part is still to come is shown as such, and can be cleared */
static void
test_usage(void **state)
{
    struct og_sender sender;
    struct og_account account = { &sender, "" };
    struct og_usage usage;
    struct og_err err = { "" };

    (void)state;
    account_sender(&sender, "u@usage.example", "usage.example",
                   "limit_messages_per_hour=2;maximum_recipients_per_day=5");
    assert_false(account_charge(&account, 2, 2, 1, T0 + DAY).short_of);
    assert_true(account_charge(&account, 1, 4, 0, T0 + DAY).short_of);
    must_grant(&account, OG_UNIT_CONNECTIONS, 7, T0, T0 + DAY);
    row_rc(0, og_ledger_usage(&state_of_test, &account, OG_LEVEL_USER, T0, &usage, &err),
           OG_OK, &err);
    assert_int_equal(usage.windows[OG_UNIT_MESSAGES][OG_HOUR].accepted, 2);
    assert_int_equal(usage.windows[OG_UNIT_MESSAGES][OG_HOUR].refused, 1);
    assert_int_equal(usage.windows[OG_UNIT_MESSAGES][OG_HOUR].limit, 2);
    assert_int_equal(usage.windows[OG_UNIT_MESSAGES][OG_HOUR].row,
                     OG_SETTING_limit_messages_per_hour);
    assert_int_equal(usage.windows[OG_UNIT_MESSAGES][OG_HOUR].source, OG_SOURCE_USER);
    assert_int_equal(usage.windows[OG_UNIT_MESSAGES][OG_HOUR].free_at,
                     T0 + DAY + HOUR + MINUTE - 21);
    assert_int_equal(usage.windows[OG_UNIT_MESSAGES][OG_HOUR].ahead, T0 + DAY - 21);
    assert_true(usage.windows[OG_UNIT_MESSAGES][OG_MONTH].limit == OG_UNLIMITED);
    assert_int_equal(usage.windows[OG_UNIT_RECIPIENTS][OG_DAY].row,
                     OG_SETTING_maximum_recipients_per_day);
    assert_int_equal(usage.windows[OG_UNIT_RECIPIENTS][OG_DAY].limit, 5);
    assert_int_equal(usage.windows[OG_UNIT_RECIPIENTS][OG_DAY].free_at, T0);
    assert_int_equal(usage.windows[OG_UNIT_RECIPIENTS][OG_DAY].refused, 4);
    assert_int_equal(usage.windows[OG_UNIT_CONNECTIONS][OG_WEEK].accepted, 1);
    assert_int_equal(usage.grants_count, 1);
    assert_int_equal(usage.grants[0].amount, 7);
    assert_false(usage.distinct.kept);
    row_rc(0,
           og_ledger_usage(&state_of_test, &account, OG_LEVEL_IDENTITY, T0, &usage, &err),
           OG_E_NOTFOUND, &err);
    row_rc(0,
           og_ledger_usage(&state_of_test, &account, OG_LEVEL_DOMAIN, T0, &usage, &err),
           OG_OK, &err);
    assert_true(usage.windows[OG_UNIT_MESSAGES][OG_DAY].kept);
    assert_false(usage.windows[OG_UNIT_MESSAGES][OG_HOUR].kept);
    assert_int_equal(usage.windows[OG_UNIT_RECIPIENTS][OG_DAY].accepted, 2);
    /* one unit is cleared, refused ones too; the grant stays */
    row_rc(
        0,
        og_ledger_reset(&state_of_test, &account, OG_LEVEL_USER, OG_UNIT_MESSAGES, &err),
        OG_OK, &err);
    row_rc(0, og_ledger_usage(&state_of_test, &account, OG_LEVEL_USER, T0, &usage, &err),
           OG_OK, &err);
    assert_int_equal(usage.windows[OG_UNIT_MESSAGES][OG_HOUR].accepted, 0);
    assert_int_equal(usage.windows[OG_UNIT_MESSAGES][OG_HOUR].refused, 0);
    assert_int_equal(usage.windows[OG_UNIT_RECIPIENTS][OG_DAY].accepted, 2);
    row_rc(0, og_ledger_reset(&state_of_test, &account, OG_LEVEL_USER, OG_UNITS, &err),
           OG_OK, &err);
    account_record_is(OG_LEDGER_DB, "user u@usage.example",
                      "grant.connections.1=+7,given:2026-11-21T18:12:21Z,"
                      "until:2026-11-22T18:12:21Z");
    /* what was refused before a charge */
    row_rc(0,
           og_ledger_refuse(&state_of_test, &account,
                            &(struct og_charge){ { 0, 1, 0 }, NULL, 0, false }, T0, &err),
           OG_OK, &err);
    row_rc(0, og_ledger_usage(&state_of_test, &account, OG_LEVEL_USER, T0, &usage, &err),
           OG_OK, &err);
    assert_int_equal(usage.windows[OG_UNIT_MESSAGES][OG_HOUR].accepted, 0);
    assert_int_equal(usage.windows[OG_UNIT_MESSAGES][OG_HOUR].refused, 1);
    og_sender_free(&sender);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_grants),
        cmocka_unit_test(test_bad_grants),
        cmocka_unit_test(test_usage),
    };

    return cmocka_run_group_tests(tests, state_dir_set_up, state_dir_tear_down);
}
