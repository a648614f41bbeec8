/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/rows.h"

#include "core/base/time.h"
#include "core/check/limits.h"

static const int64_t NOON = 1795284741; /* 2026-11-21T18:12:21Z */

#define SHORT(l, u, s, lim, use, ask)                                              \
    {                                                                              \
        .short_of = true, .level = OG_LEVEL_##l, .unit = OG_UNIT_##u, .span = (s), \
        .limit = (lim), .used = (use), .asked = (ask)
#define AT                  \
    , .free_at = 1795284741 \
    }
#define NEVER }
#define DIFFERENT , .distinct = true

static const struct {
    struct og_shortage shortage;
    uint64_t response, before;
    enum og_action action;
    const char *code, *text;
} rows[] = {
    { SHORT(USER, MESSAGES, OG_HOUR, 100, 100, 1) AT, OG_LIMIT_DEFER, 0, OG_DEFER,
      "451 4.7.1",
      "Limit of 100 messages per hour for this sender is reached (100 of 100), next one "
      "passes at 2026-11-21T18:12:21Z" },
    { SHORT(USER, MESSAGES, OG_HOUR, 100, 130, 1) AT, OG_LIMIT_REJECT, 0, OG_REJECT,
      "550 5.7.1",
      "Limit of 100 messages per hour for this sender is reached (130 of 100), next one "
      "passes at 2026-11-21T18:12:21Z" },
    { SHORT(IDENTITY, CONNECTIONS, OG_MINUTE, 5, 5, 1) AT, OG_LIMIT_DEFER, 0, OG_DEFER,
      "451 4.7.1",
      "Limit of 5 connections per minute for this identity is reached (5 of 5), next one "
      "passes at 2026-11-21T18:12:21Z" },
    { SHORT(DOMAIN, RECIPIENTS, OG_MONTH, 100, 95, 10) AT, OG_LIMIT_DEFER, 0, OG_DEFER,
      "452 4.5.3",
      "Limit of 100 recipients per month for this domain would be exceeded by 10 more "
      "(95 "
      "of 100), this message passes at 2026-11-21T18:12:21Z" },
    { SHORT(DOMAIN, RECIPIENTS, OG_WEEK, 100, 95, 10) AT, OG_LIMIT_REJECT, 0, OG_REJECT,
      "550 5.5.3",
      "Limit of 100 recipients per week for this domain would be exceeded by 10 more (95 "
      "of "
      "100), this message passes at 2026-11-21T18:12:21Z" },
    { SHORT(USER, RECIPIENTS, OG_DAY, 100, 95, 6) AT, OG_LIMIT_DEFER, 5, OG_DEFER,
      "452 4.5.3",
      "Limit of 100 recipients per day for this sender is reached (95 of 100 before this "
      "message), next one passes at 2026-11-21T18:12:21Z" },
    { SHORT(USER, RECIPIENTS, OG_DAY, 10, 10, 1) DIFFERENT AT, OG_LIMIT_DEFER, 0,
      OG_DEFER, "452 4.5.3",
      "Limit of 10 different recipients per day for this sender is reached (10 of 10), "
      "next one passes at 2026-11-21T18:12:21Z" },
    { SHORT(USER, RECIPIENTS, OG_DAY, 1, 1, 1) DIFFERENT AT, OG_LIMIT_DEFER, 0, OG_DEFER,
      "452 4.5.3",
      "Limit of 1 different recipient per day for this sender is reached (1 of 1), next "
      "one passes at 2026-11-21T18:12:21Z" },
    /* never: 5xx whatever the setting says */
    { SHORT(USER, MESSAGES, OG_MINUTE, 0, 0, 1) NEVER, OG_LIMIT_DEFER, 0, OG_REJECT,
      "550 5.7.1", "Limit of 0 messages per minute for this sender: none may pass" },
    { SHORT(USER, RECIPIENTS, OG_DAY, 10, 3, 11) NEVER, OG_LIMIT_DEFER, 0, OG_REJECT,
      "550 5.5.3",
      "Limit of 10 recipients per day for this sender: 11 at once can never pass" },
    { SHORT(USER, RECIPIENTS, OG_DAY, 0, 0, 3) NEVER, OG_LIMIT_DEFER, 2, OG_REJECT,
      "550 5.5.3", "Limit of 0 recipients per day for this sender: none may pass" },
    /* but the eleventh recipient passes in another message */
    { SHORT(USER, RECIPIENTS, OG_DAY, 10, 0, 11) NEVER, OG_LIMIT_DEFER, 10, OG_DEFER,
      "452 4.5.3",
      "Limit of 10 recipients per day for this sender is reached (0 of 10 before this "
      "message), send the others in another message" },
    { SHORT(USER, RECIPIENTS, OG_DAY, 10, 10, 11) DIFFERENT NEVER, OG_LIMIT_DEFER, 10,
      OG_DEFER, "452 4.5.3",
      "Limit of 10 different recipients per day for this sender is reached (10 of 10 "
      "before "
      "this message)" },
    { SHORT(USER, RECIPIENTS, OG_DAY, 10, 0, 11) NEVER, OG_LIMIT_REJECT, 10, OG_REJECT,
      "550 5.5.3",
      "Limit of 10 recipients per day for this sender is reached (0 of 10 before this "
      "message), send the others in another message" },
};

static void
test_rows(void **state)
{
    (void)state;
    assert_int_equal(NOON, rows[0].shortage.free_at);
    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        struct og_settings set = OG_SETTINGS_INIT;
        struct og_verdict verdict = OG_VERDICT_ACCEPT;

        set.limit_response = rows[i].response;
        og_limits_check(&set, &rows[i].shortage, rows[i].before, &verdict);
        if (verdict.action != rows[i].action)
            fail_msg("row %zu: %s", i, og_action_text(verdict.action));
        row_text(i, verdict.code, rows[i].code);
        row_text(i, verdict.class, "limit");
        row_text(i, verdict.text, rows[i].text);
    }
}

static void
test_nothing_short(void **state)
{
    struct og_settings set = OG_SETTINGS_INIT;
    struct og_shortage shortage = { .short_of = false };
    struct og_verdict verdict = OG_VERDICT_ACCEPT;

    (void)state;
    og_limits_check(&set, &shortage, 0, &verdict);
    assert_int_equal(verdict.action, OG_ACCEPT);
    assert_string_equal(verdict.text, "");
}

/* the longest text is not cut, and a time that cannot be printed is left out */
static void
test_longest(void **state)
{
    struct og_settings set = OG_SETTINGS_INIT;
    struct og_shortage s = {
        true,       OG_LEVEL_IDENTITY, OG_UNIT_RECIPIENTS, true, OG_MINUTE,
        UINT64_MAX, UINT64_MAX - 1,    UINT64_MAX,         1,    NOON,
        false
    };
    struct og_verdict verdict = OG_VERDICT_ACCEPT;

    (void)state;
    set.limit_response = OG_LIMIT_DEFER;
    og_limits_check(&set, &s, 0, &verdict);
    assert_non_null(strstr(verdict.text, "passes at 2026-11-21T18:12:21Z"));
    assert_string_equal(verdict.facts,
                        "level=identity unit=distinct-recipients window=minute "
                        "used=18446744073709551614 limit=18446744073709551615 "
                        "asked=18446744073709551615 free_at=2026-11-21T18:12:21Z");
    s.free_at = OG_TIME_MAX + 1;
    og_limits_check(&set, &s, 0, &verdict);
    assert_non_null(strstr(verdict.text, ", try again later"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_nothing_short),
        cmocka_unit_test(test_longest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
