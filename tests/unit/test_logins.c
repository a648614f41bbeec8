/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/state_dir.h"

#include "core/base/time.h"
#include "core/state/login_record.h"
#include "core/state/logins.h"

#define NOW INT64_C(1795284741) /* 2026-11-21T18:12:21Z */

enum { HOUR = 3600, DAY = 24 * HOUR };

/* limits of the test's outgate.conf: 3 in 10m per client, 5 in 1h per login */

static void
must_add(enum og_user_kind kind, const char *text, const char *record)
{
    struct og_user user = OG_USER_INIT;
    struct og_err err = { "" };

    if (og_name_parse(kind, text, "host.example", &user.name, &err) != OG_OK
        || og_record_parse(record, strlen(record), &user.record, &err) != OG_OK
        || og_users_add(&state_of_test, &user, &err) != OG_OK)
        fail_msg("%s", err.text);
    og_user_free(&user);
}

static void
look(const char *text, const char *client, int64_t now, struct og_login *login)
{
    struct og_err err = { "" };

    if (og_login_look(&state_of_test, text, client, now, login, &err) != OG_OK)
        fail_msg("%s", err.text);
}

/* is this attempt put off? */
static bool
put_off(const char *text, const char *client, int64_t now)
{
    struct og_login login = OG_LOGIN_INIT;
    bool answer;

    look(text, client, now, &login);
    answer = login.put_off;
    assert_true(answer == (login.why[0] != '\0'));
    og_login_free(&login);
    return answer;
}

/* one attempt with a wrong password; false when it was put off */
static bool
attempt(const char *text, const char *client, int64_t now)
{
    struct og_login login = OG_LOGIN_INIT;
    struct og_err err = { "" };
    bool tried;

    look(text, client, now, &login);
    tried = !login.put_off;
    if (tried && og_login_failed(&state_of_test, &login, now, &err) != OG_OK)
        fail_msg("%s", err.text);
    og_login_free(&login);
    return tried;
}

/* one with the right password; yields what og_login_good says */
static uint64_t
enter(const char *text, const char *client, int64_t now)
{
    struct og_login login = OG_LOGIN_INIT;
    struct og_err err = { "" };
    uint64_t networks = 0;

    look(text, client, now, &login);
    assert_false(login.put_off);
    if (og_login_good(&state_of_test, &login, now, &networks, &err) != OG_OK)
        fail_msg("%s", err.text);
    og_login_free(&login);
    return networks;
}

struct dump {
    const char *key;
    struct og_buf value;
    size_t count;
};

static enum og_rc
dump_visit(const char *key, const char *value, void *arg, bool *stop, struct og_err *err)
{
    struct dump *dump = arg;

    (void)stop;
    dump->count += strcmp(key, "sweep") != 0;
    return strcmp(key, dump->key) == 0 ? og_buf_add_text(&dump->value, value, err)
                                       : OG_OK;
}

static enum og_rc
dump_work(struct og_txn *txn, void *arg, struct og_err *err)
{
    return og_txn_walk(txn, OG_AUTH_DB, "", "", dump_visit, arg, err);
}

/* the value of a key, to be freed, and the number of records */
static struct dump
stored(const char *key)
{
    struct dump dump = { key, OG_BUF_INIT(1 << 20), 0 };
    struct og_err err = { "" };

    if (og_store_run(&state_of_test.store, OG_STORE_READ, dump_work, &dump, &err)
        != OG_OK)
        fail_msg("%s", err.text);
    return dump;
}

/* each test has logins and networks of its own */

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

/* what is old goes as other logins come: the database does not grow for ever */
static void
test_sweep(void **state)
{
    const int64_t start = NOW + 1000 * DAY;
    struct dump dump;
    char login[40], client[40];

    (void)state;
    for (int i = 0; i < 300; i++) {
        (void)snprintf(login, sizeof login, "l%d@sweep.example", i);
        (void)snprintf(client, sizeof client, "100.%d.%d.1", i / 100, i % 100);
        assert_true(attempt(login, client, start));
    }
    dump = stored("sweep");
    assert_int_equal(dump.count, 600); /* all others were of an older time */
    og_buf_free(&dump.value);
    for (int i = 0; i < 300; i++) {
        (void)snprintf(client, sizeof client, "101.%d.%d.1", i / 100, i % 100);
        assert_true(attempt("same@sweep.example", client, start + 1000 * HOUR * (i + 1)));
    }
    dump = stored("sweep");
    assert_true(dump.count < 10);
    og_buf_free(&dump.value);
}

static const struct {
    const char *text;
    enum og_rc rc;
    size_t failures, known;
} texts[] = {
    { "", OG_OK, 0, 0 },
    { "failures=", OG_OK, 0, 0 },
    { "failures=2026-11-21T18:12:21Z", OG_OK, 1, 0 },
    { "failures=2026-11-21T18:12:21Z,2026-11-21T18:12:21Z", OG_OK, 2, 0 },
    { "known=192.0.2.0/24@2026-11-21T18:12:21Z", OG_OK, 0, 1 },
    { "known=2001:db8::/64@2026-11-21T18:12:21Z failures=2026-11-21T18:12:21Z", OG_OK, 1,
      1 },
    { "failures=2026-11-21T18:12:21Z,", OG_E_SYNTAX, 0, 0 },
    { "failures=,2026-11-21T18:12:21Z", OG_E_SYNTAX, 0, 0 },
    { "failures=2026-11-21T18:12:21Z2026-11-21T18:12:21Z", OG_E_SYNTAX, 0, 0 },
    { "failures=yesterday", OG_E_SYNTAX, 0, 0 },
    { "failures=%00", OG_E_SYNTAX, 0, 0 },
    { "known=192.0.2.0/24", OG_E_SYNTAX, 0, 0 },
    { "known=192.0.2.0/24@", OG_E_SYNTAX, 0, 0 },
    { "known=@2026-11-21T18:12:21Z", OG_E_SYNTAX, 0, 0 },
    { "colour=red", OG_E_SYNTAX, 0, 0 },
};

