/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_TOOLS_AUDIT_H
#define OG_TOOLS_AUDIT_H

#include "core/base/record.h"
#include "tools/tool.h"

/* what outgatectl has done, told in events_log. It is done before it is told: an event
 * that cannot be written is a warning, and undoes nothing. */

/* tool_event - what was done to a sender, or "", and who did it; who is the account by
 * name, NULL: the one that has started this */
void tool_event(struct tool *tool, const char *who, const char *user, const char *class,
                const char *reason);

/*
 * tool_audit - how a sender's record was changed
 *
 * before, after  the whole record as it was and as it is; NULL: there was, is none
 *
 * `reason` is for people: `enabled: yes -> no; password: replaced`. The fields `old.NAME`
 * and `new.NAME` have the values, whole. No password and no hash is in them.
 */
void tool_audit(struct tool *tool, const char *user, const char *class,
                const struct og_record *before, const struct og_record *after);

#endif
