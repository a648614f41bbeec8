/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/ledger_account.h"

#include "core/state/ledger_book.h"

#define NONE -1

/* one sender, one charge before, one charge that is judged */
static const struct {
    const char *settings, *identity;
    uint64_t before[3], then[3]; /* messages, recipients, connections */
    int level;                   /* NONE: fits */
    enum og_unit unit;
    enum og_window_span span;
    uint64_t limit, used, left;
    int64_t free_at; /* after T0; 0: never */
} rows[] = {
    { "", "", { 1u << 20, 1u << 30, 1u << 20 }, { 1, 1, 1 }, NONE, 0, 0, 0, 0, 0, 0 },
    { "limit_messages_per_hour=3", "", { 2 }, { 1 }, NONE, 0, 0, 0, 0, 0, 0 },
    { "limit_messages_per_hour=3",
      "",
      { 3 },
      { 1 },
      OG_LEVEL_USER,
      OG_UNIT_MESSAGES,
      OG_HOUR,
      3,
      3,
      0,
      HOUR + MINUTE - 21 },
    { "limit_messages_per_hour=3",
      "",
      { 2 },
      { 2 },
      OG_LEVEL_USER,
      OG_UNIT_MESSAGES,
      OG_HOUR,
      3,
      2,
      1,
      HOUR + MINUTE - 21 },
    { "limit_messages_per_hour=3",
      "",
      { 0 },
      { 4 },
      OG_LEVEL_USER,
      OG_UNIT_MESSAGES,
      OG_HOUR,
      3,
      0,
      3,
      0 },
    { "limit_messages_per_minute=0",
      "",
      { 0 },
      { 1 },
      OG_LEVEL_USER,
      OG_UNIT_MESSAGES,
      OG_MINUTE,
      0,
      0,
      0,
      0 },
    { "limit_messages_per_hour=3", "", { 3 }, { 0, 9 }, NONE, 0, 0, 0, 0, 0, 0 },
    /* of two in the way, the one that lasts longer; room under both */
    { "limit_recipients_per_minute=7;limit_recipients_per_hour=8",
      "",
      { 1, 7 },
      { 1, 4 },
      OG_LEVEL_USER,
      OG_UNIT_RECIPIENTS,
      OG_HOUR,
      8,
      7,
      0,
      HOUR + MINUTE - 21 },
    { "limit_recipients_per_minute=9;limit_recipients_per_hour=8",
      "",
      { 1, 7 },
      { 1, 4 },
      OG_LEVEL_USER,
      OG_UNIT_RECIPIENTS,
      OG_HOUR,
      8,
      7,
      1,
      HOUR + MINUTE - 21 },
    { "limit_messages_per_day=5;limit_messages_per_week=5",
      "",
      { 5 },
      { 1 },
      OG_LEVEL_USER,
      OG_UNIT_MESSAGES,
      OG_WEEK,
      5,
      5,
      0,
      7 * DAY + 3 * HOUR - 12 * MINUTE - 21 },
    { "limit_messages_per_month=5",
      "",
      { 5 },
      { 1 },
      OG_LEVEL_USER,
      OG_UNIT_MESSAGES,
      OG_MONTH,
      5,
      5,
      0,
      30 * DAY + 12 * HOUR - 6 * HOUR - 12 * MINUTE - 21 },
    /* levels */
    { "limit_messages_per_hour=9 identity 2",
      "login:a",
      { 2 },
      { 1 },
      OG_LEVEL_IDENTITY,
      OG_UNIT_MESSAGES,
      OG_HOUR,
      2,
      2,
      0,
      HOUR + MINUTE - 21 },
    { "limit_messages_per_hour=9 identity 2", "", { 2 }, { 1 }, NONE, 0, 0, 0, 0, 0, 0 },
    { "limit_messages_per_hour=domain 2", "", { 2 }, { 1 }, NONE, 0, 0, 0, 0, 0, 0 },
    { "@limit_messages_per_hour=1 identity 1",
      "login:a",
      { 2 },
      { 1 },
      NONE,
      0,
      0,
      0,
      0,
      0,
      0 },
    { "@limit_messages_per_hour=domain 2",
      "",
      { 2 },
      { 1 },
      OG_LEVEL_DOMAIN,
      OG_UNIT_MESSAGES,
      OG_HOUR,
      2,
      2,
      0,
      HOUR + MINUTE - 21 },
    { "limit_messages_per_hour=2;@limit_recipients_per_day=domain 3",
      "",
      { 2, 2 },
      { 1, 2 },
      OG_LEVEL_DOMAIN,
      OG_UNIT_RECIPIENTS,
      OG_DAY,
      3,
      2,
      1,
      DAY + 30 * MINUTE - 12 * MINUTE - 21 },
    /* connections: only with enable_limits; 5 a minute are the default */
    { "", "", { 0, 0, 9 }, { 0, 0, 1 }, NONE, 0, 0, 0, 0, 0, 0 },
    { "enable_limits=yes",
      "",
      { 0, 0, 5 },
      { 0, 0, 1 },
      OG_LEVEL_USER,
      OG_UNIT_CONNECTIONS,
      OG_MINUTE,
      5,
      5,
      0,
      MINUTE + 1 },
    { "enable_limits=yes;limit_connections_per_minute=unset",
      "",
      { 0, 0, 9 },
      { 0, 0, 1 },
      NONE,
      0,
      0,
      0,
      0,
      0,
      0 },
    { "@limit_connections_per_hour=domain 1",
      "",
      { 0, 0, 5 },
      { 0, 0, 1 },
      NONE,
      0,
      0,
      0,
      0,
      0,
      0 },
    { "@enable_limits=yes;@limit_connections_per_hour=domain 5",
      "",
      { 0, 0, 5 },
      { 0, 0, 1 },
      OG_LEVEL_DOMAIN,
      OG_UNIT_CONNECTIONS,
      OG_HOUR,
      5,
      5,
      0,
      HOUR + MINUTE - 21 },
    /* the other setting of recipients a day: the lower one holds */
    { "maximum_recipients_per_day=4",
      "",
      { 1, 3 },
      { 1, 2 },
      OG_LEVEL_USER,
      OG_UNIT_RECIPIENTS,
      OG_DAY,
      4,
      3,
      1,
      DAY + 30 * MINUTE - 12 * MINUTE - 21 },
    { "maximum_recipients_per_day=4;limit_recipients_per_day=3",
      "",
      { 1, 3 },
      { 1, 1 },
      OG_LEVEL_USER,
      OG_UNIT_RECIPIENTS,
      OG_DAY,
      3,
      3,
      0,
      DAY + 30 * MINUTE - 12 * MINUTE - 21 },
    { "maximum_recipients_per_day=4;limit_recipients_per_day=5",
      "",
      { 1, 4 },
      { 1, 1 },
      OG_LEVEL_USER,
      OG_UNIT_RECIPIENTS,
      OG_DAY,
      4,
      4,
      0,
      DAY + 30 * MINUTE - 12 * MINUTE - 21 },
};

