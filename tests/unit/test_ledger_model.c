/* SPDX-License-Identifier: BSD-2-Clause */
/* The ledger beside a model that keeps every message as it came. A failure names the
 * seed; `test_ledger_model SEED` plays that one again. */
#include "tests/unit/ledger_account.h"

#include "core/state/ledger_book.h"
#include "core/state/ledger_grant.h"
#include "core/state/ledger_usage.h"

enum {
    SEEDS = 8,
    STEPS = 250,
    USERS = 3,
    IDENTITIES = 2,
    PEOPLE = 12,
    GRANTS = 8,
};

/* what is promised, in seconds */
static const struct {
    int64_t length, width;
} spans[OG_WINDOWS] = {
    { 60, 1 }, { 3600, 60 }, { DAY, 1800 }, { 7 * DAY, 10800 }, { 30 * DAY, 43200 }
};

struct message {
    int64_t time;
    int user, identity; /* identity 0: none */
    uint64_t amount[OG_UNITS];
    unsigned people; /* a bit for each address, where the user has that limit */
    bool accepted;
};

struct world {
    uint64_t seed, random;
    int64_t now;
    uint64_t most[OG_LEVELS][OG_UNITS][OG_WINDOWS]; /* of user 0, and of the domain */
    uint64_t distinct;
    struct og_grant grants[GRANTS];
    size_t grants_count;
    struct message list[STEPS];
    size_t count;
};

static uint64_t only_seed; /* 0: all */

static uint64_t
draw(struct world *world, uint64_t below)
{
    uint64_t z = world->random += UINT64_C(0x9e3779b97f4a7c15); /* splitmix64 */

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return (z ^ z >> 31) % below;
}

#define world_true(world, what)                                                          \
    do {                                                                                 \
        if (!(what))                                                                     \
            fail_msg("seed %" PRIu64 ", message %zu: %s", (world)->seed, (world)->count, \
                     #what);                                                             \
    } while (0)

static uint64_t
granted(const struct world *world, enum og_unit unit, int64_t t)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < world->grants_count; i++)
        if (world->grants[i].unit == unit && t < world->grants[i].until)
            sum += world->grants[i].amount;
    return sum;
}

/* is a message counted where this one is, on this level? */
static bool
together(const struct message *a, const struct message *b, int level)
{
    return level == OG_LEVEL_DOMAIN
           || (a->user == b->user
               && (level == OG_LEVEL_USER
                   || (a->identity == b->identity && a->identity != 0)));
}

static uint64_t
sum(const struct world *world, const struct message *m, int level, int unit, int span,
    int64_t t, bool accepted)
{
    int64_t width = spans[span].width, slots = spans[span].length / width;
    uint64_t total = 0;

    for (size_t i = 0; i < world->count; i++)
        if (world->list[i].accepted == accepted && together(&world->list[i], m, level)
            && world->list[i].time / width >= t / width - slots)
            total += world->list[i].amount[unit];
    return total;
}

static uint64_t
different(const struct world *world, const struct message *m, int64_t t, unsigned people)
{
    for (size_t i = 0; i < world->count; i++)
        if (world->list[i].accepted && world->list[i].user == m->user
            && world->list[i].time >= t - DAY)
            people |= world->list[i].people;
    return (uint64_t)__builtin_popcount(people);
}

/* is there a limit of this level for the message's user? */
static bool
limits(const struct world *world, const struct message *m, int level, int unit, int span)
{
    return world->most[level][unit][span] != OG_UNLIMITED
           && (level == OG_LEVEL_DOMAIN || m->user == 0)
           && (level != OG_LEVEL_IDENTITY || m->identity != 0);
}

static bool
model_fits(const struct world *world, const struct message *m, int64_t t)
{
    for (int level = 0; level < OG_LEVELS; level++)
        for (int unit = 0; unit < OG_UNITS; unit++)
            for (int span = 0; span < OG_WINDOWS; span++) {
                uint64_t limit = world->most[level][unit][span];

                if (m->amount[unit] == 0 || !limits(world, m, level, unit, span))
                    continue;
                if (level == OG_LEVEL_USER)
                    limit += granted(world, (enum og_unit)unit, t);
                if (sum(world, m, level, unit, span, t, true) + m->amount[unit] > limit)
                    return false;
            }
    return world->distinct == 0 || m->people == 0
           || different(world, m, t, m->people)
                  <= world->distinct + granted(world, OG_UNIT_RECIPIENTS, t);
}

