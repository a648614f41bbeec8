/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/lock_help.h"

#include "core/state/events.h"
#include "core/state/unlock.h"

static struct og_sender sender;
static struct og_account user, identity;

static void
begin(const char *name)
{
    og_sender_free(&sender);
    sender = sender_of(OG_KIND_USER, name, "lock_timeout=30m");
    user = (struct og_account){ &sender, "" };
    identity = (struct og_account){ &sender, "header:cust 42" };
}

/* lock, and the word for it */
static void
lock_it(const struct og_account *account, enum og_level level, int64_t now,
        char token[OG_UNLOCK_TOKEN])
{
    struct og_lock lock = { .locked = false };
    struct og_err err = { "" };

    must(og_lock_now(&state_of_test, account, level, "spam 5 in 10m", "why", NULL, now,
                     &lock, &err));
    assert_true(lock.locked);
    must(og_unlock_token(&state_of_test, lock.id, now + OG_UNLOCK_LIFE, token, &err));
}

static enum og_rc
use(const char *token, int64_t now)
{
    struct og_lock_entry entry = { .user = "" };
    struct og_err err = { "" };
    enum og_rc check = og_unlock_check(&state_of_test, token, now, &entry, &err), rc;

    rc = og_unlock_use(&state_of_test, token, "ann@x.example\r\nEvil: y", now, &entry,
                       &err);
    if (check != rc)
        fail_msg("the check says %s, the use %s", og_rc_text(check), og_rc_text(rc));
    return rc;
}

static void
test_once(void **state)
{
    char token[OG_UNLOCK_TOKEN], upper[OG_UNLOCK_TOKEN];

    (void)state;
    begin("once@x.example");
    lock_it(&user, OG_LEVEL_USER, T0, token);
    assert_int_equal(strlen(token), OG_UNLOCK_TOKEN - 1);
    assert_true(strlen(token) + strlen(OG_UNLOCK_PREFIX) <= 64);
    for (size_t i = 0; i < sizeof token; i++)
        upper[i] = token[i] >= 'a' && token[i] <= 'z' ? (char)(token[i] - 32) : token[i];
    assert_int_equal(use(upper, T0 + 60), OG_OK);
    assert_false(look(&user, T0 + 60).locked);
    assert_int_equal(use(token, T0 + 60), OG_E_NOTFOUND);
    assert_int_equal(count_of("locks.db", "by-id "), 0);
}

static void
test_the_second_lock_is_not_the_first(void **state)
{
    char first[OG_UNLOCK_TOKEN], second[OG_UNLOCK_TOKEN];

    (void)state;
    begin("two@x.example");
    lock_it(&user, OG_LEVEL_USER, T0, first);
    assert_int_equal(use(first, T0 + 60), OG_OK);
    lock_it(&user, OG_LEVEL_USER, T0 + 120, second);
    assert_int_equal(use(first, T0 + 180), OG_E_NOTFOUND);
    assert_true(look(&user, T0 + 180).locked);
    assert_int_equal(use(second, T0 + 180), OG_OK);
}

/* a lock of the user is none of the identity, and the other way round */
static void
test_levels(void **state)
{
    char of_user[OG_UNLOCK_TOKEN], of_identity[OG_UNLOCK_TOKEN];

    (void)state;
    begin("level@x.example");
    lock_it(&user, OG_LEVEL_USER, T0, of_user);
    lock_it(&identity, OG_LEVEL_IDENTITY, T0, of_identity);
    assert_int_equal(count_of("locks.db", "by-id "), 2);
    assert_int_equal(use(of_user, T0), OG_OK);
    assert_false(look(&user, T0).locked);
    assert_true(look(&identity, T0).locked);
    assert_int_equal(use(of_identity, T0), OG_OK);
    assert_false(look(&identity, T0).locked);
}

static void
test_ended_otherwise(void **state)
{
    char token[OG_UNLOCK_TOKEN];
    struct og_lock lock;
    struct og_err err = { "" };

    (void)state;
    begin("other@x.example");
    lock_it(&user, OG_LEVEL_USER, T0,
            token); /* by its timeout, which nobody has entered */
    assert_int_equal(use(token, T0 + 31 * MINUTE), OG_E_NOTFOUND);
    must(og_lock_settle(&state_of_test, &user, T0 + 31 * MINUTE, &err));
    assert_int_equal(count_of("locks.db", "by-id "), 0);
    lock_it(&user, OG_LEVEL_USER, T0 + DAY, token); /* by hand */
    must(og_lock_release(&state_of_test, &user, OG_LEVEL_USER, "", "root", T0 + DAY,
                         &lock, &err));
    assert_int_equal(use(token, T0 + DAY), OG_E_NOTFOUND);
    lock_it(&user, OG_LEVEL_USER, T0 + DAY, token); /* and made a lock by hand */
    must(og_lock_by_hand(&state_of_test, &user, OG_LEVEL_USER, "", "root", T0 + DAY,
                         &lock, &err));
    assert_int_equal(use(token, T0 + DAY), OG_E_NOTFOUND);
    assert_true(look(&user, T0 + DAY).locked);
    must(og_lock_release(&state_of_test, &user, OG_LEVEL_USER, "", "root", T0 + DAY,
                         &lock, &err));
    assert_int_equal(count_of("locks.db", "by-id "), 0);
}

