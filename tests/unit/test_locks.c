/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/lock_help.h"

#include "core/state/events.h"

static struct og_sender bob;
static struct og_account user, alice, carol;

/* every test has a user of its own */
static void
begin(const char *name, const char *settings)
{
    og_sender_free(&bob);
    bob = sender_of(OG_KIND_USER, name, settings);
    user = (struct og_account){ &bob, "" };
    alice = (struct og_account){ &bob, "header:alice" };
    carol = (struct og_account){ &bob, "header:c arol%" };
}

static struct og_lock
lock_now(const struct og_account *account, enum og_level level, int64_t now)
{
    struct og_lock lock;
    struct og_err err = { "" };

    must(og_lock_now(&state_of_test, account, level, "spam 5 in 10m", "why", NULL, now,
                     &lock, &err));
    return lock;
}

static struct og_lock
by_hand(const struct og_account *account, enum og_level level, int64_t now, enum og_rc rc)
{
    struct og_lock lock;
    struct og_err err = { "" };

    row_rc(0,
           og_lock_by_hand(&state_of_test, account, level, "asked", "root", now, &lock,
                           &err),
           rc, &err);
    return lock;
}

static enum og_rc
release(const struct og_account *account, enum og_level level, int64_t now)
{
    struct og_lock lock;
    struct og_err err = { "" };

    return og_lock_release(&state_of_test, account, level, "", "root", now, &lock, &err);
}

static void
test_timeout(void **state)
{
    struct og_lock lock;
    int64_t now = T0;
    struct og_err err = { "" };

    (void)state;
    begin("timeout@x.example", "lock_timeout=30m maximum_unlocks_by_timeout=2");
    assert_false(look(&user, now).locked);
    for (int i = 0; i < 2; i++) { /* ends by itself as often as allowed */
        lock = lock_now(&user, OG_LEVEL_USER, now);
        assert_true(lock.locked && !lock.manual);
        assert_int_equal(lock.until, now + 30 * MINUTE);
        assert_int_equal(lock.unlocks, i);
        assert_int_equal(strlen(lock.id), OG_LOCK_ID - 1);
        assert_true(look(&user, now + 30 * MINUTE - 1).locked);
        assert_string_equal(look(&user, now).id, lock.id);
        lock = look(&user, now + 30 * MINUTE);
        assert_true(!lock.locked && lock.unsettled);
        assert_int_equal(lock.unlocks, i + 1);
        now += DAY;
    }
    lock = lock_now(&user, OG_LEVEL_USER, now); /* and then no more */
    assert_int_equal(lock.until, 0);
    assert_true(look(&user, now + 300 * DAY).locked);
    must(release(&user, OG_LEVEL_USER, now + DAY));
    assert_false(look(&user, now + DAY).locked);
    lock = lock_now(&user, OG_LEVEL_USER, now + 2 * DAY); /* still used up */
    assert_int_equal(lock.until, 0);
}

static void
test_unlock_by_hand_counts_nothing(void **state)
{
    (void)state;
    begin("hand@x.example", "maximum_unlocks_by_timeout=1");
    for (int i = 0; i < 5; i++) {
        assert_int_equal(lock_now(&user, OG_LEVEL_USER, T0 + i * DAY).until,
                         T0 + i * DAY + 30 * MINUTE);
        assert_int_equal(release(&user, OG_LEVEL_USER, T0 + i * DAY + MINUTE), OG_OK);
    }
    assert_int_equal(look(&user, T0 + 5 * DAY).unlocks, 0);
    assert_int_equal(release(&user, OG_LEVEL_USER, T0 + 6 * DAY), OG_E_NOTFOUND);
}

static void
test_clean_month(void **state)
{
    int64_t end = T0 + 30 * MINUTE;

    (void)state;
    begin("clean@x.example", "maximum_unlocks_by_timeout=1");
    (void)lock_now(&user, OG_LEVEL_USER, T0);
    assert_int_equal(look(&user, end + OG_LOCK_CLEAN - 1).unlocks, 1);
    assert_int_equal(look(&user, end + OG_LOCK_CLEAN).unlocks, 0);
    assert_int_equal(lock_now(&user, OG_LEVEL_USER, end + OG_LOCK_CLEAN).until,
                     end + OG_LOCK_CLEAN + 30 * MINUTE);
    begin("unclean@x.example", "maximum_unlocks_by_timeout=1");
    (void)lock_now(&user, OG_LEVEL_USER, T0);
    assert_int_equal(lock_now(&user, OG_LEVEL_USER, end + OG_LOCK_CLEAN - 1).until, 0);
}

