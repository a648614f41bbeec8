/* SPDX-License-Identifier: BSD-2-Clause */
/* Many processes at one ledger, and processes that die in it */
#include "tests/unit/ledger_account.h"

#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

#include "core/state/distinct.h"
#include "core/state/ledger_book.h"
#include "core/state/ledger_usage.h"

enum { CROWD = 64, TRIES = 3, ROUNDS = 3, WORKERS = 8, KILLS = 150, PEOPLE = 300 };

/* what survives a process */
struct shared {
    atomic_ulong accepted, messages, recipients, refused, failed;
    atomic_ulong acked[WORKERS]; /* recipients of each worker */
    char text[600];
};

static struct shared *shared;

/* an environment that another process has recovered is left open for good: store.h */
const char *__lsan_default_suppressions(void);
const char *
__lsan_default_suppressions(void)
{
    return "leak:libdb-5.3";
}

static unsigned
next(unsigned *random, unsigned below)
{
    *random = *random * 1103515245 + 12345;
    return (*random >> 16) % below;
}

/* one charge to `recipients` addresses out of PEOPLE; true when it was accepted */
static bool
charge_once(const struct og_account *account, unsigned recipients, unsigned *random)
{
    static char names[PEOPLE][24];
    const char *addresses[PEOPLE];
    struct og_charge charge = { { 0, 1, recipients }, addresses, recipients, false };
    struct og_shortage shortage = { .short_of = true };
    struct og_err err = { "" };

    for (unsigned i = 0; i < recipients; i++) {
        unsigned who = next(random, PEOPLE);

        (void)snprintf(names[who], sizeof names[who], "p%u@people.example", who);
        addresses[i] = names[who];
    }
    if (og_ledger_charge(&state_of_test, account, &charge, T0, &shortage, &err) != OG_OK
        && atomic_fetch_add(&shared->failed, 1) == 0)
        (void)snprintf(shared->text, sizeof shared->text, "%s", err.text);
    return !shortage.short_of;
}

static void
crowd_member(const struct og_account *account, unsigned number, unsigned most)
{
    unsigned random = number + 1;

    for (int i = 0; i < TRIES; i++) {
        unsigned recipients = most == 1 ? 1 : 1 + next(&random, most);

        if (charge_once(account, recipients, &random)) {
            atomic_fetch_add(&shared->messages, 1);
            atomic_fetch_add(&shared->recipients, recipients);
        } else
            atomic_fetch_add(&shared->refused, 1);
    }
    _exit(0);
}

/* CROWD processes at once, TRIES charges each, up to `most` recipients */
static struct og_usage
crowd(const char *name, const char *settings, unsigned most)
{
    struct og_sender sender;
    struct og_account account = { &sender, "login:x" };
    struct og_usage usage;
    struct og_err err = { "" };

    account_sender(&sender, name, "crowd.example", settings);
    memset(shared, 0, sizeof *shared);
    for (unsigned i = 0; i < CROWD; i++) {
        pid_t pid = fork();

        assert_true(pid >= 0);
        if (pid == 0)
            crowd_member(&account, i, most);
    }
    while (wait(NULL) > 0)
        ;
    if (atomic_load(&shared->failed) > 0)
        fail_msg("%s", shared->text);
    assert_int_equal(shared->messages + shared->refused, CROWD * TRIES);
    if (og_ledger_usage(&state_of_test, &account, OG_LEVEL_USER, T0, &usage, &err)
        != OG_OK)
        fail_msg("%s", err.text);
    for (int span = 0; span < OG_WINDOWS; span++) {
        assert_int_equal(usage.windows[OG_UNIT_MESSAGES][span].accepted,
                         shared->messages);
        assert_int_equal(usage.windows[OG_UNIT_MESSAGES][span].refused, shared->refused);
        assert_int_equal(usage.windows[OG_UNIT_RECIPIENTS][span].accepted,
                         shared->recipients);
    }
    og_sender_free(&sender);
    return usage;
}

/* 64 clients, limit 100: exactly 100, every time */
static void
test_messages(void **state)
{
    (void)state;
    for (int i = 0; i < ROUNDS; i++) {
        char name[40];

        (void)snprintf(name, sizeof name, "m%d@crowd.example", i);
        (void)crowd(name, "limit_messages_per_hour=100", 1);
        assert_int_equal(shared->messages, 100);
    }
}

static void
test_recipients(void **state)
{
    (void)state;
    for (int i = 0; i < ROUNDS; i++) {
        char name[40];

        (void)snprintf(name, sizeof name, "r%d@crowd.example", i);
        (void)crowd(name, "limit_recipients_per_day=100", 50);
        assert_true(shared->recipients <= 100);
        assert_true(shared->recipients > 50); /* 51 to 100 are left: 50 would have fit */
    }
}

/* how many keys of the user there are, by address and by time */
static void
check_set(const char *name, uint64_t used)
{
    char prefix[80];

    (void)snprintf(prefix, sizeof prefix, "to %s ", name);
    assert_int_equal(account_keys(OG_RECIPIENTS_DB, prefix), used);
    (void)snprintf(prefix, sizeof prefix, "at %s ", name);
    assert_int_equal(account_keys(OG_RECIPIENTS_DB, prefix), used);
}

