/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/state_users.h"

#include "core/state/sender.h"

#define HASH "$5$saltsalt$tpNK8D4hcN5XTSLlKaqdMOBOUqBFgnEgSGXkILp5x.3"

static enum og_rc
change(enum og_user_kind kind, const char *text, const char *record, const char *unset,
       struct og_err *err)
{
    struct og_name name = name_of(kind, text);
    struct og_record set = OG_RECORD_INIT;
    enum og_rc rc = og_record_parse(record, strlen(record), &set, err);

    assert_int_equal(rc, OG_OK);
    rc = og_users_change(&state_of_test, &name, &set, &unset, unset != NULL ? 1 : 0, NULL,
                         err);
    og_record_free(&set);
    return rc;
}

/* the stored user that a word means */
static enum og_rc
find(const char *text, struct og_user *user, struct og_err *err)
{
    struct og_sender sender = OG_SENDER_INIT;
    enum og_rc rc = og_users_sender(&state_of_test, text, false, &sender, err);

    if (rc == OG_OK) {
        user->name = sender.user.name;
        og_record_move(&user->record, &sender.user.record);
    }
    og_sender_free(&sender);
    return rc;
}

static const struct {
    enum og_user_kind kind;
    const char *name, *record;
    enum og_rc rc;
    const char *text; /* part of the error's text */
} adds[] = {
    { OG_KIND_USER, "a@add.example", "", OG_OK, "" },
    { OG_KIND_USER, "A@Add.Example", "", OG_E_EXISTS, "user a@add.example" },
    { OG_KIND_DOMAIN, "add.example", "", OG_OK, "" }, /* another kind, another key */
    { OG_KIND_DOMAIN, "@add.example", "", OG_E_EXISTS, "domain add.example" },
    { OG_KIND_IP, "203.0.113.0/24", "", OG_OK, "" },
    { OG_KIND_IP, "::ffff:203.0.113.0/120", "", OG_E_EXISTS, "ip 203.0.113.0/24" },
    { OG_KIND_USER, "b@add.example", "password=" HASH, OG_OK, "" },
    { OG_KIND_USER, "c@add.example", "password=secret", OG_E_SYNTAX, "password" },
    { OG_KIND_USER, "c@add.example", "password=", OG_E_SYNTAX, "password" },
    { OG_KIND_USER, "c@add.example", "password=*0", OG_E_SYNTAX, "password" },
    { OG_KIND_USER, "c@add.example",
      "password=$5$rounds=999999999$saltsalt$tpNK8D4hcN5XTSLlKaqdMOBOUqBFgnEgSGXkILp5x.3",
      OG_E_RANGE, "too long at every login" },
    { OG_KIND_USER, "c@add.example", "password=!" HASH, OG_E_SYNTAX, "password" },
    { OG_KIND_USER, "c@add.example", "password=" HASH "%00", OG_E_SYNTAX, "NUL" },
    { OG_KIND_USER, "c@add.example", "enabled=maybe", OG_E_SYNTAX, "enabled" },
    { OG_KIND_USER, "c@add.example", "maximum_message_size=5G", OG_E_RANGE, "size" },
    { OG_KIND_USER, "c@add.example", "maximum_message_size=5%00", OG_E_SYNTAX, "NUL" },
    { OG_KIND_USER, "c@add.example", "colour=red", OG_E_SYNTAX, "colour" },
    { OG_KIND_USER, "c@add.example", "state_timeout=5s", OG_E_SYNTAX, "outgate.conf" },
    { OG_KIND_USER, "c@add.example", "domain=x.example", OG_E_SYNTAX, "domain" },
    { OG_KIND_IP, "203.0.113.1", "domain=a..b", OG_E_SYNTAX, "domain" },
    { OG_KIND_USER, "c@add.example", "created=yesterday", OG_E_SYNTAX, "" },
    { OG_KIND_USER, "d@add.example", "created=2001-01-01T00:00:00Z", OG_OK, "" },
    { OG_KIND_USER, "\xc3\xa4\xc3\xb6@add.example", "", OG_OK, "" },
    { OG_KIND_USER, "\"a b%=\\\"\"@add.example", "", OG_OK, "" },
};

static void
test_add(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(adds); i++) {
        struct og_user user = OG_USER_INIT;
        struct og_err err = { "" };

        row_rc(i, add(adds[i].kind, adds[i].name, adds[i].record, &err), adds[i].rc,
               &err);
        if (strstr(err.text, adds[i].text) == NULL)
            fail_msg("row %zu: no '%s' in '%s'", i, adds[i].text, err.text);
        if (adds[i].rc != OG_OK || adds[i].kind == OG_KIND_DOMAIN)
            continue;
        row_rc(i, find(adds[i].name, &user, &err), OG_OK, &err);
        row_text(i, user.name.text, name_of(adds[i].kind, adds[i].name).text);
        assert_int_equal(strlen(og_record_get(&user.record, "created")), 20);
        assert_true(strcmp(og_record_get(&user.record, "created"), "2020") > 0);
        assert_string_equal(og_record_get(&user.record, "created"),
                            og_record_get(&user.record, "changed"));
        og_user_free(&user);
    }
}

