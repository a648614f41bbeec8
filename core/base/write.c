/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/base/write.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum og_rc
og_write_all(int fd, const void *data, size_t len, const char *what, struct og_err *err)
{
    const char *at = data;

    while (len > 0) {
        ssize_t n = write(fd, at, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return og_fail(err, OG_E_IO, "%s: %s", what, strerror(errno));
        at += n;
        len -= (size_t)n;
    }
    return OG_OK;
}

void
og_escape(const char *text, char *out, size_t size)
{
    size_t n = 0;

    for (; *text != '\0' && n + 5 < size; text++) {
        unsigned char byte = (unsigned char)*text;

        if (byte >= ' ' && byte < 0x7f)
            out[n++] = *text;
        else
            n += (size_t)snprintf(out + n, size - n, "\\x%02x", byte);
    }
    out[n] = '\0';
}
