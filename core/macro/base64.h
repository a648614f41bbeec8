/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_MACRO_BASE64_H
#define OG_MACRO_BASE64_H

#include "core/base/buf.h"

/*
 * og_base64_add - decode base64 as readers of documents do, RFC 4648 section 4
 *
 * What is no digit is passed over; the first `=` ends it. state keeps the bits between
 * two pieces of one text and is 0 before the first.
 * Returns OG_OK; OG_E_LIMIT above out->max; OG_E_NOMEM.
 */
struct og_base64 {
    unsigned bits, have;
    _Bool ended;
};
enum og_rc og_base64_add(struct og_base64 *state, const char *text, size_t len,
                         struct og_buf *out, struct og_err *err) OG_CHECKED;

/* og_base64_digit - is it one of the 64? */
_Bool og_base64_digit(char byte);

#endif
