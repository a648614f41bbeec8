/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/lock_account.h"

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
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_damaged),
    };

    return cmocka_run_group_tests(tests, state_dir_set_up, lock_account_close);
}
