/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/ledger_account.h"

#include "core/state/distinct.h"

/* one use of a set inside one run */
struct use {
    const char *user;
    const char *addresses[80];
    size_t count;
    int64_t now;
    uint64_t limit;
    bool add, clear;
    int64_t when;
    uint64_t used, cleared;
};

static enum og_rc
use_work(struct og_txn *txn, void *arg, struct og_err *err)
{
    struct use *use = arg;
    struct og_distinct set = OG_DISTINCT_INIT;
    enum og_rc rc =
        og_distinct_open(txn, use->user, use->addresses, use->count, &set, err);

    if (rc == OG_OK)
        rc = og_distinct_used(&set, use->now, &use->used, err);
    if (rc == OG_OK)
        rc = og_distinct_free_at(&set, use->now, use->limit, &use->when, err);
    if (rc == OG_OK && use->add)
        rc = og_distinct_add(&set, use->now, err);
    if (use->clear && (rc == OG_OK || rc == OG_E_STATE))
        rc = og_distinct_clear(&set, &use->cleared, err);
    og_distinct_free(&set);
    return rc;
}

static enum og_rc
try_run(struct use *use, struct og_err *err)
{
    bool writes = use->add || use->clear;

    return og_store_run(&state_of_test.store, writes ? OG_STORE_COUNT : OG_STORE_READ,
                        use_work, use, err);
}

/* addresses separated by blanks; the words are cut out of a copy that stays */
static struct use
run(const char *user, const char *addresses, int64_t now, uint64_t limit, bool add)
{
    static char copy[4000];
    char *rest = copy, *word;
    struct use use = { .user = user, .now = now, .limit = limit, .add = add };
    struct og_err err = { "" };

    (void)snprintf(copy, sizeof copy, "%s", addresses);
    while ((word = strsep(&rest, " ")) != NULL)
        if (word[0] != '\0')
            use.addresses[use.count++] = word;
    if (try_run(&use, &err) != OG_OK)
        fail_msg("%s", err.text);
    return use;
}

static const struct {
    int64_t at; /* after T0 */
    const char *addresses;
    uint64_t limit, used;
    int64_t when; /* after T0; INT64_MAX: never */
} rows[] = {
    { 0, "", 0, 0, 0 },
    { 0, "a b", 3, 0, 0 },                 /* added, as it fits */
    { 10, "a a A", 3, 2, 10 },             /* a once more, and A, which is another one */
    { 20, "c", 3, 3, DAY + 1 },            /* b leaves first: it is the oldest */
    { 20, "c b", 3, 3, DAY + 11 },         /* b stays then; a and A are next */
    { 20, "c d", 3, 3, DAY + 11 },         /* b and then another one leave */
    { 20, "c d e", 3, 3, DAY + 11 },       /* b, a and A */
    { 20, "c d e f", 3, 3, INT64_MAX },    /* more than ever */
    { 20, "a b A a b A", 3, 3, 20 },       /* nothing new; but all are younger now */
    { DAY + 20, "c", 3, 3, DAY + 21 },     /* both ends included */
    { DAY + 21, "c d e", 3, 0, DAY + 21 }, /* all are gone */
    { DAY + 22, "a", 0, 3, INT64_MAX },
    { 100, "f", 3, 3, 2 * DAY + 22 }, /* the clock is behind: c, d, e do not age */
    { 100, "f", 4, 3, 100 },          /* and f counts as if it were right */
    { 2 * DAY + 21, "g", 4, 4, 2 * DAY + 22 },
};

static void
test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        int64_t now = T0 + rows[i].at;
        int64_t want = rows[i].when == INT64_MAX ? INT64_MAX : T0 + rows[i].when;
        struct use use = run("r@r.example", rows[i].addresses, now, rows[i].limit, false);

        if (use.used != rows[i].used || use.when != want)
            fail_msg("row %zu: used %" PRIu64 ", free after %" PRId64, i, use.used,
                     use.when == INT64_MAX ? use.when : use.when - T0);
        if (use.when == now)
            (void)run("r@r.example", rows[i].addresses, now, rows[i].limit, true);
    }
}

/* what an administrator sees */
static void
test_text(void **state)
{
    (void)state;
    (void)run("t%1@t.example", "x@y.example \"a%b\"@y.example", T0, 9, true);
    account_record_is(OG_RECIPIENTS_DB, "of t%251@t.example",
                      "count=2 newest=2026-11-21T18:12:21Z");
    account_record_is(OG_RECIPIENTS_DB, "to t%251@t.example x@y.example",
                      "last=2026-11-21T18:12:21Z");
    account_record_is(OG_RECIPIENTS_DB, "to t%251@t.example \"a%25b\"@y.example",
                      "last=2026-11-21T18:12:21Z");
    account_record_is(OG_RECIPIENTS_DB,
                      "at t%251@t.example 2026-11-21T18:12:21Z x@y.example", "");
    (void)run("t%1@t.example", "x@y.example", T0 + 1, 9, true);
    account_record_is(OG_RECIPIENTS_DB,
                      "at t%251@t.example 2026-11-21T18:12:21Z x@y.example", "-");
    account_record_is(OG_RECIPIENTS_DB,
                      "at t%251@t.example 2026-11-21T18:12:22Z x@y.example", "");
    account_record_is(OG_RECIPIENTS_DB, "of t%251@t.example",
                      "count=2 newest=2026-11-21T18:12:22Z");
}

