/* SPDX-License-Identifier: BSD-2-Clause */
/* What stays open between the runs of a process */
#include "tests/unit/store_dir.h"

#include <db.h>

#include "tests/unit/child.h"

enum { DEATHS = 5000 };

/* nothing is opened in the second run of a process, nor by who was root before */
static int
stays_open(void)
{
    int before;

    store_has("a", "1");
    store_set("a", "1");
    before = store_descriptors();
    store_has("a", "1");
    store_set("a", "2");
    if (geteuid() == 0 && (setgid(STORE_NOBODY) != 0 || setuid(STORE_NOBODY) != 0))
        return 2;
    store_has("a", "2");
    store_set("a", "3");
    return store_descriptors() == before ? 0 : 3;
}

static void
test_stays_open(void **state)
{
    (void)state;
    store_set("a", "1");
    assert_int_equal(in_child(stays_open), 0);
    store_has("a", "3");
}

static int
count_in_child(void)
{
    int before = store_descriptors();

    store_has("a", "1");
    if (store_descriptors() <= before)
        return 2;
    for (int i = 0; i < 50; i++) {
        store_has("a", "1");
        store_set("child", "1");
    }
    return child_meets_parent() ? 0 : 1;
}

/* parent and child use what each opened itself, also while the other is there */
static void
test_fork(void **state)
{
    pid_t pid;

    (void)state;
    store_set("a", "1");
    store_has("a", "1");
    pid = child_start(count_in_child);
    for (int i = 0; i < 50; i++) {
        store_has("child", "1");
        store_set("parent", "1");
    }
    assert_int_equal(child_finish(pid, false), 0);
    store_has("parent", "1");
    store_has("child", "1");
    store_sound();
}

static enum og_rc
put_and_fail(struct og_txn *txn, void *arg, struct og_err *err)
{
    enum og_rc rc = og_txn_put(txn, "users.db", "a", "undone", err);

    (void)arg;
    if (rc == OG_OK)
        rc = og_txn_put(txn, "recipients.db", "a", "undone", err);
    return rc == OG_OK ? og_fail(err, OG_E_RANGE, "no") : rc;
}

static int
undone(void)
{
    struct og_err err = { "" };
    char got[64];

    for (int i = 0; i < 3; i++) {
        if (og_store_run(&store_conf, OG_STORE_COUNT, put_and_fail, NULL, &err)
                != OG_E_RANGE
            || store_get("recipients.db", "a", got, &err) != OG_E_NOTFOUND)
            return 2;
        store_has("a", "1");
    }
    if (store_put(OG_STORE_COUNT, "recipients.db", "a", "2", &err) != OG_OK
        || store_get("recipients.db", "a", got, &err) != OG_OK || strcmp(got, "2") != 0)
        return 3;
    store_set("a", "2");
    store_has("a", "2");
    return 0;
}

/* what a run opened is good for the next one, also when all it did was undone, and
 * also when it made the file */
static void
test_undone(void **state)
{
    (void)state;
    store_set("a", "1");
    assert_int_equal(in_child(undone), 0);
    store_has("a", "2");
    store_set("a", "1");
    store_settle();
    assert_int_equal(unlink(store_file("recipients.db")), 0);
    assert_int_equal(in_child(undone), 0);
    store_has("a", "2");
    store_sound();
}

static int
read_first(void)
{
    store_has("a", "1");
    store_has("a", "1");
    return 0;
}

static void
test_first_read_changes_nothing(void **state)
{
    uint64_t before;

    (void)state;
    store_set("a", "1");
    before = store_fingerprint(store_dir);
    assert_int_equal(in_child(read_first), 0);
    store_has("a", "1");
    assert_true(store_fingerprint(store_dir) == before);
}

static const char *const used[] = { "users.db", "ledger.db", "auth.db" };

static enum og_rc
add_ones(struct og_txn *txn, void *arg, struct og_err *err)
{
    enum og_rc rc = OG_OK;

    (void)arg;
    for (size_t i = 0; i < N_ELEMENTS(used) && rc == OG_OK; i++) {
        struct og_buf value = OG_BUF_INIT(64);
        char text[32];

        rc = og_txn_get_for_update(txn, used[i], "n", &value, err);
        (void)snprintf(text, sizeof text, "%lu",
                       strtoul(og_buf_text(&value), NULL, 10) + 1);
        if (rc == OG_OK || rc == OG_E_NOTFOUND)
            rc = og_txn_put(txn, used[i], "n", text, err);
        og_buf_free(&value);
    }
    return rc;
}

/* how many databases the log has to name at a checkpoint */
static unsigned
open_in_log(void)
{
    DB_LOG_STAT *stat;
    DB_ENV *env;
    unsigned count;

    assert_int_equal(db_env_create(&env, 0), 0);
    assert_int_equal(
        env->open(env, store_dir, DB_INIT_TXN | DB_INIT_LOG | DB_INIT_MPOOL, 0600), 0);
    assert_int_equal(env->log_stat(env, &stat, 0), 0);
    count = stat->st_nfileid;
    free(stat);
    (void)env->close(env, 0);
    return count;
}

