/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/tool.h"

#include <errno.h>
#include <grp.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int
tool_conf(struct tool *tool)
{
    struct og_err err = { "" };

    if (og_state_open(tool->conf, &tool->state, &err) != OG_OK)
        return tool_fail(tool, TOOL_TROUBLE, "%s", err.text);
    return TOOL_DONE;
}

int
tool_become_owner(struct tool *tool)
{
    const char *user = tool->state.server.user;
    uid_t uid = tool->state.store.uid;
    gid_t gid = tool->state.store.gid;

    (void)umask(077);
    if (geteuid() != 0 && geteuid() != uid)
        return tool_fail(tool, TOOL_TROUBLE,
                         "the state belongs to %s: run this as root or as %s", user,
                         user);
    if (geteuid() != 0 || uid == 0)
        return TOOL_DONE;
    if (setgroups(1, &gid) != 0 || setgid(gid) != 0 || setuid(uid) != 0)
        return tool_fail(tool, TOOL_TROUBLE, "cannot become %s: %s", user,
                         strerror(errno));
    if (setuid(0) == 0)
        return tool_fail(tool, TOOL_TROUBLE, "became %s, but could go back to root",
                         user);
    return TOOL_DONE;
}

int
tool_state(struct tool *tool)
{
    int code = tool_conf(tool);

    return code == TOOL_DONE ? tool_become_owner(tool) : code;
}
