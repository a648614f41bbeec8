/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_MAIL_ARCHIVE_H
#define OG_MAIL_ARCHIVE_H

#include "core/base/buf.h"
#include "core/base/settings.h"

/*
 * The archive's copy is a recipient more, under a name that a router of the snippets knows
 * and that no mail can be sent to; so it is in the spool with the message or not at all,
 * and costs no second message. The router makes the archive's address of it and adds the
 * envelope, which nobody else gets to see.
 */
#define OG_ARCHIVE_RECIPIENT "copy@outgate-archive.invalid"

enum { OG_ARCHIVE_MAX_FIELDS = 16 << 20 }; /* bytes of the envelope's fields */

/* og_archive_address - where a sender's copies go; "" for nowhere */
const char *og_archive_address(const struct og_settings *set);

/* og_archive_field - append `NAME: <ADDRESS>` and LF; bytes that could end a line or are
 * not printable ASCII are written as %XX. OG_E_LIMIT, OG_E_NOMEM. */
enum og_rc og_archive_field(const char *name, const char *address, struct og_buf *out,
                            struct og_err *err) OG_CHECKED;

#endif
