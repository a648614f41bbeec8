/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/lock_help.h"

#include <sys/wait.h>

static struct og_sender relay;
static int number; /* messages so far: each is another one */

static void
begin(enum og_user_kind kind, const char *name, const char *settings)
{
    og_sender_free(&relay);
    relay = sender_of(kind, name, settings);
}

static struct og_incident_result
count_message(const char *identity, const char *class, const char *message, int64_t now)
{
    struct og_account account = { &relay, identity };
    struct og_incident incident = { .class = class,
                                    .message = message,
                                    .detail = "a detail" };
    struct og_incident_result result;
    struct og_err err = { "" };

    must(og_incident_count(&state_of_test, &account, &incident, now, &result, &err));
    return result;
}

static struct og_incident_result
count(const char *identity, const char *class, int64_t now)
{
    char message[40];

    (void)snprintf(message, sizeof message, "<%d@x.example> 00ff", number++);
    return count_message(identity, class, message, now);
}

static bool
locked(const char *identity, int64_t now)
{
    struct og_account account = { &relay, identity };

    return look(&account, now).locked;
}

static void
test_five_in_ten_minutes(void **state)
{
    struct og_incident_result result;

    (void)state;
    begin(OG_KIND_USER, "five@x.example", "");
    for (int i = 0; i < 4; i++) {
        result = count("", "spam", T0 + i * 150);
        assert_true(result.counted && !result.lock.locked);
    }
    assert_false(locked("", T0 + 600));
    result = count("", "spam", T0 + 600); /* the first one still counts */
    assert_true(result.counted && result.lock.locked);
    assert_int_equal(result.lock.level, OG_LEVEL_USER);
    assert_string_equal(result.lock.rule, "spam 5 in 10m");
    assert_string_equal(result.lock.reason, "a detail");
    assert_int_equal(result.lock.until, T0 + 600 + 30 * MINUTE);
    assert_true(locked("", T0 + 600));
    assert_true(locked("header:any", T0 + 600));
}

static void
test_one_second_later(void **state)
{
    (void)state;
    begin(OG_KIND_USER, "later@x.example", "");
    for (int i = 0; i < 4; i++)
        assert_false(count("", "spam", T0 + i).lock.locked);
    assert_false(count("", "spam", T0 + 601).lock.locked); /* four within 10m */
    assert_true(count("", "spam", T0 + 601).lock.locked);
}

/* any interval: 40 incidents that never have five within ten minutes, then one more */
static void
test_any_interval(void **state)
{
    int64_t now = T0;

    (void)state;
    begin(OG_KIND_USER, "any@x.example", "");
    for (int i = 0; i < 40; i++) {
        assert_false(count("", "spam", now).lock.locked);
        now += i % 4 == 3 ? 597 : 2; /* the fifth comes 603 s behind the first */
    }
    assert_false(count("", "spam", now).lock.locked); /* with 597 s and 599 s ago */
    assert_false(count("", "spam", now).lock.locked);
    assert_true(count("", "spam", now).lock.locked);
}

static void
test_same_message(void **state)
{
    struct og_incident_result result;

    (void)state;
    begin(OG_KIND_USER, "same@x.example", "");
    assert_true(count_message("", "spam", "<1@x>", T0).counted);
    for (int i = 0; i < 10; i++) {
        result = count_message("", "spam", "<1@x>", T0 + i);
        assert_true(!result.counted && result.seen && !result.lock.locked);
    }
    assert_true(count_message("", "spam", "<1@x>", T0 + DAY - 1).seen);
    assert_true(count_message("", "spam", "<1@x>", T0 + DAY).counted); /* long ago */
    assert_true(count_message("", "virus", "<1@x>", T0).counted);      /* other class */
    begin(OG_KIND_USER, "other@x.example", "");
    assert_true(count_message("", "spam", "<1@x>", T0).counted); /* other sender */
    for (int i = 0; i < 4; i++)                                  /* what cannot repeat */
        result = count_message("", "spam", "", T0);
    assert_true(result.lock.locked);
}

