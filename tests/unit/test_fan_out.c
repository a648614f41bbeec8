/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/lock_help.h"

#include "core/state/fan_out.h"
#include "core/state/fingerprints.h"
#include "core/state/peers.h"

#define ALIKE "ffff0000ffff0000"
#define ALIKE_12 "ffff0000ffff0fff" /* 12 bits away */
#define ALIKE_13 "ffff0000ffff1fff"
#define EXACT "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static struct og_sender sender;

static void
begin(const char *name, const char *settings)
{
    og_sender_free(&sender);
    sender = sender_of(OG_KIND_USER, name, settings);
}

/* a message of this text to r<from> ... r<from + count - 1> */
static struct og_fan_out
send_text(const char *identity, const char *hash, uint64_t words, int from, int count,
          int64_t now)
{
    struct og_account account = { &sender, identity };
    struct og_findings findings = OG_FINDINGS_INIT;
    struct og_fan_out result = { 77, true };
    struct og_err err = { "" };
    char names[256][40];
    const char *addresses[256];

    assert_true(count <= 256);
    for (int i = 0; i < count; i++) {
        (void)snprintf(names[i], sizeof names[i], "r%d@receiver.example", from + i);
        addresses[i] = names[i];
    }
    findings.text_words = words;
    (void)snprintf(findings.exact, sizeof findings.exact, "%s", EXACT);
    (void)snprintf(findings.fingerprint, sizeof findings.fingerprint, "%s", hash);
    must(og_fan_out_count(&state_of_test, &account, &findings, addresses, (size_t)count,
                          now, &result, &err));
    return result;
}

static struct og_fan_out
send(const char *hash, int from, int count, int64_t now)
{
    return send_text("", hash, 20, from, count, now);
}

static void
check(size_t line, struct og_fan_out got, size_t strangers, bool reached)
{
    if (got.strangers != strangers || got.reached != reached)
        fail_msg("line %zu: %zu strangers, %s", line, got.strangers,
                 got.reached ? "reached" : "not reached");
}

#define CHECK(got, strangers, reached) check(__LINE__, got, strangers, reached)

static void
test_small_messages(void **state)
{
    (void)state;
    begin("small@x.example", "");
    for (int i = 0; i < 39; i++)
        CHECK(send(i % 2 ? ALIKE_12 : ALIKE, i, 1, T0 + 15 * i), (size_t)i + 1, false);
    CHECK(send(ALIKE, 38, 1, T0 + 599), 39, false); /* the same stranger */
    CHECK(send(ALIKE_13, 50, 1, T0 + 599), 1, false);
    CHECK(send(ALIKE, 39, 1, T0 + 599), 40, true);
    CHECK(send(ALIKE, 40, 1, T0 + 599), 41, false); /* once */
    CHECK(send(ALIKE, 41, 5, T0 + 1198), 6 + 1, false);
}

static void
test_again_after_ten_minutes(void **state)
{
    (void)state;
    begin("again@x.example", "fan_out_recipients=2");
    CHECK(send(ALIKE, 0, 2, T0), 2, true);
    CHECK(send(ALIKE, 2, 2, T0 + 599), 4, false);
    CHECK(send(ALIKE, 4, 2, T0 + 600), 6, true);
    CHECK(send(ALIKE, 6, 2, T0 + 1199), 6, false);
    CHECK(send(ALIKE, 8, 2, T0 + 1200), 6, true); /* 599, 600 and later ones */
}

static void
test_newsletter(void **state)
{
    (void)state;
    begin("news@x.example", "");
    CHECK(send("", 0, 200, T0), 1 * 100, true); /* short, and all of them strangers */
    CHECK(send(ALIKE, 0, 200, T0 + 601), 0, false);
    CHECK(send(ALIKE, 0, 200, T0 + 5 * DAY), 0, false);
    CHECK(send(ALIKE, 0, 200, T0 + 100 * DAY), 0, false);
    CHECK(send(ALIKE, 0, 200, T0 + 279 * DAY), 0, false); /* written to within 180 days */
    CHECK(send(ALIKE, 0, 230, T0 + 280 * DAY), 30, false);
    CHECK(send(ALIKE, 0, 10, T0 + 500 * DAY), 10, false); /* forgotten */
}

