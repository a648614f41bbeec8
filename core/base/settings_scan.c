/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/base/settings_scan.h"

#include <string.h>

#include "core/base/settings_kind.h"

/* the rest of text behind a word and a colon, or NULL */
static const char *
behind(const char *text, const char *word)
{
    size_t len = strlen(word);

    return strncmp(text, word, len) == 0 && text[len] == ':' ? text + len + 1 : NULL;
}

static enum og_rc
parse_scanner(const struct og_setting *row, const char *text, uint64_t *number,
              struct og_buf *canonical, struct og_err *err)
{
    const char *path = behind(text, "scand");

    if (path == NULL)
        path = behind(text, "clamd");
    (void)number;
    if (path == NULL && strcmp(text, "scand") != 0 && strcmp(text, "embedded") != 0)
        return og_fail(err, OG_E_SYNTAX, "no such word");
    if (path == NULL)
        return og_buf_add_text(canonical, text, err);
    if (path[0] != '/')
        return og_fail(err, OG_E_SYNTAX, "the socket is no absolute path");
    if (strlen(path) > OG_SOCKET_PATH_MAX)
        return og_fail(err, OG_E_RANGE, "the socket's path has more than %d bytes",
                       OG_SOCKET_PATH_MAX);
    return og_kind_text.parse(row, text, NULL, canonical, err);
}

enum og_scanner_mode
og_scanner_mode(const char *text, const char **socket)
{
    const char *path = behind(text, "clamd");

    *socket = path != NULL ? path : "";
    if (path != NULL)
        return OG_SCANNER_CLAMD;
    if (strcmp(text, "embedded") == 0)
        return OG_SCANNER_EMBEDDED;
    path = behind(text, "scand");
    *socket = path != NULL ? path : OG_SCAND_SOCKET;
    return OG_SCANNER_SCAND;
}

const struct og_kind og_kind_scanner = { "scand, scand:SOCKET, embedded or clamd:SOCKET",
                                         NULL, true, parse_scanner, NULL };
