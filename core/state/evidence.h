/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_STATE_EVIDENCE_H
#define OG_STATE_EVIDENCE_H

#include "core/base/record.h"

enum {
    OG_EVIDENCE_LINES = 10,     /* of one kind */
    OG_EVIDENCE_MAX_LINE = 120, /* bytes of each, with its NUL */
    OG_EVIDENCE_TEXT =
        OG_EVIDENCE_LINES * OG_EVIDENCE_MAX_LINE, /* of all, with the NUL */
};

/*
 * og_evidence_note - one line more in a field of a record
 *
 * text  hostile; cut to whole characters, controls become blanks. NULL and "" are none.
 *
 * The newest line comes first, the same line stands once, OG_EVIDENCE_LINES are kept.
 * Returns OG_OK; OG_E_NOMEM.
 */
enum og_rc og_evidence_note(struct og_record *rec, const char *name, const char *text,
                            struct og_err *err) OG_CHECKED;

#endif
