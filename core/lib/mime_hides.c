/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>
#include <strings.h>

#include "core/lib/mime_int.h"

static const char field[] = "content-";

/* a line of a header: `Name: value`, or one that goes on */
static bool
is_header(const char *line, size_t len)
{
    const char *colon = memchr(line, ':', len);

    return *line == ' ' || *line == '\t'
           || (colon != NULL && memchr(line, ' ', (size_t)(colon - line)) == NULL);
}

bool
og_mime_hides(const char *text, size_t len)
{
    bool below = false; /* of a line that may be a boundary, in what may be a header */

    for (size_t at = 0; at < len;) {
        const char *line = text + at, *end = memchr(line, '\n', len - at);
        size_t n = end != NULL ? (size_t)(end - line) : len - at;

        at += n + 1;
        if (n >= 2 && line[0] == '-' && line[1] == '-')
            below = true;
        else if (n == 0 || !below || !is_header(line, n))
            below = false;
        else if (n >= sizeof field - 1 && strncasecmp(line, field, sizeof field - 1) == 0)
            return true;
    }
    return false;
}
