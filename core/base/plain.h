/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_BASE_PLAIN_H
#define OG_BASE_PLAIN_H

#include <stddef.h>

#include "core/base/buf.h"

/*
 * og_plain - append a stranger's text as one harmless line of UTF-8
 *
 * text, len  any bytes
 * most       characters of it at most; what is cut off becomes an ellipsis
 *
 * Line ends, tabs and other controls (C0, DEL, C1, U+2028, U+2029) become blanks; what is
 * no UTF-8, what turns the direction of writing (U+061C, U+200E, U+200F, U+202A to
 * U+202E, U+2066 to U+2069), and what cannot be seen (U+200B to U+200D, U+2060 to U+2064, U+FEFF,
 * tags from U+E0000 on) becomes U+FFFD.
 *
 * Returns OG_OK; OG_E_LIMIT; OG_E_NOMEM.
 */
enum og_rc og_plain(const char *text, size_t len, size_t most, struct og_buf *out,
                    struct og_err *err) OG_CHECKED;

/* og_plain_next - the character at text, len bytes of which are there, 1 at least: its
 * number, or -1 for what is no UTF-8; *used receives its bytes, 1 or more */
long og_plain_next(const char *text, size_t len, size_t *used);

/* og_plain_columns - how many columns a line of UTF-8 takes, near enough: its characters */
size_t og_plain_columns(const char *text, size_t len);

#endif
