/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/rows.h"

#include "core/base/shell.h"

static const struct {
    const char *in;
    enum og_rc rc;
    const char *out;
} rows[] = {
    { "", OG_OK, "''" },
    { "a b", OG_OK, "'a b'" },
    { "$(id)`id`\\\"!#", OG_OK, "'$(id)`id`\\\"!#'" },
    { "it's", OG_OK, "'it'\\''s'" },
    { "'", OG_OK, "''\\'''" },
    { "''", OG_OK, "''\\'''\\'''" },
    { "-x\n;", OG_OK, "'-x\n;'" },
    { "123456789012345678", OG_OK, "'123456789012345678'" },
    { "1234567890123456789", OG_E_LIMIT, NULL }, /* 21 bytes, the ceiling is 20 */
};

static void
test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        struct og_buf out = OG_BUF_INIT(20);
        struct og_err err = { "" };

        row_rc(i, og_shell_quote(rows[i].in, &out, &err), rows[i].rc, &err);
        if (rows[i].out != NULL)
            row_text(i, og_buf_text(&out), rows[i].out);
        og_buf_free(&out);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
