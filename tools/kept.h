/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_TOOLS_KEPT_H
#define OG_TOOLS_KEPT_H

#include "core/state/vault.h"
#include "tools/tool.h"

/* what the verbs about the quarantine share */

/* options that choose entries; they stand first in a verb's list */
#define TOOL_KEPT_OPTIONS                                                                \
    { "--domain", true, NULL }, { "--user", true, NULL }, { "--identity", true, NULL },  \
        { "--class", true, NULL }, { "--since", true, NULL }, { "--until", true, NULL }, \
    {                                                                                    \
        "--limit", true, NULL                                                            \
    }

enum { TOOL_KEPT_OPTION_COUNT = 7 };

struct tool_kept {
    char id[OG_VAULT_ID];
    struct og_record entry;
};

/* the entries that were chosen, oldest first; the caller frees them */
struct tool_kept_list {
    struct tool_kept *rows;
    size_t count, cap;
};

/* tool_kept_select - read the options and find the entries they mean; --limit takes the
 * newest. The state must be there. */
int tool_kept_select(struct tool *tool, const struct tool_option *options,
                     struct tool_kept_list *list);
void tool_kept_free(struct tool_kept_list *list);

/* tool_kept_chosen - for verbs that change much: ids as words, or `--all`, which stands
 * behind TOOL_KEPT_OPTIONS with `--yes` behind it, fills list */
int tool_kept_chosen(struct tool *tool, const struct tool_option *options,
                     struct tool_kept_list *list);

/* tool_kept_json - one entry; NULL: no memory */
json_t *tool_kept_json(const char *id, const struct og_record *entry);

/* tool_kept_missing - there is no entry of that id: say so */
int tool_kept_missing(struct tool *tool, const char *id);

#endif
