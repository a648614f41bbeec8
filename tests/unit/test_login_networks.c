/* SPDX-License-Identifier: BSD-2-Clause */
/* The networks that a login is known in */
#include "tests/unit/login_help.h"

static void
test_known_networks_are_bounded(void **state)
{
    struct dump dump;
    char client[40];

    (void)state;
    must_add(OG_KIND_USER, "many@known.example", "");
    for (int i = 0; i < 40; i++) {
        (void)snprintf(client, sizeof client, "10.0.%d.1", i);
        assert_int_equal(enter("many@known.example", client, NOW + i), 0);
    }
    dump = stored("login many@known.example");
    assert_null(strstr(dump.value.data, "10.0.7.0/24@"));
    assert_non_null(strstr(dump.value.data, "known=10.0.8.0/24@2026-11-21T18:12:29Z,"));
    assert_non_null(strstr(dump.value.data, ",10.0.39.0/24@2026-11-21T18:13:00Z"));
    og_buf_free(&dump.value);
}

/* a login from a known network writes at most once an hour */
static void
test_fresh(void **state)
{
    static const struct {
        int64_t after;
        const char *stored;
    } rows[] = {
        { 0, "known=10.9.0.0/24@2026-11-21T18:12:21Z" },
        { 3599, "known=10.9.0.0/24@2026-11-21T18:12:21Z" },
        { 3600, "known=10.9.0.0/24@2026-11-21T19:12:21Z" },
    };

    (void)state;
    must_add(OG_KIND_USER, "fresh@known.example", "");
    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        struct dump dump;

        assert_int_equal(enter("fresh@known.example", "10.9.0.1", NOW + rows[i].after),
                         0);
        dump = stored("login fresh@known.example");
        row_text(i, og_buf_text(&dump.value), rows[i].stored);
        og_buf_free(&dump.value);
    }
}

static const struct {
    const char *client;
    int64_t after;
    uint64_t networks;
} spreads[] = {
    { "10.1.0.1", 0, 0 },
    { "10.1.0.2", 1, 0 },
    { "10.2.0.1", 2, 0 },
    { "10.1.0.1", 3, 0 },
    { "10.3.0.1", 4, 3 },
    { "10.3.0.9", 5, 0 },
    { "10.4.0.1", 6, 4 },
    { "10.1.0.1", 3602, 0 },
    { "10.5.0.1", 3604, 4 },
    { "10.6.0.1", 20000, 0 },
    { "2001:db8::1", 20001, 0 },
    { "2001:db8::2", 20002, 0 },
    { "2001:db8:0:1::1", 20003, 3 },
};

static void
test_spread(void **state)
{
    (void)state;
    must_add(OG_KIND_DOMAIN, "spread.example", "login_spread=2");
    must_add(OG_KIND_USER, "s@spread.example", "");
    must_add(OG_KIND_USER, "none@spread.example", "login_spread=0");
    for (size_t i = 0; i < N_ELEMENTS(spreads); i++) {
        uint64_t got =
            enter("s@spread.example", spreads[i].client, NOW + spreads[i].after);

        if (got != spreads[i].networks)
            fail_msg("row %zu: %" PRIu64 " networks, expected %" PRIu64, i, got,
                     spreads[i].networks);
        assert_int_equal(
            enter("none@spread.example", spreads[i].client, NOW + spreads[i].after), 0);
    }
}

/* more networks than are kept usually */
static void
test_wide_spread(void **state)
{
    char client[40];

    (void)state;
    must_add(OG_KIND_USER, "wide@spread.example", "login_spread=100");
    for (int i = 0; i < 102; i++) {
        (void)snprintf(client, sizeof client, "10.8.%d.1", i);
        assert_int_equal(enter("wide@spread.example", client, NOW + i),
                         i < 100 ? 0 : 101);
    }
}

static void
test_settings_of_the_user(void **state)
{
    static const struct {
        const char *name;
        uint64_t spread;
        bool is_incident;
    } rows[] = {
        { "a@set.example", 7, true },    { "b@set.example", 9, false },
        { "set.example", 7, true },      { "10.7.7.0/24", 7, true },
        { "c@other.example", 0, false },
    };

    (void)state;
    must_add(OG_KIND_DOMAIN, "set.example",
             "login_spread=7 lock_rules=auth-failure%2010%20in%201h");
    must_add(OG_KIND_USER, "a@set.example", "");
    must_add(OG_KIND_USER, "b@set.example", "login_spread=9 lock_rules=off");
    must_add(OG_KIND_IP, "10.7.7.0/24", "domain=set.example");
    must_add(OG_KIND_USER, "c@other.example", "");
    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        struct og_login login = OG_LOGIN_INIT;

        look(rows[i].name, "10.7.7.1", NOW, &login);
        row_text(i, login.user.name.text, rows[i].name);
        assert_int_equal(login.spread, rows[i].spread);
        assert_true(login.is_incident == rows[i].is_incident);
        og_login_free(&login);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_networks_are_bounded),
        cmocka_unit_test(test_fresh),
        cmocka_unit_test(test_spread),
        cmocka_unit_test(test_wide_spread),
        cmocka_unit_test(test_settings_of_the_user),
    };

    return cmocka_run_group_tests(tests, logins_set_up, state_dir_tear_down);
}
