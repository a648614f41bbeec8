/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_TOOLS_HISTORY_H
#define OG_TOOLS_HISTORY_H

#include "core/state/events.h"
#include "tools/tool.h"

/*
 * tool_history - call visit for every event that is still there, oldest first
 *
 * since  files that were last written before it are passed over; 0: none
 * log    this file only; NULL: events_log, and before it what logrotate has made of it:
 *        `events.log.2.gz`, `events.log-20261115`
 * tell   damaged lines, which are passed over, are counted on standard error at the end:
 *        once, where a verb reads the log twice
 *
 * No file at all is TOOL_NO. A visit that fails ends it with that failure.
 */
int tool_history(struct tool *tool, const char *log, int64_t since, bool tell,
                 og_events_visit *visit, void *arg);

/* tool_history_read - the same without a word to anybody; adds to damaged, and to files how
 * many could be read */
enum og_rc tool_history_read(const struct tool *tool, const char *log, int64_t since,
                             og_events_visit *visit, void *arg, size_t *damaged,
                             size_t *files, struct og_err *err) OG_CHECKED;

#endif
