/* SPDX-License-Identifier: BSD-2-Clause */
#include "scand/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <syslog.h>
#include <unistd.h>

#include "core/base/time.h"
#include "core/base/write.h"

static _Bool to_syslog, with_time = 1;

void
log_open(_Bool syslog_wanted)
{
    to_syslog = syslog_wanted;
    with_time = getenv("JOURNAL_STREAM") == NULL; /* the journal has its own */
    if (to_syslog)
        openlog("outgate-scand", LOG_PID, LOG_MAIL);
}

void
log_line(const char *fmt, ...)
{
    char text[1024], clean[1024], line[1100], now[OG_TIME_TEXT] = "";
    va_list args;
    int len;

    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args); /* cut on purpose */
    va_end(args);
    og_escape(text, clean, sizeof clean);
    if (to_syslog) {
        syslog(LOG_INFO, "%s", clean);
        return;
    }
    if (with_time && og_time_print(og_time_now(), now, NULL) != OG_OK)
        now[0] = '\0'; /* a clock before the year 0 */
    len = snprintf(line, sizeof line, "%s%soutgate-scand: %s\n", now,
                   now[0] != '\0' ? " " : "", clean);
    if (write(STDERR_FILENO, line, (size_t)len) < 0)
        return; /* nobody is left to tell */
}