static const struct {
    const char *text;
    enum og_rc rc;
    const char *found;
} finds[] = {
    { "Bob@Find.Example", OG_OK, "bob@find.example" },
    { "bob@find.example.", OG_OK, "bob@find.example" },
    { "\"bob\"@find.example", OG_OK, "bob@find.example" },
    { "find.example", OG_OK, "find.example" },
    { "@find.example", OG_OK, "find.example" },
    { "solo", OG_OK, "solo@host.example" },
    { "both", OG_OK, "both" }, /* a domain comes before both@host.example */
    { "both@host.example", OG_OK, "both@host.example" },
    { "203.0.113.77", OG_OK, "203.0.113.77" },
    { "::ffff:203.0.113.77", OG_OK, "203.0.113.77" },
    { "203.0.113.78", OG_E_NOTFOUND, NULL },
    { "nobody@find.example", OG_E_NOTFOUND, NULL },
    { "nobody", OG_E_NOTFOUND, NULL },
    { "sub.find.example", OG_E_NOTFOUND, NULL },
    { "user:bob@find.example", OG_E_SYNTAX, NULL },
    { "", OG_E_SYNTAX, NULL },
    { "bob@", OG_E_SYNTAX, NULL },
};

static void
test_find(void **state)
{
    (void)state;
    must_add(OG_KIND_USER, "bob@find.example", "");
    must_add(OG_KIND_DOMAIN, "find.example", "");
    must_add(OG_KIND_USER, "solo@host.example", "");
    must_add(OG_KIND_USER, "both@host.example", "");
    must_add(OG_KIND_DOMAIN, "both", "");
    must_add(OG_KIND_IP, "203.0.113.77", "");
    for (size_t i = 0; i < N_ELEMENTS(finds); i++) {
        struct og_user user = OG_USER_INIT;
        struct og_err err = { "" };

        row_rc(i, find(finds[i].text, &user, &err), finds[i].rc, &err);
        row_text(i, finds[i].rc == OG_OK ? user.name.text : NULL, finds[i].found);
        if (finds[i].rc != OG_OK)
            assert_string_not_equal(err.text, "");
        og_user_free(&user);
    }
    must_delete(OG_KIND_IP, "203.0.113.77");
}

/* key and value, written as they are */
static enum og_rc
garbage_work(struct og_txn *txn, void *arg, struct og_err *err)
{
    const char *const *pair = arg;

    return pair[1] != NULL ? og_txn_put(txn, "users.db", pair[0], pair[1], err)
                           : og_txn_delete(txn, "users.db", pair[0], err);
}

static void
put_raw(const char *key, const char *value)
{
    const char *pair[] = { key, value };
    struct og_err err = { "" };

    if (og_store_run(&state_of_test.store, OG_STORE_COUNT, garbage_work, pair, &err)
        != OG_OK)
        fail_msg("%s", err.text);
}

/* both records of a change, and the one that a deletion leaves */
static void
check_made(void)
{
    static const char *const unset = "enabled";
    struct og_user_change made = OG_USER_CHANGE_INIT;
    struct og_record set = OG_RECORD_INIT;
    struct og_err err = { "" };
    struct og_name name = name_of(OG_KIND_USER, "made@change.example");

    must_add(OG_KIND_USER, "made@change.example", "enabled=no dkim_selector=s1");
    assert_int_equal(og_record_set_text(&set, "dkim_selector", "s2", &err), OG_OK);
    assert_int_equal(og_users_change(&state_of_test, &name, &set, &unset, 1, &made, &err),
                     OG_OK);
    assert_string_equal(og_record_text(&made.before, "enabled"), "no");
    assert_string_equal(og_record_text(&made.before, "dkim_selector"), "s1");
    assert_null(og_record_get(&made.after, "enabled"));
    assert_string_equal(og_record_text(&made.after, "dkim_selector"), "s2");
    assert_int_equal(og_record_set_text(&set, "dkim_selector", "a..b", &err), OG_OK);
    assert_int_equal(og_users_change(&state_of_test, &name, &set, &unset, 1, &made, &err),
                     OG_E_SYNTAX); /* made keeps what it had */
    assert_string_equal(og_record_text(&made.after, "dkim_selector"), "s2");
    assert_int_equal(og_users_delete(&state_of_test, &name, &made.before, &err), OG_OK);
    assert_string_equal(og_record_text(&made.before, "dkim_selector"), "s2");
    assert_int_equal(og_users_delete(&state_of_test, &name, &made.before, &err),
                     OG_E_NOTFOUND);
    put_raw("user:made@change.example", "garbage");
    assert_int_equal(og_users_delete(&state_of_test, &name, &made.before, &err), OG_OK);
    assert_int_equal(made.before.count, 0);
    og_record_free(&set);
    og_record_free(&made.before);
    og_record_free(&made.after);
}

