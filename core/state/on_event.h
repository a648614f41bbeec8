/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_STATE_ON_EVENT_H
#define OG_STATE_ON_EVENT_H

#include <sys/types.h>

#include "core/base/record.h"
#include "core/state/state.h"

/*
 * Setting on_event: a command that gets each event of on_event_classes. Never in Exim's
 * way: whoever writes such an event only looks whether somebody is at work already, and
 * starts `outgatectl on-event`, setting notice_program, if not. That one works through
 * events_log, one event after the other, and ends when it has caught up.
 *
 * How far it has come stands in the file `on-event` in the state's directory, which it
 * holds locked meanwhile. It says so after each event, so that one that was killed goes
 * on where it was; the event it was at is given once more.
 */
struct og_position {
    ino_t file; /* the one that was events_log then */
    long long at;
};

/* og_on_event_wants - is this event for the command? Those of the command itself never */
bool og_on_event_wants(const struct og_settings *server, const char *class);

/*
 * og_on_event_wake - an event of this class has been written
 *
 * before  where the log ended before it
 * Does nothing where the setting is empty. A failure is nobody's business but err's: the
 * next event wakes it.
 */
enum og_rc og_on_event_wake(const struct og_state *state, const char *class,
                            const struct og_position *before,
                            struct og_err *err) OG_CHECKED;

/* og_on_event_lock - become the one at work; fd receives the locked file. OG_E_BUSY when
 * there is one; OG_E_NOTFOUND when no event was for the command yet; OG_E_IO. */
enum og_rc og_on_event_lock(const struct og_state *state, int *fd,
                            struct og_position *position, struct og_err *err) OG_CHECKED;

/* og_on_event_note - how far it has come */
enum og_rc og_on_event_note(int fd, const struct og_position *position,
                            struct og_err *err) OG_CHECKED;

#endif