static void
make_limits(struct world *world, char *settings, size_t size)
{
    FILE *f = fmemopen(settings, size, "w");

    assert_non_null(f);
    fputs("enable_limits=yes;@enable_limits=yes;", f);
    for (int unit = 0; unit < OG_UNITS; unit++)
        for (int span = 0; span < OG_WINDOWS; span++) {
            static const unsigned per[OG_UNITS] = { 4, 6, 15 };
            char name[64];

            (void)snprintf(name, sizeof name, "limit_%s_per_%s",
                           og_unit_text((enum og_unit)unit),
                           og_window_span_text((enum og_window_span)span));
            for (int level = 0; level < OG_LEVELS; level++)
                world->most[level][unit][span] =
                    draw(world, 5) == 0
                        ? draw(world, per[unit] * (uint64_t)(span + 1) * 2)
                        : OG_UNLIMITED;
            fprintf(f, "%s=", name);
            if (world->most[OG_LEVEL_USER][unit][span] != OG_UNLIMITED)
                fprintf(f, "%" PRIu64 " ", world->most[OG_LEVEL_USER][unit][span]);
            if (world->most[OG_LEVEL_IDENTITY][unit][span] != OG_UNLIMITED)
                fprintf(f, "identity %" PRIu64 " ",
                        world->most[OG_LEVEL_IDENTITY][unit][span]);
            fprintf(f, "domain 0;"); /* must not count here */
            if (world->most[OG_LEVEL_DOMAIN][unit][span] != OG_UNLIMITED)
                fprintf(f, "@%s=0 domain %" PRIu64 ";", name,
                        world->most[OG_LEVEL_DOMAIN][unit][span]);
            else
                fprintf(f, "@%s=0;", name);
        }
    world->distinct = draw(world, 2) * (3 + draw(world, 6));
    fprintf(f, "maximum_distinct_recipients_per_day=%" PRIu64, world->distinct);
    assert_int_equal(fclose(f), 0);
}

static struct message
make_message(struct world *world)
{
    struct message m = { .user = (int)draw(world, USERS),
                         .identity = (int)draw(world, IDENTITIES + 1) };
    static const int64_t steps[] = { 0, 1, 7, 50, 400, 2000, 10000, 90000, 1000000 };

    if (draw(world, 3) > 0)
        m.user = 0;
    world->now +=
        (int64_t)draw(world, 1 + (uint64_t)steps[draw(world, N_ELEMENTS(steps))]);
    m.time = world->now;
    if (draw(world, 4) == 0)
        m.amount[OG_UNIT_CONNECTIONS] = 1;
    else {
        m.amount[OG_UNIT_MESSAGES] = 1;
        m.amount[OG_UNIT_RECIPIENTS] = 1 + draw(world, 5);
        for (uint64_t i = 0; i < m.amount[OG_UNIT_RECIPIENTS] && m.user == 0; i++)
            m.people |= world->distinct > 0 ? 1u << draw(world, PEOPLE) : 0;
    }
    return m;
}

static void
maybe_grant(struct world *world, const struct og_account *account)
{
    struct og_grant grant = { (enum og_unit)draw(world, OG_UNITS), 1 + draw(world, 5),
                              world->now,
                              world->now + 1 + (int64_t)draw(world, 3 * DAY) };
    struct og_err err = { "" };

    if (world->grants_count == GRANTS || draw(world, 20) > 0)
        return;
    if (og_ledger_grant(&state_of_test, account, &grant, &err) != OG_OK)
        fail_msg("%s", err.text);
    world->grants[world->grants_count++] = grant;
}

/* the promised time is the first one; without one there is none */
static void
check_free_at(struct world *world, const struct message *m,
              const struct og_shortage *shortage)
{
    if (shortage->free_at != 0) {
        world_true(world, shortage->free_at > world->now);
        world_true(world, model_fits(world, m, shortage->free_at));
        world_true(world, !model_fits(world, m, shortage->free_at - 1));
        for (int i = 0; i < 20; i++)
            world_true(world,
                       !model_fits(world, m,
                                   world->now
                                       + (int64_t)draw(world, (uint64_t)(shortage->free_at
                                                                         - world->now))));
        return;
    }
    for (size_t i = 0; i < world->grants_count; i++)
        if (world->grants[i].until > world->now)
            world_true(world, !model_fits(world, m, world->grants[i].until - 1));
    for (int i = 0; i < 50; i++)
        world_true(world,
                   !model_fits(world, m, world->now + (int64_t)draw(world, 40 * DAY)));
}

