/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/mail/queued.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/program.h"

enum { HEAD = 16384, WORDS = 32, WAIT_MS = 10000 };

struct look {
    char user[700], identity[700]; /* as the spool file has them, with line ends around */
    uint64_t count, seen;
};

/* exim -bP spool_directory: `spool_directory = /var/spool/exim4` */
static enum og_rc
find_spool(const struct og_state *state, char path[1024], struct og_err *err)
{
    static const char name[] = "spool_directory = ";
    const char *const env[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", NULL };
    const char *argv[WORDS + 3];
    char *command = strdup(state->server.exim_command);
    struct og_buf said = OG_BUF_INIT(1000);
    struct og_program program = { argv, env, state->store.uid, state->store.gid, -1 };
    size_t count = 0;
    int status = -1;
    enum og_rc rc = command == NULL ? og_fail(err, OG_E_NOMEM, "no memory")
                                    : og_program_words(command, "exim_command", argv,
                                                       WORDS, &count, err);

    if (rc == OG_OK) {
        argv[count++] = "-bP";
        argv[count++] = "spool_directory";
        argv[count] = NULL;
        rc = og_program_run(&program, WAIT_MS, &status, &said, err);
    }
    if (rc == OG_OK
        && (status != 0 || strncmp(og_buf_text(&said), name, sizeof name - 1) != 0))
        rc = og_fail(err, OG_E_IO, "Exim does not tell where its spool is");
    if (rc == OG_OK) {
        const char *text = said.data + sizeof name - 1;

        (void)snprintf(path, 1024, "%.*s/input", (int)strcspn(text, "\n"), text);
    }
    og_buf_free(&said);
    free(command);
    return rc;
}

/* Exim writes a variable as `-aclc _outgate_user 15`, and its value on the next line */
static void
look_at(int directory, const char *name, struct look *look)
{
    char head[HEAD + 1];
    int fd = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    ssize_t n = fd >= 0 ? pread(fd, head, HEAD, 0) : -1;

    look->seen++;
    if (fd >= 0)
        (void)close(fd); /* only read from */
    if (n <= 0)
        return; /* delivered meanwhile */
    for (ssize_t i = 0; i < n; i++)
        if (head[i] == '\0')
            head[i] = ' ';
    head[n] = '\0';
    look->count += strstr(head, look->user) != NULL
                   && (look->identity[0] == '\0' || strstr(head, look->identity) != NULL);
}

static void
walk(const char *path, bool deeper, struct look *look)
{
    DIR *dir = opendir(path);
    const struct dirent *entry;

    while (dir != NULL && look->seen <= OG_QUEUED_LOOK
           && (entry = readdir(dir)) != NULL) {
        size_t len = strlen(entry->d_name);
        char below[1100];

        if (len > 2 && strcmp(entry->d_name + len - 2, "-H") == 0)
            look_at(dirfd(dir), entry->d_name, look);
        else if (deeper && len == 1
                 && entry->d_name[0] != '.') { /* split_spool_directory */
            (void)snprintf(below, sizeof below, "%s/%s", path, entry->d_name);
            walk(below, false, look);
        }
    }
    if (dir != NULL)
        (void)closedir(dir);
}

enum og_rc
og_queued_count(const struct og_state *state, const char *user, const char *identity,
                uint64_t *count, struct og_err *err)
{
    struct look look = { .count = 0 };
    char path[1024];
    enum og_rc rc = find_spool(state, path, err);

    if (rc != OG_OK)
        return rc;
    (void)snprintf(look.user, sizeof look.user, "_outgate_user %zu\n%s\n", strlen(user),
                   user);
    if (identity[0] != '\0')
        (void)snprintf(look.identity, sizeof look.identity, "_outgate_identity %zu\n%s\n",
                       strlen(identity), identity);
    if (access(path, R_OK | X_OK) != 0)
        return og_fail(err, OG_E_IO, "%s: %s", path, strerror(errno));
    walk(path, true, &look);
    if (look.seen > OG_QUEUED_LOOK)
        return og_fail(err, OG_E_IO, "more than %d messages in the queue",
                       OG_QUEUED_LOOK);
    *count = look.count;
    return OG_OK;
}