/* the identities of an ip user are locked by themselves, and one never locks them all */
static void
test_relay(void **state)
{
    struct og_incident_result result;

    (void)state;
    begin(OG_KIND_IP, "192.0.2.0/24", "");
    for (int i = 0; i < 4; i++)
        assert_false(count("header:bad", "spam", T0 + i).lock.locked);
    result = count("header:bad", "spam", T0 + 4);
    assert_true(result.lock.locked);
    assert_int_equal(result.lock.level, OG_LEVEL_IDENTITY);
    assert_true(locked("header:bad", T0 + 4));
    assert_false(locked("header:good", T0 + 4));
    assert_false(locked("", T0 + 4));
    result = count("header:bad", "spam", T0 + 5); /* it is stopped already */
    assert_false(result.counted);
    result = count("header:bad", "virus", T0 + 5);
    assert_false(result.counted);
    /* one virus locks its identity, not the relay */
    result = count("header:worse", "virus", T0 + 6);
    assert_int_equal(result.lock.level, OG_LEVEL_IDENTITY);
    assert_false(locked("", T0 + 6));
}

/* five different identities, or mail of nobody, do lock the relay */
static void
test_relay_many(void **state)
{
    char identity[30];

    (void)state;
    begin(OG_KIND_IP, "192.0.3.0/24", "");
    for (int i = 0; i < 3; i++)
        assert_false(count("header:a", "spam", T0 + i).lock.locked);
    for (int i = 0; i < 3; i++) {
        (void)snprintf(identity, sizeof identity, "header:b%d", i);
        assert_false(count(identity, "spam", T0 + 10 + i).lock.locked);
    }
    assert_int_equal(count("header:c", "spam", T0 + 20).lock.level, OG_LEVEL_USER);
    assert_true(locked("", T0 + 20));
    begin(OG_KIND_IP, "192.0.4.0/24", "");
    for (int i = 0; i < 4; i++)
        assert_false(count("", "spam", T0 + i).lock.locked);
    assert_true(count("", "spam", T0 + 5).lock.locked);
    begin(OG_KIND_IP, "192.0.5.0/24", ""); /* a virus of nobody */
    assert_int_equal(count("", "virus", T0).lock.level, OG_LEVEL_USER);
    begin(OG_KIND_IP, "192.0.6.0/24", ""); /* viruses of two */
    assert_false(count("header:a", "virus", T0).lock.level == OG_LEVEL_USER);
    (void)count("header:b", "virus", T0 + 1);
    assert_true(locked("", T0 + 1));
}

/* where identities are not locked, all that they do counts on the user */
static void
test_user_without_identity_locks(void **state)
{
    (void)state;
    begin(OG_KIND_USER, "ids@x.example", "");
    for (int i = 0; i < 4; i++)
        assert_false(count("sender:a@x.example", "spam", T0).lock.locked);
    assert_int_equal(count("sender:a@x.example", "spam", T0).lock.level, OG_LEVEL_USER);
}

static void
test_per(void **state)
{
    struct og_incident_result result;

    (void)state;
    /* `per user` counts everything, whoever it was */
    begin(OG_KIND_IP, "192.0.7.0/24", "lock_rules=macro%203%20in%201h%20per%20user");
    assert_false(count("header:a", "macro", T0).lock.locked);
    assert_false(count("header:a", "macro", T0).lock.locked);
    assert_int_equal(count("header:a", "macro", T0).lock.level, OG_LEVEL_USER);
    begin(OG_KIND_IP, "192.0.8.0/24", "lock_rules=macro%202%20in%201h%20per%20identity");
    assert_false(count("", "macro", T0).counted); /* nobody's */
    assert_false(count("header:a", "macro", T0).lock.locked);
    assert_false(count("header:b", "macro", T0).lock.locked);
    assert_int_equal(count("header:a", "macro", T0).lock.level, OG_LEVEL_IDENTITY);
    assert_false(locked("", T0));
    /* the first rule that is broken names the lock */
    begin(OG_KIND_USER, "two@x.example",
          "lock_rules=spam%203%20in%201h,%20spam%202%20in%201m");
    assert_false(count("", "spam", T0).lock.locked);
    result = count("", "spam", T0 + 60);
    assert_string_equal(result.lock.rule, "spam 2 in 1m");
}

