/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/base/time.h"
#include "tools/whose.h"

static int
lock(struct tool *tool)
{
    struct tool_option options[] = { { "--identity", true, NULL },
                                     { "--reason", true, NULL },
                                     { NULL, false, NULL } };
    struct tool_account whose = TOOL_ACCOUNT_INIT;
    struct og_lock made = { .locked = false };
    struct og_err err = { "" };
    char who[OG_LOCK_WHO];
    int code = tool_options(tool, options, 1, 1);
    enum og_level level = options[0].value != NULL ? OG_LEVEL_IDENTITY : OG_LEVEL_USER;
    const char *reason = options[1].value != NULL ? options[1].value : "";

    tool_who(who);
    if (code == TOOL_DONE)
        code = tool_state(tool);
    if (code == TOOL_DONE)
        code = tool_account(tool, tool->argv[0], options[0].value, false, &whose);
    if (code == TOOL_DONE)
        code = tool_rc(tool,
                       og_lock_by_hand(&tool->state, &whose.account, level, reason, who,
                                       og_time_now(), &made, &err),
                       &err);
    if (code == TOOL_DONE)
        code = tool_locked(tool, "locked", &whose.account, &made);
    tool_account_free(&whose);
    return code;
}

const struct tool_verb tool_verb_lock = {
    "lock", "NAME [--identity ID] [--reason TEXT]", "lock a sender or an identity",
    "Locks an outgoing user, or one identity inside it, until it is unlocked by hand.\n"
    "The sender can still log in and write to the admin contact; what is in the queue\n"
    "waits. A lock that was made automatically becomes one by hand. ID is as\n"
    "`outgatectl identities` prints it; without `header:`, `sender:` or `login:` in\n"
    "front it is of the sender's identification_method.\n\n"
    "    outgatectl lock bob@example.com --reason 'asked for it by telephone'\n"
    "    outgatectl lock 192.0.2.0/24 --identity cust42\n",
    lock
};
