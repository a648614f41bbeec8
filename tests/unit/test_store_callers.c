/* SPDX-License-Identifier: BSD-2-Clause */
/* Who calls: other users, processes that crash inside, or have closed everything */
#include "tests/unit/store_dir.h"

#include <sys/mman.h>

#include "tests/unit/child.h"

static int
as_stranger(void)
{
    struct og_err err = { "" };
    char uid[16], got[64];

    (void)snprintf(uid, sizeof uid, "uid %d", STORE_NOBODY);
    if (setgid(1) != 0 || setuid(1) != 0)
        return 2;
    store_conf.uid = (uid_t)-1;
    if (store_get("users.db", "a", got, &err) != OG_E_PERM)
        return 3;
    return strstr(err.text, uid) != NULL && strstr(err.text, "uid 1") != NULL
                   && strstr(err.text, store_dir) != NULL
               ? 0
               : 4;
}

static int
as_owner(void)
{
    struct og_err err = { "" };

    if (setgid(STORE_NOBODY) != 0 || setuid(STORE_NOBODY) != 0)
        return 2;
    return store_put(OG_STORE_COMMIT, "users.db", "a", "owner", &err) == OG_OK ? 0 : 3;
}

/* shared memory is looked at by who opens it */
static int
as_newcomer(void)
{
    struct og_err err = { "" };
    char got[64];

    if (store_get("users.db", "a", got, &err) != OG_E_PERM)
        return 2;
    return strstr(err.text, store_file("__db.002")) != NULL ? 0 : 3;
}

static enum og_rc
who_am_i(struct og_txn *txn, void *arg, struct og_err *err)
{
    sigset_t mask;
    int *seen = arg;

    (void)txn;
    (void)err;
    (void)pthread_sigmask(SIG_BLOCK, NULL, &mask);
    seen[0] = (int)geteuid();
    seen[1] = (int)getegid();
    seen[2] = sigismember(&mask, SIGALRM) == 1 && sigismember(&mask, SIGTERM) == 1
              && sigismember(&mask, SIGSEGV) == 0 && sigismember(&mask, SIGBUS) == 0;
    return OG_OK;
}

static void
test_ids_and_signals(void **state)
{
    struct og_err err = { "" };
    struct stat st;
    sigset_t mask;
    char got[64];
    int seen[3];
    mode_t mask_before = umask(0), mask_after;

    (void)state;
    assert_int_equal(og_store_run(&store_conf, OG_STORE_COUNT, who_am_i, seen, &err),
                     OG_OK);
    mask_after = umask(mask_before);
    assert_int_equal(mask_after, 0);
    assert_true(seen[2]);
    (void)pthread_sigmask(SIG_BLOCK, NULL, &mask);
    assert_int_equal(sigismember(&mask, SIGALRM), 0);
    if (geteuid() != 0) {
        print_message("not root: the changes of identity are not tested\n");
        return;
    }
    assert_int_equal(seen[0], STORE_NOBODY);
    assert_int_equal(seen[1], STORE_NOBODY);
    assert_int_equal(getegid(), 0);
    assert_int_equal(in_child(as_stranger), 0);
    assert_int_equal(in_child(as_owner), 0);
    store_has("a", "owner");

    store_conf.uid = 1; /* the directory is somebody else's than the configuration says */
    assert_int_equal(store_get("users.db", "a", got, &err), OG_E_PERM);
    store_conf.uid = (uid_t)-1;
    store_has("a", "owner");
    assert_int_equal(geteuid(), 0);

    assert_int_equal(chown(store_file("users.db"), 1, 1), 0);
    assert_int_equal(store_get("users.db", "a", got, &err), OG_E_PERM);
    assert_non_null(strstr(err.text, store_file("users.db")));
    assert_int_equal(chown(store_file("users.db"), STORE_NOBODY, STORE_NOBODY), 0);
    store_has("a", "owner");
    assert_int_equal(chown(store_file("__db.002"), 0, 0), 0);
    assert_int_equal(chown(store_file("guard"), 0, 0), 0);
    assert_int_equal(store_get("users.db", "a", got, &err), OG_E_PERM);
    assert_non_null(strstr(err.text, store_file("guard")));
    assert_int_equal(chown(store_file("guard"), STORE_NOBODY, STORE_NOBODY), 0);
    assert_int_equal(in_child(as_newcomer), 0);
    assert_int_equal(chown(store_file("__db.002"), STORE_NOBODY, STORE_NOBODY), 0);
    store_has("a", "owner");
    assert_int_equal(stat(store_file("log.0000000001"), &st), 0);
    assert_int_equal(st.st_uid, STORE_NOBODY);
    assert_int_equal(st.st_mode & 07777, 0600);
}

static sigjmp_buf crashed;
static void *no_page; /* mapped without rights */

static void
jump(int number)
{
    siglongjmp(crashed, number);
}

static enum og_rc
crash(struct og_txn *txn, void *arg, struct og_err *err)
{
    enum og_rc rc = og_txn_put(txn, "users.db", "crash", "1", err);

    if (arg != NULL)
        (void)raise(SIGSEGV);
    else
        *(volatile int *)no_page = 1;
    return rc;
}

/* Exim leaves a crashed local_scan by siglongjmp and goes on for hours */
static void
test_crash(void **state)
{
    struct sigaction act = { .sa_handler = jump }, old;
    struct og_err err = { "" };

    (void)state;
    no_page = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(no_page != MAP_FAILED);
    (void)sigaction(SIGSEGV, &act, &old);
    for (volatile int i = 0; i < 2; i++) {
        if (sigsetjmp(crashed, 1) == 0) {
            (void)!og_store_run(&store_conf, OG_STORE_COUNT, crash,
                                i == 1 ? &store_conf : NULL, &err);
            fail_msg("no crash");
        }
        if (geteuid() != 0 && getuid() == 0)
            assert_int_equal(seteuid(0) | setegid(0), 0); /* Exim never has root there */
        store_conf.wait_ms = 1000;
        row_rc((size_t)i, store_put(OG_STORE_COUNT, "users.db", "after", "1", &err),
               OG_OK, &err);
        store_has("crash", NULL);
    }
    (void)sigaction(SIGSEGV, &old, NULL);
    (void)munmap(no_page, 4096);
}

static enum og_rc
nest(struct og_txn *txn, void *arg, struct og_err *err)
{
    (void)txn;
    (void)arg;
    return og_store_run(&store_conf, OG_STORE_READ, who_am_i, NULL, err);
}

static int
without_descriptors(void)
{
    struct og_err err = { "" };

    (void)close(0);
    (void)close(1);
    (void)close(2);
    if (store_put(OG_STORE_COMMIT, "users.db", "a", "1", &err) != OG_OK)
        return 2;
    return fcntl(0, F_GETFD) < 0 && fcntl(1, F_GETFD) < 0 && fcntl(2, F_GETFD) < 0 ? 0
                                                                                   : 3;
}

static void
test_odd_callers(void **state)
{
    struct og_err err = { "" };

    (void)state;
    assert_int_equal(og_store_run(&store_conf, OG_STORE_COUNT, nest, NULL, &err),
                     OG_E_STATE);
    assert_int_equal(in_child(without_descriptors), 0);
    store_has("a", "1");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_ids_and_signals, store_set_up,
                                        store_tear_down),
        cmocka_unit_test_setup_teardown(test_crash, store_set_up, store_tear_down),
        cmocka_unit_test_setup_teardown(test_odd_callers, store_set_up, store_tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
