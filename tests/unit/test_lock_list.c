/* SPDX-License-Identifier: BSD-2-Clause */
/* What is left of locks: their history, their events, the list of all */
#include "tests/unit/lock_account.h"

#include "core/state/events.h"

struct seen {
    size_t count;
    char last[20], who[20], first[OG_TIME_TEXT];
};

static enum og_rc
see(const struct og_record *entry, void *arg, struct og_err *err)
{
    struct seen *seen = arg;

    (void)err;
    if (seen->count++ == 0)
        (void)snprintf(seen->first, sizeof seen->first, "%s", og_record_get(entry, "at"));
    (void)snprintf(seen->last, sizeof seen->last, "%s", og_record_get(entry, "change"));
    (void)snprintf(seen->who, sizeof seen->who, "%s", og_record_get(entry, "who"));
    return OG_OK;
}

static struct seen
history(const char *name, const char *identity)
{
    struct seen seen = { 0, "", "", "" };
    struct og_err err = { "" };

    must(og_lock_history(&state_of_test, name, identity, see, &seen, &err));
    return seen;
}

static void
test_history(void **state)
{
    struct seen seen;
    struct og_err err = { "" };
    char at[OG_TIME_TEXT];

    (void)state;
    begin("history@x.example", "");
    assert_int_equal(history("history@x.example", "").count, 0);
    (void)lock_now(&user, OG_LEVEL_USER, T0);
    must(og_lock_settle(&state_of_test, &user, T0 + DAY, &err));
    seen = history("history@x.example", "");
    assert_int_equal(seen.count, 2);
    assert_string_equal(seen.last, "unlock");
    assert_string_equal(seen.who, "timeout");
    must(og_lock_settle(&state_of_test, &user, T0 + DAY, &err)); /* once only */
    assert_int_equal(history("history@x.example", "").count, 2);
    must(og_lock_reset(&state_of_test, &user, OG_LEVEL_USER, "root", T0 + DAY, &err));
    assert_string_equal(history("history@x.example", "").last, "reset");
    for (int i = 0; i < 25; i++) {
        (void)by_hand(&user, OG_LEVEL_USER, T0 + (2 + i) * DAY, OG_OK);
        must(release(&user, OG_LEVEL_USER, T0 + (2 + i) * DAY + 1));
    }
    seen = history("history@x.example", "");
    assert_int_equal(seen.count, OG_LOCK_HISTORY);
    must(og_time_print(T0 + 17 * DAY, at, &err)); /* the newest 20 of 53 */
    assert_string_equal(seen.first, at);
    assert_string_equal(seen.last, "unlock");
    /* identities have their own, whatever their name is */
    (void)lock_now(&carol, OG_LEVEL_IDENTITY, T0);
    assert_int_equal(history("history@x.example", "header:c arol%").count, 1);
    assert_int_equal(history("history@x.example", "header:c").count, 0);
    assert_int_equal(history("history@x.example", "").count, OG_LOCK_HISTORY);
}

struct event {
    size_t locks, unlocks;
    char reason[100], who[30];
};

static enum og_rc
count_events(const char *line, const struct og_record *event, void *arg,
             struct og_err *err)
{
    struct event *found = arg;
    const char *name = og_record_get(event, "user"),
               *class = og_record_get(event, "class");

    (void)line, (void)err;
    if (name == NULL || strcmp(name, "events@x.example") != 0)
        return OG_OK;
    found->locks += strcmp(class, "lock") == 0;
    found->unlocks += strcmp(class, "unlock") == 0;
    (void)snprintf(found->reason, sizeof found->reason, "%s",
                   og_record_get(event, "reason"));
    (void)snprintf(found->who, sizeof found->who, "%s", og_record_get(event, "who"));
    return OG_OK;
}

static struct event
events(void)
{
    struct event found = { 0, 0, "", "" };
    struct og_err err = { "" };
    long long from = 0;
    size_t bad = 0;

    must(og_events_read(state_of_test.server.events_log, &from, &bad, count_events,
                        &found, &err));
    assert_int_equal(bad, 0);
    return found;
}

static void
test_events(void **state)
{
    struct event found;
    struct og_err err = { "" };

    (void)state;
    begin("events@x.example", "maximum_unlocks_by_timeout=1");
    (void)lock_now(&user, OG_LEVEL_USER, T0);
    (void)lock_now(&user, OG_LEVEL_USER, T0); /* none made, none told */
    found = events();
    assert_int_equal(found.locks, 1);
    assert_string_equal(found.who, "outgate");
    assert_string_equal(found.reason, "why");
    must(og_lock_settle(&state_of_test, &user, T0 + DAY, &err));
    must(og_lock_settle(&state_of_test, &user, T0 + DAY, &err));
    found = events();
    assert_int_equal(found.unlocks, 1);
    assert_string_equal(found.who, "timeout");
    (void)lock_now(&user, OG_LEVEL_USER, T0 + DAY);
    must(release(&user, OG_LEVEL_USER, T0 + DAY));
    found = events();
    assert_int_equal(found.locks, 2);
    assert_int_equal(found.unlocks, 2);
    assert_string_equal(found.who, "root");
}

static enum og_rc
list(const struct og_lock_entry *entry, void *arg, struct og_err *err)
{
    return og_buf_printf(arg, err, "%s|%s|%d|%d\n", entry->user, entry->identity,
                         entry->lock.locked, entry->lock.level == OG_LEVEL_IDENTITY);
}

