/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_MAIL_ARF_INT_H
#define OG_MAIL_ARF_INT_H

#include "core/mail/arf.h"

/* Internal to core/mail/arf*.c */

enum { OG_ARF_BOUNDARY = 32 };

/* how bytes have to be carried, RFC 2045 section 6: from the least to the most */
enum og_carriage { OG_SEVEN_BIT, OG_EIGHT_BIT, OG_BINARY };

/* one report on its way */
struct og_arf {
    const struct og_state *state;
    const struct og_outbox_row *row;
    const struct og_record *about; /* its fields */
    char *trouble;                 /* with the template, or NULL */
    int64_t now;
    char boundary[OG_ARF_BOUNDARY + 1]; /* nobody can have put it into the message */
    int file;                           /* the kept message, or -1 */
    off_t original;                     /* where it begins there */
    enum og_carriage carriage;
    struct og_buf text;
};

/* og_arf_head - the fields that every mail of ours begins with */
enum og_rc og_arf_head(const struct og_state *state, const char *id, const char *to,
                       int64_t now, struct og_buf *out, struct og_err *err) OG_CHECKED;

/* og_arf_parts - the rest of a report, up to where the message begins */
enum og_rc og_arf_parts(struct og_arf *report, struct og_err *err) OG_CHECKED;

#endif
