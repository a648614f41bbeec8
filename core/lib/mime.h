/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_LIB_MIME_H
#define OG_LIB_MIME_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/err.h"

/* The parts of a message, with their true names and decoded. GMime. */

struct og_mime_part {
    const char *name; /* decoded, UTF-8: Content-Disposition's, else Content-Type's; "" */
    const char *other;   /* other names it may go by, one a line, or "" */
    const char *folder;  /* names of the messages it is in, `a.eml/b.eml`, or "" */
    const char *claimed; /* Content-Type, lower case, without parameters; "" for none */
    const char *charset; /* of a text part, "" for none */
    bool is_text;        /* text to be read: no attachment */
    bool is_html;        /* such a text in HTML */
    const char *data;    /* decoded; NULL: longer than limits.part_bytes */
    size_t len;
    size_t begin, end; /* where its body stands in the message, encoded */
    bool clear;        /* base64 that no reader can read in another way */
    bool is_message;   /* with a name; its parts come next, data is not there */
};

struct og_mime_limits {
    unsigned parts;    /* that are visited */
    unsigned depth;    /* of messages in one another, and of multiparts in each */
    size_t part_bytes; /* of one part */
};

struct og_mime_message {
    unsigned parts;
    size_t lines;
    bool html;     /* there was HTML to be read */
    bool odd;      /* somebody else may find other parts in it */
    bool shut;     /* somebody else does: they are in sight, and could not be opened */
    bool too_many; /* parts; the rest was left out */
    bool too_deep; /* the same */
    bool
        too_large; /* a header field of more than 256 KiB; the same from there on. Or names
                     * of one part beyond 64 KiB */
};

/* what og_mime_walk() calls for each part; whatever but OG_OK ends the walk */
typedef enum og_rc og_mime_visit(const struct og_mime_part *part, void *arg,
                                 struct og_err *err);

/*
 * og_mime_walk - visit every part that is no multipart, in order
 *
 * data, len  the message with LF or CRLF line ends, hostile
 * message    receives what there is to say of the whole
 *
 * Uuencoded files in a text are parts behind it. What libraries do not bound is bounded
 * here before they see it: nesting times lines, and lengths of fields.
 * Returns OG_OK, for any content; what visit returned; OG_E_LIMIT above 4 GiB; OG_E_NOMEM.
 */
enum og_rc og_mime_walk(const char *data, size_t len, const struct og_mime_limits *limits,
                        og_mime_visit *visit, void *arg, struct og_mime_message *message,
                        struct og_err *err) OG_CHECKED;

/* og_mime_text - a text part in UTF-8, piece by piece; bytes that its charset does not
 * have are passed over, of an unknown charset all bytes are passed on */
typedef void og_mime_take(const char *text, size_t len, void *arg);
void og_mime_text(const struct og_mime_part *part, og_mime_take *take, void *arg);

#endif