static void
test_change(void **state)
{
    struct og_user user = OG_USER_INIT;
    struct og_err err = { "" };
    struct og_name nobody = name_of(OG_KIND_USER, "nobody@change.example");

    (void)state;
    must_add(OG_KIND_USER, "u@change.example", "enabled=no dkim_selector=s1");
    check_made();
    row_rc(0,
           change(OG_KIND_USER, "u@change.example", "maximum_message_size=1K", "enabled",
                  &err),
           OG_OK, &err);
    row_rc(1, find("u@change.example", &user, &err), OG_OK, &err);
    assert_null(og_record_get(&user.record, "enabled"));
    assert_string_equal(og_record_get(&user.record, "maximum_message_size"), "1K");
    assert_string_equal(og_record_get(&user.record, "dkim_selector"), "s1");
    assert_string_equal(user.record.fields[0].name, "created");
    og_user_free(&user);
    row_rc(2, change(OG_KIND_USER, "u@change.example", "colour=red", NULL, &err),
           OG_E_SYNTAX, &err);
    row_rc(
        3,
        change(OG_KIND_USER, "u@change.example", "maximum_message_size=-1", NULL, &err),
        OG_E_SYNTAX, &err);
    row_rc(4, change(OG_KIND_USER, "u@change.example", "password=x", NULL, &err),
           OG_E_SYNTAX, &err);
    row_rc(5, change(OG_KIND_USER, "u@change.example", "", "never_there", &err), OG_OK,
           &err);
    row_rc(6, find("u@change.example", &user, &err), OG_OK, &err);
    assert_string_equal(og_record_get(&user.record, "maximum_message_size"), "1K");
    og_user_free(&user);
    row_rc(7, change(OG_KIND_USER, "nobody@change.example", "", NULL, &err),
           OG_E_NOTFOUND, &err);
    assert_non_null(strstr(err.text, "no user nobody@change.example"));
    row_rc(8, og_users_delete(&state_of_test, &nobody, NULL, &err), OG_E_NOTFOUND, &err);
    must_delete(OG_KIND_USER, "u@change.example");
    row_rc(9, find("u@change.example", &user, &err), OG_E_NOTFOUND, &err);
}

static const char *const garbage[] = { "garbage",
                                       "enabled=maybe",
                                       "enabled=%00",
                                       "enabled=yes enabled=no",
                                       "maximum_message_size=5G",
                                       "dkim_selector=a..b" };

static void
test_garbage(void **state)
{
    struct og_err err = { "" };
    struct og_name name = name_of(OG_KIND_USER, "g@garbage.example");

    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(garbage); i++) {
        static const char *const keys[] = { "user:g@garbage.example",
                                            "domain:garbage.example" };

        for (size_t k = 0; k < N_ELEMENTS(keys); k++) {
            struct og_sender sender = OG_SENDER_INIT;

            put_raw(keys[0], "");
            put_raw(keys[1], "");
            put_raw(keys[k], garbage[i]);
            row_rc(i,
                   og_users_sender(&state_of_test, "g@garbage.example", false, &sender,
                                   &err),
                   OG_E_STATE, &err);
            if (strstr(err.text, "garbage.example") == NULL)
                fail_msg("row %zu: %s", i, err.text);
            assert_null(sender.settings.user);
            og_sender_free(&sender);
        }
    }
    put_raw("user:g@garbage.example", "enabled=maybe colour=red");
    row_rc(10, change(OG_KIND_USER, "g@garbage.example", "enabled=yes", NULL, &err),
           OG_E_SYNTAX, &err); /* nothing is written before all is good */
    row_rc(11, change(OG_KIND_USER, "g@garbage.example", "enabled=yes", "colour", &err),
           OG_OK, &err);
    put_raw("user:g@garbage.example", "garbage");
    row_rc(12, og_users_delete(&state_of_test, &name, NULL, &err), OG_OK, &err);
    put_raw("domain:garbage.example", NULL);
}

struct seen {
    size_t count;
    bool found[2500];
    char last[OG_NAME_TEXT + 8];
    size_t stop_at;
};

