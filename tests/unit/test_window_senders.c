/* SPDX-License-Identifier: BSD-2-Clause */
/* Rolling windows against random and adversarial senders, beside a list that keeps every
 * arrival to the millisecond. A failure names span and seed; `test_window_senders SEED`
 * plays that one again. */
#include "tests/unit/rows.h"

#include "core/base/window.h"

static const int64_t T0 = 1795219200; /* 2026-11-21T00:00:00Z */

enum { HOUR = 3600, DAY = 86400 };

/* what is promised, in seconds; not what the code believes */
static const struct {
    int64_t length, width;
} spans[OG_WINDOWS] = {
    { 60, 1 },
    { HOUR, 60 },
    { DAY, HOUR / 2 },
    { 7 * DAY, 3 * HOUR },
    { 30 * DAY, DAY / 2 },
};

/* What was accepted, oldest first: when it really was, and when the window has to think
 * it was, which is the latest clock so far. Milliseconds. */
struct arrival {
    int64_t real, clock;
    uint64_t amount;
};

enum { STEPS = 3000, SEEDS = 40 };

struct sender {
    uint64_t seed, random;
    struct og_window w;
    int64_t length, width; /* of w's span, ms */
    int64_t real, behind;  /* true time and how much less the clock shows, ms */
    bool steady;           /* the clock is never set right again */
    uint64_t limit;
    size_t count;
    struct arrival list[STEPS];
};

static uint64_t only_seed; /* 0: all */

static uint64_t
draw(struct sender *s, uint64_t below)
{
    uint64_t z = s->random += UINT64_C(0x9e3779b97f4a7c15); /* splitmix64 */

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return (z ^ z >> 31) % below;
}

