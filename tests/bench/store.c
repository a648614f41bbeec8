/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the store costs, one object of JSON for each call:
 *
 *     store fill CONF USERS                         that many users, each with a ledger record
 *     store sender|look|charge CONF USERS OPS SEED  OPS operations on random ones of those
 *                                                   BENCH_ACTIVE (1000) that send
 *     store contend CONF USERS PROCESSES MS one|many
 *                                                   charges by parallel processes, all on one
 *                                                   user or each on one of its own
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/base/time.h"
#include "core/state/ledger.h"

enum {
    ACTIVE = 1000,     /* of all users send at the moment */
    WARMING = 2000,    /* at most so many of them before the measurement */
    PER_DOMAIN = 1,    /* users of one domain: as many domains send in small and large */
    PER_RUN = 1000,    /* users written in one transaction */
    SAMPLES = 1 << 17, /* that a process keeps, the newest ones */
};

static struct og_state state = OG_STATE_INIT;

static void
must(enum og_rc rc, const struct og_err *err)
{
    if (rc == OG_OK)
        return;
    (void)fprintf(stderr, "store: %s\n", err->text);
    exit(1);
}

static void
must_system(bool ok, const char *doing)
{
    if (ok)
        return;
    (void)fprintf(stderr, "store: %s: %s\n", doing, strerror(errno));
    exit(1);
}

static unsigned long
number(const char *text, const char *what)
{
    char *end;
    unsigned long value;

    errno = 0;
    value = strtoul(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || value == 0) {
        (void)fprintf(stderr, "store: %s: a number above 0 is wanted, not '%s'\n", what,
                      text);
        exit(2);
    }
    return value;
}

