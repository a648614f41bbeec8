/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/lib/mime_words.h"

#include <stdbool.h>
#include <string.h>

#include <gmime/gmime.h>

/* how much of it there is without an encoded word that does not end */
static size_t
whole_words(const char *text)
{
    const char *at = text, *begin, *end;

    while ((begin = strstr(at, "=?")) != NULL) {
        end = strchr(begin + 2, '?'); /* of the character set, then of the encoding */
        end = end != NULL ? strchr(end + 1, '?') : NULL;
        end = end != NULL ? strstr(end + 1, "?=") : NULL;
        if (end == NULL)
            return strchr(begin, ' ') == NULL ? (size_t)(begin - text) : strlen(text);
        at = end + 2;
    }
    return strlen(text);
}

enum og_rc
og_mime_words(const char *text, struct og_buf *out, struct og_err *err)
{
    static bool ready = false;
    char *whole, *read;
    enum og_rc rc;

    if (strstr(text, "=?") == NULL)
        return og_buf_add_text(out, text, err);
    if (!ready)
        g_mime_init(); /* for the life of the process */
    ready = true;
    whole = g_strndup(text, whole_words(text));
    read = g_mime_utils_header_decode_text(NULL, whole);
    rc = read != NULL ? og_buf_add_text(out, read, err) : OG_OK;
    g_free(read);
    g_free(whole);
    return rc;
}
