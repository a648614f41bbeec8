/* SPDX-License-Identifier: BSD-2-Clause */
/* Each test has logins and networks of its own */
#include "tests/unit/login_help.h"

static void
test_client(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        char login[40];

        (void)snprintf(login, sizeof login, "c%d@client.example", i);
        assert_true(attempt(login, "192.0.2.1", NOW + i));
    }
    assert_true(put_off("other@client.example", "192.0.2.1", NOW + 3));
    assert_true(put_off("other@client.example", "192.0.2.254", NOW + 3)); /* same /24 */
    assert_true(put_off("other@client.example", "::ffff:192.0.2.9", NOW + 3));
    assert_false(put_off("other@client.example", "192.0.3.1", NOW + 3));
    assert_false(put_off("other@client.example", "", NOW + 3)); /* no network */
    assert_true(put_off("other@client.example", "192.0.2.1", NOW + 599));
    assert_false(put_off("other@client.example", "192.0.2.1", NOW + 600)); /* 2 left */
    assert_true(attempt("other@client.example", "192.0.2.1", NOW + 600));
    assert_true(put_off("other@client.example", "192.0.2.1", NOW + 600));
    assert_false(put_off("other@client.example", "192.0.2.1", NOW + 601));
}

static void
test_put_off_does_not_count(void **state)
{
    (void)state;
    for (int i = 0; i < 50; i++)
        assert_true(attempt("x@steady.example", "192.0.10.1", NOW + i) == (i < 3));
    assert_false(put_off("x@steady.example", "192.0.10.1", NOW + 600));
}

/* 3 for a /64, 12 for its /48; another /48 is another site */
static void
test_client_ipv6(void **state)
{
    char client[60], login[40];
    int taken = 0;

    (void)state;
    for (int i = 0; i < 3; i++) {
        (void)snprintf(login, sizeof login, "a%d@six.example", i);
        assert_true(attempt(login, "2001:db8:1:1::1", NOW));
    }
    assert_true(put_off("y@six.example", "2001:db8:1:1:ffff::2", NOW));
    assert_false(put_off("y@six.example", "2001:db8:1:2::1", NOW));
    for (int i = 2; i < 50; i++) {
        (void)snprintf(client, sizeof client, "2001:db8:1:%x::1", i);
        (void)snprintf(login, sizeof login, "b%d@six.example", i);
        taken += attempt(login, client, NOW);
    }
    assert_int_equal(taken, 9);
    assert_true(put_off("y@six.example", "2001:db8:1:ffff::1", NOW));
    assert_false(put_off("y@six.example", "2001:db8:2:1::1", NOW));
}

/* 5 from all networks together; the same for a login that is no user's */
static void
test_login(void **state)
{
    static const char *const logins[] = { "Bob@Login.Example", "nobody@login.example",
                                          "no such@@login" };

    (void)state;
    must_add(OG_KIND_USER, "bob@login.example", "");
    for (size_t k = 0; k < N_ELEMENTS(logins); k++) {
        char client[40];

        for (int i = 0; i < 5; i++) {
            (void)snprintf(client, sizeof client, "198.%d.%d.1", (int)k + 10, i);
            assert_true(attempt(logins[k], client, NOW));
        }
        assert_true(put_off(logins[k], "203.0.113.1", NOW));
        assert_true(put_off(logins[k], "", NOW));
        assert_true(put_off(logins[k], "203.0.113.1", NOW + HOUR - 1));
        assert_false(put_off(logins[k], "203.0.113.1", NOW + HOUR));
    }
    assert_true(put_off("BOB@login.example", "203.0.113.1", NOW));
    assert_true(put_off("bob@login.example.", "203.0.113.1", NOW));
    assert_true(put_off("NO such@@login", "203.0.113.1", NOW));
}