static void
row_shortage(size_t i, const struct og_shortage *got)
{
    if (got->short_of != (rows[i].level != NONE))
        fail_msg("row %zu: short %d", i, got->short_of);
    if (!got->short_of)
        return;
    if ((int)got->level != rows[i].level || got->unit != rows[i].unit
        || got->span != rows[i].span || got->limit != rows[i].limit
        || got->used != rows[i].used || got->left != rows[i].left || got->distinct)
        fail_msg("row %zu: %s %s %s limit %" PRIu64 " used %" PRIu64 " left %" PRIu64, i,
                 og_level_text(got->level), og_unit_text(got->unit),
                 og_window_span_text(got->span), got->limit, got->used, got->left);
    assert_int_equal(
        got->asked,
        rows[i].then[got->unit == OG_UNIT_CONNECTIONS ? 2
                                                      : got->unit == OG_UNIT_RECIPIENTS]);
    if (got->free_at != (rows[i].free_at == 0 ? 0 : T0 + rows[i].free_at))
        fail_msg("row %zu: free after %" PRId64 ", expected %" PRId64, i,
                 got->free_at - T0, rows[i].free_at);
}

static void
test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        struct og_charge charge = {
            { rows[i].then[2], rows[i].then[0], rows[i].then[1] }, NULL, 0, false
        };
        struct og_shortage shortage;
        struct og_sender sender;
        struct og_account account = { &sender, rows[i].identity };
        struct og_err err = { "" };
        char name[80], domain[64], key[100], *before, *after;

        (void)snprintf(domain, sizeof domain, "r%zu.example", i);
        (void)snprintf(name, sizeof name, "u@%s", domain);
        (void)snprintf(key, sizeof key, "user %s", name);
        account_sender(&sender, name, domain, rows[i].settings);
        (void)account_charge(&account, rows[i].before[0], rows[i].before[1],
                             rows[i].before[2], T0);
        before = account_record(OG_LEDGER_DB, key);
        row_rc(i, og_ledger_look(&state_of_test, &account, &charge, T0, &shortage, &err),
               OG_OK, &err);
        row_shortage(i, &shortage);
        after = account_record(OG_LEDGER_DB, key);
        row_text(i, after, before); /* a look changes nothing */
        shortage = account_charge(&account, rows[i].then[0], rows[i].then[1],
                                  rows[i].then[2], T0);
        row_shortage(i, &shortage);
        if (shortage.free_at != 0) { /* the promise: not before, but then */
            row_rc(i,
                   og_ledger_look(&state_of_test, &account, &charge, shortage.free_at - 1,
                                  &shortage, &err),
                   OG_OK, &err);
            assert_true(shortage.short_of);
            shortage = account_charge(&account, rows[i].then[0], rows[i].then[1],
                                      rows[i].then[2], T0 + rows[i].free_at);
            assert_false(shortage.short_of);
        }
        free(before);
        free(after);
        og_sender_free(&sender);
    }
}

