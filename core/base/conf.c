/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/base/conf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef OG_SYSCONFDIR
#define OG_SYSCONFDIR "/etc"
#endif

enum { MAX_FILE = 256 * 1024 }; /* bytes */

static const char default_path[] = OG_SYSCONFDIR "/outgate/outgate.conf";

const char *
og_conf_path(void)
{
    const char *path = getenv("OUTGATE_CONF"); /* not secure_getenv: Exim is set-uid */

    return path != NULL && path[0] != '\0' ? path : default_path;
}

static enum og_rc
read_all(int fd, const char *path, struct og_buf *text, struct og_err *err)
{
    struct stat st;
    char chunk[8192];
    ssize_t n;

    if (fstat(fd, &st) != 0)
        return og_fail(err, OG_E_IO, "%s: %s", path, strerror(errno));
    if (!S_ISREG(st.st_mode))
        return og_fail(err, OG_E_IO, "%s: not a regular file", path);
    if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return og_fail(err, OG_E_PERM, "%s: others may write it; chmod go-w it", path);
    while ((n = read(fd, chunk, sizeof chunk)) > 0) {
        enum og_rc rc = og_buf_add(text, chunk, (size_t)n, err);

        if (rc == OG_E_LIMIT)
            return og_fail(err, rc, "%s: larger than %d bytes", path, MAX_FILE);
        if (rc != OG_OK)
            return rc;
    }
    if (n < 0)
        return og_fail(err, OG_E_IO, "%s: %s", path, strerror(errno));
    if (text->len > 0 && memchr(text->data, '\0', text->len) != NULL)
        return og_fail(err, OG_E_SYNTAX, "%s: holds a NUL byte", path);
    return OG_OK;
}

static char *
trim(char *text)
{
    size_t len;

    text += strspn(text, " \t");
    len = strlen(text);
    while (len > 0 && strchr(" \t\r", text[len - 1]) != NULL)
        text[--len] = '\0';
    return text;
}

/* one line, which is changed */
static enum og_rc
read_line(char *line, struct og_settings *set, bool seen[], struct og_err *err)
{
    char *name = trim(line), *equals = strchr(name, '=');
    const struct og_setting *row;

    if (name[0] == '#' || name[0] == '\0')
        return OG_OK;
    if (equals == NULL)
        return og_fail(err, OG_E_SYNTAX, "expected `name = value`, found '%.60s'", name);
    *equals = '\0';
    name = trim(name);
    row = og_setting_find(name);
    if (row == NULL)
        return og_fail(err, OG_E_SYNTAX, "unknown setting '%.60s'", name);
    if (seen[row - og_setting_rows])
        return og_fail(err, OG_E_SYNTAX, "%s stands twice", name);
    seen[row - og_setting_rows] = true;
    return og_settings_set(set, row, trim(equals + 1), OG_SOURCE_SERVER, err);
}

static enum og_rc
read_lines(const char *path, char *text, struct og_settings *set, struct og_err *err)
{
    bool seen[OG_SETTINGS] = { false };
    enum og_rc rc = OG_OK;
    unsigned number = 0;
    char *rest = text, *line;

    while (rc == OG_OK && (line = strsep(&rest, "\n")) != NULL) {
        struct og_err why = { "" };

        number++;
        rc = read_line(line, set, seen, &why);
        if (rc != OG_OK)
            rc = og_fail(err, rc, "%s:%u: %.380s", path, number, why.text);
    }
    return rc;
}

enum og_rc
og_conf_read(const char *path, struct og_settings *set, struct og_err *err)
{
    struct og_settings fresh = OG_SETTINGS_INIT;
    struct og_buf text = OG_BUF_INIT(MAX_FILE);
    enum og_rc rc = og_settings_defaults(&fresh, err);
    int fd = -1;

    if (rc != OG_OK)
        goto out;
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a FIFO must not block Exim */
    if (fd < 0 && !(errno == ENOENT && strcmp(path, default_path) == 0))
        rc = og_fail(err, errno == ENOENT ? OG_E_NOTFOUND : OG_E_IO, "%s: %s", path,
                     strerror(errno));
    if (rc == OG_OK && fd >= 0)
        rc = read_all(fd, path, &text, err);
    if (rc == OG_OK && text.len > 0)
        rc = read_lines(path, text.data, &fresh, err);
    if (rc != OG_OK)
        goto out;
    og_settings_free(set);
    *set = fresh;
    fresh = (struct og_settings)OG_SETTINGS_INIT;
out:
    if (fd >= 0)
        (void)close(fd); /* only read from */
    og_settings_free(&fresh);
    og_buf_free(&text);
    return rc;
}
