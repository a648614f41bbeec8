/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_SCAND_LOG_H
#define OG_SCAND_LOG_H

#include "core/base/err.h"

/* log_open - to syslog's facility mail instead of standard error; before anything else */
void log_open(_Bool to_syslog);

/* log_line - one line; unprintable bytes become \xHH */
void log_line(const char *fmt, ...) OG_PRINTF(1, 2);

#endif