static void
test_walk(void **state)
{
    struct og_buf out = OG_BUF_INIT(10000);
    struct og_err err = { "" };

    (void)state;
    begin("other@x.example", "");
    (void)lock_now(&alice, OG_LEVEL_IDENTITY, T0);
    begin("walk@x.example", "");
    (void)lock_now(&alice, OG_LEVEL_IDENTITY, T0);
    (void)by_hand(&carol, OG_LEVEL_IDENTITY, T0, OG_OK);
    (void)by_hand(&user, OG_LEVEL_USER, T0, OG_OK);
    must(og_locks_walk(&state_of_test, OG_LEVEL_IDENTITY, "walk@x.example", T0, list,
                       &out, &err));
    must(og_locks_walk(&state_of_test, OG_LEVEL_USER, "walk@x.example", T0, list, &out,
                       &err));
    must(og_locks_walk(&state_of_test, OG_LEVEL_IDENTITY, "walk@x.example", T0 + DAY,
                       list, &out, &err)); /* one has ended by then */
    assert_string_equal(og_buf_text(&out), "walk@x.example|header:alice|1|1\n"
                                           "walk@x.example|header:c arol%|1|1\n"
                                           "walk@x.example||1|0\n"
                                           "walk@x.example|header:alice|0|1\n"
                                           "walk@x.example|header:c arol%|1|1\n");
    og_buf_reset(&out);
    must(og_locks_walk(&state_of_test, OG_LEVEL_IDENTITY, NULL, T0, list, &out, &err));
    assert_non_null(strstr(og_buf_text(&out), "walk@x.example|header:alice|1|1\n"));
    assert_non_null(strstr(og_buf_text(&out), "other@x.example|header:alice|1|1\n"));
    og_buf_free(&out);
}

/* some changes of a lock that has nothing to do with the others */
static void
churn(const char *name, int64_t now)
{
    begin(name, "");
    for (int i = 0; i < 40; i++) {
        (void)by_hand(&user, OG_LEVEL_USER, now, OG_OK);
        assert_int_equal(release(&user, OG_LEVEL_USER, now), OG_OK);
    }
}

static void
count(size_t row, size_t records, size_t entries)
{
    static const char key[] = "identity sweep@x.example ";
    size_t got = count_of("locks.db", key);
    size_t got_entries = count_of("locks.db", "history identity sweep@x.example ");

    if (got != records || got_entries != entries)
        fail_msg("row %zu: %zu records and %zu entries, not %zu and %zu", row, got,
                 got_entries, records, entries);
}

/* what has been open for a month goes with its history, by time alone; a lock never does,
 * nor what cannot be read */
static void
test_sweep(void **state)
{
    static const char bad[] = "identity sweep@x.example header:bad";
    const int64_t start = T0 + 2000 * DAY, end = start + 30 * MINUTE;
    struct og_account who;
    char name[30];

    (void)state;
    begin("sweep@x.example", "lock_timeout=30m");
    for (int i = 0; i < 60; i++) {
        (void)snprintf(name, sizeof name, "header:i%d", i);
        who = (struct og_account){ &bob, name };
        (void)lock_now(&who, OG_LEVEL_IDENTITY, start);
        if (i % 2 == 0) /* the others end by timeout, and nobody looks */
            assert_int_equal(release(&who, OG_LEVEL_IDENTITY, end - 1), OG_OK);
    }
    (void)by_hand(&alice, OG_LEVEL_IDENTITY, start, OG_OK);
    put_raw("locks.db", bad, "state=shut");
    count(0, 62, 91);
    churn("sweep-1@x.example", end - 1 + OG_LOCK_CLEAN - 1);
    count(1, 62, 91);
    churn("sweep-2@x.example", end - 1 + OG_LOCK_CLEAN);
    count(2, 32, 31);
    churn("sweep-2@x.example", end + OG_LOCK_CLEAN);
    count(3, 2, 1);
    assert_int_equal(count_of("locks.db", bad), 1);
    assert_int_equal(history("sweep-1@x.example", "").count, OG_LOCK_HISTORY);
    begin("sweep@x.example", "");
    assert_true(look(&alice, start + 1000 * DAY).locked);
    who = (struct og_account){ &bob, "header:i1" }; /* begins anew */
    assert_int_equal(look(&who, end + OG_LOCK_CLEAN).unlocks, 0);
    (void)lock_now(&who, OG_LEVEL_IDENTITY, end + OG_LOCK_CLEAN);
    assert_int_equal(history("sweep@x.example", "header:i1").count, 1);
    put_raw("locks.db", "sweep", "after"); /* no place: from the beginning */
    churn("sweep-3@x.example", end + 3 * (int64_t)OG_LOCK_CLEAN);
    count(4, 2, 1);
    assert_int_equal(count_of("locks.db", "user sweep-1@x.example"), 0);
    assert_int_equal(history("sweep-1@x.example", "").count, 0);
    assert_int_equal(count_of("locks.db", "user sweep-3@x.example"), 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_history),
        cmocka_unit_test(test_events),
        cmocka_unit_test(test_walk),
        cmocka_unit_test(test_sweep),
    };

    return cmocka_run_group_tests(tests, state_dir_set_up, lock_account_close);
}