/* whoever is written to first within the same ten minutes stays a stranger */
static void
test_stranger_for_ten_minutes(void **state)
{
    (void)state;
    begin("warm@x.example", "");
    CHECK(send(ALIKE_13, 0, 3, T0), 3, false);
    CHECK(send(ALIKE, 0, 3, T0 + 599), 3, false);
    CHECK(send(ALIKE, 0, 3, T0 + 600), 0, false);
}

static void
test_identities(void **state)
{
    (void)state;
    begin("relay@x.example", "fan_out_recipients=4");
    CHECK(send_text("header:a", ALIKE, 20, 0, 3, T0), 3, false);
    CHECK(send_text("header:b", ALIKE, 20, 3, 3, T0), 3, false);
    CHECK(send_text("header:b", ALIKE, 20, 6, 1, T0), 4, true);
    CHECK(send_text("header:a", ALIKE, 20, 9, 1, T0), 4, true);
    /* whoever sends may write another envelope sender into each message */
    CHECK(send_text("sender:a@x.example", ALIKE, 20, 0, 2, T0), 2, false);
    CHECK(send_text("sender:b@x.example", ALIKE, 20, 2, 2, T0), 4, true);
    CHECK(send_text("", ALIKE, 20, 4, 1, T0), 5, false);
}

static void
test_short_texts(void **state)
{
    (void)state;
    begin("short@x.example", "fan_out_recipients=4");
    CHECK(send_text("", "", 4, 0, 10, T0), 0, false); /* too short to be anybody's */
    CHECK(send_text("", "", 5, 100, 3, T0), 3, false);
    CHECK(send_text("", "", 5, 103, 1, T0), 4, true);
    CHECK(send_text("", ALIKE, 12, 200, 1, T0), 1, false);
}

/* more texts than are kept put out the oldest, and the clock may step back */
static void
test_bounds(void **state)
{
    (void)state;
    begin("bounds@x.example", "fan_out_recipients=3");
    CHECK(send("0000000000000000", 0, 1, T0), 1, false);
    for (int i = 1; i <= OG_FAN_OUT_TEXTS; i++) {
        char hash[17];

        (void)snprintf(hash, sizeof hash, "%016" PRIx64,
                       (uint64_t)0x9e3779b97f4a7c15 * i);
        CHECK(send(hash, i, 1, T0 + i), 1, false);
    }
    CHECK(send("0000000000000000", 100, 1, T0 + 30), 1, false); /* anew */
    CHECK(send("0000000000000000", 101, 1, T0 - 100), 1,
          false); /* the old one is ahead */
    CHECK(send("0000000000000000", 102, 200, T0 + 31), 100, true);
    begin("off@x.example", "fan_out_recipients=0");
    CHECK(send(ALIKE, 0, 200, T0), 0, false);
    begin("none@x.example", "");
    CHECK(send(ALIKE, 0, 0, T0), 0, false);
}

/* what is over goes as others come */

static enum og_rc
count_key(const char *key, const char *value, void *arg, bool *stop, struct og_err *err)
{
    (void)value, (void)stop, (void)err;
    if (strncmp(key, "peer user swept", 15) == 0
        || strncmp(key, "text user swept", 15) == 0)
        ++*(size_t *)arg;
    return OG_OK;
}

static enum og_rc
count_keys(struct og_txn *txn, void *arg, struct og_err *err)
{
    *(size_t *)arg = 0;
    return og_txn_walk(txn, OG_FINGERPRINTS_DB, "", "", count_key, arg, err);
}

