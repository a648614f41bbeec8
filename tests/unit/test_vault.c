/* SPDX-License-Identifier: BSD-2-Clause */
/* the index of the quarantine */
#include "tests/unit/state_dir.h"

#include "core/state/vault.h"

enum { NOW = 1800000000, DAY = 86400 };

static void
print_id(char id[OG_VAULT_ID], unsigned number)
{
    (void)snprintf(id, OG_VAULT_ID, "vvvvv%05u", number % 100000);
}

static enum og_rc
add(unsigned number, const char *domain, int64_t at, int64_t expires, long long bytes,
    struct og_err *err)
{
    struct og_record entry = OG_RECORD_INIT;
    char id[OG_VAULT_ID], time[OG_TIME_TEXT];
    enum og_rc rc;

    print_id(id, number);
    assert_int_equal(og_time_print(at, time, err), OG_OK);
    assert_int_equal(og_record_set_text(&entry, "at", time, err), OG_OK);
    assert_int_equal(og_time_print(expires, time, err), OG_OK);
    assert_int_equal(og_record_set_text(&entry, "expires", time, err), OG_OK);
    assert_int_equal(og_record_set_text(&entry, "domain", domain, err), OG_OK);
    assert_int_equal(og_record_set_text(&entry, "file", "1.x.y", err), OG_OK);
    assert_int_equal(og_record_set_text(&entry, "subject", "a b\n%\xff", err), OG_OK);
    assert_int_equal(og_record_set_number(&entry, "bytes", bytes, err), OG_OK);
    rc = og_vault_add(&state_of_test, id, &entry, NULL, err);
    og_record_free(&entry);
    return rc;
}

static void
must_add(unsigned number, const char *domain, int64_t at, int64_t expires,
         long long bytes)
{
    struct og_err err = { "" };

    if (add(number, domain, at, expires, bytes, &err) != OG_OK)
        fail_msg("%s", err.text);
}

static void
must_drop(unsigned number)
{
    char id[OG_VAULT_ID];
    struct og_err err = { "" };

    print_id(id, number);
    assert_int_equal(og_vault_drop(&state_of_test, id, &err), OG_OK);
}

static enum og_rc
count_visit(const char *id, struct og_record *entry, void *arg, struct og_err *err)
{
    (void)err;
    assert_true(og_vault_id_ok(id));
    assert_string_equal(og_record_get(entry, "subject"), "a b\n%\xff");
    ++*(size_t *)arg;
    return OG_OK;
}

static size_t
count(void)
{
    struct og_err err = { "" };
    size_t n = 0;

    assert_int_equal(og_vault_walk(&state_of_test, count_visit, &n, &err), OG_OK);
    return n;
}

static void
test_add_get_drop(void **state)
{
    struct og_record entry = OG_RECORD_INIT;
    struct og_err err = { "" };

    (void)state;
    assert_int_equal(count(), 0);
    must_add(1, "example.com", NOW, NOW + DAY, 10);
    assert_int_equal(add(1, "example.com", NOW, NOW + DAY, 10, &err), OG_E_EXISTS);
    assert_int_equal(og_vault_get(&state_of_test, "vvvvv00001", &entry, &err), OG_OK);
    assert_string_equal(og_record_get(&entry, "domain"), "example.com");
    assert_int_equal(og_vault_get(&state_of_test, "vvvvv00002", &entry, &err),
                     OG_E_NOTFOUND);
    assert_int_equal(count(), 1);
    must_drop(1);
    assert_int_equal(og_vault_drop(&state_of_test, "vvvvv00001", &err), OG_E_NOTFOUND);
    assert_int_equal(count(), 0);
    og_record_free(&entry);
}

static void
test_names(void **state)
{
    static const struct {
        const char *text;
        bool id, domain;
    } rows[] = {
        { "", false, false },
        { "k2m4pqrs7t", true, true },
        { "k2m4pqrs7", false, true },
        { "k2m4pqrs7tt", false, true },
        { "K2m4pqrs7t", false, false },
        { "../../../a", false, false },
        { "example.com", false, true },
        { ".example", false, false },
        { "example.", false, false },
        { "a..b", false, false },
        { "a/b", false, false },
        { "..", false, false },
        { "xn--bcher-kva.example", false, true },
        { "b\xc3\xbc.example", false, false },
    };
    struct og_record entry = OG_RECORD_INIT;
    struct og_err err = { "" };

    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        if (og_vault_id_ok(rows[i].text) != rows[i].id
            || og_vault_domain_ok(rows[i].text) != rows[i].domain)
            fail_msg("row %zu", i);
        if (!rows[i].id)
            row_rc(i, og_vault_get(&state_of_test, rows[i].text, &entry, &err),
                   OG_E_NOTFOUND, &err);
        if (!rows[i].domain)
            row_rc(i, add(7, rows[i].text, NOW, NOW, 1, &err), OG_E_SYNTAX, &err);
    }
    assert_int_equal(count(), 0);
}

