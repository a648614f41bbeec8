/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/base/err.h"

#include <stdarg.h>
#include <stdio.h>

void
og_err_set(struct og_err *err, const char *fmt, ...)
{
    va_list args;

    if (err == NULL)
        return;
    va_start(args, fmt);
    (void)vsnprintf(err->text, sizeof err->text, fmt, args); /* cut on purpose */
    va_end(args);
}

const char *
og_rc_text(enum og_rc rc)
{
    switch (rc) {
    case OG_OK:
        return "ok";
    case OG_E_SYNTAX:
        return "syntax error";
    case OG_E_RANGE:
        return "out of range";
    case OG_E_LIMIT:
        return "too large";
    case OG_E_NOMEM:
        return "out of memory";
    case OG_E_IO:
        return "input/output error";
    case OG_E_NOTFOUND:
        return "not found";
    case OG_E_EXISTS:
        return "exists already";
    case OG_E_PERM:
        return "wrong permissions";
    case OG_E_BUSY:
        return "busy";
    case OG_E_STATE:
        return "state not usable";
    case OG_E_LIB:
        return "library error";
    }
    return "unknown";
}