static void
test_sweep(void **state)
{
    struct og_err err = { "" };
    size_t keys = 0;

    (void)state;
    begin("swept@x.example", "");
    CHECK(send(ALIKE, 0, 30, T0), 30, false);
    must(og_store_run(&state_of_test.store, OG_STORE_READ, count_keys, &keys, &err));
    assert_true(keys > 10);
    begin("other@x.example", "");
    for (int i = 0; i < 1500 && keys > 0; i++) {
        (void)send(ALIKE, i, 1, T0 + 1000 * DAY + i);
        must(og_store_run(&state_of_test.store, OG_STORE_READ, count_keys, &keys, &err));
    }
    assert_int_equal(keys, 0);
}

static enum og_rc
put(struct og_txn *txn, void *arg, struct og_err *err)
{
    const char *const *words = arg;

    return og_txn_put(txn, OG_FINGERPRINTS_DB, words[0], words[1], err);
}

static void
test_damaged(void **state)
{
    static const char *const rows[][2] = {
        { "text user hurt%40x.example " ALIKE, "until=2100-01-01T00:00:00Z" },
        { "text user hurt%40x.example " ALIKE, "strangers=nonsense" },
        { "text user hurt%40x.example " ALIKE, "no record" },
    };
    struct og_account account = { &sender, "" };
    struct og_findings findings = { .fingerprint = ALIKE, .text_words = 20 };
    const char *address = "a@b.example";

    (void)state;
    begin("hurt@x.example", "");
    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        const char *row[2] = { rows[i][0], rows[i][1] };
        struct og_fan_out result;
        struct og_err err = { "" };

        must(og_store_run(&state_of_test.store, OG_STORE_COUNT, put, row, &err));
        /* one that has no time is of no use, and gives its place to a good one */
        must(og_fan_out_count(&state_of_test, &account, &findings, &address, 1, T0,
                              &result, &err));
    }
}

static enum og_rc
visit(const struct og_denied *denied, void *arg, struct og_err *err)
{
    (void)err;
    *(struct og_denied *)arg = *denied;
    return OG_OK;
}

static void
test_deny(void **state)
{
    static const char *const bad[] = {
        "",
        "00",
        EXACT "0",
        "g0112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
        "0 112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
        "00112233445566778899AABBCCDDEEFF00112233445566778899aabbccddeeff",
    };
    struct og_findings findings = { .exact = EXACT, .text_words = 5 };
    struct og_denied last = { .hash = "" };
    struct og_err err = { "" };
    bool denied = true;

    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(bad); i++)
        row_rc(i, og_fingerprint_deny(&state_of_test, bad[i], "", "", T0, &err),
               OG_E_SYNTAX, &err);
    must(og_fingerprint_denied(&state_of_test, &findings, &denied, &err));
    assert_false(denied);
    must(og_fingerprint_deny(&state_of_test, EXACT, "admin", "a spam run\n", T0, &err));
    row_rc(0, og_fingerprint_deny(&state_of_test, EXACT, "admin", "", T0, &err),
           OG_E_EXISTS, &err);
    must(og_fingerprint_denied(&state_of_test, &findings, &denied, &err));
    assert_true(denied);
    findings.text_words = 4;
    must(og_fingerprint_denied(&state_of_test, &findings, &denied, &err));
    assert_false(denied);
    must(og_fingerprints_each(&state_of_test, visit, &last, &err));
    assert_string_equal(last.hash, EXACT);
    assert_string_equal(last.who, "admin");
    assert_string_equal(last.reason, "a spam run\n");
    assert_int_equal(last.since, T0);
    must(og_fingerprint_allow(&state_of_test, EXACT, &err));
    row_rc(1, og_fingerprint_allow(&state_of_test, EXACT, &err), OG_E_NOTFOUND, &err);
    findings.text_words = 5;
    must(og_fingerprint_denied(&state_of_test, &findings, &denied, &err));
    assert_false(denied);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_small_messages),
        cmocka_unit_test(test_again_after_ten_minutes),
        cmocka_unit_test(test_newsletter),
        cmocka_unit_test(test_stranger_for_ten_minutes),
        cmocka_unit_test(test_identities),
        cmocka_unit_test(test_short_texts),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_sweep),
        cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_deny),
    };
    int failed;

    state_dir_open("");
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    og_sender_free(&sender);
    return state_dir_close() != 0 ? 1 : failed;
}
