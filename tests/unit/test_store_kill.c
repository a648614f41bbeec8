/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/store_dir.h"

#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

enum {
    WORKERS = 8,
    SECONDS = 4, /* per mode */
    CROWD = 64,
    CROWD_UPDATES = 200,
};

/* what survives the death of a worker */
struct shared {
    atomic_ulong acked[WORKERS];
    atomic_bool idle[WORKERS]; /* between two runs */
    atomic_ulong worst_us;
    atomic_int failed;
    char text[600];
};

static struct shared *shared;

static int
setup(void **state)
{
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return shared != MAP_FAILED ? store_set_up(state) : -1;
}

static int
teardown(void **state)
{
    (void)munmap(shared, sizeof *shared);
    return store_tear_down(state);
}

static uint64_t
now_us(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static enum og_rc
add_one(struct og_txn *txn, const char *db, const char *key, struct og_err *err)
{
    struct og_buf value = OG_BUF_INIT(64);
    char text[32];
    enum og_rc rc = og_txn_get_for_update(txn, db, key, &value, err);

    if (rc == OG_OK || rc == OG_E_NOTFOUND) {
        (void)snprintf(text, sizeof text, "%lu",
                       strtoul(og_buf_text(&value), NULL, 10) + 1);
        rc = og_txn_put(txn, db, key, text, err);
    }
    og_buf_free(&value);
    return rc;
}

/* the worker's own key and one of all: both change or none */
static enum og_rc
add_both(struct og_txn *txn, void *arg, struct og_err *err)
{
    enum og_rc rc = add_one(txn, "users.db", arg, err);

    return rc == OG_OK ? add_one(txn, "keys.db", "total", err) : rc;
}

static void
timed_run(enum og_store_mode mode, og_store_work *work, void *arg)
{
    struct og_err err = { "" };
    uint64_t from = now_us(), took;
    enum og_rc rc = og_store_run(&store_conf, mode, work, arg, &err);

    took = now_us() - from;
    if (took > atomic_load(&shared->worst_us))
        atomic_store(&shared->worst_us, took);
    if (rc != OG_OK && atomic_exchange(&shared->failed, 1) == 0)
        (void)snprintf(shared->text, sizeof shared->text, "%s: %s", og_rc_text(rc),
                       err.text);
}

static void
pause_us(long us)
{
    struct timespec t = { us / 1000000, us % 1000000 * 1000 };

    (void)nanosleep(&t, NULL);
}

static pid_t
start_worker(int number, enum og_store_mode mode, int idle_us)
{
    pid_t pid;
    char key[16];

    atomic_store(&shared->idle[number], false);
    pid = fork();
    assert_true(pid >= 0);
    if (pid > 0)
        return pid;
    (void)snprintf(key, sizeof key, "w%d", number);
    while (!atomic_load(&shared->failed)) {
        atomic_store(&shared->idle[number], false);
        timed_run(mode, add_both, key);
        if (!atomic_load(&shared->failed))
            atomic_fetch_add(&shared->acked[number], 1);
        atomic_store(&shared->idle[number], true);
        if (idle_us > 0)
            pause_us(rand() % idle_us);
    }
    _exit(1);
}

struct want {
    const char *db, *key;
    unsigned long got;
};

static enum og_rc
fetch(struct og_txn *txn, void *arg, struct og_err *err)
{
    struct want *want = arg;
    struct og_buf value = OG_BUF_INIT(64);
    enum og_rc rc = og_txn_get(txn, want->db, want->key, &value, err);

    want->got = strtoul(og_buf_text(&value), NULL, 10);
    og_buf_free(&value);
    return rc;
}

static unsigned long
stored(const char *db, const char *key)
{
    struct want want = { db, key, 0 };
    struct og_err err = { "" };

    row_rc((size_t)0, og_store_run(&store_conf, OG_STORE_READ, fetch, &want, &err), OG_OK,
           &err);
    return want.got;
}

/* every acknowledged update is there, and at most one more for each death */
static void
check_counts(const unsigned kills[WORKERS])
{
    unsigned long sum = 0;

    for (int i = 0; i < WORKERS; i++) {
        unsigned long acked = atomic_load(&shared->acked[i]), there;
        char key[16];

        (void)snprintf(key, sizeof key, "w%d", i);
        there = stored("users.db", key);
        if (there < acked || there > acked + kills[i] + 1)
            fail_msg("%s: %lu acknowledged, %lu stored, %u deaths", key, acked, there,
                     kills[i]);
        sum += there;
    }
    assert_int_equal(stored("keys.db", "total"), sum);
    store_sound();
}

/* idle_us: every other victim dies while it waits between two runs */
static void
kill_while_counting(enum og_store_mode mode, int idle_us, const char *name)
{
    uint64_t from = now_us(), end = from + SECONDS * 1000000u;
    unsigned kills[WORKERS] = { 0 }, deaths = 0, idle = 0;
    unsigned long acked = 0;
    pid_t pids[WORKERS];

    for (int i = 0; i < WORKERS; i++)
        pids[i] = start_worker(i, mode, idle_us);
    while (now_us() < end && !atomic_load(&shared->failed)) {
        int victim = rand() % WORKERS;

        pause_us(20000 + rand() % 30000);
        while (idle_us > 0 && deaths % 2 == 0 && !atomic_load(&shared->idle[victim])
               && !atomic_load(&shared->failed))
            (void)sched_yield();
        idle += atomic_load(&shared->idle[victim]);
        (void)kill(pids[victim], SIGKILL);
        (void)waitpid(pids[victim], NULL, 0);
        kills[victim]++;
        deaths++;
        pids[victim] = start_worker(victim, mode, idle_us);
    }
    for (int i = 0; i < WORKERS; i++) {
        (void)kill(pids[i], SIGKILL);
        (void)waitpid(pids[i], NULL, 0);
        acked += atomic_load(&shared->acked[i]);
    }
    if (atomic_load(&shared->failed))
        fail_msg("%s", shared->text);
    print_message("%s: %lu acknowledged, %.0f/s, %u deaths, %u of them idle, worst wait "
                  "%.1f ms\n",
                  name, acked, (double)acked * 1e6 / (double)(now_us() - from), deaths,
                  idle, (double)atomic_load(&shared->worst_us) / 1000);
    check_counts(kills);
}

static void
test_kill_count(void **state)
{
    (void)state;
    kill_while_counting(OG_STORE_COUNT, 0, "COUNT");
}

static void
test_kill_commit(void **state)
{
    (void)state;
    kill_while_counting(OG_STORE_COMMIT, 0, "COMMIT");
}

static void
test_kill_idle(void **state)
{
    (void)state;
    kill_while_counting(OG_STORE_COUNT, 3000, "COUNT with pauses");
}

static enum og_rc
add_shared(struct og_txn *txn, void *arg, struct og_err *err)
{
    return add_one(txn, "users.db", arg, err);
}

static void
test_crowd(void **state)
{
    char key[] = "one";
    uint64_t from = now_us();

    (void)state;
    for (int i = 0; i < CROWD; i++)
        if (fork() == 0) {
            for (int n = 0; n < CROWD_UPDATES; n++)
                timed_run(OG_STORE_COUNT, add_shared, key);
            _exit(0);
        }
    for (int i = 0; i < CROWD; i++)
        (void)wait(NULL);
    if (atomic_load(&shared->failed))
        fail_msg("%s", shared->text);
    print_message("%d processes, one key: %.0f/s, worst wait %.1f ms\n", CROWD,
                  (double)CROWD * CROWD_UPDATES * 1e6 / (double)(now_us() - from),
                  (double)atomic_load(&shared->worst_us) / 1000);
    assert_int_equal(stored("users.db", key), CROWD * CROWD_UPDATES);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_kill_count, setup, teardown),
        cmocka_unit_test_setup_teardown(test_kill_commit, setup, teardown),
        cmocka_unit_test_setup_teardown(test_kill_idle, setup, teardown),
        cmocka_unit_test_setup_teardown(test_crowd, setup, teardown),
    };
    unsigned seed = (unsigned)time(NULL);

    print_message("seed %u\n", seed);
    srand(seed);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
