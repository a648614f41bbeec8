/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/base/shell.h"

#include <string.h>

enum og_rc
og_shell_quote(const char *text, struct og_buf *out, struct og_err *err)
{
    enum og_rc rc = og_buf_add(out, "'", 1, err);

    while (*text != '\0' && rc == OG_OK) {
        size_t plain = strcspn(text, "'");

        rc = og_buf_add(out, text, plain, err);
        text += plain;
        if (rc == OG_OK && *text == '\'') {
            rc = og_buf_add_text(out, "'\\''", err);
            text++;
        }
    }
    return rc == OG_OK ? og_buf_add(out, "'", 1, err) : rc;
}
