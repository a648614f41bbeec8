/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/store_dir.h"

#include <db.h>

/* one call inside a run of its own */
struct op {
    char what; /* g get, u get for update, p put, a add, d delete */
    const char *db, *key, *value;
    char got[64];
};

static enum og_rc
do_op(struct og_txn *txn, void *arg, struct og_err *err)
{
    struct op *op = arg;
    struct og_buf value = OG_BUF_INIT(60);
    enum og_rc rc = OG_E_LIB;

    if (op->what == 'g')
        rc = og_txn_get(txn, op->db, op->key, &value, err);
    else if (op->what == 'u')
        rc = og_txn_get_for_update(txn, op->db, op->key, &value, err);
    else if (op->what == 'p')
        rc = og_txn_put(txn, op->db, op->key, op->value, err);
    else if (op->what == 'a')
        rc = og_txn_add(txn, op->db, op->key, op->value, err);
    else if (op->what == 'd')
        rc = og_txn_delete(txn, op->db, op->key, err);
    (void)snprintf(op->got, sizeof op->got, "%s", og_buf_text(&value));
    og_buf_free(&value);
    return rc;
}

static const struct {
    enum og_store_mode mode;
    char what;
    const char *db, *key, *value;
    enum og_rc rc;
} rows[] = {
    { OG_STORE_READ, 'g', "users.db", "a", "", OG_E_NOTFOUND },
    { OG_STORE_COUNT, 'u', "users.db", "a", "", OG_E_NOTFOUND },
    { OG_STORE_COUNT, 'd', "users.db", "a", "", OG_E_NOTFOUND },
    { OG_STORE_COUNT, 'p', "users.db", "a", "1", OG_OK },
    { OG_STORE_READ, 'g', "users.db", "a", "1", OG_OK },
    { OG_STORE_COMMIT, 'a', "users.db", "a", "2", OG_E_EXISTS },
    { OG_STORE_COMMIT, 'p', "users.db", "a", "2", OG_OK },
    { OG_STORE_COUNT, 'u', "users.db", "a", "2", OG_OK },
    { OG_STORE_COMMIT, 'a', "users.db", "b c", "", OG_OK },
    { OG_STORE_READ, 'g', "users.db", "b c", "", OG_OK },
    { OG_STORE_READ, 'g', "keys.db", "a", "", OG_E_NOTFOUND },
    { OG_STORE_COMMIT, 'd', "users.db", "a", "", OG_OK },
    { OG_STORE_READ, 'g', "users.db", "a", "", OG_E_NOTFOUND },
    { OG_STORE_READ, 'p', "users.db", "a", "1", OG_E_STATE },
    { OG_STORE_READ, 'a', "users.db", "a", "1", OG_E_STATE },
    { OG_STORE_READ, 'd', "users.db", "b c", "", OG_E_STATE },
    { OG_STORE_READ, 'u', "users.db", "b c", "", OG_E_STATE },
    { OG_STORE_READ, 'g', "nosuch.db", "a", "", OG_E_STATE },
    { OG_STORE_COUNT, 'p', "nosuch.db", "a", "", OG_E_STATE },
    { OG_STORE_COUNT, 'p', "users.db", "", "1", OG_E_SYNTAX },
    { OG_STORE_READ, 'g', "users.db", "", "", OG_E_SYNTAX },
    { OG_STORE_COUNT, 'p', "users.db", "a\n", "1", OG_E_SYNTAX },
    { OG_STORE_COUNT, 'p', "users.db", "\x7f", "1", OG_E_SYNTAX },
    { OG_STORE_COUNT, 'p', "users.db", "\xc3\xa4", "1", OG_E_SYNTAX },
    { OG_STORE_COUNT, 'p', "users.db", "a", "1\n", OG_E_SYNTAX },
};

static void
test_operations(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        struct op op = { rows[i].what, rows[i].db, rows[i].key, rows[i].value, "" };
        struct og_err err = { "" };
        enum og_rc rc = og_store_run(&store_conf, rows[i].mode, do_op, &op, &err);

        row_rc(i, rc, rows[i].rc, &err);
        if (rc == OG_OK && (op.what == 'g' || op.what == 'u'))
            row_text(i, op.got, rows[i].value);
        assert_int_equal(err.text[0] == '\0',
                         rc == OG_OK || rc == OG_E_NOTFOUND || rc == OG_E_EXISTS);
    }
}

