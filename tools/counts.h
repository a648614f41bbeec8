/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_TOOLS_COUNTS_H
#define OG_TOOLS_COUNTS_H

#include "core/state/ledger_book.h"
#include "tools/whose.h"

/* what the verbs about limits share */

/* tool_unit - `messages`, `recipients` or `connections` */
int tool_unit(struct tool *tool, const char *text, enum og_unit *unit);

/* tool_grants_json, tool_grants_put - grants as JSON and as lines of text */
json_t *tool_grants_json(const struct og_grant *grants, size_t count);
void tool_grants_put(const struct og_grant *grants, size_t count);

#endif
