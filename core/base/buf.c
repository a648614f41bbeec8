/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_BYTES = 64 };

static enum og_rc
reserve(struct og_buf *buf, size_t more, struct og_err *err)
{
    size_t need, cap;
    char *data;

    if (more > buf->max || buf->len > buf->max - more)
        return og_fail(err, OG_E_LIMIT, "more than %zu bytes", buf->max);
    need = buf->len + more + 1;
    if (need <= buf->cap)
        return OG_OK;
    cap = buf->cap > 0 ? buf->cap : FIRST_BYTES;
    while (cap < need)
        cap = cap > buf->max / 2 ? buf->max + 1 : cap * 2;
    data = realloc(buf->data, cap);
    if (data == NULL)
        return og_fail(err, OG_E_NOMEM, "no memory for %zu bytes", cap);
    buf->data = data;
    buf->cap = cap;
    return OG_OK;
}

enum og_rc
og_buf_add(struct og_buf *buf, const void *data, size_t len, struct og_err *err)
{
    enum og_rc rc = reserve(buf, len, err);

    if (rc != OG_OK)
        return rc;
    if (len > 0)
        memcpy(buf->data + buf->len, data, len);
    buf->len += len;
    buf->data[buf->len] = '\0';
    return OG_OK;
}

enum og_rc
og_buf_add_text(struct og_buf *buf, const char *text, struct og_err *err)
{
    return og_buf_add(buf, text, strlen(text), err);
}

enum og_rc
og_buf_printf(struct og_buf *buf, struct og_err *err, const char *fmt, ...)
{
    va_list args;
    enum og_rc rc;
    int len;

    va_start(args, fmt);
    len = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    if (len < 0)
        return og_fail(err, OG_E_SYNTAX, "cannot format '%s'", fmt);
    rc = reserve(buf, (size_t)len, err);
    if (rc != OG_OK)
        return rc;
    va_start(args, fmt);
    (void)vsnprintf(buf->data + buf->len, (size_t)len + 1, fmt,
                    args); /* measured above */
    va_end(args);
    buf->len += (size_t)len;
    return OG_OK;
}

const char *
og_buf_text(const struct og_buf *buf)
{
    return buf->data != NULL ? buf->data : "";
}

void
og_buf_reset(struct og_buf *buf)
{
    buf->len = 0;
    if (buf->data != NULL)
        buf->data[0] = '\0';
}

void
og_buf_cut(struct og_buf *buf, size_t len)
{
    if (len >= buf->len)
        return;
    buf->len = len;
    buf->data[len] = '\0';
}

void
og_buf_move(struct og_buf *to, struct og_buf *from)
{
    size_t max = to->max;

    free(to->data);
    *to = *from;
    to->max = max;
    *from = (struct og_buf)OG_BUF_INIT(from->max);
}

void
og_buf_free(struct og_buf *buf)
{
    free(buf->data);
    *buf = (struct og_buf)OG_BUF_INIT(buf->max);
}
