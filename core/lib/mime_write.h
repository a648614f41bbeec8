/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_LIB_MIME_WRITE_H
#define OG_LIB_MIME_WRITE_H

#include "core/base/buf.h"
#include "core/base/err.h"

/* a field beside those below; the value is UTF-8 and becomes RFC 2047 where it has to */
struct og_mime_field {
    const char *name, *value;
};

/*
 * A message with one text in two forms, multipart/alternative (RFC 2046 section 5.1.4).
 * All texts are UTF-8; what is no UTF-8, and controls in names and values, may not stand
 * in them: og_plain() before.
 */
struct og_mime_message {
    const char *from_name, *from; /* name: "" for none */
    const char *to;
    const char *subject;
    const char *message_id;             /* without angle brackets */
    const char *date;                   /* RFC 5322 */
    const char *lang;                   /* Content-Language, RFC 3282 */
    const struct og_mime_field *fields; /* ended by a NULL name */
    const char *text, *html;
};

/*
 * og_mime_write - make the message, by GMime
 *
 * out  receives it, LF line ends, header and body in printable ASCII
 *
 * Not for Exim's processes: GMime is large. Returns OG_OK; OG_E_SYNTAX for a line end in
 * a field; OG_E_LIMIT; OG_E_NOMEM; OG_E_LIB.
 */
enum og_rc og_mime_write(const struct og_mime_message *message, struct og_buf *out,
                         struct og_err *err) OG_CHECKED;

/*
 * og_mime_write_subject, og_mime_write_text - of a message that is put together elsewhere: its
 * subject as a whole field, folded, and a part text/plain, fields and blank line included
 *
 * text  UTF-8
 * out   receives it, LF line ends, in printable ASCII
 *
 * As og_mime_write() otherwise.
 */
enum og_rc og_mime_write_subject(const char *text, struct og_buf *out,
                                 struct og_err *err) OG_CHECKED;
enum og_rc og_mime_write_text(const char *text, struct og_buf *out,
                              struct og_err *err) OG_CHECKED;

#endif