static void
test_due(void **state)
{
    struct og_vault_due due;
    struct og_err err = { "" };

    (void)state;
    must_add(1, "a.example", NOW, NOW + DAY, 100);
    must_add(2, "a.example", NOW + 1, NOW + 2 * DAY, 100);
    must_add(3, "a.example", NOW + 2, NOW + 3 * DAY, 100);
    must_add(4, "b.example", NOW - 9, NOW + 9 * DAY, 1000);
    assert_int_equal(og_vault_due(&state_of_test, NOW, NULL, 0, &due, &err), OG_OK);
    assert_int_equal(due.count, 0);
    assert_int_equal(og_vault_due(&state_of_test, NOW + DAY, NULL, 0, &due, &err), OG_OK);
    assert_int_equal(due.count, 1);
    assert_string_equal(due.ids[0], "vvvvv00001");
    /* the oldest of one domain, as many as it takes */
    assert_int_equal(og_vault_due(&state_of_test, NOW, "a.example", 300, &due, &err),
                     OG_OK);
    assert_int_equal(due.count, 0);
    assert_int_equal(og_vault_due(&state_of_test, NOW, "a.example", 199, &due, &err),
                     OG_OK);
    assert_int_equal(due.count, 2);
    assert_string_equal(due.ids[0], "vvvvv00001");
    assert_string_equal(due.ids[1], "vvvvv00002");
    assert_int_equal(og_vault_due(&state_of_test, NOW, "a.example", 0, &due, &err),
                     OG_OK);
    assert_int_equal(due.count, 0);
    /* what has gone does not count */
    must_drop(1);
    assert_int_equal(og_vault_due(&state_of_test, NOW, "a.example", 200, &due, &err),
                     OG_OK);
    assert_int_equal(due.count, 0);
    must_drop(2), must_drop(3), must_drop(4);
    assert_int_equal(
        og_vault_due(&state_of_test, NOW + 99 * DAY, "a.example", 1, &due, &err), OG_OK);
    assert_int_equal(due.count, 0);
}

static void
test_due_in_turns(void **state)
{
    struct og_vault_due due;
    struct og_err err = { "" };
    size_t gone = 0;

    (void)state;
    for (unsigned i = 0; i < 2 * OG_VAULT_DUE + 1; i++)
        must_add(i, "a.example", NOW + i, NOW, 1);
    do {
        assert_int_equal(og_vault_due(&state_of_test, NOW, "a.example", 1, &due, &err),
                         OG_OK);
        for (size_t i = 0; i < due.count; i++)
            assert_int_equal(og_vault_drop(&state_of_test, due.ids[i], &err), OG_OK);
        gone += due.count;
    } while (due.count > 0);
    assert_int_equal(gone, 2 * OG_VAULT_DUE + 1);
    assert_int_equal(count(), 0);
}

static void
test_release(void **state)
{
    struct og_record entry = OG_RECORD_INIT;
    struct og_err err = { "" };
    const char *id = "vvvvv00001";

    (void)state;
    assert_int_equal(og_vault_begin(&state_of_test, id, false, "root", NOW, &entry, &err),
                     OG_E_NOTFOUND);
    must_add(1, "a.example", NOW, NOW, 1);
    assert_int_equal(og_vault_begin(&state_of_test, id, false, "root", NOW, &entry, &err),
                     OG_OK);
    assert_null(og_record_get(&entry, "release"));
    assert_int_equal(
        og_vault_begin(&state_of_test, id, false, "eve", NOW + 1, &entry, &err),
        OG_E_EXISTS);
    assert_string_equal(og_record_get(&entry, "release"), "begun");
    assert_string_equal(og_record_get(&entry, "released_by"), "root");
    /* nothing was sent: the next may try */
    assert_int_equal(og_vault_end(&state_of_test, id, NULL, &err), OG_OK);
    assert_int_equal(
        og_vault_begin(&state_of_test, id, false, "eve", NOW + 2, &entry, &err), OG_OK);
    assert_int_equal(og_vault_end(&state_of_test, id, "done", &err), OG_OK);
    assert_int_equal(
        og_vault_begin(&state_of_test, id, false, "root", NOW + 3, &entry, &err),
        OG_E_EXISTS);
    assert_string_equal(og_record_get(&entry, "release"), "done");
    assert_string_equal(og_record_get(&entry, "released_by"), "eve");
    assert_int_equal(
        og_vault_begin(&state_of_test, id, true, "root", NOW + 4, &entry, &err), OG_OK);
    must_drop(1);
    assert_int_equal(og_vault_end(&state_of_test, id, "done", &err), OG_E_NOTFOUND);
    og_record_free(&entry);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_add_get_drop), cmocka_unit_test(test_names),
        cmocka_unit_test(test_due),          cmocka_unit_test(test_due_in_turns),
        cmocka_unit_test(test_release),
    };

    return cmocka_run_group_tests(tests, state_dir_set_up, state_dir_tear_down);
}
