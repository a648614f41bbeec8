/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/state_dir.h"

#include "core/base/time.h"
#include "core/state/outbox.h"

static const int64_t T0 = 1795000000;
static struct og_outbox_batch batch; /* large */

struct put {
    const char *id, *to;
    int64_t due, now;
    enum og_rc fail;
};

static enum og_rc
put_work(struct og_txn *txn, void *arg, struct og_err *err)
{
    const struct put *put = arg;
    struct og_record rec = OG_RECORD_INIT;
    enum og_rc rc = og_record_set_text(&rec, "kind", "lock", err);

    if (rc == OG_OK)
        rc = og_record_set_text(&rec, "to", put->to, err);
    if (rc == OG_OK)
        rc = og_record_set_text(&rec, "digest", "digest", err);
    if (rc == OG_OK)
        rc = og_outbox_put(txn, put->id, put->due, put->now, &rec, err);
    og_record_free(&rec);
    return rc == OG_OK ? put->fail : rc;
}

static enum og_rc
put_row(const char *id, const char *to, int64_t due)
{
    struct put put = { id, to, due, due, OG_OK };
    struct og_err err = { "" };

    return og_store_run(&state_of_test.store, OG_STORE_COMMIT, put_work, &put, &err);
}

/* the ids that are handed out, with commas between them */
static const char *
take(uint64_t per_hour, int64_t now)
{
    static char text[4096];
    struct og_err err = { "" };

    og_outbox_free(&batch);
    if (og_outbox_take(&state_of_test, per_hour, now, &batch, &err) != OG_OK)
        fail_msg("%s", err.text);
    text[0] = '\0';
    for (size_t i = 0; i < batch.count; i++)
        (void)snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s",
                       i > 0 ? "," : "", batch.rows[i].id);
    return text;
}

static void
done(void)
{
    struct og_err err = { "" };

    if (og_outbox_done(&state_of_test, &batch, &err) != OG_OK)
        fail_msg("%s", err.text);
}

static enum og_rc
count_row(const struct og_outbox_row *row, void *arg, struct og_err *err)
{
    (void)row, (void)err;
    ++*(size_t *)arg;
    return OG_OK;
}

static size_t
rows_left(void)
{
    struct og_err err = { "" };
    size_t count = 0;

    if (og_outbox_walk(&state_of_test, count_row, &count, &err) != OG_OK)
        fail_msg("%s", err.text);
    return count;
}

/* the time of outbox.due, or -1 */
static int64_t
marked(void)
{
    char path[200];
    struct stat st;

    (void)snprintf(path, sizeof path, "%s/state/outbox.due", state_dir);
    return stat(path, &st) == 0 ? (int64_t)st.st_mtime : -1;
}

static void
test_once(void **state)
{
    (void)state;
    assert_int_equal(marked(), -1);
    assert_int_equal(put_row("a", "x@y.example", T0), OG_OK);
    assert_int_equal(marked(), T0);
    assert_string_equal(take(9, T0 - 1), ""); /* not due yet */
    assert_string_equal(take(9, T0), "a");
    assert_int_equal(marked(), T0 + OG_OUTBOX_CLAIM);
    done();
    assert_int_equal(rows_left(), 0);
    assert_int_equal(marked(), -1);
    assert_string_equal(take(9, T0 + 86400), "");
}

/* who takes it and dies leaves it to the next one, and is not believed any more */
static void
test_claims(void **state)
{
    static struct og_outbox_batch dead;
    struct og_err err = { "" };

    (void)state;
    assert_int_equal(put_row("c", "x@y.example", T0), OG_OK);
    assert_string_equal(take(9, T0), "c");
    dead = batch;
    batch.count = 0;
    assert_string_equal(take(9, T0), "");
    assert_string_equal(take(9, T0 + OG_OUTBOX_CLAIM - 1), "");
    assert_string_equal(take(9, T0 + OG_OUTBOX_CLAIM), "c");
    assert_string_equal(og_record_get(&batch.rows[0].fields, "tries"), "2");
    assert_int_equal(og_outbox_done(&state_of_test, &dead, &err), OG_OK);
    assert_int_equal(rows_left(), 1);
    done();
    assert_int_equal(rows_left(), 0);
    og_outbox_free(&dead);
}

static void
test_later_and_later(void **state)
{
    static const int64_t pauses[] = { 60, 120, 240, 480, 960, 1920, 3840, 3840 };
    struct og_err err = { "" };
    int64_t now = T0;

    (void)state;
    assert_int_equal(put_row("l", "x@y.example", T0), OG_OK);
    for (size_t i = 0; i < N_ELEMENTS(pauses); i++) {
        assert_string_equal(take(9, now), "l");
        assert_int_equal(og_outbox_later(&state_of_test, &batch, now, &err), OG_OK);
        assert_string_equal(take(9, now + pauses[i] - 1), "");
        now += pauses[i];
    }
    assert_string_equal(take(9, now), "l");
    done();
}

