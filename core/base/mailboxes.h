/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_BASE_MAILBOXES_H
#define OG_BASE_MAILBOXES_H

#include <stddef.h>

#include "core/base/buf.h"
#include "core/base/err.h"

enum {
    OG_MAILBOXES_MAX = 1000,         /* addresses in one field */
    OG_MAILBOXES_COMMENT_DEPTH = 20, /* comments inside comments */
};

/* one address without comments and blanks, not yet checked: see og_idn_address() */
typedef enum og_rc og_mailboxes_visit(const char *address, size_t len, void *arg,
                                      struct og_err *err);

/*
 * og_mailboxes_parse - call visit for each address in the value of a From or Sender
 *
 * text, len  the value as one line, see og_header_value(); no NUL needed, may be
 *            hostile
 *
 * Mailboxes and groups; comments, quoted names, dots and UTF-8 in names, empty items
 * between commas. Not read, and an error: a source route, `<>`, an address with another
 * one in brackets behind it. Whoever compares addresses with what is allowed must not
 * read less than the recipient's program does, so nothing is passed over: what is no
 * list of addresses as a whole is OG_E_SYNTAX, after some may have been visited. The
 * value without any address is OG_OK without a visit.
 *
 * Returns OG_OK; OG_E_SYNTAX; OG_E_LIMIT above the ceilings; OG_E_NOMEM; what visit
 * returned. Source: RFC 5322 section 3.4, RFC 6854.
 */
enum og_rc og_mailboxes_parse(const char *text, size_t len, og_mailboxes_visit *visit,
                              void *arg, struct og_err *err) OG_CHECKED;

#endif
