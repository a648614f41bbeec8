/* SPDX-License-Identifier: BSD-2-Clause */
#include <ctype.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "tools/scan.h"

enum { LOOK_AT = 16384 }; /* bytes; a message has a field of these among them */

static bool
is_field_name(const char *line, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (line[i] == ':')
            return i > 0;
        if (!isgraph((unsigned char)line[i])) /* RFC 5322 section 2.2 */
            return false;
    }
    return false;
}

/* fields that a mail has and other texts with colons have not */
static bool
is_mail_field(const char *line, size_t len)
{
    static const char *const names[] = { "received:",   "from:",         "return-path:",
                                         "message-id:", "mime-version:", "subject:",
                                         "to:",         "content-type:" };

    for (size_t i = 0; i < N_ELEMENTS(names); i++)
        if (len >= strlen(names[i]) && strncasecmp(line, names[i], strlen(names[i])) == 0)
            return true;
    return false;
}

bool
scan_is_message(int fd, off_t *start)
{
    char text[LOOK_AT];
    ssize_t got = pread(fd, text, sizeof text, 0);
    size_t len = got > 0 ? (size_t)got : 0, at = 0;
    bool is_mail = false;

    *start = 0;
    if (len > 5 && memcmp(text, "From ", 5) == 0) {
        const char *end = memchr(text, '\n', len);

        at = end != NULL ? (size_t)(end - text) + 1 : len;
        *start = (off_t)at;
    }
    while (at < len) {
        const char *end = memchr(text + at, '\n', len - at);
        size_t line = end != NULL ? (size_t)(end - text) - at : len - at;

        if (line == 0 || (line == 1 && text[at] == '\r') || end == NULL)
            break;
        if (text[at] != ' ' && text[at] != '\t' && !is_field_name(text + at, line))
            return false;
        is_mail = is_mail || is_mail_field(text + at, line);
        at += line + 1;
    }
    return is_mail;
}
