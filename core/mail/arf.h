/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_MAIL_ARF_H
#define OG_MAIL_ARF_H

#include <stdbool.h>

#include "core/base/header.h"
#include "core/state/outbox.h"

/*
 * Abuse reports of what was refused, RFC 5965, as rows of the outbox of kind `arf`. The
 * message in a report is the file in the quarantine, byte for byte; of what is not kept,
 * a virus say, the header stands in the row. Fields, besides the outbox's own:
 *
 *     id, at, user, identity, domain, client, login, class, reason, sender,
 *     recipients (the first ones, LF between them), recipients_count, msgid, subject,
 *     header (without a file only)
 */
#define OG_ARF_KIND "arf"
#define OG_ARF_TEMPLATE "abuse-report" /* of what a person reads first */

enum { OG_ARF_HEADER = 32768 /* bytes of a header that stands in a row */ };

/* og_arf_wanted - is there to be a report of this class, and to whom? NULL: no */
const char *og_arf_wanted(const struct og_settings *set, const char *class);

/*
 * og_arf_row - the row of a report
 *
 * id, about  the entry as it stands in the quarantine, or would; copied
 * headers    of the message, where it is not kept; NULL else
 * to         og_arf_wanted()
 * row        receives it; the caller frees row->fields
 */
enum og_rc og_arf_row(const struct og_state *state, const char *id,
                      const struct og_record *about, const struct og_headers *headers,
                      const char *to, int64_t now, struct og_outbox_row *row,
                      struct og_err *err) OG_CHECKED;

/* og_arf_put - put a row; on the disk when it returns OG_OK; the codes of og_store_run */
enum og_rc og_arf_put(const struct og_state *state, struct og_outbox_row *row,
                      struct og_err *err) OG_CHECKED;

/*
 * og_arf_write - a report as a message; og_notice_make makes a digest of several
 *
 * fd       a file, from its beginning on
 * trouble  as og_notice_render() has it
 *
 * Returns OG_OK; OG_E_IO; the codes of og_notice_render, og_vault_get and
 * og_quarantine_open, but for a message that has gone meanwhile.
 */
enum og_rc og_arf_write(const struct og_state *state, const struct og_outbox_row *row,
                        int64_t now, int fd, char *trouble,
                        struct og_err *err) OG_CHECKED;

/* og_arf_submit - the same, handed to Exim */
enum og_rc og_arf_submit(const struct og_state *state, const struct og_outbox_row *row,
                         int64_t now, char *trouble, struct og_err *err) OG_CHECKED;

#endif