#define sender_true(s, what)                                                          \
    do {                                                                              \
        if (!(what))                                                                  \
            fail_msg("%s, seed %" PRIu64 ", arrival %zu: %s",                         \
                     og_window_span_text((s)->w.span), (s)->seed, (s)->count, #what); \
    } while (0)

static void
sender_init(struct sender *s, enum og_window_span span, uint64_t seed)
{
    static const uint64_t limits[] = { 1, 2, 7, 100, UINT64_C(1) << 40 };

    *s = (struct sender){ .seed = seed, .random = seed, .w = OG_WINDOW_INIT(span) };
    s->length = spans[span].length * 1000;
    s->width = spans[span].width * 1000;
    s->real = T0 * 1000 + (int64_t)draw(s, (uint64_t)s->length);
    s->steady = draw(s, 2) == 0;
    s->limit = limits[draw(s, N_ELEMENTS(limits))];
}

static int64_t
clock_ms(const struct sender *s)
{
    return s->real - s->behind;
}

static int64_t
clock_now(const struct sender *s)
{
    return clock_ms(s) / 1000; /* never negative here */
}

/* the clock, or the latest it was at an arrival, which is what the window goes by */
static int64_t
latest_ms(const struct sender *s)
{
    int64_t last = s->count > 0 ? s->list[s->count - 1].clock : 0;

    return clock_ms(s) > last ? clock_ms(s) : last;
}

/* wait until the clock shows t, if it is not later already */
static void
wait_for(struct sender *s, int64_t t)
{
    if (t > clock_ms(s))
        s->real += t - clock_ms(s);
}

/* choose the next moment: within a burst, at the edges of sub-buckets, where an earlier
 * arrival leaves the window or stops counting, after a gap, after a change of clock */
static void
next_moment(struct sender *s)
{
    int64_t nudge = (int64_t)draw(s, 3) - 1, width = s->width; /* 1 ms before to after */
    int64_t back = (int64_t)draw(s, 4) * s->length / 3 + (int64_t)draw(s, 5000);
    size_t from = s->count > 64 ? s->count - 64 : 0;
    int64_t some = s->count > 0 ? s->list[from + draw(s, s->count - from)].clock : 0;

    switch (draw(s, 24)) {
    case 0:
    case 1:
        s->real += (int64_t)draw(s, (uint64_t)s->length);
        break;
    case 2:
    case 3:
    case 4:
        s->real += (int64_t)draw(s, (uint64_t)width);
        break;
    case 5:
    case 6:
    case 7:
        wait_for(s, (clock_ms(s) / width + 1) * width + nudge);
        break;
    case 8:
    case 9:
    case 10:
        wait_for(s, some + s->length + nudge);
        break;
    case 11:
    case 12:
    case 13:
        wait_for(s, (some / width + 1) * width + s->length + nudge);
        break;
    case 14:
        s->real += s->length + (int64_t)draw(s, 2) * width + nudge;
        break;
    case 15:
        s->real += draw(s, 8) == 0 ? INT64_C(1000) * DAY * 3000 : 0; /* 8 years */
        break;
    case 16:
        s->behind += draw(s, 20) == 0 ? INT64_C(1000) * DAY * 700 : back;
        break;
    case 17:
        s->behind = s->steady ? s->behind : 0;
        break;
    default: /* the same moment */
        break;
    }
}

/* the sum is at least all of the last length, at most all of the last length + width */
static void
check_sum(const struct sender *s)
{
    uint64_t least = 0, most = 0, sum = og_window_sum(&s->w, clock_now(s));
    int64_t now = latest_ms(s);

    for (size_t i = s->count; i-- > 0;) {
        if (s->list[i].clock >= now - s->length)
            least += s->list[i].amount;
        if (s->list[i].clock <= now - s->length - s->width)
            break;
        most += s->list[i].amount;
    }
    sender_true(s, sum >= least);
    sender_true(s, sum <= most);
    sender_true(s, sum <= s->limit);
}

static bool
same(const struct og_window *a, const struct og_window *b)
{
    return a->span == b->span && a->used == b->used && a->oldest == b->oldest
           && memcmp(a->counts, b->counts, a->used * sizeof a->counts[0]) == 0;
}

/* free_at is the first second that accepts; the text is the window */
static void
check_rest(struct sender *s, uint64_t amount)
{
    int64_t now = clock_now(s), when;
    char text[OG_WINDOW_TEXT];
    struct og_window back;
    enum og_rc rc = og_window_free_at(&s->w, now, s->limit, amount, &when, NULL);

    sender_true(s, (rc == OG_OK) == (amount <= s->limit));
    if (rc == OG_OK) {
        sender_true(s, when >= now && og_window_fits(&s->w, when, s->limit, amount));
        sender_true(s, when == now || !og_window_fits(&s->w, when - 1, s->limit, amount));
        sender_true(s, (when - now) * 1000 <= s->length + s->width || s->behind > 0);
    }
    rc = og_window_parse(text, og_window_print(&s->w, text), s->w.span, &back, NULL);
    sender_true(s, rc == OG_OK && same(&s->w, &back));
}

/* no interval [t, t + length] of the window's own time has more than the limit; one that
 * begins at an arrival is the worst */
static void
check_clock(const struct sender *s)
{
    uint64_t sum = 0;

    for (size_t i = 0, end = 0; i < s->count; i++) {
        for (; end < s->count && s->list[end].clock <= s->list[i].clock + s->length;
             end++)
            sum += s->list[end].amount;
        sender_true(s, sum <= s->limit);
        sum -= s->list[i].amount;
    }
}

/* nor has any in truth, however the clock was set back meanwhile */
static void
check_real(const struct sender *s)
{
    uint64_t sum = 0;

    for (size_t i = 0, end = 0; i < s->count; i++) {
        for (; end < s->count && s->list[end].real <= s->list[i].real + s->length; end++)
            sum += s->list[end].amount;
        sender_true(s, sum <= s->limit);
        sum -= s->list[i].amount;
    }
}

static void
try_one(struct sender *s)
{
    uint64_t amount = draw(s, 2) == 0 ? 1 : draw(s, s->limit + 2);
    int64_t latest = latest_ms(s);

    check_rest(s, amount);
    if (!og_window_fits(&s->w, clock_now(s), s->limit, amount) || amount == 0)
        return;
    og_window_add(&s->w, clock_now(s), amount);
    s->list[s->count++] = (struct arrival){
        .real = s->real,
        .clock = latest,
        .amount = amount,
    };
}

static void
test_senders(void **state)
{
    struct sender *s = malloc(sizeof *s);

    (void)state;
    assert_non_null(s);
    for (enum og_window_span span = 0; span < OG_WINDOWS; span++)
        for (uint64_t seed = 1; seed <= SEEDS; seed++) {
            if (only_seed != 0 && seed != only_seed)
                continue;
            sender_init(s, span, seed);
            for (int step = 0; step < STEPS; step++) {
                next_moment(s);
                try_one(s);
                check_sum(s);
            }
            check_clock(s);
            if (s->steady) /* a clock that is set right again jumps forward */
                check_real(s);
        }
    free(s);
}

/* who tries all the time gets (1 - 1/B) of the limit in each window's length */
static void
test_usable(void **state)
{
    enum { LENGTHS = 70, TRIES = 64 }; /* tries in one width: waiting costs little */

    (void)state;
    for (enum og_window_span span = 0; span < OG_WINDOWS; span++)
        for (uint64_t limit = 1; limit <= 1000; limit *= 10) {
            struct og_window w = OG_WINDOW_INIT(span);
            int64_t length = spans[span].length * 1000;
            int64_t width = spans[span].width * 1000;
            int64_t start = T0 * 1000 + width * (int64_t)limit / 1001;
            uint64_t got = 0, buckets = (uint64_t)(length / width);

            for (int64_t t = start; t < start + LENGTHS * length; t += width / TRIES)
                while (og_window_fits(&w, t / 1000, limit, 1)) {
                    og_window_add(&w, t / 1000, 1);
                    got++;
                }
            if (got * buckets < LENGTHS * limit * (buckets - 1))
                fail_msg("%s: %" PRIu64 " of %" PRIu64, og_window_span_text(span), got,
                         LENGTHS * limit);
        }
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_senders),
        cmocka_unit_test(test_usable),
    };

    only_seed = argc > 1 ? strtoull(argv[1], NULL, 10) : 0;
    print_message("seeds: 1 to %d\n", SEEDS);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
