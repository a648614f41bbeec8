/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_TOOLS_VALUES_H
#define OG_TOOLS_VALUES_H

#include "tools/tool.h"

/* values of settings whose syntax is good: what only a look at domains, templates, files
 * and programs can tell */

/*
 * tool_value_settle - check one that somebody has just given, in set
 *
 * The domain of an address becomes A-labels. What is odd but can be is told by
 * tool_warn(). Returns OG_OK; OG_E_SYNTAX for a domain that cannot be, and for a
 * lock_template that is not there or is wrong; OG_E_NOMEM.
 */
enum og_rc tool_value_settle(struct tool *tool, const struct og_setting *row,
                             struct og_settings *set, struct og_err *err) OG_CHECKED;

/* something about a setting of outgate.conf; what is not bad works nevertheless */
typedef void tool_value_report(const char *setting, bool bad, const char *text,
                               void *arg);

/* tool_values_check - look at everything that outgate.conf names, but for the directories
 * that `outgatectl init` makes; as the owner of the state */
void tool_values_check(struct tool *tool, tool_value_report *report, void *arg);

/* tool_places_check - look at those: is there a directory, and is it the owner's? */
void tool_places_check(struct tool *tool, tool_value_report *report, void *arg);

#endif