static void
test_distinct(void **state)
{
    (void)state;
    for (int i = 0; i < ROUNDS; i++) {
        struct og_usage usage;
        char name[40];

        (void)snprintf(name, sizeof name, "d%d@crowd.example", i);
        usage = crowd(name, "maximum_distinct_recipients_per_day=100", 50);
        assert_true(usage.distinct.accepted <= 100);
        assert_true(usage.distinct.accepted > 50);
        assert_true(shared->recipients > usage.distinct.accepted); /* lists overlap */
        check_set(name, usage.distinct.accepted);
    }
}

static void
worker(const struct og_account *account, int number, unsigned seed)
{
    unsigned random = seed * 31 + (unsigned)number;

    for (;;) {
        unsigned recipients = 1 + next(&random, 10);

        if (charge_once(account, recipients, &random))
            atomic_fetch_add(&shared->acked[number], recipients);
        if (atomic_load(&shared->failed) > 0)
            _exit(1);
    }
}

static pid_t
start(const struct og_account *account, int number, unsigned seed)
{
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0)
        worker(account, number, seed);
    return pid;
}

static uint64_t
all_acked(void)
{
    uint64_t sum = 0;

    for (int i = 0; i < WORKERS; i++)
        sum += atomic_load(&shared->acked[i]);
    return sum;
}

/* wait until something more is acknowledged, so that kills meet work, not start-up */
static void
wait_for_work(uint64_t before)
{
    const struct timespec pause = { 0, 200000 };
    time_t deadline = time(NULL) + 30;

    while (all_acked() == before && atomic_load(&shared->failed) == 0
           && time(NULL) < deadline)
        (void)nanosleep(&pause, NULL);
}

/*
 * Workers charge without end and are killed at any point. What was acknowledged is there,
 * and beyond that at most the charges that were under way: all levels, units and windows
 * of them, or none.
 */
static void
test_kill(void **state)
{
    struct og_sender sender;
    struct og_account account = { &sender, "login:x" };
    struct og_usage user, identity;
    struct og_err err = { "" };
    pid_t pids[WORKERS];
    unsigned random = 1;

    (void)state;
    account_sender(&sender, "kill@kill.example", "kill.example",
                   "limit_messages_per_hour=identity 1000000;"
                   "maximum_distinct_recipients_per_day=1000000");
    memset(shared, 0, sizeof *shared);
    for (int i = 0; i < WORKERS; i++)
        pids[i] = start(&account, i, 0);
    for (unsigned i = 0; i < KILLS && atomic_load(&shared->failed) == 0; i++) {
        const struct timespec pause = { 0, (long)next(&random, 3000) * 1000 };
        unsigned victim = next(&random, WORKERS);

        wait_for_work(all_acked());
        (void)nanosleep(&pause, NULL);
        assert_int_equal(kill(pids[victim], SIGKILL), 0);
        assert_int_equal(waitpid(pids[victim], NULL, 0), pids[victim]);
        pids[victim] = start(&account, (int)victim, i + 1);
    }
    for (int i = 0; i < WORKERS; i++) {
        assert_int_equal(kill(pids[i], SIGKILL), 0);
        assert_int_equal(waitpid(pids[i], NULL, 0), pids[i]);
    }
    if (atomic_load(&shared->failed) > 0)
        fail_msg("%s", shared->text);
    if (og_ledger_usage(&state_of_test, &account, OG_LEVEL_USER, T0, &user, &err) != OG_OK
        || og_ledger_usage(&state_of_test, &account, OG_LEVEL_IDENTITY, T0, &identity,
                           &err)
               != OG_OK)
        fail_msg("%s", err.text);
    assert_true(user.windows[OG_UNIT_RECIPIENTS][OG_DAY].accepted >= all_acked());
    assert_true(user.windows[OG_UNIT_RECIPIENTS][OG_DAY].accepted
                <= all_acked() + 10 * (KILLS + WORKERS));
    for (int span = 0; span < OG_WINDOWS; span++)
        assert_int_equal(user.windows[OG_UNIT_RECIPIENTS][span].accepted,
                         user.windows[OG_UNIT_RECIPIENTS][OG_DAY].accepted);
    assert_int_equal(user.windows[OG_UNIT_MESSAGES][OG_HOUR].accepted,
                     identity.windows[OG_UNIT_MESSAGES][OG_HOUR].accepted);
    assert_int_equal(user.windows[OG_UNIT_RECIPIENTS][OG_DAY].accepted,
                     identity.windows[OG_UNIT_RECIPIENTS][OG_DAY].accepted);
    check_set("kill@kill.example", user.distinct.accepted);
    og_sender_free(&sender);
}

static int
setup(void **state)
{
    (void)state;
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        return -1;
    state_dir_open("");
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    (void)munmap(shared, sizeof *shared);
    return state_dir_close();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_messages),
        cmocka_unit_test(test_recipients),
        cmocka_unit_test(test_distinct),
        cmocka_unit_test(test_kill),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
