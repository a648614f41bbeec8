/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_MAIL_NOTICE_H
#define OG_MAIL_NOTICE_H

#include <stdbool.h>

#include "core/base/addr.h"
#include "core/mail/template.h"
#include "core/state/outbox.h"

/* Rows of the outbox as mails. For outgatectl, not for Exim's processes: libxml2 and
 * GMime are here. */

struct og_notice {
    char template[64];
    struct og_buf message; /* ready for og_submit() */
    char to[OG_ADDR_MAX_TEXT + 1];
    char trouble[256]; /* why another template was used than the settings say, or "" */
};

#define OG_NOTICE_INIT                   \
    {                                    \
        "", OG_BUF_INIT(8 << 20), "", "" \
    }

/*
 * og_notice_make - the mail of a batch
 *
 * One row is told by the template of its kind, several by the one they name as `digest`.
 * The language is that of the setting where the reader's address stands. Templates are
 * those of template_directory; where one is missing or wrong, the shipped one.
 * notice  the caller frees it with og_notice_free()
 *
 * Returns OG_OK; OG_E_NOTFOUND for a kind that nobody knows; the codes of
 * og_template_open, og_template_render, og_mime_write and og_users_sender.
 */
enum og_rc og_notice_make(const struct og_state *state,
                          const struct og_outbox_batch *batch, int64_t now,
                          struct og_notice *notice, struct og_err *err) OG_CHECKED;
void og_notice_free(struct og_notice *notice);

/*
 * og_notice_report - subject and text of one abuse report, by the template abuse-report
 *
 * attached  with the whole message, which is in the quarantine
 * trouble   as below
 */
enum og_rc og_notice_report(const struct og_state *state, const struct og_outbox_row *row,
                            bool attached, struct og_rendered *mail, char *trouble,
                            struct og_err *err) OG_CHECKED;

/*
 * og_notice_render - a template with its words: from template_directory, else the shipped
 *
 * name     without .xml
 * trouble  receives why the first one was not used, or "" (256 bytes); NULL: not wanted
 */
enum og_rc og_notice_render(const struct og_state *state, const char *name,
                            const char *lang, const struct og_values *values,
                            struct og_rendered *mail, char *trouble,
                            struct og_err *err) OG_CHECKED;

/*
 * og_notice_write - a rendered mail as a message
 *
 * id       the left part of its Message-ID
 * reply    where replies shall go, "" for whom it is from
 * answers  the id of a mail before it, or ""
 */
enum og_rc og_notice_write(const struct og_state *state, const struct og_rendered *mail,
                           const char *to, const char *id, const char *reply,
                           const char *answers, int64_t now, struct og_buf *message,
                           struct og_err *err) OG_CHECKED;

/* og_notice_shipped - the directory of the shipped templates */
const char *og_notice_shipped(void);

/* og_notice_zone - the process shows times in the zone of the setting time_zone */
void og_notice_zone(const struct og_state *state);

#endif
