/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/state/events.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/time.h"
#include "core/lib/json.h"

enum { MAX_LINE = 64 * 1024 }; /* bytes of one event */

static enum og_rc
print_line(const struct og_record *event, struct og_buf *line, struct og_err *err)
{
    struct og_record whole = OG_RECORD_INIT;
    char now[OG_TIME_TEXT];
    enum og_rc rc = og_time_print(og_time_now(), now, err);

    if (rc == OG_OK)
        rc = og_record_set_text(&whole, "time", now, err);
    for (size_t i = 0; i < event->count && rc == OG_OK; i++) {
        const struct og_field *field = &event->fields[i];

        rc = og_record_set(&whole, field->name, field->value, field->len, err);
        if (rc == OG_OK)
            whole.fields[whole.count - 1].is_number = field->is_number;
    }
    if (rc == OG_OK)
        rc = og_json_print(&whole, line, err);
    if (rc == OG_OK)
        rc = og_buf_add(line, "\n", 1, err);
    og_record_free(&whole);
    return rc;
}

static enum og_rc
append(int fd, const char *path, const struct og_buf *line, struct og_err *err)
{
    ssize_t n = write(fd, line->data, line->len);

    if (n == (ssize_t)line->len)
        return OG_OK;
    if (n > 0 && write(fd, "\n", 1) != 1) /* keep the next event off the cut one */
        return og_fail(err, OG_E_IO, "%s: event cut short: %s", path, strerror(errno));
    return og_fail(err, OG_E_IO, "%s: event not written: %s", path,
                   n < 0 ? strerror(errno) : "no room");
}

enum og_rc
og_events_write(const struct og_state *state, const struct og_record *event,
                struct og_err *err)
{
    const char *path = state->server.events_log;
    struct og_buf line = OG_BUF_INIT(MAX_LINE);
    enum og_rc rc = print_line(event, &line, err);
    int fd;

    if (rc != OG_OK)
        goto out;
    fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
    if (fd < 0) {
        rc = og_fail(err, OG_E_IO, "%s: %s", path, strerror(errno));
        goto out;
    }
    if (geteuid() == 0 && fchown(fd, state->store.uid, state->store.gid) != 0)
        rc = og_fail(err, OG_E_IO, "%s: cannot give it to its owner: %s", path,
                     strerror(errno));
    if (rc == OG_OK)
        rc = append(fd, path, &line, err);
    if (close(fd) != 0 && rc == OG_OK)
        rc = og_fail(err, OG_E_IO, "%s: %s", path, strerror(errno));
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
    ssize_t len;
    enum og_rc rc = OG_OK;

    if (f == NULL)
        return og_fail(err, errno == ENOENT ? OG_E_NOTFOUND : OG_E_IO, "%s: %s", path,
                       strerror(errno));
    if (fseeko(f, (off_t)*from, SEEK_SET) != 0)
        rc = og_fail(err, OG_E_IO, "%s: %s", path, strerror(errno));
    while (rc == OG_OK && (len = getline(&line, &cap, f)) > 0 && line[len - 1] == '\n') {
        struct og_record event = OG_RECORD_INIT;

        line[len - 1] = '\0';
        if (og_json_parse(line, (size_t)len - 1, &event, NULL) == OG_OK)
            rc = visit(line, &event, arg, err);
        else
            ++*damaged;
        og_record_free(&event);
        *from += len;
    }
    if (rc == OG_OK && ferror(f) != 0)
        rc = og_fail(err, OG_E_IO, "%s: cannot be read", path);
    free(line);
    (void)fclose(f); /* only read from */
    return rc;
}
