/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_TOOLS_SCAN_H
#define OG_TOOLS_SCAN_H

#include <sys/types.h>

#include "core/base/findings.h"
#include "core/check/verdict.h"
#include "tools/tool.h"

/* outgatectl scan: what is found in messages and documents, and what becomes of them */

enum scan_as { SCAN_AS_GUESSED, SCAN_AS_MESSAGE, SCAN_AS_DOCUMENT };

/* scan_kind.c: is this file a message? By its first lines; *start receives where it begins
 * behind a `From ` line */
bool scan_is_message(int fd, off_t *start);

/* --- scan_tell.c */

/* scan_judge - the verdict of the first check that refuses, with these settings */
void scan_judge(const struct og_settings *set, const struct og_findings *findings,
                struct og_verdict *verdict);

/* scan_object - one file as JSON; NULL: no memory */
json_t *scan_object(const struct og_settings *set, const char *file,
                    const struct og_findings *findings, const struct og_verdict *verdict);

/* scan_print - the same for a person */
void scan_print(const struct og_settings *set, const char *file,
                const struct og_findings *findings, const struct og_verdict *verdict);

#endif
