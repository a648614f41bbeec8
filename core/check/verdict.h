/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_CHECK_VERDICT_H
#define OG_CHECK_VERDICT_H

#include "core/base/err.h"

/* what happens to a mail; how a call went is another type, enum og_rc */
enum og_action {
    OG_ACCEPT,
    OG_DEFER,   /* 4xx: the client tries again */
    OG_REJECT,  /* 5xx */
    OG_DISCARD, /* 250, and nobody gets it */
};

/*
 * A decision. The texts are ours and of fixed length: nothing of a mail is in
 * them but numbers, and names that a check has made printable.
 */
struct og_verdict {
    enum og_action action;
    char code[16];   /* SMTP reply and enhanced status, RFC 3463: `550 5.7.1`; "" for
                    * what the client shall take for accepted */
    char class[32];  /* what it is about, one word, for events and lock rules */
    char text[256];  /* for the client: one sentence without an end */
    char facts[256]; /* for the event, so that programs need not read the sentence: the
                      * text form of a record, see core/base/record.h; or "" */
};

#define OG_VERDICT_ACCEPT                 \
    {                                     \
        OG_ACCEPT, "", "accepted", "", "" \
    }

/* og_verdict_set - fill a verdict, without facts; the text is cut to fit */
void og_verdict_set(struct og_verdict *verdict, enum og_action action, const char *code,
                    const char *class, const char *fmt, ...) OG_PRINTF(5, 6);

/* og_verdict_facts - set the facts; what does not fit leaves them empty */
void og_verdict_facts(struct og_verdict *verdict, const char *fmt, ...) OG_PRINTF(2, 3);

/* og_verdict_trouble - the answer to a failure of our own: 451, whatever it was; the
 * client learns nothing of it, the event does */
void og_verdict_trouble(struct og_verdict *verdict);

/* og_action_text - `accept`, `defer`, `reject`, `discard` */
const char *og_action_text(enum og_action action);

#endif