/* addresses and names beyond a key's length are told apart, too */
static void
test_long(void **state)
{
    char one[600], two[600], name[600];
    struct use use = { .user = name,
                       .now = T0,
                       .limit = 9,
                       .add = true,
                       .count = 3,
                       .addresses = { one, two, one } };
    struct og_err err = { "" };

    (void)state;
    memset(one, 'x', sizeof one);
    one[sizeof one - 1] = '\0';
    memcpy(two, one, sizeof two);
    two[300] = 'y';
    memset(name, ' ', sizeof name);
    name[sizeof name - 1] = '\0';
    row_rc(0, try_run(&use, &err), OG_OK, &err);
    row_rc(0, try_run(&use, &err), OG_OK, &err);
    assert_int_equal(use.used, 2);
    assert_int_equal(account_keys(OG_RECIPIENTS_DB, "to %sha256:"), 2);
}

static char *
numbered(char *out, size_t size, int from, int to)
{
    FILE *f = fmemopen(out, size, "w");

    assert_non_null(f);
    for (int i = from; i < to; i++)
        fprintf(f, "n%d@x ", i);
    assert_int_equal(fclose(f), 0);
    return out;
}

/* old addresses leave with the user's next ones, and those of others, who may never come
 * back, with anybody's */
static void
test_sweep(void **state)
{
    char text[2000];

    (void)state;
    (void)run("gone@s.example", numbered(text, sizeof text, 0, 60), T0, 1000, true);
    (void)run("stay@s.example", numbered(text, sizeof text, 0, 60), T0, 1000, true);
    (void)run("last@s.example", "a@x", T0 + 2 * DAY, 1000, true); /* still counts */
    for (int i = 0; i < 12; i++)
        (void)run("stay@s.example", numbered(text, sizeof text, 100 + i, 101 + i),
                  T0 + 2 * DAY, 1000, true);
    assert_int_equal(account_keys(OG_RECIPIENTS_DB, "to stay@s.example "), 12);
    assert_int_equal(account_keys(OG_RECIPIENTS_DB, "at stay@s.example "), 12);
    account_record_is(OG_RECIPIENTS_DB, "of stay@s.example",
                      "count=12 newest=2026-11-23T18:12:21Z");
    /* the round passes other users of these tests too */
    for (int i = 0; i < 40; i++)
        (void)run("stay@s.example", numbered(text, sizeof text, 200 + i, 201 + i),
                  T0 + 2 * DAY, 1000, true);
    assert_int_equal(account_keys(OG_RECIPIENTS_DB, "to gone@s.example "), 0);
    assert_int_equal(account_keys(OG_RECIPIENTS_DB, "at gone@s.example "), 0);
    account_record_is(OG_RECIPIENTS_DB, "of gone@s.example", "-");
    assert_int_equal(account_keys(OG_RECIPIENTS_DB, "to last@s.example "), 1);
}

/* a limit that was lowered far: the answer stays right, and cheap */
static void
test_lowered(void **state)
{
    char text[2000];
    int64_t when;

    (void)state;
    for (int i = 0; i < 20; i++)
        (void)run("low@l.example", numbered(text, sizeof text, i * 50, i * 50 + 50),
                  T0 + i, 1000000, true);
    when = run("low@l.example", "new@x", T0 + 20, 10, false).when;
    assert_int_equal(when, T0 + 19 + DAY + 1); /* all but ten of the last fifty */
    when = run("low@l.example", "new@x", T0 + 20, 60, false).when;
    assert_int_equal(when, T0 + 18 + DAY + 1);
}

static const struct {
    const char *key, *value;
    const char *text; /* of the error */
} damages[] = {
    { "of bad@b.example", "count=x newest=2026-11-21T18:12:21Z", "of bad@b.example" },
    { "of bad@b.example", "count=3", "of bad@b.example" },
    { "of bad@b.example", "count=0 newest=2026-11-21T18:12:21Z", "of bad@b.example" },
    { "of bad@b.example", "count=9 newest=2026-11-21T18:12:21Z",
      "count of bad@b.example" },
    { "to bad@b.example a@x", "last=yesterday", "to bad@b.example a@x" },
    { "to bad@b.example a@x", "", "to bad@b.example a@x" },
    { "at bad@b.example 1 a@x", "", "at bad@b.example 1 a@x" },
    { "at bad@b.example 2026-11-21T18:12:21Z", "", "2026-11-21T18:12:21Z" },
};

static void
test_damage(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(damages); i++) {
        struct use use = { .user = "bad@b.example",
                           .addresses = { "a@x", "d@x" },
                           .count = 2,
                           .now = T0 + 1,
                           .limit = 3,
                           .add = true };
        struct og_err err = { "" };

        (void)run("bad@b.example", "a@x b@x c@x", T0, 9, true);
        account_record_put(OG_RECIPIENTS_DB, damages[i].key, damages[i].value);
        row_rc(i, try_run(&use, &err), OG_E_STATE, &err);
        if (strstr(err.text, damages[i].text) == NULL)
            fail_msg("row %zu: %s", i, err.text);
        /* somebody else is not stopped by it */
        (void)run("good@b.example", "a@x", T0 + 1 + (int64_t)i, 9, true);
        (void)run("good@b.example", "n@x", T0 + 2 * DAY * (int64_t)(i + 1), 9, true);
        use.add = false;
        use.clear = true;
        row_rc(i, try_run(&use, &err), OG_OK, &err);
        assert_int_equal(account_keys(OG_RECIPIENTS_DB, "to bad@b.example"), 0);
        assert_int_equal(account_keys(OG_RECIPIENTS_DB, "at bad@b.example"), 0);
        assert_int_equal(account_keys(OG_RECIPIENTS_DB, "of bad@b.example"), 0);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),  cmocka_unit_test(test_text),
        cmocka_unit_test(test_long),  cmocka_unit_test(test_damage),
        cmocka_unit_test(test_sweep), cmocka_unit_test(test_lowered),
    };

    return cmocka_run_group_tests(tests, state_dir_set_up, state_dir_tear_down);
}
