/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_BASE_SHELL_H
#define OG_BASE_SHELL_H

#include "core/base/buf.h"
#include "core/base/err.h"

/*
 * og_shell_quote - append a text as one word of a shell's command: it's is 'it'\''s'
 *
 * For commands that people are shown and may copy. text may be hostile; no byte of it can
 * end the word, and a line end stays one inside it. Returns OG_OK; OG_E_LIMIT; OG_E_NOMEM.
 */
enum og_rc og_shell_quote(const char *text, struct og_buf *out,
                          struct og_err *err) OG_CHECKED;

#endif