static enum og_rc
put_and_fail(struct og_txn *txn, void *arg, struct og_err *err)
{
    enum og_rc rc = og_txn_put(txn, "users.db", "kept", "changed", err);

    (void)arg;
    if (rc == OG_OK)
        rc = og_txn_put(txn, "keys.db", "new", "1", err);
    return rc == OG_OK ? og_fail(err, OG_E_RANGE, "no") : rc;
}

static void
test_rollback(void **state)
{
    struct og_err err = { "" };

    (void)state;
    assert_int_equal(store_put(OG_STORE_COUNT, "users.db", "kept", "old", &err), OG_OK);
    assert_int_equal(og_store_run(&store_conf, OG_STORE_COMMIT, put_and_fail, NULL, &err),
                     OG_E_RANGE);
    assert_string_equal(err.text, "no");
    store_has("kept", "old");
}

/* somebody else breaks the environment while we are in it */
static enum og_rc
panic_once(struct og_txn *txn, void *arg, struct og_err *err)
{
    int *calls = arg;
    char text[32];
    enum og_rc rc = og_txn_put(txn, "users.db", "early", "1", err);
    DB_ENV *env;

    (void)snprintf(text, sizeof text, "%d", ++*calls);
    if (*calls == 1) {
        assert_int_equal(db_env_create(&env, 0), 0);
        env->set_errcall(env, NULL);
        env->set_errfile(env, NULL);
        assert_int_equal(
            env->open(env, store_dir, DB_INIT_TXN | DB_INIT_LOG | DB_INIT_MPOOL, 0600),
            0);
        (void)env->set_flags(env, DB_PANIC_ENVIRONMENT, 1);
        (void)env->close(env, 0);
    }
    if (rc == OG_OK)
        rc = og_txn_put(txn, "users.db", "calls", text, err);
    return rc;
}

static void
test_retry(void **state)
{
    struct og_err err = { "" };
    int calls = 0;

    (void)state;
    row_rc((size_t)0, og_store_run(&store_conf, OG_STORE_COUNT, panic_once, &calls, &err),
           OG_OK, &err);
    assert_int_equal(calls, 2);
    store_has("calls", "2");
}

static enum og_rc
fill_walk(struct og_txn *txn, void *arg, struct og_err *err)
{
    static const char *const keys[] = {
        "b/2", "a", "b/10", "c", "b/1", "b", "b0", "B/1"
    };
    enum og_rc rc = OG_OK;

    (void)arg;
    for (size_t i = 0; i < N_ELEMENTS(keys) && rc == OG_OK; i++)
        rc = og_txn_put(txn, "users.db", keys[i], keys[i], err);
    return rc;
}

struct walk {
    const char *prefix, *stop_at;
    struct og_txn *txn; /* set: delete what is visited */
    enum og_rc answer;
    char seen[128];
    const char *after;
};

static enum og_rc
see(const char *key, const char *value, void *arg, bool *stop, struct og_err *err)
{
    struct walk *walk = arg;
    size_t used = strlen(walk->seen);

    assert_string_equal(key, value);
    (void)snprintf(walk->seen + used, sizeof walk->seen - used, "%s ", key);
    *stop = walk->stop_at != NULL && strcmp(key, walk->stop_at) == 0;
    if (walk->txn != NULL)
        return og_txn_delete(walk->txn, "users.db", key, err);
    return walk->answer;
}

static enum og_rc
do_walk(struct og_txn *txn, void *arg, struct og_err *err)
{
    struct walk *walk = arg;

    if (walk->txn != NULL)
        walk->txn = txn;
    return og_txn_walk(txn, "users.db", walk->prefix,
                       walk->after != NULL ? walk->after : "", see, walk, err);
}