static void
test_switched_off(void **state)
{
    struct og_incident_result result;

    (void)state;
    begin(OG_KIND_USER, "off@x.example", "automatic_lock=no");
    for (int i = 0; i < 20; i++)
        result = count("header:a", "virus", T0);
    assert_false(result.counted || result.lock.locked);
    begin(OG_KIND_USER, "none@x.example", "lock_rules=off");
    assert_false(count("", "virus", T0).counted);
    begin(OG_KIND_USER, "class@x.example", "");
    assert_false(count("", "macro", T0).counted); /* a class without a rule */
    begin(OG_KIND_IP, "192.0.9.0/24", "automatic_lock=no");
    assert_int_equal(count("header:a", "virus", T0).lock.level, OG_LEVEL_IDENTITY);
    assert_int_equal(count("header:b", "virus", T0).lock.level, OG_LEVEL_IDENTITY);
    assert_false(locked("", T0));
    begin(OG_KIND_IP, "192.0.10.0/24", "lock_identities_automatically=no");
    assert_int_equal(count("header:a", "virus", T0).lock.level, OG_LEVEL_USER);
    begin(OG_KIND_USER, "yes@x.example", "lock_identities_automatically=yes");
    assert_int_equal(count("header:a", "virus", T0).lock.level, OG_LEVEL_IDENTITY);
    assert_int_equal(count_of("events-seen.db", "incidents user off@"), 0);
}

/* og_store_changes() grows with each run that commits: what others have cached is lost */
static void
test_without_a_rule_the_store_is_left_alone(void **state)
{
    struct og_account nobody = { &relay, "" }, somebody = { &relay, "header:a" };
    uint64_t before;

    (void)state;
    begin(OG_KIND_USER, "quiet@x.example", "");
    assert_false(og_incident_may_count(&nobody, "macro"));
    assert_true(og_incident_may_count(&nobody, "virus"));
    before = og_store_changes(&state_of_test.store);
    assert_int_not_equal(before, 0);
    assert_false(count("", "macro", T0).counted);
    assert_int_equal(og_store_changes(&state_of_test.store), before);
    assert_true(count("", "virus", T0).counted);
    assert_int_not_equal(og_store_changes(&state_of_test.store), before);
    begin(OG_KIND_IP, "192.0.11.0/24", "automatic_lock=no");
    assert_false(og_incident_may_count(&nobody, "virus"));
    assert_true(og_incident_may_count(&somebody, "virus"));
}

static void
test_unknown_class(void **state)
{
    struct og_account account = { &relay, "" };
    struct og_incident incident = { .class = "limit", .message = "", .detail = "" };
    struct og_lock lock;
    struct og_err err = { "" };

    (void)state;
    assert_int_equal(
        og_incident_add(&state_of_test, &account, &incident, T0, &lock, &err),
        OG_E_SYNTAX);
    assert_false(lock.locked);
    assert_non_null(strstr(err.text, "limit"));
}

/* after a lock the count begins anew; while it lasts nothing is counted */
static void
test_begin_anew(void **state)
{
    int64_t later = T0 + 30 * MINUTE;

    (void)state;
    begin(OG_KIND_USER, "anew@x.example",
          "lock_rules=spam%202%20in%201d maximum_unlocks_by_timeout=1");
    assert_false(count("", "spam", T0).lock.locked);
    assert_int_equal(count("", "spam", T0).lock.until, later);
    assert_false(count("", "spam", T0 + 1).counted);
    assert_false(count("", "spam", later).lock.locked); /* the timeout has freed it */
    assert_true(count("", "spam", later).lock.locked);
    assert_true(locked("", later + 300 * DAY)); /* and no more */
}

/* a clock that steps back loses no incident and keeps none for ever */
static void
test_clock(void **state)
{
    int64_t back = T0 - 300 * DAY;

    (void)state;
    begin(OG_KIND_USER, "clock@x.example", "");
    for (int i = 0; i < 4; i++)
        (void)count("", "spam", T0 + i);
    assert_true(count("", "spam", T0 - 30).lock.locked);
    begin(OG_KIND_USER, "clock2@x.example", "");
    for (int i = 0; i < 4; i++)
        assert_true(count_message("", "spam", i == 0 ? "<1@x>" : "", T0).counted);
    /* a year back: the records are of a clock that was wrong */
    for (int i = 0; i < 4; i++)
        assert_false(count_message("", "spam", i == 0 ? "<1@x>" : "", back).lock.locked);
    assert_true(count("", "spam", back).lock.locked);
}