static void
test_no_timeout_allowed(void **state)
{
    (void)state;
    begin("never@x.example", "maximum_unlocks_by_timeout=0");
    assert_int_equal(lock_now(&user, OG_LEVEL_USER, T0).until, 0);
    assert_true(look(&user, T0 + 100 * DAY).locked);
}

static void
test_manual(void **state)
{
    struct og_lock lock, automatic;
    struct og_err err = { "" };

    (void)state;
    begin("manual@x.example", "");
    lock = by_hand(&user, OG_LEVEL_USER, T0, OG_OK);
    assert_true(lock.locked && lock.manual && lock.until == 0);
    assert_string_equal(lock.who, "root");
    assert_string_equal(lock.reason, "asked");
    assert_true(look(&user, T0 + 1000 * DAY).locked);
    (void)by_hand(&user, OG_LEVEL_USER, T0 + 1, OG_E_EXISTS);
    assert_false(lock_now(&user, OG_LEVEL_USER, T0 + 1).locked); /* made none */
    assert_string_equal(look(&user, T0 + 1).id, lock.id);
    must(release(&user, OG_LEVEL_USER, T0 + 2));
    /* one that was automatic becomes manual and loses its timeout */
    automatic = lock_now(&user, OG_LEVEL_USER, T0 + DAY);
    lock = by_hand(&user, OG_LEVEL_USER, T0 + DAY + 1, OG_OK);
    assert_string_not_equal(automatic.id, lock.id);
    lock = look(&user, T0 + 10 * DAY);
    assert_true(lock.locked && lock.manual && lock.unlocks == 0);
}

static void
test_levels(void **state)
{
    struct og_err err = { "" };
    struct og_lock lock;

    (void)state;
    begin("levels@x.example", "");
    (void)lock_now(&alice, OG_LEVEL_IDENTITY, T0);
    lock = look(&alice, T0);
    assert_true(lock.locked && lock.level == OG_LEVEL_IDENTITY);
    assert_false(look(&carol, T0).locked);
    assert_false(look(&user, T0).locked);
    (void)by_hand(&carol, OG_LEVEL_USER, T0, OG_OK); /* the user's: all of them */
    assert_true(look(&user, T0).locked);
    lock = look(&alice, T0);
    assert_true(lock.manual && lock.level == OG_LEVEL_USER); /* comes first */
    assert_true(look(&carol, T0).locked);
    must(release(&user, OG_LEVEL_USER, T0));
    assert_true(look(&alice, T0).locked); /* its own stays */
    assert_false(look(&carol, T0).locked);
    assert_int_equal(og_lock_now(&state_of_test, &user, OG_LEVEL_IDENTITY, "spam 1 in 1s",
                                 "", NULL, T0, &lock, &err),
                     OG_E_NOTFOUND);
    assert_false(lock.locked);
}

static void
test_reset(void **state)
{
    struct og_err err = { "" };

    (void)state;
    begin("reset@x.example", "maximum_unlocks_by_timeout=1");
    assert_int_equal(
        og_lock_reset(&state_of_test, &user, OG_LEVEL_USER, "root", T0, &err),
        OG_E_NOTFOUND);
    (void)lock_now(&user, OG_LEVEL_USER, T0);
    must(og_lock_reset(&state_of_test, &user, OG_LEVEL_USER, "root", T0 + DAY, &err));
    assert_int_equal(look(&user, T0 + DAY).unlocks, 0);
    assert_int_equal(lock_now(&user, OG_LEVEL_USER, T0 + DAY).until,
                     T0 + DAY + 30 * MINUTE);
}