/* the owner gets in from where he was before, whatever others do */
static void
test_owner_is_not_locked_out(void **state)
{
    char client[40];

    (void)state;
    must_add(OG_KIND_USER, "owner@known.example", "");
    assert_int_equal(enter("owner@known.example", "203.0.20.7", NOW - 89 * DAY), 0);
    for (int i = 0; i < 5; i++) {
        (void)snprintf(client, sizeof client, "198.51.%d.1", i);
        assert_true(attempt("owner@known.example", client, NOW));
    }
    assert_true(put_off("owner@known.example", "198.51.9.1", NOW));
    assert_false(put_off("owner@known.example", "203.0.20.200", NOW));
    for (int i = 0; i < 3; i++) { /* his neighbours use up the network's failures */
        char login[40];

        (void)snprintf(login, sizeof login, "n%d@known.example", i);
        assert_true(attempt(login, "203.0.20.8", NOW));
    }
    assert_true(put_off("other@known.example", "203.0.20.7", NOW));
    assert_false(put_off("owner@known.example", "203.0.20.7", NOW));
    assert_true(put_off("owner@known.example", "203.0.20.7", NOW + DAY) == false);
    for (int i = 0; i < 5; i++) {
        (void)snprintf(client, sizeof client, "198.52.%d.1", i);
        assert_true(attempt("owner@known.example", client, NOW + 2 * DAY));
    }
    assert_true(
        put_off("owner@known.example", "203.0.20.7", NOW + 2 * DAY)); /* 90 days */
}

/* whoever guesses from a network where the owner is known has a limit too: twice that of
 * a login, and the owner's next login there, or time, begins anew */
static void
test_neighbour_guesses(void **state)
{
    static const char name[] = "guessed@pair.example";
    static const struct {
        const char *owner, *guesser, *elsewhere;
    } rows[] = {
        { "203.0.60.7", "203.0.60.99", "203.0.61.1" },
        { "2001:db8:60:1::7", "2001:db8:60:1:ffff::9", "2001:db8:61:1::1" },
    };
    const char *key = "pair guessed@pair.example 203.0.60.0/24";
    struct dump dump;

    (void)state;
    must_add(OG_KIND_USER, name, "");
    for (size_t k = 0; k < N_ELEMENTS(rows); k++) {
        int64_t now = NOW + (int64_t)k * DAY;

        assert_int_equal(enter(name, rows[k].elsewhere, now), 0);
        assert_int_equal(enter(name, rows[k].owner, now), 0);
        for (int i = 0; i < 9; i++)
            assert_true(attempt(name, rows[k].guesser, now));
        assert_int_equal(enter(name, rows[k].owner, now + 1), 0); /* fresh, and writes */
        for (int i = 0; i < 30; i++)
            assert_true(attempt(name, rows[k].guesser, now + 2) == (i < 10));
        assert_true(put_off(name, rows[k].owner, now + 1 + HOUR));
        assert_false(put_off(name, rows[k].elsewhere, now + 2)); /* known there as well */
        assert_false(put_off(name, rows[k].owner, now + 2 + HOUR));
        if (k == 0)
            dump = stored(key);
    }
    assert_int_equal(dump.value.len, strlen("failures=") + 10 * OG_TIME_TEXT - 1);
    og_buf_free(&dump.value);
    assert_int_equal(enter(name, "203.0.60.7", NOW + 3 * DAY), 0); /* nothing counts */
    assert_true(attempt(name, "203.0.60.99", NOW + 3 * DAY));
    assert_int_equal(enter(name, "203.0.60.7", NOW + 3 * DAY), 0);
    dump = stored(key);
    assert_int_equal(dump.value.len, 0); /* no record */
    og_buf_free(&dump.value);
}

/* times that a clock has written which was set back since: they count a while, those
 * far ahead do not */
static void
test_clock(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++)
        assert_true(attempt("t@clock.example", "192.0.30.1", NOW));
    assert_true(put_off("t@clock.example", "192.0.30.1", NOW - 599));
    assert_false(put_off("t@clock.example", "192.0.30.1", NOW - 600));
    assert_true(attempt("t@clock.example", "192.0.30.1", NOW - 600)); /* drops them */
    assert_false(put_off("t@clock.example", "192.0.30.1", NOW));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_client),
        cmocka_unit_test(test_put_off_does_not_count),
        cmocka_unit_test(test_client_ipv6),
        cmocka_unit_test(test_login),
        cmocka_unit_test(test_owner_is_not_locked_out),
        cmocka_unit_test(test_neighbour_guesses),
        cmocka_unit_test(test_clock),
    };

    return cmocka_run_group_tests(tests, logins_set_up, state_dir_tear_down);
}