static enum og_rc
see(const struct og_user *user, void *arg, struct og_err *err)
{
    struct seen *seen = arg;
    char key[OG_NAME_TEXT + 8];

    (void)snprintf(key, sizeof key, "%s:%s", og_user_kind_text(user->name.kind),
                   user->name.text);
    seen->count++;
    if (strchr(key, '\xc3') == NULL
        && strchr(key, '"') == NULL) { /* others are encoded */
        assert_true(strcmp(key, seen->last) > 0);
        memcpy(seen->last, key, sizeof key);
    }
    if (strncmp(key, "user:w", 6) == 0 && strstr(key, "@walk.example") != NULL) {
        size_t n = strtoul(key + 6, NULL, 10);

        assert_true(n < N_ELEMENTS(seen->found) && !seen->found[n]);
        seen->found[n] = true;
        assert_string_equal(og_record_get(&user->record, "enabled"), "no");
    }
    if (seen->count == seen->stop_at)
        return og_fail(err, OG_E_EXISTS, "enough");
    return OG_OK;
}

static enum og_rc
fill_work(struct og_txn *txn, void *arg, struct og_err *err)
{
    enum og_rc rc = OG_OK;

    (void)arg;
    for (size_t i = 0; i < 2500 && rc == OG_OK; i++) {
        char key[64];

        (void)snprintf(key, sizeof key, "user:w%zu@walk.example", i);
        rc = og_txn_put(txn, "users.db", key,
                        i % 100 != 7 ? "enabled=no" : "enabled=no x=", err);
    }
    return rc;
}

static void
test_walk(void **state)
{
    static struct seen seen;
    struct og_err err = { "" };
    size_t all;

    (void)state;
    if (og_store_run(&state_of_test.store, OG_STORE_COUNT, fill_work, NULL, &err)
        != OG_OK)
        fail_msg("%s", err.text);
    row_rc(0, og_users_walk(&state_of_test, see, &seen, &err), OG_OK, &err);
    for (size_t i = 0; i < N_ELEMENTS(seen.found); i++)
        assert_true(seen.found[i]);
    all = seen.count;
    assert_true(all >= 2500);
    for (size_t stop = 999; stop <= 2001; stop += stop == 1001 ? 998 : 1) {
        seen = (struct seen){ .stop_at = stop };
        row_rc(stop, og_users_walk(&state_of_test, see, &seen, &err), OG_E_EXISTS, &err);
        assert_int_equal(seen.count, stop);
    }
    put_raw("user:w25@walk.example", "garbage");
    seen = (struct seen){ .stop_at = 0 };
    row_rc(1, og_users_walk(&state_of_test, see, &seen, &err), OG_E_STATE, &err);
    assert_non_null(strstr(err.text, "w25@walk.example"));
}

static void
test_no_store(void **state)
{
    struct og_state other = OG_STATE_INIT;
    struct og_sender sender = OG_SENDER_INIT;
    struct og_err err = { "" };

    (void)state;
    other.store = state_of_test.store;
    other.store.directory = "/tmp/og-no-such-directory";
    row_rc(0, og_users_sender(&other, "a@b.example", false, &sender, &err), OG_E_STATE,
           &err);
    assert_non_null(strstr(err.text, "/tmp/og-no-such-directory"));
}

static void
test_state_open(void **state)
{
    struct og_state other = OG_STATE_INIT;
    struct og_err err = { "" };
    char path[100];
    FILE *conf;

    (void)state;
    assert_string_equal(state_of_test.hostname, "host.example");
    assert_ptr_equal(state_of_test.store.directory, state_of_test.server.state_directory);
    assert_int_equal(state_of_test.store.wait_ms, 20000);
    (void)snprintf(path, sizeof path, "%s/other.conf", state_dir);
    conf = fopen(path, "w");
    assert_non_null(conf);
    assert_true(fputs("user = no-such-account\n", conf) >= 0);
    assert_int_equal(fclose(conf), 0);
    assert_int_equal(chmod(path, 0644), 0);
    row_rc(0, og_state_open(path, &other, &err), OG_E_NOTFOUND, &err);
    assert_non_null(strstr(err.text, "'no-such-account'"));
    assert_null(other.server.user);
    assert_int_equal(unlink(path), 0);
    row_rc(1, og_state_open(path, &other, &err), OG_E_NOTFOUND, &err);
    og_state_free(&other);
}

static int
setup(void **state)
{
    (void)state;
    state_dir_open("dkim_selector = srv\n");
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_add),        cmocka_unit_test(test_find),
        cmocka_unit_test(test_change),     cmocka_unit_test(test_garbage),
        cmocka_unit_test(test_walk),       cmocka_unit_test(test_no_store),
        cmocka_unit_test(test_state_open),
    };

    return cmocka_run_group_tests(tests, setup, state_dir_tear_down);
}
