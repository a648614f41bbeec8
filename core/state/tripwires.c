/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/state/tripwires.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "core/base/addr.h"
#include "core/base/settings_kind.h"
#include "core/lib/idn.h"

static const char blanks[] = " \t\r";

static enum og_rc
read_all(int fd, const char *path, struct og_buf *text, struct og_err *err)
{
    char chunk[16384];
    enum og_rc rc = OG_OK;
    ssize_t n;

    while (rc == OG_OK && (n = read(fd, chunk, sizeof chunk)) != 0)
        rc = n > 0 ? og_buf_add(text, chunk, (size_t)n, err)
                   : og_fail(err, OG_E_IO, "tripwires: %s: %s", path, strerror(errno));
    if (rc == OG_E_LIMIT)
        rc = og_fail(err, rc, "tripwires: %s: more than %d bytes", path,
                     OG_TRIPWIRES_MAX_FILE);
    return rc;
}

static enum og_rc
load(const char *path, struct og_buf *text, struct og_err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    enum og_rc rc;

    if (fd < 0)
        return og_fail(err, OG_E_IO, "tripwires: %s: %s", path, strerror(errno));
    rc = read_all(fd, path, text, err);
    if (rc == OG_OK && text->len > 0 && memchr(text->data, '\0', text->len) != NULL)
        rc = og_fail(err, OG_E_SYNTAX, "tripwires: %s: holds a NUL byte", path);
    (void)close(fd); /* nothing was written */
    return rc;
}

/* one line without its end; the canonical pattern goes to *pattern */
static enum og_rc
match_line(char *line, const char *address, struct og_buf *pattern, bool *match,
           struct og_err *err)
{
    size_t len;
    enum og_rc rc;

    line += strspn(line, blanks);
    len = strlen(line);
    while (len > 0 && strchr(blanks, line[len - 1]) != NULL)
        line[--len] = '\0';
    if (len == 0 || line[0] == '#')
        return OG_OK;
    og_buf_reset(pattern);
    rc = og_kind_patterns.parse(NULL, line, NULL, pattern, err);
    if (rc == OG_OK && strchr(og_buf_text(pattern), ' ') != NULL)
        rc = og_fail(err, OG_E_SYNTAX, "more than one address");
    if (rc == OG_OK)
        *match = *match || og_addr_match(og_buf_text(pattern), address);
    return rc;
}

static enum og_rc
match_file(const char *path, const char *address, bool *match, struct og_err *err)
{
    struct og_buf text = OG_BUF_INIT(OG_TRIPWIRES_MAX_FILE);
    struct og_buf pattern = OG_BUF_INIT(OG_TRIPWIRES_MAX_FILE);
    struct og_err why = { "" };
    enum og_rc rc = load(path, &text, err);
    char *line = text.data;
    size_t number = 1;

    for (; rc == OG_OK && line != NULL; number++) {
        char *end = strchr(line, '\n');

        if (end != NULL)
            *end++ = '\0';
        rc = match_line(line, address, &pattern, match, &why);
        if (rc != OG_OK)
            rc = og_fail(err, rc, "tripwires: %s:%zu: %s", path, number, why.text);
        line = end;
    }
    og_buf_free(&text);
    og_buf_free(&pattern);
    return rc;
}

static void
match_list(const char *list, const char *address, bool *match)
{
    char pattern[OG_ADDR_MAX_TEXT + 1];

    while (*list != '\0' && !*match) {
        size_t len = strcspn(list, " ");

        if (len < sizeof pattern) {
            memcpy(pattern, list, len);
            pattern[len] = '\0';
            *match = og_addr_match(pattern, address);
        }
        list += len;
        list += strspn(list, " ");
    }
}

enum og_rc
og_tripwire_match(const struct og_settings *server, const char *address, bool *match,
                  struct og_err *err)
{
    struct og_buf key = OG_BUF_INIT(OG_ADDR_MAX_TEXT);
    enum og_rc rc = OG_OK;

    *match = false;
    if (server->tripwires[0] == '\0')
        return OG_OK;
    if (og_idn_address(address, strlen(address), &key, NULL) != OG_OK)
        og_buf_reset(&key);
    if (server->tripwires[0] == '/')
        rc = match_file(server->tripwires, og_buf_text(&key), match, err);
    else
        match_list(server->tripwires, og_buf_text(&key), match);
    og_buf_free(&key);
    return rc;
}