/* room for 20 messages to 200 recipients in all, at every level that has a limit */
static const struct {
    const char *settings;
    uint64_t before[3]; /* messages, recipients, connections */
    bool room;
} rooms[] = {
    { "limit_messages_per_day=26", { 6, 6, 0 }, true },
    { "limit_messages_per_day=26", { 7, 7, 0 }, false },
    { "@limit_messages_per_day=domain 26", { 6, 6, 0 }, true },
    { "@limit_messages_per_day=domain 26", { 7, 7, 0 }, false },
    { "limit_recipients_per_hour=211", { 1, 11, 0 }, true },
    { "limit_recipients_per_hour=211", { 1, 12, 0 }, false },
    { "limit_messages_per_hour=1000", { 1, 1, 0 }, true },
    { "limit_messages_per_hour=1000;maximum_distinct_recipients_per_day=1000",
      { 1, 1, 0 },
      false },
    { "maximum_recipients_per_day=201", { 1, 1, 0 }, true },
    { "maximum_recipients_per_day=201", { 1, 2, 0 }, false },
};

static void
test_room(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(rooms); i++) {
        struct og_charge one = {
            { [OG_UNIT_MESSAGES] = 1, [OG_UNIT_RECIPIENTS] = 1 }, NULL, 0, false
        };
        struct og_sender sender;
        struct og_account account = { &sender, "" };
        struct og_shortage shortage;
        struct og_err err = { "" };
        char name[80], domain[64];

        (void)snprintf(domain, sizeof domain, "room%zu.example", i);
        (void)snprintf(name, sizeof name, "u@%s", domain);
        account_sender(&sender, name, domain, rooms[i].settings);
        shortage = account_charge(&account, rooms[i].before[0], rooms[i].before[1],
                                  rooms[i].before[2], T0);
        assert_false(shortage.short_of);
        if (shortage.room != rooms[i].room)
            fail_msg("row %zu: room %d", i, shortage.room);
        row_rc(i, og_ledger_look(&state_of_test, &account, &one, T0, &shortage, &err),
               OG_OK, &err);
        if (shortage.short_of || shortage.room != rooms[i].room)
            fail_msg("row %zu: a look tells of room %d", i, shortage.room);
        og_sender_free(&sender);
    }
}

