/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_BASE_BUF_H
#define OG_BASE_BUF_H

#include <stddef.h>

#include "core/base/err.h"

/*
 * A byte buffer that is born with a ceiling. Empty: data is NULL. Not empty:
 * data[len] is a NUL that does not count. Only these functions change it.
 */
struct og_buf {
    char *data;
    size_t len; /* bytes in use */
    size_t cap; /* bytes allocated */
    size_t max; /* ceiling for len, in bytes */
};

#define OG_BUF_INIT(ceiling)  \
    {                         \
        NULL, 0, 0, (ceiling) \
    }

/*
 * og_buf_add, og_buf_add_text, og_buf_printf - append
 *
 * Returns OG_OK; OG_E_LIMIT above buf->max; OG_E_NOMEM. On failure the buffer
 * keeps its old content. The input is copied.
 */
enum og_rc og_buf_add(struct og_buf *buf, const void *data, size_t len,
                      struct og_err *err) OG_CHECKED;
enum og_rc og_buf_add_text(struct og_buf *buf, const char *text,
                           struct og_err *err) OG_CHECKED;
enum og_rc og_buf_printf(struct og_buf *buf, struct og_err *err, const char *fmt, ...)
    OG_PRINTF(3, 4) OG_CHECKED;

/* og_buf_text - the content as a C string, "" when empty; owned by buf */
const char *og_buf_text(const struct og_buf *buf);

/* og_buf_reset - forget the content, keep the memory */
void og_buf_reset(struct og_buf *buf);

/* og_buf_cut - drop what stands behind the first len bytes; fewer are left alone */
void og_buf_cut(struct og_buf *buf, size_t len);

/* og_buf_move - free to's content, give it from's; from is empty afterwards.
 * to keeps its own ceiling. */
void og_buf_move(struct og_buf *to, struct og_buf *from);

/* og_buf_free - release the memory; an empty buffer is fine */
void og_buf_free(struct og_buf *buf);

#endif