/* Exim's processes end by _exit: whatever they leave does not add up */
static void
test_death_while_idle(void **state)
{
    char before[17], after[17], want[16], got[64];
    struct og_err err = { "" };
    unsigned most = 0;

    (void)state;
    store_set("a", "1");
    store_generation(before);
    for (int i = 1; i <= DEATHS; i++) {
        int status;
        pid_t pid = fork();

        assert_true(pid >= 0);
        if (pid == 0) {
            if (store_get("users.db", "a", got, &err) == OG_OK
                && og_store_run(&store_conf, OG_STORE_COUNT, add_ones, NULL, &err)
                       == OG_OK)
                (void)raise(SIGKILL);
            print_error("%s\n", err.text);
            _exit(1);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFSIGNALED(status));
        if (i % 100 == 0 && open_in_log() > most)
            most = open_in_log();
    }
    print_message("at most %u databases open in the log\n", most);
    store_generation(after);
    assert_string_equal(before, after); /* nothing was ever used up */
    assert_in_range(most, 1, DEATHS * N_ELEMENTS(used) / 4);
    (void)snprintf(want, sizeof want, "%d", DEATHS);
    for (size_t i = 0; i < N_ELEMENTS(used); i++) {
        row_rc(i, store_get(used[i], "n", got, &err), OG_OK, &err);
        row_text(i, got, want);
    }
    store_sound();
}

/* what a sanitizer needs for itself says nothing of us */
#if defined(__SANITIZE_ADDRESS__)
enum { SANITIZED = 1 };
#elif defined(__has_feature)
enum { SANITIZED = __has_feature(address_sanitizer) };
#else
enum { SANITIZED = 0 };
#endif

static long
private_kib(void)
{
    FILE *f = fopen("/proc/self/smaps_rollup", "r");
    char line[200];
    long total = 0;

    while (f != NULL && fgets(line, sizeof line, f) != NULL)
        if (strncmp(line, "Private_", 8) == 0)
            total += strtol(line + strcspn(line, " "), NULL, 10);
    if (f != NULL)
        (void)fclose(f);
    return total;
}

static int
memory(void)
{
    struct og_err err = { "" };
    long before = private_kib(), after;
    char got[64];

    for (int i = 0; i < 200; i++)
        if (store_get("users.db", "a", got, &err) != OG_OK
            || og_store_run(&store_conf, OG_STORE_COUNT, add_ones, NULL, &err) != OG_OK)
            return 2;
    after = private_kib();
    print_message("%ld KiB before, %ld after\n", before, after);
    return before > 0 && (SANITIZED || after - before < 2048) ? 0 : 3;
}

static void
test_memory(void **state)
{
    (void)state;
    store_set("a", "1");
    assert_int_equal(in_child(memory), 0);
}

static void
test_close(void **state)
{
    struct og_err err = { "" };
    int before;

    (void)state;
    row_rc((size_t)0, og_store_close(&store_conf, &err), OG_OK, &err);
    before = store_descriptors();
    store_set("a", "1");
    store_has("a", "1");
    row_rc((size_t)1, og_store_close(&store_conf, &err), OG_OK, &err);
    row_rc((size_t)2, og_store_close(&store_conf, &err), OG_OK, &err);
    assert_in_range(store_descriptors(), before, before + 1); /* our number as a member */
    store_has("a", "1");
}

static int
child_works(void)
{
    struct og_err err = { "" };
    char got[64];

    return store_put(OG_STORE_COUNT, "users.db", "child", "1", &err) == OG_OK
                   && store_get("users.db", "child", got, &err) == OG_OK
               ? 0
               : 1;
}

/* what a process does before it forks leaves nothing behind, and nothing open */
static void
test_before_forks(void **state)
{
    char below[160];

    (void)state;
    (void)snprintf(below, sizeof below, "%s/empty", store_top);
    assert_false(og_store_warm(below)); /* not there */
    assert_int_equal(mkdir(below, 0700), 0);
    assert_true(og_store_warm(below));
    assert_int_equal(rmdir(below), 0); /* empty */
    assert_int_equal(in_child(child_works), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_stays_open, store_set_up, store_tear_down),
        cmocka_unit_test_setup_teardown(test_fork, store_set_up, store_tear_down),
        cmocka_unit_test_setup_teardown(test_undone, store_set_up, store_tear_down),
        cmocka_unit_test_setup_teardown(test_first_read_changes_nothing, store_set_up,
                                        store_tear_down),
        cmocka_unit_test_setup_teardown(test_death_while_idle, store_set_up,
                                        store_tear_down),
        cmocka_unit_test_setup_teardown(test_memory, store_set_up, store_tear_down),
        cmocka_unit_test_setup_teardown(test_close, store_set_up, store_tear_down),
        cmocka_unit_test_setup_teardown(test_before_forks, store_set_up, store_tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
