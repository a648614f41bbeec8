/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_CHECK_ATTACHMENTS_H
#define OG_CHECK_ATTACHMENTS_H

#include <stdbool.h>

#include "core/base/findings.h"
#include "core/base/settings.h"
#include "core/check/verdict.h"

/*
 * Which files a sender may send: blocked_extensions, attachment_depth, block_encrypted,
 * block_unwanted_attachments, maximum_mime_parts. Refusals have class `attachment`, but
 * too many parts `parts`.
 */
enum { OG_ATTACHMENT_REASON = 120 }; /* bytes, with the NUL */

/*
 * og_attachment_blocked - why is a file not allowed?
 *
 * finding  of any kind; a file, an encrypted one or an unwanted program may be blocked
 * reason   receives half a sentence, `its name ends in .pdf.exe`, printable ASCII; or ""
 *
 * Returns whether it is blocked.
 */
bool og_attachment_blocked(const struct og_settings *set,
                           const struct og_finding *finding,
                           char reason[OG_ATTACHMENT_REASON]);

/*
 * og_attachments_check - judge all files
 *
 * verdict  550 5.7.1 with the first file that is blocked and the reason, or 550 5.6.0 for
 *          too many parts; else it is left as it was
 *
 * Returns the finding that decided, owned by findings, or NULL.
 */
const struct og_finding *og_attachments_check(const struct og_settings *set,
                                              const struct og_findings *findings,
                                              struct og_verdict *verdict);

#endif