/* without limits, a look needs no store at all */
static void
test_look_without_limits(void **state)
{
    struct og_state nowhere = OG_STATE_INIT;
    const char *const addresses[] = { "a@b.example" };
    struct og_charge charge = { { 1, 1, 1 }, addresses, 1, false };
    struct og_shortage shortage = { .short_of = true };
    struct og_err err = { "" };
    struct og_sender sender;
    struct og_account account = { &sender, "login:x" };

    (void)state;
    nowhere.store.directory = "/nonexistent";
    account_sender(&sender, "free@free.example", "free.example", "");
    row_rc(0, og_ledger_look(&nowhere, &account, &charge, T0, &shortage, &err), OG_OK,
           &err);
    assert_false(shortage.short_of);
    og_sender_free(&sender);
    account_sender(&sender, "free@free.example", "free.example",
                   "limit_messages_per_day=100");
    assert_int_equal(og_ledger_look(&nowhere, &account, &charge, T0, &shortage, &err),
                     OG_E_STATE);
    og_sender_free(&sender);
}

/* an empty key is no bucket for everybody */
static void
test_nobody(void **state)
{
    struct og_charge charge = { { 0, 1, 1 }, NULL, 0, false };
    struct og_shortage shortage;
    struct og_err err = { "" };
    struct og_sender sender;
    struct og_account account = { &sender, "" };

    (void)state;
    account_sender(&sender, "", "", "");
    row_rc(0, og_ledger_charge(&state_of_test, &account, &charge, T0, &shortage, &err),
           OG_E_SYNTAX, &err);
    og_sender_free(&sender);
}

/* the last place of a domain: what another level has no room for is counted nowhere */
static void
test_all_or_nothing(void **state)
{
    struct og_sender one, two;
    struct og_account first = { &one, "login:1" }, second = { &two, "login:2" };
    char *before, *after;

    (void)state;
    account_sender(&one, "1@full.example", "full.example",
                   "limit_messages_per_hour=5;@limit_messages_per_hour=domain 3");
    account_sender(&two, "2@full.example", "full.example",
                   "limit_messages_per_hour=5;@limit_messages_per_hour=domain 3");
    assert_false(account_charge(&first, 2, 2, 0, T0).short_of);
    assert_false(account_charge(&second, 1, 1, 0, T0).short_of);
    before = account_record(OG_LEDGER_DB, "user 2@full.example");
    assert_true(account_charge(&second, 1, 1, 0, T0).short_of);
    after = account_record(OG_LEDGER_DB, "user 2@full.example");
    assert_memory_equal(before, after, strlen(before)); /* refused windows follow */
    assert_string_equal(after + strlen(before),
                        " refused.messages.minute=2026-11-21T18:12:21Z:1"
                        " refused.messages.hour=2026-11-21T18:12:00Z:1"
                        " refused.messages.day=2026-11-21T18:00:00Z:1"
                        " refused.messages.week=2026-11-21T18:00:00Z:1"
                        " refused.messages.month=2026-11-21T12:00:00Z:1"
                        " refused.recipients.minute=2026-11-21T18:12:21Z:1"
                        " refused.recipients.hour=2026-11-21T18:12:00Z:1"
                        " refused.recipients.day=2026-11-21T18:00:00Z:1"
                        " refused.recipients.week=2026-11-21T18:00:00Z:1"
                        " refused.recipients.month=2026-11-21T12:00:00Z:1");
    free(before);
    free(after);
    og_sender_free(&one);
    og_sender_free(&two);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_nobody),
        cmocka_unit_test(test_look_without_limits),
        cmocka_unit_test(test_all_or_nothing),
        cmocka_unit_test(test_room),
    };

    return cmocka_run_group_tests(tests, state_dir_set_up, state_dir_tear_down);
}
