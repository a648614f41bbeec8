/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/rows.h"

#include "core/check/structure.h"

static const struct {
    uint64_t enabled, maximum_size, maximum_line;
    struct og_measure measure;
    const char *code, *class;
} rows[] = {
    { 1, 1000, 998, { 0, 0 }, "", "accepted" },
    { 1, 1000, 998, { 1000, 998 }, "", "accepted" },
    { 1, 1000, 998, { 1000, 999 }, "550 5.6.0", "line-length" },
    { 1, 1000, 998, { 1001, 998 }, "552 5.3.4", "size" },
    { 1, 1000, 998, { 1001, 999 }, "552 5.3.4", "size" }, /* size comes first */
    { 1, 1000, 0, { 1000, 1000 }, "", "accepted" },
    { 1, 0, 998, { UINT64_MAX, 998 }, "", "accepted" },
    { 1, 0, 0, { UINT64_MAX, UINT64_MAX }, "", "accepted" },
    { 0, 0, 998, { 1, 999 }, "550 5.7.1", "disabled" },
};

static void
test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        struct og_settings set = OG_SETTINGS_INIT;
        struct og_verdict verdict = OG_VERDICT_ACCEPT;

        set.enabled = rows[i].enabled;
        set.maximum_message_size = rows[i].maximum_size;
        set.maximum_line_length = rows[i].maximum_line;
        og_structure_check(&set, &rows[i].measure, &verdict);
        row_text(i, verdict.code, rows[i].code);
        row_text(i, verdict.class, rows[i].class);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
