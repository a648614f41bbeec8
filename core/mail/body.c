/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/mail/body.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* where the line stands that is being read */
struct line {
    uint64_t length; /* bytes so far, a CR at the end among them */
    bool cr;         /* the last byte was a CR */
};

static void
feed(struct og_measure *measure, struct line *line, const char *data, size_t len)
{
    for (const char *end = data + len; data < end;) {
        const char *lf = memchr(data, '\n', (size_t)(end - data));
        const char *stop = lf != NULL ? lf : end;
        uint64_t length;

        if (stop > data)
            line->cr = stop[-1] == '\r';
        line->length += (uint64_t)(stop - data);
        if (lf == NULL)
            return; /* the line goes on; a CR may or may not be its end */
        length = line->length - (line->cr ? 1 : 0);
        if (length > measure->longest_line)
            measure->longest_line = length;
        measure->size += length + 2;
        *line = (struct line){ 0, false };
        data = lf + 1;
    }
}

enum og_rc
og_body_measure(const struct og_headers *headers, int fd, off_t body_start,
                struct og_measure *measure, struct og_err *err)
{
    struct og_measure sum = { 0, 0 };
    struct line line = { 0, false };
    char chunk[16384];
    ssize_t n;

    for (size_t i = 0; i < headers->count; i++)
        feed(&sum, &line, headers->rows[i].text, headers->rows[i].len);
    sum.size += 2; /* the blank line */
    for (off_t at = body_start; (n = pread(fd, chunk, sizeof chunk, at)) != 0; at += n) {
        if (n < 0)
            return og_fail(err, OG_E_IO, "read body: %s", strerror(errno));
        feed(&sum, &line, chunk, (size_t)n);
    }
    sum.size += line.length > 0 ? line.length + 2 : 0; /* Exim ends the last line */
    if (line.length > sum.longest_line)
        sum.longest_line = line.length;
    *measure = sum;
    return OG_OK;
}
