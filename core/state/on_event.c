/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/state/on_event.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/program.h"
#include "core/state/owner.h"

enum { TEXT = 64 }; /* bytes of the file, always as many */

bool
og_on_event_wants(const struct og_settings *server, const char *class)
{
    const char *at = server->on_event_classes;
    size_t len = strlen(class);

    if (server->on_event[0] == '\0' || len == 0 || strcmp(class, "on-event") == 0)
        return false;
    if (strcmp(at, "all") == 0)
        return true;
    while ((at = strstr(at, class)) != NULL) {
        if ((at == server->on_event_classes || at[-1] == ' ')
            && (at[len] == ' ' || at[len] == '\0'))
            return true;
        at += len;
    }
    return false;
}

static int
open_file(const struct og_state *state, int flags)
{
    struct og_owner was;
    char path[PATH_MAX];
    int fd = -1;

    (void)snprintf(path, sizeof path, "%s/on-event", state->store.directory);
    if (og_owner_enter(state, &was))
        fd = open(path, flags | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0600);
    og_owner_leave(&was);
    return fd;
}

enum og_rc
og_on_event_note(int fd, const struct og_position *position, struct og_err *err)
{
    char text[TEXT + 1];

    (void)snprintf(text, sizeof text, "%-31llu %-31lld\n",
                   (unsigned long long)position->file, position->at);
    if (pwrite(fd, text, TEXT, 0) == TEXT)
        return OG_OK;
    return og_fail(err, OG_E_IO, "on-event: cannot be written: %s", strerror(errno));
}

enum og_rc
og_on_event_lock(const struct og_state *state, int *fd, struct og_position *position,
                 struct og_err *err)
{
    char text[TEXT + 1] = "", *end;
    /* not flock(): a child of the one at work would go on holding it */
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    int file = open_file(state, 0);
    enum og_rc rc = OG_OK;

    if (file < 0)
        return og_fail(err, errno == ENOENT ? OG_E_NOTFOUND : OG_E_IO, "%s/on-event: %s",
                       state->store.directory, strerror(errno));
    if (fcntl(file, F_SETLK, &lock) != 0)
        rc = og_fail(err, errno == EAGAIN || errno == EACCES ? OG_E_BUSY : OG_E_IO,
                     "%s/on-event: %s", state->store.directory, strerror(errno));
    if (rc == OG_OK && pread(file, text, TEXT, 0) != TEXT)
        rc = og_fail(err, OG_E_NOTFOUND, "%s/on-event is being made",
                     state->store.directory);
    if (rc != OG_OK) {
        (void)close(file); /* nothing was written */
        return rc;
    }
    position->file = (ino_t)strtoull(text, &end, 10);
    position->at = strtoll(end, NULL, 10);
    *fd = file;
    return OG_OK;
}

static enum og_rc
start(const struct og_state *state, struct og_err *err)
{
    const char *const argv[] = { state->server.notice_program, "-c", state->conf,
                                 "on-event", NULL };
    const char *const env[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", NULL };
    struct og_program program = { argv, env, state->store.uid, state->store.gid, -1 };

    return og_program_start(&program, err);
}

enum og_rc
og_on_event_wake(const struct og_state *state, const char *class,
                 const struct og_position *before, struct og_err *err)
{
    struct og_position at;
    enum og_rc rc;
    int fd;

    if (state->conf[0] == '\0' || !og_on_event_wants(&state->server, class))
        return OG_OK;
    fd = open_file(state, O_CREAT | O_EXCL); /* the first event that is for it */
    if (fd >= 0) {
        rc = og_on_event_note(fd, before, err);
        (void)close(fd); /* nothing depends on it */
        if (rc != OG_OK)
            return rc;
    }
    rc = og_on_event_lock(state, &fd, &at, err);
    if (rc == OG_E_BUSY)
        return OG_OK; /* he looks once more before he goes */
    if (rc != OG_OK)
        return rc;
    (void)close(fd); /* which unlocks it for the one that is started */
    return start(state, err);
}