/* processes at the same time: every incident counts, and one of them makes the lock */
static void
test_processes(void **state)
{
    enum { PROCESSES = 8, EACH = 5 };
    int locks = 0;

    (void)state;
    begin(OG_KIND_USER, "many@x.example", "lock_rules=spam%2040%20in%201h");
    for (int i = 0; i < PROCESSES; i++) {
        pid_t pid = fork();
        int made = 0;

        assert_true(pid >= 0);
        if (pid > 0)
            continue;
        for (int j = 0; j < EACH; j++)
            made += count_message("", "spam", "", T0).lock.locked;
        _exit(made);
    }
    for (int i = 0; i < PROCESSES; i++) {
        int status = 0;

        assert_true(wait(&status) > 0);
        assert_true(WIFEXITED(status));
        locks += WEXITSTATUS(status);
    }
    assert_int_equal(locks, 1);
    assert_true(locked("", T0));
}

/* what has ended leaves the database as new incidents come */
static void
test_sweep(void **state)
{
    (void)state;
    begin(OG_KIND_IP, "192.0.11.0/24", "automatic_lock=no");
    for (int i = 0; i < 200; i++) {
        char identity[30];

        (void)snprintf(identity, sizeof identity, "header:s%d", i);
        (void)count(identity, "spam", T0 + 400 * DAY);
    }
    assert_true(count_of("events-seen.db", "") >= 800); /* two keys for each record */
    for (int i = 0; i < 300; i++)
        (void)count("header:one", "spam", T0 + 402 * DAY + i * 1000);
    assert_int_equal(
        count_of("events-seen.db", "incidents identity 192.0.11.0/24 header:s"), 0);
    assert_true(count_of("events-seen.db", "") < 2 * 90 + 10); /* a day of them */
    /* and what a clock that was ahead has left */
    for (int i = 0; i < 50; i++)
        (void)count("header:two", "spam", T0 + i * 1000);
    assert_true(count_of("events-seen.db", "") <= 102);
}

/* every record of the queue has its own and the other way round */
static void
test_queue(void **state)
{
    struct dump dump = dump_of("events-seen.db", "");
    size_t queued = 0, records = 0;
    char *rest = dump.text.data, *key, *value;

    (void)state;
    while (rest != NULL && *rest != '\0') {
        struct og_record rec = OG_RECORD_INIT;
        char expected[OG_STORE_MAX_KEY + 40];
        struct dump one;

        key = strsep(&rest, "\n");
        value = strsep(&rest, "\n");
        if (strncmp(key, "until ", 6) == 0) {
            queued++;
            continue;
        }
        records++;
        assert_int_equal(og_record_parse(value, strlen(value), &rec, NULL), OG_OK);
        (void)snprintf(expected, sizeof expected, "until %s %s",
                       og_record_get(&rec, "queued"), key);
        assert_true(strcmp(og_record_get(&rec, "queued"), og_record_get(&rec, "until"))
                    <= 0);
        one = dump_of("events-seen.db", expected);
        assert_true(one.count >= 1);
        og_buf_free(&one.text);
        og_record_free(&rec);
    }
    assert_true(records > 0);
    assert_int_equal(queued, records);
    og_buf_free(&dump.text);
}

static int
close_state(void **state)
{
    (void)state;
    og_sender_free(&relay);
    return state_dir_close();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_five_in_ten_minutes),
        cmocka_unit_test(test_one_second_later),
        cmocka_unit_test(test_any_interval),
        cmocka_unit_test(test_same_message),
        cmocka_unit_test(test_relay),
        cmocka_unit_test(test_relay_many),
        cmocka_unit_test(test_user_without_identity_locks),
        cmocka_unit_test(test_per),
        cmocka_unit_test(test_switched_off),
        cmocka_unit_test(test_without_a_rule_the_store_is_left_alone),
        cmocka_unit_test(test_unknown_class),
        cmocka_unit_test(test_begin_anew),
        cmocka_unit_test(test_clock),
        cmocka_unit_test(test_processes),
        cmocka_unit_test(test_sweep),
        cmocka_unit_test(test_queue),
    };

    return cmocka_run_group_tests(tests, state_dir_set_up, close_state);
}
