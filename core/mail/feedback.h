/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_MAIL_FEEDBACK_H
#define OG_MAIL_FEEDBACK_H

#include "core/base/err.h"
#include "core/state/token.h"

/*
 * Complaints as feedback loops send them: multipart/report with a part
 * message/feedback-report and the message, or its header, that somebody complains of.
 * RFC 5965.
 */
enum {
    OG_FEEDBACK_MAX = 32 << 20, /* bytes of a report */
    OG_FEEDBACK_TEXT = 128,     /* bytes of a field of it that is told, with NUL */
};

struct og_feedback {
    char type[32];                /* Feedback-Type in lower case, `abuse` */
    char agent[OG_FEEDBACK_TEXT]; /* User-Agent, printable; "" without */
    char token[OG_TOKEN_TEXT];    /* of the message; "" where it has none */
};

/*
 * og_feedback_parse - read a report
 *
 * data, len  a whole message, LF or CRLF line ends, hostile
 *
 * The token is the first one in the message complained of: what stands above the
 * sender's own fields is ours. Returns OG_OK; OG_E_SYNTAX for what is no such report;
 * OG_E_LIMIT; OG_E_NOMEM.
 */
enum og_rc og_feedback_parse(const char *data, size_t len, struct og_feedback *feedback,
                             struct og_err *err) OG_CHECKED;

/* og_feedback_class - the class of incident that a type of complaint is, or NULL for what
 * speaks against nobody (`not-spam`, `opt-out`, `auth-failure`) */
const char *og_feedback_class(const char *type);

#endif
