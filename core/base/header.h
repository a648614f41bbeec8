/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_BASE_HEADER_H
#define OG_BASE_HEADER_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/buf.h"
#include "core/base/err.h"

/*
 * The header fields of one message, in their order. The texts are borrowed from
 * whoever holds the message and end in LF; what shall change is noted beside them.
 */
struct og_header {
    const char *text; /* whole field, folded, len bytes, LF at its end, no NUL needed */
    size_t len;
    bool removed;  /* the field shall go */
    char *changed; /* the text that shall stand instead, owned, or NULL */
};

struct og_headers {
    struct og_header *rows;
    size_t count;
    size_t cap;
};

#define OG_HEADERS_INIT \
    {                   \
        NULL, 0, 0      \
    }

/* og_headers_add - append a field; the text must outlive the list; OG_E_NOMEM */
enum og_rc og_headers_add(struct og_headers *list, const char *text, size_t len,
                          struct og_err *err) OG_CHECKED;

/* og_headers_free - release the list and the changed texts; empty is fine */
void og_headers_free(struct og_headers *list);

/* og_header_is - has the field this name (without colon)? Case does not matter, blanks
 * before the colon are allowed. Source: RFC 5322 sections 2.2 and 4.5.8. */
bool og_header_is(const struct og_header *field, const char *name);

/* og_headers_find - the first field of this name, or NULL */
const struct og_header *og_headers_find(const struct og_headers *list, const char *name);

/*
 * og_header_value - append what follows the colon as one line
 *
 * Line ends go, the blanks after them stay (RFC 5322 section 2.2.3); blanks around
 * the whole value go. NUL and bare CR are kept as they are: the content may be
 * hostile. Returns OG_OK; OG_E_LIMIT above out->max; OG_E_NOMEM.
 */
enum og_rc og_header_value(const struct og_header *field, struct og_buf *out,
                           struct og_err *err) OG_CHECKED;

#endif
