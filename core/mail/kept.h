/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_MAIL_KEPT_H
#define OG_MAIL_KEPT_H

#include "core/base/buf.h"
#include "core/base/header.h"
#include "core/base/record.h"

/*
 * The file of a kept message: what a mail program shows as two more header fields, and
 * behind them the message byte for byte as it was refused.
 *
 *     X-Outgate-Quarantine: id=k2m4pqrs7t
 *      class=spam
 *      sender=bob@example.com
 *      recipients_count=1
 *      drop=2
 *     X-Outgate-Recipient: alice@example.net
 *     Received: ...
 *
 * The first is the record of the index and two kinds of fields more, by which the message
 * becomes what would have been sent on: `drop`, the numbers of header fields that go
 * (from 0, with commas), and `change.N`, the text of one that is another then. Recipients
 * are percent-encoded; there are exactly recipients_count of them, so nothing in the
 * message itself can be taken for one.
 */
#define OG_KEPT_FIELD "X-Outgate-Quarantine:"
#define OG_KEPT_RECIPIENT "X-Outgate-Recipient:"

enum {
    OG_KEPT_MAX_RECIPIENTS = 100000,
    OG_KEPT_MAX_HEAD = 64 << 20, /* bytes in front of the message */
};

struct og_kept {
    struct og_record record;
    char **recipients;
    size_t count;
    size_t original; /* offset in the file at which the message begins */
};

#define OG_KEPT_INIT               \
    {                              \
        OG_RECORD_INIT, NULL, 0, 0 \
    }

/* og_kept_print - append the two header fields; record has recipients_count = count.
 * OG_E_LIMIT, OG_E_NOMEM. */
enum og_rc og_kept_print(const struct og_record *record, const char *const *recipients,
                         size_t count, struct og_buf *out, struct og_err *err) OG_CHECKED;

/* og_kept_changes - set `drop` and `change.N` for what a list of header fields says;
 * OG_E_LIMIT, OG_E_NOMEM */
enum og_rc og_kept_changes(const struct og_headers *headers, struct og_record *record,
                           struct og_err *err) OG_CHECKED;

/*
 * og_kept_parse - read the beginning of such a file
 *
 * text, len  content may be hostile
 * kept       the caller frees it with og_kept_free()
 *
 * Returns OG_OK; OG_E_SYNTAX for another file; OG_E_LIMIT for more recipients than
 * OG_KEPT_MAX_RECIPIENTS; OG_E_NOTFOUND when the fields may go on behind len;
 * OG_E_NOMEM.
 */
enum og_rc og_kept_parse(const char *text, size_t len, struct og_kept *kept,
                         struct og_err *err) OG_CHECKED;

/* og_kept_load - the same from a file, as much of it as it takes; OG_E_IO */
enum og_rc og_kept_load(int fd, struct og_kept *kept, struct og_err *err) OG_CHECKED;

/*
 * og_kept_rewrite - the header of the message as it would have been sent on
 *
 * text, len  the message from its beginning, at least its whole header
 * out        receives the fields that stay, without the blank line
 * used       receives where the header ends in text: the blank line or len
 *
 * Returns OG_OK; OG_E_SYNTAX; OG_E_LIMIT; OG_E_NOMEM.
 */
enum og_rc og_kept_rewrite(const struct og_kept *kept, const char *text, size_t len,
                           struct og_buf *out, size_t *used,
                           struct og_err *err) OG_CHECKED;

void og_kept_free(struct og_kept *kept);

#endif