static void
test_walk(void **state)
{
    static const struct {
        const char *prefix, *stop_at;
        enum og_rc answer;
        const char *seen;
        const char *after;
    } walks[] = {
        { "", NULL, OG_OK, "B/1 a b b/1 b/10 b/2 b0 c ", NULL },
        { "b/", NULL, OG_OK, "b/1 b/10 b/2 ", NULL },
        { "b/1", NULL, OG_OK, "b/1 b/10 ", NULL },
        { "b", "b/10", OG_OK, "b b/1 b/10 ", NULL },
        { "c", NULL, OG_OK, "c ", NULL },
        { "d", NULL, OG_OK, "", NULL },
        { "a", NULL, OG_E_RANGE, "a ", NULL },
        { "\n", NULL, OG_E_SYNTAX, "", NULL },
        { "", NULL, OG_OK, "b/10 b/2 b0 c ", "b/1" },
        { "", NULL, OG_OK, "b/2 b0 c ", "b/11" },
        { "b/", NULL, OG_OK, "b/1 b/10 b/2 ", "a" },
        { "b/", NULL, OG_OK, "", "b/2" },
        { "b/", NULL, OG_OK, "", "c" },
    };
    struct walk gone = { "b/", NULL, (struct og_txn *)&gone, OG_OK, "", NULL };
    struct walk rest = { "", NULL, NULL, OG_OK, "", NULL };
    struct og_err err = { "" };

    (void)state;
    assert_int_equal(og_store_run(&store_conf, OG_STORE_COUNT, fill_walk, NULL, &err),
                     OG_OK);
    for (size_t i = 0; i < N_ELEMENTS(walks); i++) {
        struct walk walk = { walks[i].prefix, walks[i].stop_at, NULL, walks[i].answer, "",
                             walks[i].after };
        enum og_rc rc = og_store_run(&store_conf, OG_STORE_READ, do_walk, &walk, &err);

        row_rc(i, rc, i == 7 ? OG_E_SYNTAX : walks[i].answer, &err);
        row_text(i, walk.seen, walks[i].seen);
    }
    row_rc((size_t)0, og_store_run(&store_conf, OG_STORE_COUNT, do_walk, &gone, &err),
           OG_OK, &err);
    assert_string_equal(gone.seen, "b/1 b/10 b/2 ");
    assert_int_equal(og_store_run(&store_conf, OG_STORE_READ, do_walk, &rest, &err),
                     OG_OK);
    assert_string_equal(rest.seen, "B/1 a b b0 c ");
}

struct big {
    size_t key_len, value_len;
    enum og_rc read;
};

static enum og_rc
put_big(struct og_txn *txn, void *arg, struct og_err *err)
{
    struct big *big = arg;
    char *key = calloc(1, big->key_len + 1), *value = calloc(1, big->value_len + 1);
    struct og_buf back = OG_BUF_INIT(OG_STORE_MAX_VALUE), small = OG_BUF_INIT(3);
    enum og_rc rc;

    memset(key, 'k', big->key_len);
    memset(value, 'v', big->value_len);
    rc = og_txn_put(txn, "users.db", key, value, err);
    if (rc == OG_OK) {
        rc = og_txn_get(txn, "users.db", key, &back, err);
        assert_string_equal(og_buf_text(&back), value);
        big->read = og_txn_get(txn, "users.db", key, &small, err);
    }
    og_buf_free(&back);
    og_buf_free(&small);
    free(key);
    free(value);
    return rc;
}

static void
test_ceilings(void **state)
{
    static const struct {
        size_t key_len, value_len;
        enum og_rc rc, small;
    } sizes[] = {
        { OG_STORE_MAX_KEY, 1, OG_OK, OG_OK },
        { OG_STORE_MAX_KEY + 1, 1, OG_E_LIMIT, OG_OK },
        { 1, OG_STORE_MAX_VALUE, OG_OK, OG_E_LIMIT },
        { 1, OG_STORE_MAX_VALUE + 1, OG_E_LIMIT, OG_OK },
        { 2, 3, OG_OK, OG_OK },
        { 2, 4, OG_OK, OG_E_LIMIT },
    };

    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(sizes); i++) {
        struct big big = { sizes[i].key_len, sizes[i].value_len, OG_OK };
        struct og_err err = { "" };

        row_rc(i, og_store_run(&store_conf, OG_STORE_COUNT, put_big, &big, &err),
               sizes[i].rc, &err);
        row_rc(i, big.read, sizes[i].small, &err);
    }
}

static void
test_read_changes_nothing(void **state)
{
    struct walk walk = { "", NULL, NULL, OG_OK, "", NULL };
    struct og_err err = { "" };
    uint64_t before;

    (void)state;
    assert_int_equal(og_store_run(&store_conf, OG_STORE_COUNT, fill_walk, NULL, &err),
                     OG_OK);
    before = store_fingerprint(store_dir);
    for (int i = 0; i < 50; i++) {
        store_has("a", "a");
        store_has("nosuch", NULL);
        walk.seen[0] = '\0';
        assert_int_equal(og_store_run(&store_conf, OG_STORE_READ, do_walk, &walk, &err),
                         OG_OK);
    }
    assert_true(store_fingerprint(store_dir) == before);
}

