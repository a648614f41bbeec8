/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_TOOLS_FOLLOW_H
#define OG_TOOLS_FOLLOW_H

#include "core/state/events.h"
#include "tools/tool.h"

/*
 * tool_follow - read events_log, then go on as it grows
 *
 * visit   called for each event
 * caught  called whenever all that is there has been visited
 *
 * Survives rotation: a file with a new name is read to its end before the next one is
 * begun, and a truncated one from its start. Waits for a file that is not there. Ends
 * with TOOL_DONE on SIGINT, SIGTERM, and when nobody reads standard output any more.
 */
int tool_follow(struct tool *tool, og_events_visit *visit, void (*caught)(void *arg),
                void *arg);

#endif
