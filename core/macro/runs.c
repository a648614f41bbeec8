/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/macro/runs.h"

#include <string.h>
#include <strings.h>

#include "core/base/err.h"

enum {
    MARKUP_BYTES = 64 << 10
}; /* of HTML or XML that are looked through for a script */

static bool
starts(const char *data, size_t len, const char *with, size_t n)
{
    return len >= n && memcmp(data, with, n) == 0;
}

static bool
has_tag(const char *data, size_t len, const char *tag)
{
    const char *at = data, *end = data + len;
    size_t n = strlen(tag);

    for (; (at = memchr(at, '<', (size_t)(end - at))) != NULL; at++)
        if ((size_t)(end - at) >= n && strncasecmp(at, tag, n) == 0)
            return true;
    return false;
}

/* HTML applications, windows scripts and what a browser runs outside of its cage */
static bool
is_script_markup(const char *data, size_t len)
{
    static const char *const tags[] = { "<script", "<hta:application", "<job",
                                        "<scriptlet" };
    size_t at = starts(data, len, "\xef\xbb\xbf", 3) ? 3 : 0;

    while (at < len && strchr(" \t\r\n", data[at]) != NULL && data[at] != '\0')
        at++;
    if (at == len || data[at] != '<')
        return false;
    if (len > MARKUP_BYTES)
        len = MARKUP_BYTES;
    for (size_t i = 0; i < N_ELEMENTS(tags); i++)
        if (has_tag(data, len, tags[i]))
            return true;
    return false;
}

bool
og_runs(const char *data, size_t len)
{
    static const struct {
        const char *bytes;
        size_t len;
    } rows[] = {
        { "MZ", 2 }, /* DOS, Windows */
        { "\x7f"
          "ELF",
          4 },                          /* Unix */
        { "\xcf\xfa\xed\xfe", 4 },      /* macOS, 64 bits */
        { "\xce\xfa\xed\xfe", 4 },      /* and 32 */
        { "#!", 2 },                    /* scripts of Unix */
        { "L\0\0\0\x01\x14\x02\0", 8 }, /* [MS-SHLLINK], a shortcut */
        { "ITSF", 4 },                  /* compiled HTML help */
    };

    for (size_t i = 0; i < N_ELEMENTS(rows); i++)
        if (starts(data, len, rows[i].bytes, rows[i].len))
            return true;
    return is_script_markup(data, len);
}

bool
og_runs_named(const char *name, size_t len)
{
    static const char *const extensions[] = {
        "exe",
        "com",
        "scr",
        "pif",
        "cpl",
        "dll",
        "ocx",
        "msi",
        "msp",
        "mst",
        "bat",
        "cmd",
        "ps1",
        "ps2",
        "psc1",
        "psm1",
        "vbs",
        "vbe",
        "vb",
        "js",
        "jse",
        "ws",
        "wsf",
        "wsc",
        "wsh",
        "sct",
        "hta",
        "htm",
        "html",
        "chm",
        "hlp",
        "lnk",
        "url",
        "scf",
        "inf",
        "reg",
        "jar",
        "jnlp",
        "py",
        "pyw",
        "sh",
        "msc",
        "application",
        "appref-ms",
        "gadget",
        "xll",
        "settingcontent-ms",
        "library-ms",
    };
    size_t dot;

    while (len > 0 && strchr(" .", name[len - 1]) != NULL) /* Windows drops them */
        len--;
    for (dot = len; dot > 0 && name[dot - 1] != '.';)
        dot--;
    for (size_t i = 0; dot > 0 && i < N_ELEMENTS(extensions); i++)
        if (strlen(extensions[i]) == len - dot
            && strncasecmp(name + dot, extensions[i], len - dot) == 0)
            return true;
    return false;
}