static void
test_parse(void **state)
{
    struct og_login_row *row = malloc(sizeof *row);

    (void)state;
    assert_non_null(row);
    for (size_t i = 0; i < N_ELEMENTS(texts); i++) {
        size_t len = strlen(texts[i].text);
        char *exact = exact_copy(texts[i].text, len);
        struct og_err err = { "" };

        row_rc(i, og_login_row_parse(exact, len, row, &err), texts[i].rc, &err);
        if (texts[i].rc == OG_OK
            && (row->failures_count != texts[i].failures
                || row->known_count != texts[i].known))
            fail_msg("row %zu: %zu failures, %zu networks", i, row->failures_count,
                     row->known_count);
        free(exact);
    }
    free(row);
}

static enum og_rc
put_work(struct og_txn *txn, void *arg, struct og_err *err)
{
    const char *const *pair = arg;

    return og_txn_put(txn, OG_AUTH_DB, pair[0], pair[1], err);
}

static void
put(const char *key, const char *value)
{
    const char *pair[] = { key, value };
    struct og_err err = { "" };

    if (og_store_run(&state_of_test.store, OG_STORE_COUNT, put_work, pair, &err) != OG_OK)
        fail_msg("%s", err.text);
}

/* a record that cannot be read is trouble for those it is about, and no reason to count
 * nothing; nobody deletes it */
static void
test_damaged(void **state)
{
    struct og_login login = OG_LOGIN_INIT;
    struct og_err err = { "" };
    struct dump dump;

    (void)state;
    put("client 192.0.40.0/24", "failures=soon");
    assert_int_equal(
        og_login_look(&state_of_test, "x@y.example", "192.0.40.1", NOW, &login, &err),
        OG_E_STATE);
    assert_non_null(strstr(err.text, "auth.db: the record of client 192.0.40.0/24"));
    og_login_free(&login);
    for (int i = 0; i < 50; i++)
        (void)attempt("x@y.example", "192.0.41.1", NOW + i * 1000);
    dump = stored("client 192.0.40.0/24");
    assert_string_equal(og_buf_text(&dump.value), "failures=soon");
    og_buf_free(&dump.value);
    put("sweep", "after");
    assert_true(attempt("x@damaged.example", "192.0.42.1", NOW));
}

/* the ceilings of lists, and a name as long as they get */
static void
test_long(void **state)
{
    struct og_login_row *row = calloc(1, sizeof *row);
    char login[2000], network[OG_NET_TEXT];

    (void)state;
    assert_non_null(row);
    for (int i = 0; i < OG_LOGIN_MAX_FAILURES + 5; i++)
        og_login_row_fail(row, NOW + i, OG_LOGIN_MAX_FAILURES);
    assert_int_equal(row->failures_count, OG_LOGIN_MAX_FAILURES);
    assert_int_equal(row->failures[0], NOW + 5);
    for (int i = 0; i < OG_LOGIN_MAX_KNOWN + 5; i++) {
        (void)snprintf(network, sizeof network, "2001:db8:ffff:%x::/64", i + 0x1000);
        og_login_row_know(row, network, NOW + i, OG_LOGIN_MAX_KNOWN);
    }
    assert_int_equal(row->known_count, OG_LOGIN_MAX_KNOWN);
    assert_string_equal(row->known[0].text, "2001:db8:ffff:1005::/64");
    og_login_row_know(row, "2001:db8:ffff:1005::/64", NOW, OG_LOGIN_MAX_KNOWN);
    assert_int_equal(row->known_count, OG_LOGIN_MAX_KNOWN);
    assert_string_equal(row->known[0].text, "2001:db8:ffff:1006::/64");
    memset(login, 'x', sizeof login - 1);
    login[sizeof login - 1] = '\0';
    for (int i = 0; i < 5; i++) {
        (void)snprintf(network, sizeof network, "10.20.%d.1", i);
        assert_true(attempt(login, network, NOW));
    }
    assert_true(put_off(login, "10.20.9.1", NOW));
    memset(login, '\xff', 600);
    assert_true(attempt(login, "10.20.9.1", NOW));
    free(row);
}

static int
setup(void **state)
{
    (void)state;
    state_dir_open("auth_failures_per_client = 3 in 10m\n"
                   "auth_failures_per_login = 5 in 1h\n");
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
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_client),
        cmocka_unit_test(test_put_off_does_not_count),
        cmocka_unit_test(test_client_ipv6),
        cmocka_unit_test(test_login),
        cmocka_unit_test(test_owner_is_not_locked_out),
        cmocka_unit_test(test_neighbour_guesses),
        cmocka_unit_test(test_known_networks_are_bounded),
        cmocka_unit_test(test_fresh),
        cmocka_unit_test(test_spread),
        cmocka_unit_test(test_wide_spread),
        cmocka_unit_test(test_settings_of_the_user),
        cmocka_unit_test(test_clock),
        cmocka_unit_test(test_long),
        cmocka_unit_test(test_sweep),
        cmocka_unit_test(test_damaged),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
