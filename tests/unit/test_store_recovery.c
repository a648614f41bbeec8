/* SPDX-License-Identifier: BSD-2-Clause */
/* An environment that is recovered, or moves on, while others have it open */
#include "tests/unit/store_dir.h"

#include <db.h>
#include <errno.h>
#include <time.h>

#include "tests/unit/child.h"

enum { LOSSES = 16 }; /* as store.h says */

static enum og_rc
hold(struct og_txn *txn, void *arg, struct og_err *err)
{
    enum og_rc rc = og_txn_put(txn, "users.db", "half", "1", err);

    (void)arg;
    return rc == OG_OK && child_meets_parent() ? rc : OG_E_LIB;
}

static int
held(void)
{
    struct og_err err = { "" };

    return og_store_run(&store_conf, OG_STORE_COUNT, hold, NULL, &err) == OG_OK ? 0 : 1;
}

static int
change(void)
{
    struct og_err err = { "" };

    return store_put(OG_STORE_COUNT, "users.db", "a", "changed", &err) == OG_OK ? 0 : 1;
}

/* somebody inside who does not leave; then is killed with a change half done */
static void
test_busy(void **state)
{
    struct timespec from, to;
    struct og_err err = { "" };
    char pid_text[16];
    pid_t pid;
    long ms;

    (void)state;
    pid = child_start(held);
    store_conf.wait_ms = 200;
    (void)clock_gettime(CLOCK_MONOTONIC, &from);
    assert_int_equal(store_put(OG_STORE_COUNT, "users.db", "a", "1", &err), OG_E_BUSY);
    (void)clock_gettime(CLOCK_MONOTONIC, &to);
    ms = (to.tv_sec - from.tv_sec) * 1000 + (to.tv_nsec - from.tv_nsec) / 1000000;
    assert_true(ms >= 199);
    (void)snprintf(pid_text, sizeof pid_text, "%d", (int)pid);
    assert_non_null(strstr(err.text, pid_text));
    assert_int_equal(child_finish(pid, true), 1000 + SIGKILL);
    store_conf.wait_ms = 0;
    row_rc((size_t)0, store_put(OG_STORE_COUNT, "users.db", "a", "1", &err), OG_OK, &err);
    store_has("half", NULL);
}

/* others go on until one of them has recovered */
static void
change_until_renewed(const char before[17])
{
    char after[17];

    for (int i = 0; i < 200; i++) {
        assert_int_equal(in_child(change), 0);
        store_generation(after);
        if (strcmp(before, after) != 0)
            return;
    }
    fail_msg("nobody has recovered");
}

/* somebody dies inside, somebody else recovers and goes on: what we have open is of
 * an environment that is gone */
static void
test_recovered_by_another(void **state)
{
    struct og_err err = { "" };
    char before[17], after[17], got[64];

    (void)state;
    store_set("a", "1");
    store_has("a", "1");
    store_generation(before);
    assert_int_equal(child_finish(child_start(held), true), 1000 + SIGKILL);
    change_until_renewed(before);
    store_generation(after);
    store_has("a", "changed");
    store_set("b", "ours");
    assert_int_equal(store_get("users.db", "half", got, &err), OG_E_NOTFOUND);
    assert_int_equal(in_child(change), 0);
    store_has("b", "ours");
    store_generation(before);
    assert_string_equal(before, after); /* we did not do it again */
    store_sound();
}

static int
is_five(void)
{
    store_has("a", "5");
    return 0;
}

/* the tools of Berkeley DB know nothing of our guard */
static void
test_recovered_by_hand(void **state)
{
    struct og_err err = { "" };

    (void)state;
    row_rc((size_t)0, store_put(OG_STORE_COMMIT, "users.db", "a", "1", &err), OG_OK,
           &err);
    store_has("a", "1");
    store_shell("db5.3_recover -h state && chown --reference=state/users.db state/*");
    store_has("a", "1");
    store_set("a", "2");
    store_shell("rm state/__db.*");
    store_has("a", "2");
    store_set("a", "3");
    assert_int_equal(in_child(change), 0);
    store_has("a", "changed");
    row_rc((size_t)1, store_put(OG_STORE_COMMIT, "users.db", "a", "4", &err), OG_OK,
           &err);
    store_shell("db5.3_recover -e -h state && chown --reference=state/users.db state/*");
    store_set("a", "5"); /* not into memory that is no longer the environment's */
    assert_int_equal(in_child(is_five), 0);
    store_sound();
}

static int orphans[2];

static enum og_rc
die_inside(struct og_txn *txn, void *arg, struct og_err *err)
{
    (void)txn;
    (void)arg;
    (void)err;
    (void)raise(SIGKILL);
    return OG_E_LIB;
}

static int
leave_an_orphan(void)
{
    struct og_err err = { "" };
    char c;

    store_set("a", "2");
    if (fork() == 0) { /* has all descriptors of its parent */
        (void)!write(child_ready[1], "x", 1);
        _exit(read(orphans[0], &c, 1) == 1 ? 0 : 1);
    }
    (void)!og_store_run(&store_conf, OG_STORE_COUNT, die_inside, NULL, &err);
    return 1;
}