/* what is above a mailbox's budget comes in one when its hour is over; others do not wait */
static void
test_budget(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++) {
        char id[8];

        (void)snprintf(id, sizeof id, "b%d", i);
        assert_int_equal(put_row(id, "b@y.example", T0 + i), OG_OK);
    }
    assert_int_equal(put_row("o", "o@y.example", T0 + 9), OG_OK);
    assert_string_equal(take(2, T0 + 10), "b0");
    done();
    assert_string_equal(take(2, T0 + 10), "b1");
    done();
    assert_string_equal(take(2, T0 + 10), "o");
    done();
    assert_string_equal(take(2, T0 + 10), "");
    assert_int_equal(rows_left(), 3);
    assert_string_equal(take(2, T0 + 10 + 3599), "");
    assert_string_equal(take(2, T0 + 10 + 3600), "b2,b3,b4");
    assert_int_equal(put_row("b5", "b@y.example", T0 + 3700), OG_OK);
    assert_string_equal(take(2, T0 + 3700), "b5"); /* the digest was one of two */
    done();
    assert_int_equal(put_row("b6", "b@y.example", T0 + 3701), OG_OK);
    assert_string_equal(take(2, T0 + 3701), "");
    /* the digest was not sent: it comes again as it was, and its hour is over by then */
    assert_string_equal(take(2, T0 + 10 + 3600 + 3600), "b2,b3,b4,b6");
    done();
    assert_int_equal(rows_left(), 0);
}

static void
test_large_digest(void **state)
{
    (void)state;
    for (int i = 0; i < OG_OUTBOX_DIGEST + 3; i++) {
        char id[16];

        (void)snprintf(id, sizeof id, "m%d", i);
        assert_int_equal(put_row(id, "m@y.example", T0 + i), OG_OK);
    }
    assert_string_equal(take(1, T0 + 1000), "m0");
    done();
    assert_string_equal(take(1, T0 + 1000), "");
    (void)take(1, T0 + 1000 + 3600);
    assert_int_equal(batch.count, OG_OUTBOX_DIGEST);
    done();
    assert_string_equal(take(1, T0 + 1000 + 3600),
                        ""); /* the rest waits for the next hour */
    (void)take(1, T0 + 1000 + 7200);
    assert_int_equal(batch.count, 2);
    done();
}

/* what was undone leaves no row; the mark it leaves is taken away by who looks */
static void
test_undone(void **state)
{
    struct put put = { "u", "x@y.example", T0, T0, OG_E_LIB };
    struct og_err err = { "" };

    (void)state;
    assert_int_equal(
        og_store_run(&state_of_test.store, OG_STORE_COMMIT, put_work, &put, &err),
        OG_E_LIB);
    assert_int_equal(rows_left(), 0);
    assert_string_equal(take(9, T0 + 10), "");
    assert_int_equal(marked(), -1);
}

static void
test_bad_rows(void **state)
{
    char large[OG_OUTBOX_ID + 1];

    (void)state;
    memset(large, 'x', sizeof large);
    large[OG_OUTBOX_ID] = '\0';
    assert_int_equal(put_row(large, "x@y.example", T0), OG_E_SYNTAX);
    assert_int_equal(put_row("", "x@y.example", T0), OG_E_SYNTAX);
    assert_int_equal(put_row("a b", "x@y.example", T0), OG_E_SYNTAX);
    large[OG_OUTBOX_ID - 1] = '\0';
    assert_int_equal(put_row(large, "x@y.example", T0), OG_OK);
    assert_string_equal(take(9, T0), large);
    done();
}

static enum og_rc
damage_work(struct og_txn *txn, void *arg, struct og_err *err)
{
    return og_txn_put(txn, "outbox.db", arg, "to=x kind", err);
}

static void
test_damaged(void **state)
{
    static char keys[][50] = { "row 2026-01-01T00:00:00Z d", "row x",
                               "row 2026-01-01T00:00:00Z" };
    struct og_err err = { "" };
    size_t count = 0;

    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(keys); i++)
        assert_int_equal(og_store_run(&state_of_test.store, OG_STORE_COMMIT, damage_work,
                                      keys[i], &err),
                         OG_OK);
    assert_int_equal(put_row("g", "x@y.example", T0), OG_OK);
    assert_int_equal(og_outbox_walk(&state_of_test, count_row, &count, &err), OG_E_STATE);
    assert_string_equal(take(9, T0), "g"); /* they hold nothing up, and are gone */
    done();
    assert_int_equal(rows_left(), 0);
}

static int
tear_down(void **state)
{
    (void)state;
    og_outbox_free(&batch);
    return state_dir_close();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_once),
        cmocka_unit_test(test_claims),
        cmocka_unit_test(test_later_and_later),
        cmocka_unit_test(test_budget),
        cmocka_unit_test(test_large_digest),
        cmocka_unit_test(test_undone),
        cmocka_unit_test(test_bad_rows),
        cmocka_unit_test(test_damaged),
    };

    return cmocka_run_group_tests(tests, state_dir_set_up, tear_down);
}
