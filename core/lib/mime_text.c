/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <iconv.h>
#include <strings.h>

#include "core/lib/mime_int.h"

void
og_mime_text(const struct og_mime_part *part, og_mime_take *take, void *arg)
{
    const char *charset = g_mime_charset_iconv_name(part->charset);
    char *from, out[4096];
    size_t left = part->len;
    iconv_t to_utf8 = (iconv_t)-1;

    if (part->charset[0] != '\0' && strcasecmp(charset, "utf-8") != 0
        && strcasecmp(charset, "us-ascii") != 0)
        to_utf8 = iconv_open("UTF-8", charset);
    if (to_utf8 == (iconv_t)-1) {
        take(part->data, part->len, arg);
        return;
    }
    from = og_unconst(part->data); /* iconv(3) only reads it */
    while (left > 0) {
        char *to = out;
        size_t room = sizeof out;
        size_t rc = iconv(to_utf8, &from, &left, &to, &room);

        if (to > out)
            take(out, (size_t)(to - out), arg);
        if (rc != (size_t)-1 || left == 0)
            continue;
        if (errno == EINVAL) /* cut in the middle of a character */
            break;
        if (errno != E2BIG || to == out) {
            from++;
            left--;
        }
    }
    (void)iconv_close(to_utf8); /* nothing is lost */
}