/* the locks of a parent that died inside do not live on in its child */
static void
test_orphan(void **state)
{
    pid_t pid;

    (void)state;
    store_set("a", "1");
    assert_int_equal(pipe2(orphans, O_CLOEXEC), 0);
    pid = child_start(leave_an_orphan);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    store_has("a", "2");
    store_set("a", "3");
    store_has("a", "3");
    assert_int_equal(write(orphans[1], "x", 1), 1);
    (void)(close(child_ready[0]) | close(child_go[1]) | close(orphans[0])
           | close(orphans[1]));
}

/* another program that opens and opens, until it cannot any more, and begins and begins;
 * then it ends */
static int
use_up_the_log(void)
{
    DB_ENV *env;
    DB_TXN *idle;
    int ret = 0;

    if (geteuid() == 0 && (setgid(STORE_NOBODY) != 0 || setuid(STORE_NOBODY) != 0))
        return 2;
    if (db_env_create(&env, 0) != 0
        || env->open(env, store_dir, DB_INIT_TXN | DB_INIT_LOG | DB_INIT_MPOOL, 0600)
               != 0)
        return 3;
    env->set_errcall(env, NULL);
    env->set_errfile(env, NULL);
    for (int i = 0; i < 20000 && ret == 0; i++) {
        DB_TXN *txn;
        DB *db;

        if (env->txn_begin(env, NULL, &txn, 0) != 0 || db_create(&db, env, 0) != 0)
            return 4;
        ret = db->open(db, txn, "keys.db", NULL, DB_BTREE, 0, 0600);
        if (ret == 0)
            ret = txn->commit(txn, DB_TXN_NOSYNC);
        else
            (void)(db->close(db, 0) | txn->abort(txn));
    }
    for (int i = 0; i < 20000 && ret == ENOMEM; i++) /* of what is left a piece may do */
        if (env->txn_begin(env, NULL, &idle, 0) != 0)
            return 0;
    return 5;
}

static void
test_region_full(void **state)
{
    char before[17];

    (void)state;
    store_set("a", "1");
    store_has("a", "1");
    store_generation(before);
    assert_int_equal(in_child(use_up_the_log), 0);
    store_set("a", "2");
    store_has("a", "2");
    change_until_renewed(before);
    store_has("a", "changed");
    store_sound();
}

static int
idle_then_commit(void)
{
    struct og_err err = { "" };

    store_set("idle", "before");
    if (!child_meets_parent())
        return 2;
    if (store_put(OG_STORE_COMMIT, "users.db", "idle", "after", &err) != OG_OK
        || store_put(OG_STORE_COMMIT, "keys.db", "idle", "new", &err) != OG_OK)
        return 3;
    (void)raise(SIGKILL);
    return 4;
}

/* while a process is idle, the log file that it wrote to is removed */
static void
test_log_moves_on(void **state)
{
    static char value[8000];
    struct og_err err = { "" };
    char key[16], got[64];
    struct stat st;
    pid_t pid;

    (void)state;
    pid = child_start(idle_then_commit);
    memset(value, 'v', sizeof value - 1);
    for (int i = 0; i < 2600; i++) {
        (void)snprintf(key, sizeof key, "key%d", i % 100);
        value[0] = (char)('a' + i % 26);
        row_rc((size_t)i, store_put(OG_STORE_COUNT, "ledger.db", key, value, &err), OG_OK,
               &err);
    }
    assert_int_equal(stat(store_file("log.0000000001"), &st), -1);
    assert_int_equal(stat(store_file("log.0000000010"), &st), -1);
    assert_int_equal(child_finish(pid, false), 1000 + SIGKILL);
    store_soil();
    store_shell("rm state/__db.*");
    store_has("idle", "after");
    row_rc((size_t)0, store_get("keys.db", "idle", got, &err), OG_OK, &err);
    assert_string_equal(got, "new");
    for (int i = 2500; i < 2600; i++) {
        (void)snprintf(key, sizeof key, "key%d", i % 100);
        row_rc((size_t)i, store_get("ledger.db", key, got, &err), OG_OK, &err);
        assert_int_equal(got[0], 'a' + i % 26);
    }
    store_sound();
}

static int
is_one(void)
{
    store_has("a", "1");
    return 0;
}

/* whoever loses what he has open too often opens and closes each time */
static int
many_losses(void)
{
    int count = 0;

    for (int i = 0; i < LOSSES * 2; i++) {
        store_has("a", "1");
        store_set("a", "1");
        if (i == LOSSES + 2)
            count = store_descriptors();
        store_soil();
        if (in_child(is_one) != 0)
            return 2;
    }
    store_has("a", "1");
    return store_descriptors() == count ? 0 : 3;
}

static void
test_many_losses(void **state)
{
    (void)state;
    store_set("a", "1");
    assert_int_equal(in_child(many_losses), 0);
    store_sound();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_busy, store_set_up, store_tear_down),
        cmocka_unit_test_setup_teardown(test_recovered_by_another, store_set_up,
                                        store_tear_down),
        cmocka_unit_test_setup_teardown(test_recovered_by_hand, store_set_up,
                                        store_tear_down),
        cmocka_unit_test_setup_teardown(test_orphan, store_set_up, store_tear_down),
        cmocka_unit_test_setup_teardown(test_region_full, store_set_up, store_tear_down),
        cmocka_unit_test_setup_teardown(test_log_moves_on, store_set_up, store_tear_down),
        cmocka_unit_test_setup_teardown(test_many_losses, store_set_up, store_tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
