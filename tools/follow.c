/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/follow.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PAUSE_MS = 200 };

static volatile sig_atomic_t ended;

static void
on_signal(int number)
{
    (void)number;
    ended = 1;
}

struct follow {
    struct tool *tool;
    og_events_visit *visit;
    void *arg;
    int fd; /* -1: there is no file yet */
    struct stat st;
    long long from;
    size_t damaged;
};

/* what has come since the last time; by the descriptor, as the name may be gone */
static int
read_on(struct follow *follow)
{
    struct og_err err = { "" };
    char path[64];

    if (fstat(follow->fd, &follow->st) != 0)
        return tool_fail(follow->tool, TOOL_TROUBLE, "%s", strerror(errno));
    if (follow->st.st_size < follow->from)
        follow->from = 0; /* truncated */
    if (follow->st.st_size == follow->from)
        return TOOL_DONE;
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", follow->fd);
    return tool_rc(follow->tool,
                   og_events_read(path, &follow->from, &follow->damaged, follow->visit,
                                  follow->arg, &err),
                   &err);
}

/* open the file of that name if it is another than the one that is open */
static int
look(struct follow *follow, bool *fresh)
{
    const char *path = follow->tool->state.server.events_log;
    struct stat st;
    int code = TOOL_DONE;

    *fresh = false;
    if (stat(path, &st) != 0)
        return errno == ENOENT ? TOOL_DONE
                               : tool_fail(follow->tool, TOOL_TROUBLE, "%s: %s", path,
                                           strerror(errno));
    if (follow->fd >= 0 && st.st_ino == follow->st.st_ino
        && st.st_dev == follow->st.st_dev)
        return TOOL_DONE;
    if (follow->fd >= 0) {
        code = read_on(follow); /* its last words */
        (void)close(follow->fd);
    }
    follow->from = 0;
    follow->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    *fresh = follow->fd >= 0;
    if (code == TOOL_DONE && follow->fd < 0 && errno != ENOENT)
        code = tool_fail(follow->tool, TOOL_TROUBLE, "%s: %s", path, strerror(errno));
    return code;
}

/* wait a moment; false when nobody wants more */
static bool
pause_a_moment(void)
{
    struct pollfd out = { STDOUT_FILENO, 0, 0 };

    if (ended == 0 && poll(&out, 1, PAUSE_MS) > 0)
        return false; /* the reader has gone */
    return ended == 0;
}

int
tool_follow(struct tool *tool, og_events_visit *visit, void (*caught)(void *arg),
            void *arg)
{
    struct follow follow = { .tool = tool, .visit = visit, .arg = arg, .fd = -1 };
    struct sigaction action = { .sa_handler = on_signal };
    bool fresh = false;
    int code = TOOL_DONE;

    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    do {
        do {
            code = look(&follow, &fresh);
            if (code == TOOL_DONE && follow.fd >= 0)
                code = read_on(&follow);
        } while (code == TOOL_DONE && fresh && ended == 0);
        if (code == TOOL_DONE)
            caught(arg);
    } while (code == TOOL_DONE && pause_a_moment());
    if (follow.fd >= 0)
        (void)close(follow.fd); /* only read from */
    return code;
}
