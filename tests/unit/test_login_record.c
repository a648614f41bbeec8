/* SPDX-License-Identifier: BSD-2-Clause */
/* What stands in the database: its text, its ceilings, what is damaged, and what leaves */
#include "tests/unit/login_help.h"

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

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_long),
        cmocka_unit_test(test_sweep),
        cmocka_unit_test(test_damaged),
    };

    return cmocka_run_group_tests(tests, logins_set_up, state_dir_tear_down);
}
