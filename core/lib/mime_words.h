/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_LIB_MIME_WORDS_H
#define OG_LIB_MIME_WORDS_H

#include "core/base/buf.h"
#include "core/base/err.h"

/*
 * og_mime_words - the text of a field as a person reads it
 *
 * text  with or without encoded words (RFC 2047), hostile; a last word that has no end, as
 *       the text was cut, is left out
 * out   receives UTF-8, appended; it may hold any character, line ends too: og_plain()
 *       before it goes anywhere
 *
 * Not for Exim's processes: GMime is large. Returns OG_OK; OG_E_LIMIT; OG_E_NOMEM.
 */
enum og_rc og_mime_words(const char *text, struct og_buf *out,
                         struct og_err *err) OG_CHECKED;

#endif
