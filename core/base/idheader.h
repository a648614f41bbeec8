/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_BASE_IDHEADER_H
#define OG_BASE_IDHEADER_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/buf.h"
#include "core/base/err.h"

/*
 * The value of identification_headers:
 *
 *     X-Client-ID, X-PHP-Originating-Script /^(.*?)\(/i keep
 *
 * A slash inside the expression is written \/ and reaches PCRE2 as a slash.
 */
struct og_idheader {
    char *name;    /* header field name as written, without colon */
    char *pattern; /* the expression without its slashes, or NULL for the whole value */
    bool caseless; /* i after the expression */
    bool keep;     /* do not remove the field from the message */
};

struct og_idheaders {
    struct og_idheader *rows;
    size_t count;
};

#define OG_IDHEADERS_INIT \
    {                     \
        NULL, 0           \
    }

enum { OG_IDHEADERS_MAX = 16 }; /* rows in one list */

/*
 * og_idheaders_parse - read the list
 *
 * Returns OG_OK; OG_E_SYNTAX for a name that is none (RFC 5322 section 2.2), an
 * expression without end, unknown words, or From, Sender and other fields that a
 * message needs without `keep`, or Received without an expression; OG_E_LIMIT above OG_IDHEADERS_MAX; OG_E_NOMEM.
 * Expressions are not compiled here. Owner: the caller frees list.
 */
enum og_rc og_idheaders_parse(const char *text, struct og_idheaders *list,
                              struct og_err *err) OG_CHECKED;

/* og_idheaders_print - append the canonical form; OG_E_LIMIT, OG_E_NOMEM */
enum og_rc og_idheaders_print(const struct og_idheaders *list, struct og_buf *out,
                              struct og_err *err) OG_CHECKED;

/* og_idheaders_free - release all; the empty list is fine */
void og_idheaders_free(struct og_idheaders *list);

#endif
