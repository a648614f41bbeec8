/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/state/events.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/base/time.h"
#include "core/lib/json.h"
#include "core/state/on_event.h"
#include "core/state/owner.h"

enum { MAX_LINE = 64 * 1024 }; /* bytes of one event */

static enum og_rc
print_line(const struct og_record *event, struct og_buf *line, struct og_err *err)
{
    char now[OG_TIME_TEXT];
    enum og_rc rc = og_time_print(og_time_now(), now, err);

    if (rc == OG_OK)
        rc = og_buf_printf(line, err, "{\"time\":\"%s\"", now);
    for (size_t i = 0; i < event->count && rc == OG_OK; i++) {
        if (strcmp(event->fields[i].name, "time") == 0)
            continue; /* ours counts */
        rc = og_buf_add(line, ",", 1, err);
        if (rc == OG_OK)
            rc = og_json_add_field(line, &event->fields[i], err);
    }
    return rc == OG_OK ? og_buf_add(line, "}\n", 2, err) : rc;
}

static int
open_log(const struct og_state *state, struct og_err *err)
{
    const char *path = state->server.events_log;
    /* reading is for cut_short(); a FIFO must not block Exim */
    int flags = O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
    struct og_owner was;
    int fd = -1;

    if (og_owner_enter(state, &was))
        fd = open(path, flags, 0640);
    if (fd < 0)
        og_err_set(err, "%s: %s", path, strerror(errno));
    og_owner_leave(&was);
    return fd;
}

/* did somebody's event end in the middle of its line, because the disk was full? A
 * line that is just being written looks the same, so it is given a moment. */
static bool
cut_short(int fd)
{
    const struct timespec moment = { 0, 1000000 };
    char last = '\n';

    for (int i = 0; i < 3; i++) {
        off_t end = lseek(fd, 0, SEEK_END);

        if (end <= 0 || pread(fd, &last, 1, end - 1) != 1 || last == '\n')
            return false;
        (void)nanosleep(&moment, NULL); /* less is fine too */
    }
    return true;
}

static enum og_rc
append(int fd, const char *path, const struct og_buf *line, struct og_position *before,
       struct og_err *err)
{
    struct stat st;
    ssize_t n;

    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        return og_fail(err, OG_E_IO, "%s: not a regular file", path);
    before->file = st.st_ino;
    before->at = st.st_size;
    if (cut_short(fd) && write(fd, "\n", 1) != 1)
        return og_fail(err, OG_E_IO, "%s: event not written: %s", path, strerror(errno));
    n = write(fd, line->data, line->len);
    if (n == (ssize_t)line->len)
        return OG_OK;
    return og_fail(err, OG_E_IO, "%s: event not written: %s", path,
                   n < 0 ? strerror(errno) : "no room");
}

enum og_rc
og_events_write(const struct og_state *state, const struct og_record *event,
                struct og_err *err)
{
    const char *path = state->server.events_log, *class = og_record_get(event, "class");
    struct og_buf line = OG_BUF_INIT(MAX_LINE);
    struct og_position before;
    enum og_rc rc = print_line(event, &line, err);
    int fd;

    if (rc != OG_OK)
        goto out;
    fd = open_log(state, err);
    if (fd < 0) {
        rc = OG_E_IO;
        goto out;
    }
    rc = append(fd, path, &line, &before, err);
    if (close(fd) != 0 && rc == OG_OK)
        rc = og_fail(err, OG_E_IO, "%s: %s", path, strerror(errno));
    if (rc == OG_OK
        && og_on_event_wake(state, class != NULL ? class : "", &before, NULL) != OG_OK)
        rc = OG_OK; /* the event is there, and the next one wakes it */
out:
    og_buf_free(&line);
    return rc;
}

enum og_rc
og_events_read(const char *path, long long *from, size_t *damaged, og_events_visit *visit,
               void *arg, struct og_err *err)
{
    FILE *f = fopen(path, "re");
    char *line = NULL;
    size_t cap = 0;
    ssize_t len = 0;
    enum og_rc rc = OG_OK;

    if (f == NULL)
        return og_fail(err, errno == ENOENT ? OG_E_NOTFOUND : OG_E_IO, "%s: %s", path,
                       strerror(errno));
    if (fseeko(f, (off_t)*from, SEEK_SET) != 0)
        rc = og_fail(err, OG_E_IO, "%s: %s", path, strerror(errno));
    while (rc == OG_OK && (len = getline(&line, &cap, f)) > 0 && line[len - 1] == '\n') {
        struct og_record event = OG_RECORD_INIT;

        line[len - 1] = '\0';
        if (len > 1 && og_json_parse(line, (size_t)len - 1, &event, NULL) == OG_OK)
            rc = visit(line, &event, arg, err);
        else
            *damaged += len > 1; /* an empty line ended a cut one, or one just growing */
        og_record_free(&event);
        *from += len;
    }
    if (rc == OG_OK && len < 0 && feof(f) == 0)
        rc = og_fail(err, OG_E_IO, "%s: cannot be read", path);
    free(line);
    (void)fclose(f); /* only read from */
    return rc;
}
