/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/rows.h"

#include "core/scan/clamd.h"

#define ROW(text) (text), sizeof(text) /* with its NUL */

static const struct {
    const char *in;
    size_t len;
    enum og_rc rc;
    enum og_found what;
    const char *name; /* NULL: nothing is found */
} rows[] = {
    { "", 0, OG_E_SYNTAX, 0, NULL },
    { ROW(""), OG_E_SYNTAX, 0, NULL },
    { ROW("fd[10]: OK"), OG_OK, 0, NULL },
    { "fd[10]: OK", 10, OG_E_SYNTAX, 0, NULL }, /* cut */
    { ROW("fd[10]: O"), OG_E_SYNTAX, 0, NULL },
    { ROW("fd[10]: OK\0more"), OG_E_SYNTAX, 0, NULL },
    { ROW("fd[10]: Eicar-Test FOUND"), OG_OK, OG_FOUND_VIRUS, "Eicar-Test" },
    { ROW("fd[10]: A: B FOUND"), OG_OK, OG_FOUND_VIRUS, "A: B" },
    { ROW("fd[10]:  FOUND"), OG_E_SYNTAX, 0, NULL },
    { ROW("fd[10]: FOUND"), OG_E_SYNTAX, 0, NULL },
    { ROW("stream: Eicar-Test FOUND"), OG_E_SYNTAX, 0, NULL },
    { ROW("fd[10]: Can't open file ERROR"), OG_E_LIB, 0, NULL },
    { ROW("No file descriptor received. ERROR"), OG_E_LIB, 0, NULL },
    { ROW("UNKNOWN COMMAND"), OG_E_SYNTAX, 0, NULL },
    { ROW("fd[10]: PUA.Win.Tool.X-1 FOUND"), OG_OK, OG_FOUND_UNWANTED,
      "PUA.Win.Tool.X-1" },
    { ROW("fd[10]: Heuristics.Phishing.Email.SpoofedDomain FOUND"), OG_OK, OG_FOUND_PHISH,
      "Heuristics.Phishing.Email.SpoofedDomain" },
    { ROW("fd[10]: Heuristics.Limits.Exceeded.MaxScanSize FOUND"), OG_OK, OG_FOUND_LIMIT,
      "size" },
    { ROW("fd[10]: Heuristics.OLE2.ContainsMacros FOUND"), OG_OK, 0, NULL },
    { ROW("fd[10]: Heuristics.Encrypted.Zip FOUND"), OG_OK, 0, NULL },
    { ROW("fd[10]: Heuristics.Broken.Executable FOUND"), OG_OK, OG_FOUND_VIRUS,
      "Heuristics.Broken.Executable" },
};

static void
test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        struct og_findings found = OG_FINDINGS_INIT;
        struct og_err err = { "" };
        char *exact = exact_copy(rows[i].in, rows[i].len);

        row_rc(i, og_clamd_parse(exact, rows[i].len, &found, &err), rows[i].rc, &err);
        free(exact);
        assert_int_equal(found.count, rows[i].name != NULL ? 1 : 0);
        if (rows[i].name != NULL) {
            assert_int_equal(found.list[0].what, rows[i].what);
            row_text(i, found.list[0].name, rows[i].name);
        }
        og_findings_free(&found);
    }
}

static void
test_ceiling(void **state)
{
    (void)state;
    for (size_t len = 4096; len <= 4097; len++) {
        struct og_findings found = OG_FINDINGS_INIT;
        struct og_err err = { "" };
        char *text = malloc(len);

        assert_non_null(text);
        memset(text, 'x', len);
        memcpy(text, "fd[10]: ", 8);
        memcpy(text + len - 7, " FOUND", 7);
        assert_int_equal(og_clamd_parse(text, len, &found, &err),
                         len == 4096 ? OG_OK : OG_E_SYNTAX);
        free(text);
        og_findings_free(&found);
    }
}

/* what our own engine has found takes no place from what clamd says */
static void
test_full_list(void **state)
{
    static const char virus[] = "fd[10]: Eicar FOUND", another[] = "fd[10]: Other FOUND";
    struct og_findings found = OG_FINDINGS_INIT;
    const struct og_finding file = { .what = OG_FOUND_FILE };
    struct og_err err = { "" };

    (void)state;
    while (og_findings_add(&found, &file, &err) == OG_OK)
        ;
    assert_int_equal(og_clamd_parse(virus, sizeof virus, &found, &err), OG_OK);
    assert_string_equal(og_findings_first(&found, OG_FOUND_VIRUS)->name, "Eicar");
    assert_int_equal(og_clamd_parse(another, sizeof another, &found, &err), OG_OK);
    og_findings_free(&found);
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows),
                                        cmocka_unit_test(test_ceiling),
                                        cmocka_unit_test(test_full_list) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
