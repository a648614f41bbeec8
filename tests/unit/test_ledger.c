/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/ledger_account.h"

#include "core/state/ledger_book.h"
#include "core/state/ledger_grant.h"
#include "core/state/ledger_usage.h"

static const int64_t T0 = 1795284741; /* 2026-11-21T18:12:21Z */

enum { MINUTE = 60, HOUR = 3600, DAY = 86400 };

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

static int
setup(void **state)
{
    (void)state;
    state_dir_open("");
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    return state_dir_close();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),           cmocka_unit_test(test_rows),
        cmocka_unit_test(test_nobody),         cmocka_unit_test(test_look_without_limits),
        cmocka_unit_test(test_all_or_nothing), cmocka_unit_test(test_damage),
        cmocka_unit_test(test_grants),         cmocka_unit_test(test_bad_grants),
        cmocka_unit_test(test_sweep),          cmocka_unit_test(test_long_names),
        cmocka_unit_test(test_usage),          cmocka_unit_test(test_room),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