static void
check_numbers(struct world *world, const struct message *m, const struct og_shortage *s)
{
    uint64_t limit = world->distinct, used, left = UINT64_MAX;

    if (s->distinct) {
        used = different(world, m, world->now, 0);
    } else {
        limit = world->most[s->level][s->unit][s->span];
        used = sum(world, m, (int)s->level, (int)s->unit, (int)s->span, world->now, true);
    }
    if (s->level == OG_LEVEL_USER)
        limit += granted(world, s->unit, world->now);
    world_true(world, s->limit == limit);
    world_true(world, s->used == used);
    for (int level = 0; level < OG_LEVELS && !s->distinct; level++)
        for (int span = 0; span < OG_WINDOWS; span++) {
            uint64_t most = world->most[level][s->unit][span];
            uint64_t now = sum(world, m, level, (int)s->unit, span, world->now, true);

            if (!limits(world, m, level, (int)s->unit, span))
                continue;
            most += level == OG_LEVEL_USER ? granted(world, s->unit, world->now) : 0;
            left = most < now ? 0 : most - now < left ? most - now : left;
        }
    if (s->distinct)
        left = limit > used ? limit - used : 0;
    world_true(world, s->left == left);
    world_true(world, s->asked
                          == (s->distinct ? (uint64_t)__builtin_popcount(m->people)
                                          : m->amount[s->unit]));
}

static void
play_one(struct world *world, const struct og_account *account)
{
    static char names[PEOPLE][32];
    struct message m = make_message(world);
    struct og_charge charge = { .addresses = NULL };
    const char *addresses[2 * PEOPLE];
    struct og_account own = { &account->sender[m.user], m.identity == 0   ? ""
                                                        : m.identity == 1 ? "login:a"
                                                                          : "login:b" };
    struct og_shortage looked, shortage;
    struct og_err err = { "" };

    memcpy(charge.amount, m.amount, sizeof m.amount);
    for (int i = 0; i < PEOPLE; i++)
        if ((m.people >> i & 1) != 0) {
            (void)snprintf(names[i], sizeof names[i], "p%d@people.example", i);
            addresses[charge.addresses_count++] = names[i];
            if (i % 3 == 0) /* the same one twice is one */
                addresses[charge.addresses_count++] = names[i];
        }
    charge.addresses = addresses;
    if (og_ledger_look(&state_of_test, &own, &charge, m.time, &looked, &err) != OG_OK
        || og_ledger_charge(&state_of_test, &own, &charge, m.time, &shortage, &err)
               != OG_OK)
        fail_msg("seed %" PRIu64 ": %s", world->seed, err.text);
    world_true(world, looked.short_of == shortage.short_of);
    world_true(world, shortage.short_of == !model_fits(world, &m, m.time));
    if (shortage.short_of) {
        world_true(world, looked.free_at == shortage.free_at);
        check_free_at(world, &m, &shortage);
        check_numbers(world, &m, &shortage);
    }
    m.accepted = !shortage.short_of;
    world->list[world->count++] = m;
}

static void
check_usage(struct world *world, const struct og_sender *senders)
{
    for (int user = 0; user < USERS; user++)
        for (int level = 0; level < OG_LEVELS; level++) {
            struct message m = { .user = user, .identity = 1 };
            struct og_account account = { &senders[user], "login:a" };
            struct og_usage usage;
            struct og_err err = { "" };

            if (og_ledger_usage(&state_of_test, &account, (enum og_level)level,
                                world->now, &usage, &err)
                != OG_OK)
                fail_msg("%s", err.text);
            for (int unit = 0; unit < OG_UNITS; unit++)
                for (int span = 0; span < OG_WINDOWS; span++) {
                    const struct og_usage_window *w = &usage.windows[unit][span];

                    if (!w->kept)
                        continue;
                    world_true(world, w->accepted
                                          == sum(world, &m, level, unit, span, world->now,
                                                 true));
                    world_true(world, w->refused
                                          == sum(world, &m, level, unit, span, world->now,
                                                 false));
                }
        }
}

static void
play(uint64_t seed)
{
    static struct world world;
    struct og_sender senders[USERS];
    struct og_account account = { senders, "" };
    char settings[4000], name[80], domain[40];

    world = (struct world){ .seed = seed, .random = seed, .now = T0 };
    make_limits(&world, settings, sizeof settings);
    (void)snprintf(domain, sizeof domain, "s%d.example", (int)seed);
    for (int i = 0; i < USERS; i++) {
        char own[sizeof settings] = "";

        /* all know the domain's limits; the others have none of their own */
        for (const char *at = settings; i > 0 && (at = strstr(at, "@")) != NULL; at++)
            (void)strncat(own, at, strcspn(at, ";") + 1);
        (void)snprintf(name, sizeof name, "u%d@%s", i, domain);
        account_sender(&senders[i], name, domain, i == 0 ? settings : own);
    }
    for (int i = 0; i < STEPS; i++) {
        maybe_grant(&world, &account);
        play_one(&world, &account);
    }
    check_usage(&world, senders);
    for (int i = 0; i < USERS; i++)
        og_sender_free(&senders[i]);
}

static void
test_model(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++)
        play(only_seed != 0 ? only_seed : seed);
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_model) };

    only_seed = argc > 1 ? strtoull(argv[1], NULL, 10) : 0;
    return cmocka_run_group_tests(tests, state_dir_set_up, state_dir_tear_down);
}
