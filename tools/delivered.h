/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_TOOLS_DELIVERED_H
#define OG_TOOLS_DELIVERED_H

#include "core/base/time.h"
#include "core/state/vault.h"
#include "tools/tool.h"

/*
 * Which kept messages has their sender sent again, and they were accepted: messages of the
 * same user with the same Message-ID in the log, rotated files included. It is read once,
 * however many are asked for.
 */
struct tool_delivered {
    void *wanted; /* tree; it ends with the process */
    int64_t since;
};

#define TOOL_DELIVERED_INIT \
    {                       \
        NULL, INT64_MAX     \
    }

/* when and under which id one was accepted; "" if it was not */
struct tool_delivery {
    char *key; /* the tree's: Message-ID, LF, user */
    char time[OG_TIME_TEXT], id[OG_VAULT_ID];
};

/* tool_delivered_ask - before the log is read: this one is wanted; OG_E_NOMEM */
enum og_rc tool_delivered_ask(struct tool_delivered *delivered,
                              const struct og_record *entry,
                              struct og_err *err) OG_CHECKED;

/* tool_delivered_read - read the log; one that cannot be read tells nothing */
void tool_delivered_read(const struct tool *tool, struct tool_delivered *delivered);

/* tool_delivered_find - what is known of an entry; NULL: nothing */
const struct tool_delivery *tool_delivered_find(const struct tool_delivered *delivered,
                                                const struct og_record *entry);

#endif
