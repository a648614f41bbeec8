/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_MAIL_TEMPLATE_INT_H
#define OG_MAIL_TEMPLATE_INT_H

#include "core/mail/template.h"

/* Internal to core/mail/template*.c: how a mail is written. Conditions, loops and values
 * are worked out before, so a writer sees parts, their ends, and text. */

enum og_part {
    OG_PART_TITLE,
    OG_PART_P,
    OG_PART_NOTE,
    OG_PART_CODE,
    OG_PART_BUTTON,
    OG_PART_LIST,
    OG_PART_ITEM,
    OG_PART_FACTS,
    OG_PART_FACT,
    OG_PART_B,
    OG_PART_BR,
};

struct og_part_open {
    enum og_part part;
    const char *label; /* fact: its label */
    const char *link;  /* button: where it leads */
    const char *shown; /* button: the same for who reads it */
};

struct og_writer {
    enum og_rc (*open)(void *arg, const struct og_part_open *part, struct og_err *err);
    enum og_rc (*close)(void *arg, enum og_part part, struct og_err *err);
    /* UTF-8; kept: blanks stay as they are, as in a value */
    enum og_rc (*text)(void *arg, const char *text, size_t len, bool kept,
                       struct og_err *err);
};

/* what a writer writes from; begin and end of the whole included */
struct og_frame {
    const char *lang, *subject, *server, *tone;
};

/* og_write_text, og_write_html - call body with a writer; what is written is appended */
typedef enum og_rc og_write_body(const struct og_writer *writer, void *to, void *arg,
                                 struct og_err *err);
enum og_rc og_write_text(og_write_body *body, void *arg, struct og_buf *out,
                         struct og_err *err) OG_CHECKED;
enum og_rc og_write_html(const struct og_frame *frame, og_write_body *body, void *arg,
                         struct og_buf *out, struct og_err *err) OG_CHECKED;

/* og_write_line - the text of inline parts alone, as one line: a subject */
enum og_rc og_write_line(og_write_body *body, void *arg, struct og_buf *out,
                         struct og_err *err) OG_CHECKED;

#endif
