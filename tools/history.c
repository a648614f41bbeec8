/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/history.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/lib/inflate_file.h"

static const uint64_t MAX_UNPACKED = UINT64_C(8) << 30; /* bytes of one rotated file */

/* a rotated file's place in time: the higher number is the older one, the later date the
 * newer; -1 when the name is none that logrotate gives */
static long
age(const char *suffix)
{
    char *end;
    long n;

    if ((suffix[0] != '.' && suffix[0] != '-') || suffix[1] < '0' || suffix[1] > '9')
        return -1;
    n = strtol(suffix + 1, &end, 10);
    if (*end != '\0' && strcmp(end, ".gz") != 0)
        return -1;
    return suffix[0] == '-' ? 100000000 - n : n;
}

static size_t
    base_len; /* of the path that the names below begin with; qsort has no arg */

static int
older_first(const void *a, const void *b)
{
    const char *const *left = a, *const *right = b;
    long x = age(*left + base_len), y = age(*right + base_len);

    return x < y ? 1 : x > y ? -1 : strcmp(*left, *right);
}

static bool
is_gz(const char *path)
{
    size_t len = strlen(path);

    return len > 3 && strcmp(path + len - 3, ".gz") == 0;
}

static enum og_rc
read_one(const char *path, size_t *damaged, og_events_visit *visit, void *arg,
         struct og_err *err)
{
    long long from = 0;
    char unpacked[64];
    enum og_rc rc;
    int fd = -1;

    if (!is_gz(path))
        return og_events_read(path, &from, damaged, visit, arg, err);
    rc = og_inflate_file(path, MAX_UNPACKED, &fd, err);
    if (rc != OG_OK)
        return rc;
    (void)snprintf(unpacked, sizeof unpacked, "/proc/self/fd/%d", fd);
    rc = og_events_read(unpacked, &from, damaged, visit, arg, err);
    (void)close(fd); /* only read from */
    return rc;
}

/* rotated while it is read: the file is then met again, or gone; neither is an error */
static enum og_rc
read_all(glob_t *files, const char *path, int64_t since, size_t *damaged, size_t *read,
         og_events_visit *visit, void *arg, struct og_err *err)
{
    enum og_rc rc = OG_OK;
    struct stat st;

    for (size_t i = 0; i <= files->gl_pathc && rc == OG_OK; i++) {
        const char *one = i < files->gl_pathc ? files->gl_pathv[i] : path;

        if (i < files->gl_pathc
            && (age(one + base_len) < 0 || stat(one, &st) != 0 || st.st_mtime < since))
            continue;
        rc = read_one(one, damaged, visit, arg, err);
        *read += rc == OG_OK;
        if (rc == OG_E_NOTFOUND)
            rc = OG_OK;
    }
    return rc;
}

enum og_rc
tool_history_read(const struct tool *tool, const char *log, int64_t since,
                  og_events_visit *visit, void *arg, size_t *damaged, size_t *files,
                  struct og_err *err)
{
    const char *path = log != NULL ? log : tool->state.server.events_log;
    char pattern[1100];
    glob_t rotated = { .gl_pathc = 0 };
    enum og_rc rc;

    (void)snprintf(pattern, sizeof pattern, "%s[.-][0-9]*", path);
    base_len = strlen(path);
    if (log == NULL && glob(pattern, GLOB_NOSORT, NULL, &rotated) == 0)
        qsort(rotated.gl_pathv, rotated.gl_pathc, sizeof *rotated.gl_pathv, older_first);
    rc = read_all(&rotated, path, since, damaged, files, visit, arg, err);
    globfree(&rotated);
    return rc;
}

int
tool_history(struct tool *tool, const char *log, int64_t since, bool tell,
             og_events_visit *visit, void *arg)
{
    struct og_err err = { "" };
    size_t damaged = 0, files = 0;
    enum og_rc rc =
        tool_history_read(tool, log, since, visit, arg, &damaged, &files, &err);

    if (damaged > 0 && tell)
        fprintf(stderr, "outgatectl: %zu damaged line%s passed over\n", damaged,
                damaged == 1 ? "" : "s");
    if (rc == OG_OK && files == 0 && log != NULL)
        return tool_fail(tool, TOOL_TROUBLE, "%s: there is no such file", log);
    if (rc == OG_OK && files == 0)
        return tool_fail(tool, TOOL_NO, "no events yet: there is no %s",
                         tool->state.server.events_log);
    return tool_rc(tool, rc, &err);
}