static uint64_t
clock_ns(clockid_t which)
{
    struct timespec t;

    must_system(clock_gettime(which, &t) == 0, "clock");
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void
name_of(unsigned long user, char *text, size_t size)
{
    (void)snprintf(text, size, "u%08lu@d%06lu.example", user, user / PER_DOMAIN);
}

static void
load(unsigned long user, struct og_sender *sender)
{
    char name[64];
    struct og_err err = { "" };

    name_of(user, name, sizeof name);
    must(og_users_sender(&state, name, false, sender, &err), &err);
}

/* one message to two recipients */
static enum og_rc
count(const struct og_sender *sender, bool charge, struct og_err *err)
{
    static const char *const addresses[] = { "ann@receiver.example",
                                             "joe@receiver.example" };
    struct og_account account = { sender, "" };
    struct og_charge wanted = { { 0 }, addresses, 2, false };
    struct og_shortage shortage = { 0 };
    enum og_rc rc;

    wanted.amount[OG_UNIT_MESSAGES] = 1;
    wanted.amount[OG_UNIT_RECIPIENTS] = 2;
    rc = charge
             ? og_ledger_charge(&state, &account, &wanted, og_time_now(), &shortage, err)
             : og_ledger_look(&state, &account, &wanted, og_time_now(), &shortage, err);
    if (rc == OG_OK && shortage.short_of)
        rc = og_fail(err, OG_E_LIMIT, "a limit was reached: nothing to measure");
    return rc;
}

/* fill */

struct fill {
    unsigned long from, to;
    struct og_buf user, domain; /* ledger records of the first user and its domain */
};

static const char record[] =
    "created=2026-11-21T18:00:00Z changed=2026-11-21T18:00:00Z "
    "password=$6$AwTkk9tBoqMyLVNP$O6BZ1XWvbWbCCZR8XlIyS8mzbtSqxLnqRpNn4pCdmLbdpVSJvDFTjB2"
    "0ZmkSh5e0u8Wc9p1x6q4yH2k7rV3aM0 lock_timeout=1h";

static void
put(struct og_txn *txn, const char *db, const char *prefix, const char *name,
    const char *value)
{
    char key[128];
    struct og_err err = { "" };

    (void)snprintf(key, sizeof key, "%s%s", prefix, name);
    must(og_txn_put(txn, db, key, value, &err), &err);
}

static enum og_rc
put_users(struct og_txn *txn, void *arg, struct og_err *err)
{
    const struct fill *fill = arg;

    (void)err;
    for (unsigned long user = fill->from; user < fill->to; user++) {
        char name[64];

        name_of(user, name, sizeof name);
        put(txn, "users.db", "user:", name, record);
        if (fill->user.len > 0)
            put(txn, "ledger.db", "user ", name, og_buf_text(&fill->user));
        if (user % PER_DOMAIN != 0)
            continue;
        put(txn, "users.db", "domain:", strchr(name, '@') + 1, record);
        if (fill->domain.len > 0)
            put(txn, "ledger.db", "domain ", strchr(name, '@') + 1,
                og_buf_text(&fill->domain));
    }
    return OG_OK;
}

/* what a charge has made of the first user's records is everybody's */
static enum og_rc
read_ledger(struct og_txn *txn, void *arg, struct og_err *err)
{
    struct fill *fill = arg;
    char name[64], key[128];
    enum og_rc rc;

    name_of(0, name, sizeof name);
    (void)snprintf(key, sizeof key, "user %s", name);
    rc = og_txn_get(txn, "ledger.db", key, &fill->user, err);
    if (rc != OG_OK)
        return og_fail(err, OG_E_STATE,
                       "no record of '%s' in ledger.db: its keys are "
                       "not those that are filled here",
                       key);
    (void)snprintf(key, sizeof key, "domain %s", strchr(name, '@') + 1);
    rc = og_txn_get(txn, "ledger.db", key, &fill->domain, err);
    return rc == OG_E_NOTFOUND ? OG_OK : rc;
}

static void
fill(unsigned long users)
{
    struct fill f = { 0, 1, OG_BUF_INIT(65536), OG_BUF_INIT(65536) };
    struct og_sender sender = OG_SENDER_INIT;
    struct og_err err = { "" };
    uint64_t began = clock_ns(CLOCK_MONOTONIC);

    must(og_store_run(&state.store, OG_STORE_COUNT, put_users, &f, &err), &err);
    load(0, &sender);
    must(count(&sender, true, &err), &err);
    og_sender_free(&sender);
    must(og_store_run(&state.store, OG_STORE_READ, read_ledger, &f, &err), &err);
    for (; f.from < users; f.from = f.to) {
        f.to = f.from + PER_RUN < users ? f.from + PER_RUN : users;
        must(og_store_run(&state.store, OG_STORE_COUNT, put_users, &f, &err), &err);
    }
    printf("{\"users\": %lu, \"ledger_record_bytes\": %zu, \"seconds\": %.1f}\n", users,
           f.user.len, (double)(clock_ns(CLOCK_MONOTONIC) - began) / 1e9);
    og_buf_free(&f.user);
    og_buf_free(&f.domain);
}

/* sender, look, charge */

static int
by_size(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

static void
one(const char *verb, unsigned long user, uint64_t *wall, uint64_t *cpu)
{
    bool finds = strcmp(verb, "sender") == 0;
    struct og_sender sender = OG_SENDER_INIT;
    struct og_err err = { "" };
    uint64_t w, c;

    if (!finds)
        load(user, &sender);
    c = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
    w = clock_ns(CLOCK_MONOTONIC);
    if (finds)
        load(user, &sender);
    else
        must(count(&sender, strcmp(verb, "charge") == 0, &err), &err);
    *wall = clock_ns(CLOCK_MONOTONIC) - w;
    *cpu += clock_ns(CLOCK_PROCESS_CPUTIME_ID) - c;
    og_sender_free(&sender);
}

static void
operate(const char *verb, unsigned long users, unsigned long ops, unsigned long seed)
{
    uint64_t *wall = calloc(ops, sizeof *wall), cpu = 0, first, ignored;
    const char *wanted =
        getenv("BENCH_ACTIVE"); /* how many of them send, evenly spread */
    unsigned long active = wanted != NULL ? number(wanted, "BENCH_ACTIVE") : ACTIVE;

    active = active < users ? active : users;

    must_system(wall != NULL, "memory");
    srandom((unsigned)seed);
    /* warm is who has touched the pages: the kernel maps each at its first use in a process,
     * which one operation of a new process pays for few or many users alike */
    for (unsigned long i = 0; ops > 1 && i < active && i < WARMING; i++)
        one(verb, i * (users / active), &ignored, &cpu);
    cpu = 0;
    for (unsigned long i = 0; i < ops; i++)
        one(verb, (unsigned long)random() % active * (users / active), &wall[i], &cpu);
    first = wall[0];
    qsort(wall, ops, sizeof *wall, by_size);
    printf("{\"ops\": %lu, \"first_us\": %.1f, \"median_us\": %.1f, \"p99_us\": %.1f, "
           "\"cpu_us\": %.2f}\n",
           ops, (double)first / 1e3, (double)wall[ops / 2] / 1e3,
           (double)wall[ops * 99 / 100] / 1e3, (double)cpu / 1e3 / (double)ops);
    free(wall);
}

/* contend */

struct result {
    unsigned long ops;
    uint64_t waits[SAMPLES]; /* nanoseconds of one charge */
    uint64_t worst;
};

static void
contender(struct result *result, unsigned long user, uint64_t for_ns)
{
    struct og_sender sender = OG_SENDER_INIT;
    struct og_err err = { "" };
    uint64_t until = clock_ns(CLOCK_MONOTONIC) + for_ns, began, wait_ns;

    load(user, &sender);
    while ((began = clock_ns(CLOCK_MONOTONIC)) < until) {
        must(count(&sender, true, &err), &err);
        wait_ns = clock_ns(CLOCK_MONOTONIC) - began;
        result->waits[result->ops++ % SAMPLES] = wait_ns;
        result->worst = wait_ns > result->worst ? wait_ns : result->worst;
    }
    og_sender_free(&sender);
}

static void
tell(const struct result *results, unsigned long processes, double seconds)
{
    uint64_t *all = NULL, worst = 0;
    unsigned long ops = 0, fewest = ULONG_MAX;
    size_t kept = 0;

    for (unsigned long i = 0; i < processes; i++) {
        size_t n = results[i].ops < SAMPLES ? results[i].ops : SAMPLES;

        all = realloc(all, (kept + n + 1) * sizeof *all);
        must_system(all != NULL, "memory");
        memcpy(all + kept, results[i].waits, n * sizeof *all);
        kept += n;
        ops += results[i].ops;
        worst = results[i].worst > worst ? results[i].worst : worst;
        fewest = results[i].ops < fewest ? results[i].ops : fewest;
    }
    qsort(all, kept, sizeof *all, by_size);
    printf("{\"processes\": %lu, \"ops\": %lu, \"per_second\": %.0f, \"fewest\": %lu, "
           "\"median_ms\": %.3f, \"p99_ms\": %.3f, \"worst_ms\": %.3f}\n",
           processes, ops, (double)ops / seconds, fewest,
           kept > 0 ? (double)all[kept / 2] / 1e6 : 0.0,
           kept > 0 ? (double)all[kept * 99 / 100] / 1e6 : 0.0, (double)worst / 1e6);
    free(all);
}

/* the parent has not used the store: nothing of it crosses a fork */
static void
contend(unsigned long users, unsigned long processes, unsigned long ms, bool same)
{
    struct result *results =
        mmap(NULL, processes * sizeof *results, PROT_READ | PROT_WRITE,
             MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    int start[2], failed = 0, status;
    char byte;

    must_system(results != MAP_FAILED, "memory");
    must_system(pipe(start) == 0, "pipe");
    for (unsigned long i = 0; i < processes; i++) {
        pid_t child = fork();

        must_system(child >= 0, "fork");
        if (child > 0)
            continue;
        (void)close(start[1]);
        (void)!read(start[0], &byte, 1); /* returns when the parent closes its end */
        contender(&results[i], same ? 0 : i % users, (uint64_t)ms * 1000000u);
        _exit(0);
    }
    (void)close(start[0]);
    (void)close(start[1]);
    while (wait(&status) > 0)
        failed += status != 0;
    if (failed > 0) {
        (void)fprintf(stderr, "store: %d of %lu processes failed\n", failed, processes);
        exit(1);
    }
    tell(results, processes, (double)ms / 1e3);
    (void)munmap(results, processes * sizeof *results);
}

int
main(int argc, char *argv[])
{
    const char *verb = argc > 1 ? argv[1] : "";
    struct og_err err = { "" };
    unsigned long users;

    if (argc < 4) {
        (void)fprintf(stderr,
                      "usage: store fill|sender|look|charge|contend CONF USERS ...\n");
        return 2;
    }
    must(og_state_open(argv[2], &state, &err), &err);
    users = number(argv[3], "USERS");
    if (strcmp(verb, "fill") == 0 && argc == 4)
        fill(users);
    else if (argc == 6
             && (strcmp(verb, "sender") == 0 || strcmp(verb, "look") == 0
                 || strcmp(verb, "charge") == 0))
        operate(verb, users, number(argv[4], "OPS"), number(argv[5], "SEED"));
    else if (strcmp(verb, "contend") == 0 && argc == 7)
        contend(users, number(argv[4], "PROCESSES"), number(argv[5], "MS"),
                strcmp(argv[6], "one") == 0);
    else {
        (void)fprintf(stderr, "store: no such verb, or not its arguments: %s\n", verb);
        return 2;
    }
    og_state_free(&state);
    return 0;
}
