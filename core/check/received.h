/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_CHECK_RECEIVED_H
#define OG_CHECK_RECEIVED_H

#include "core/base/header.h"
#include "core/lib/regex.h"

/*
 * og_received_strip - cut the comment that holds an identity out of a Received field
 *
 * A trace field itself stays (RFC 5321 section 4.4); what goes is the outermost
 * comment, RFC 5322 section 3.2.2, around what the expression captures in the field's
 * value, together with the blanks before it. The result is noted in field->changed.
 * The field is left alone without expression, where it does not match, where it
 * captures something outside a comment, where a comment has no end, and where the
 * field holds a NUL. What an earlier call has changed is changed further.
 * Returns OG_OK; OG_E_LIMIT when the expression takes too long; OG_E_NOMEM.
 */
enum og_rc og_received_strip(struct og_header *field, const struct og_regex *regex,
                             struct og_err *err) OG_CHECKED;

#endif