/* a step backwards: at most the lock's own length longer, and never shorter */
static void
test_clock(void **state)
{
    struct og_lock lock;
    int64_t back = T0 - 365 * DAY;
    struct og_err err = { "" };

    (void)state;
    begin("clock@x.example", "");
    (void)lock_now(&user, OG_LEVEL_USER, T0);
    lock = look(&user, T0 - MINUTE);
    assert_true(lock.locked && lock.unsettled);
    assert_int_equal(lock.until, T0 - MINUTE + 30 * MINUTE);
    lock = look(&user, back);
    assert_int_equal(lock.until, back + 30 * MINUTE);
    must(og_lock_settle(&state_of_test, &user, back, &err));
    assert_false(look(&user, back).unsettled);
    assert_true(look(&user, back + 30 * MINUTE - 1).locked);
    assert_false(look(&user, back + 30 * MINUTE).locked);
    /* a clock that was ahead when a lock ended does not keep the count for ever */
    begin("ahead@x.example", "maximum_unlocks_by_timeout=1");
    (void)lock_now(&user, OG_LEVEL_USER, T0 + 365 * DAY);
    must(og_lock_settle(&state_of_test, &user, T0 + 366 * DAY, &err));
    assert_int_equal(lock_now(&user, OG_LEVEL_USER, T0).until, 0);
    must(release(&user, OG_LEVEL_USER, T0 + 1));
    assert_int_equal(look(&user, T0 + 1 + OG_LOCK_CLEAN).unlocks, 0);
}

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

/* hostile text stays one line, in the record and in the event; a cut splits no character */
static void
test_text(void **state)
{
    char reason[400];
    struct og_lock lock;
    struct og_err err = { "" };

    (void)state;
    begin("text@x.example", "");
    must(og_lock_now(&state_of_test, &user, OG_LEVEL_USER, "virus 1 in 10m",
                     "Eicar\r\nX: y \"${run{x}}\" a=b %41 \x1b[1m \xff", NULL, T0, &lock,
                     &err));
    assert_string_equal(lock.reason, "Eicar  X: y \"${run{x}}\" a=b %41  [1m \xff");
    assert_string_equal(look(&user, T0).reason, lock.reason);
    must(release(&user, OG_LEVEL_USER, T0));
    memset(reason, 'x', sizeof reason - 1);
    memcpy(reason + OG_LOCK_REASON - 2, "\xc3\xa4", 2); /* the cut falls into it */
    reason[sizeof reason - 1] = '\0';
    must(og_lock_now(&state_of_test, &user, OG_LEVEL_USER, "virus 1 in 10m", reason, NULL,
                     T0, &lock, &err));
    assert_int_equal(strlen(lock.reason), OG_LOCK_REASON - 2);
    assert_int_equal(lock.reason[OG_LOCK_REASON - 3], 'x');
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

static const char *const damaged[] = {
    "",
    "state=locked",
    "state=shut unlocks=0",
    "state=locked kind=automatic since=yesterday unlocks=0",
    "state=locked kind=odd since=2026-11-21T18:12:21Z unlocks=0",
    "state=locked kind=manual since=2026-11-21T18:12:21Z unlocks=-1",
    "state=locked kind=manual since=2026-11-21T18:12:21Z unlocks=1x",
    "state=locked kind=automatic since=2026-11-21T18:12:21Z until=2026-11-20T18:12:21Z",
    "state=locked kind=manual since=2026-11-21T18:12:21Z until= unlocks=1",
    "not a record",
};

/* a record that cannot be read is trouble, never an open door */
static void
test_damaged(void **state)
{
    (void)state;
    begin("damaged@x.example", "");
    for (size_t i = 0; i < N_ELEMENTS(damaged); i++) {
        struct og_lock lock = { .locked = false };
        struct og_err err = { "" };

        put_raw("locks.db", "user damaged@x.example", damaged[i]);
        row_rc(i, og_lock_look(&state_of_test, &user, T0, &lock, &err), OG_E_STATE, &err);
        assert_non_null(strstr(err.text, "damaged@x.example"));
        row_rc(i,
               og_lock_now(&state_of_test, &user, OG_LEVEL_USER, "spam 1 in 1s", "", NULL,
                           T0, &lock, &err),
               OG_E_STATE, &err);
    }
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

static int
close_state(void **state)
{
    (void)state;
    og_sender_free(&bob);
    return state_dir_close();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_timeout),
        cmocka_unit_test(test_unlock_by_hand_counts_nothing),
        cmocka_unit_test(test_clean_month),
        cmocka_unit_test(test_no_timeout_allowed),
        cmocka_unit_test(test_manual),
        cmocka_unit_test(test_levels),
        cmocka_unit_test(test_reset),
        cmocka_unit_test(test_clock),
        cmocka_unit_test(test_history),
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_events),
        cmocka_unit_test(test_walk),
        cmocka_unit_test(test_sweep),
        cmocka_unit_test(test_damaged), /* last: no walk passes it */
    };

    return cmocka_run_group_tests(tests, state_dir_set_up, close_state);
}
