/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_TESTS_ROWS_H
#define OG_TESTS_ROWS_H

/* What every unit test needs: cmocka in its order of includes, and row checks
 * whose failure names the row. */

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/err.h"

/* the row's result code is the expected one */
#define row_rc(row, got, want, err)                                          \
    do {                                                                     \
        enum og_rc got_ = (got), want_ = (want);                             \
        if (got_ != want_)                                                   \
            fail_msg("row %zu: got '%s' (%s), expected '%s'", (size_t)(row), \
                     og_rc_text(got_), (err)->text, og_rc_text(want_));      \
    } while (0)

/* the row's text is the expected one; NULL expects NULL */
#define row_text(row, got, want)                                                        \
    do {                                                                                \
        const char *got_ = (got), *want_ = (want);                                      \
        if ((got_ == NULL) != (want_ == NULL)                                           \
            || (got_ != NULL && strcmp(got_, want_) != 0))                              \
            fail_msg("row %zu: got \"%s\", expected \"%s\"", (size_t)(row),             \
                     got_ != NULL ? got_ : "(null)", want_ != NULL ? want_ : "(null)"); \
    } while (0)

/* a copy of exactly len bytes without NUL, so that ASan sees one byte too many;
 * the caller frees it */
static inline char *
exact_copy(const char *data, size_t len)
{
    char *copy = malloc(len > 0 ? len : 1);

    assert_non_null(copy);
    if (len > 0)
        memcpy(copy, data, len);
    return copy;
}

#endif
