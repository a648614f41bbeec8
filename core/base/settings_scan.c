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

bool
og_checks_have(const char *checks, const char *name)
{
    size_t len = strlen(name);

    for (const char *at = checks; (at = strstr(at, name)) != NULL; at += len)
        if ((at == checks || at[-1] == ' ') && (at[len] == ' ' || at[len] == '\0'))
            return true;
    return false;
}

bool
og_scanner_is_asked(const char *checks)
{
    static const char *const names[] = { "attachments", "macros", "virus", "spam",
                                         "fingerprint" };

    for (size_t i = 0; i < N_ELEMENTS(names); i++)
        if (og_checks_have(checks, names[i]))
            return true;
    return false;
}

const struct og_kind og_kind_scanner = { "scand, scand:SOCKET, embedded or clamd:SOCKET",
                                         NULL, true, parse_scanner, NULL };
