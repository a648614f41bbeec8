/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_STATE_EVENTS_H
#define OG_STATE_EVENTS_H

#include "core/base/record.h"
#include "core/state/state.h"

/*
 * og_events_write - append one event to events.log as one JSON line
 *
 * event  the fields in the order they shall stand; `time` is put in front here
 *
 * One write with O_APPEND, so lines of several processes never mix; a line that a full
 * disk has cut is ended first. The file is made with mode 0640 by the owner of the
 * state, who must be able to write it also where root calls. Returns OG_OK;
 * OG_E_IO with path and reason, OG_E_LIMIT, OG_E_NOMEM. The caller decides what a
 * lost event means; nothing else is undone.
 */
enum og_rc og_events_write(const struct og_state *state, const struct og_record *event,
                           struct og_err *err) OG_CHECKED;

/*
 * og_events_read - call visit for each event of a file, oldest first
 *
 * from     offset in bytes to begin at, 0 for all; receives the offset behind the
 *          last whole line, so that a later call goes on there
 * damaged  counts lines that are no JSON object, such as one cut by a full disk;
 *          empty ones are passed over
 *
 * Returns OG_OK; OG_E_IO; OG_E_NOTFOUND without file; what visit returned.
 */
typedef enum og_rc og_events_visit(const char *line, const struct og_record *event,
                                   void *arg, struct og_err *err);
enum og_rc og_events_read(const char *path, long long *from, size_t *damaged,
                          og_events_visit *visit, void *arg,
                          struct og_err *err) OG_CHECKED;

#endif