/* no other character will do, at no place */
static void
test_forged(void **state)
{
    char token[OG_UNLOCK_TOKEN], forged[OG_UNLOCK_TOKEN];

    (void)state;
    begin("forged@x.example");
    lock_it(&user, OG_LEVEL_USER, T0, token);
    for (size_t i = 0; token[i] != '\0'; i++) {
        enum og_rc rc;

        memcpy(forged, token, sizeof forged);
        forged[i] = token[i] == '2' ? '3' : '2';
        rc = use(forged, T0);
        if (rc != OG_E_PERM && rc != OG_E_SYNTAX)
            fail_msg("a changed letter %zu: %s", i, og_rc_text(rc));
    }
    assert_true(look(&user, T0).locked);
    assert_int_equal(use(token, T0 + OG_UNLOCK_LIFE), OG_E_RANGE);
    assert_int_equal(use(token, T0), OG_OK);
}

static void
test_no_token(void **state)
{
    static const char *const rows[] = {
        "",
        "x",
        "bcdfghjkmn-6b49d200-9f86d081884c7d659a2feaa0c55ad01",   /* cut */
        "bcdfghjkmn-6b49d200-9f86d081884c7d659a2feaa0c55ad0155", /* one more */
        "acdfghjkmn-6b49d200-9f86d081884c7d659a2feaa0c55ad015",  /* a is in no id */
        "bcdfghjkmn-6b49d20g-9f86d081884c7d659a2feaa0c55ad015",
        "bcdfghjkmn_6b49d200_9f86d081884c7d659a2feaa0c55ad015",
        "bcdfghjkm\n-6b49d200-9f86d081884c7d659a2feaa0c55ad015",
        "bcdfghjk%n-6b49d200-9f86d081884c7d659a2feaa0c55ad015",
    };

    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(rows); i++)
        if (use(rows[i], T0) != OG_E_SYNTAX)
            fail_msg("row %zu", i);
    assert_int_equal(use("bcdfghjkmn-6b49d200-9f86d081884c7d659a2feaa0c55ad015", T0),
                     OG_E_PERM);
}

static enum og_rc
count_refused(const char *line, const struct og_record *event, void *arg,
              struct og_err *err)
{
    const char *class = og_record_get(event, "class"), *who = og_record_get(event, "who");

    (void)line, (void)err;
    if (class != NULL && strcmp(class, "unlock-refused") == 0) {
        assert_string_equal(who, "ann@x.example  Evil: y");
        ++*(size_t *)arg;
    }
    return OG_OK;
}

static void
test_refusals_are_events(void **state)
{
    struct og_err err = { "" };
    size_t before = 0, after = 0, damaged = 0;
    long long from = 0;

    (void)state;
    must(og_events_read(state_of_test.server.events_log, &from, &damaged, count_refused,
                        &before, &err));
    assert_int_equal(use("x", T0), OG_E_SYNTAX);
    from = 0;
    must(og_events_read(state_of_test.server.events_log, &from, &damaged, count_refused,
                        &after, &err));
    assert_int_equal(after, before + 1);
    assert_int_equal(damaged, 0);
}

/* who has another secret cannot make one */
static void
test_another_secret(void **state)
{
    char token[OG_UNLOCK_TOKEN];

    (void)state;
    begin("secret@x.example");
    lock_it(&user, OG_LEVEL_USER, T0, token);
    put_raw("keys.db", "secret:unlock",
            "created=2026-11-21T18:12:21Z "
            "hex=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
    assert_int_equal(use(token, T0), OG_E_PERM);
}

static int
tear_down(void **state)
{
    (void)state;
    og_sender_free(&sender);
    return state_dir_close();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_once),
        cmocka_unit_test(test_the_second_lock_is_not_the_first),
        cmocka_unit_test(test_levels),
        cmocka_unit_test(test_ended_otherwise),
        cmocka_unit_test(test_forged),
        cmocka_unit_test(test_no_token),
        cmocka_unit_test(test_refusals_are_events),
        cmocka_unit_test(test_another_secret),
    };

    return cmocka_run_group_tests(tests, state_dir_set_up, tear_down);
}