static void
test_create(void **state)
{
    struct og_err err = { "" };
    struct stat st;
    char got[64];

    (void)state;
    assert_int_equal(store_get("users.db", "a", got, &err), OG_E_STATE);
    assert_non_null(strstr(err.text, "outgatectl init"));
    assert_non_null(strstr(err.text, store_dir));
    row_rc((size_t)1, og_store_create(&store_conf, false, &err), OG_OK, &err);
    assert_int_equal(store_put(OG_STORE_COMMIT, "users.db", "a", "1", &err), OG_OK);
    row_rc((size_t)2, og_store_create(&store_conf, false, &err), OG_OK, &err);
    store_has("a", "1");
    assert_int_equal(stat(store_dir, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0700);
    for (size_t i = 0; i < 3; i++) {
        static const char *const names[] = { "users.db", "keys.db", "guard" };

        assert_int_equal(stat(store_file(names[i]), &st), 0);
        assert_int_equal(st.st_mode & 07777, 0600);
        assert_int_equal(st.st_uid, geteuid() == 0 ? STORE_NOBODY : geteuid());
    }
    store_conf.directory = "/dev/null";
    assert_int_equal(store_get("users.db", "a", got, &err), OG_E_STATE);
    store_conf.directory = store_dir;
}

/* an empty directory is no store yet */
static void
test_no_store(void **state)
{
    struct og_err err = { "" };

    (void)state;
    assert_int_equal(mkdir(store_dir, 0700), 0);
    if (geteuid() == 0)
        assert_int_equal(chown(store_dir, STORE_NOBODY, STORE_NOBODY), 0);
    assert_int_equal(store_put(OG_STORE_COUNT, "users.db", "a", "1", &err), OG_E_STATE);
    assert_non_null(strstr(err.text, "outgatectl init"));
}

/* a directory made before recipients.db was in the table */
static void
test_new_database(void **state)
{
    struct og_err err = { "" };
    struct stat st;
    char got[64];

    (void)state;
    store_settle();
    assert_int_equal(unlink(store_file("recipients.db")), 0);
    row_rc((size_t)0, store_get("recipients.db", "k", got, &err), OG_E_NOTFOUND, &err);
    assert_int_equal(stat(store_file("recipients.db"), &st), -1);
    row_rc((size_t)1, store_put(OG_STORE_COUNT, "recipients.db", "k", "v", &err), OG_OK,
           &err);
    row_rc((size_t)2, store_get("recipients.db", "k", got, &err), OG_OK, &err);
    assert_string_equal(got, "v");
    assert_int_equal(stat(store_file("recipients.db"), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
}

static void
test_dump(void **state)
{
    struct og_buf said = OG_BUF_INIT(2000);

    (void)state;
    store_set("alice@example.org", "kind=user note=two%20words");
    shell_says(store_top, "db5.3_dump -p -h state users.db", &said);
    assert_non_null(
        strstr(og_buf_text(&said),
               "\n alice@example.org\n kind=user note=two%20words\nDATA=END"));
    og_buf_free(&said);
    store_has("alice@example.org", "kind=user note=two%20words");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_operations, store_set_up, store_tear_down),
        cmocka_unit_test_setup_teardown(test_rollback, store_set_up, store_tear_down),
        cmocka_unit_test_setup_teardown(test_retry, store_set_up, store_tear_down),
        cmocka_unit_test_setup_teardown(test_walk, store_set_up, store_tear_down),
        cmocka_unit_test_setup_teardown(test_ceilings, store_set_up, store_tear_down),
        cmocka_unit_test_setup_teardown(test_read_changes_nothing, store_set_up,
                                        store_tear_down),
        cmocka_unit_test_setup_teardown(test_create, store_set_up_empty, store_tear_down),
        cmocka_unit_test_setup_teardown(test_no_store, store_set_up_empty,
                                        store_tear_down),
        cmocka_unit_test_setup_teardown(test_new_database, store_set_up, store_tear_down),
        cmocka_unit_test_setup_teardown(test_dump, store_set_up, store_tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
