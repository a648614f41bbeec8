/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_TOOLS_DOCTOR_H
#define OG_TOOLS_DOCTOR_H

#include "tools/tool.h"

/* what has been looked at so far */
struct doctor {
    struct tool *tool;
    json_t *rows;
    bool sick;
};

/* doctor_row - one more thing that is good or not, with a word about it or "" */
void doctor_row(struct doctor *doctor, const char *what, bool good, const char *text);

/* doctor_warn - one that works, and that somebody should know of all the same */
void doctor_warn(struct doctor *doctor, const char *what, const char *text);

/* doctor_space - how much room is left where path is? */
void doctor_space(struct doctor *doctor, const char *path);

/* doctor_state - are all files of the state the owner's? false: what is somebody else's
 * has to be mended before anybody looks into them. */
bool doctor_state(struct doctor *doctor);

/* doctor_events - can events be written? */
void doctor_events(struct doctor *doctor);

/* doctor_quarantine - is every directory of the quarantine there for its owner, and for
 * nobody else? */
void doctor_quarantine(struct doctor *doctor);

/* doctor_notices - can notices be made and sent, is there somebody to tell, do some wait?
 * And can on_event be started? */
void doctor_notices(struct doctor *doctor);

/* doctor_scanner - does whoever the setting `scanner` names answer, with signatures that
 * are young enough, and can the kernel shut its workers in? Good too where no check asks a
 * scanner. */
void doctor_scanner(struct doctor *doctor);

#endif
