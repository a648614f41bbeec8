/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_CHECK_CONTENT_H
#define OG_CHECK_CONTENT_H

#include "core/base/findings.h"
#include "core/base/settings.h"
#include "core/check/verdict.h"

/* og_virus_check - malware is refused, whatever the settings are: 550 5.7.1, class `virus`.
 * Returns the finding that decided, owned by findings, or NULL. */
const struct og_finding *og_virus_check(const struct og_findings *findings,
                                        struct og_verdict *verdict);

/* og_macro_check - with block_macros, code in documents is refused: 550 5.7.1, class
 * `macro`. Returns as above. */
const struct og_finding *og_macro_check(const struct og_settings *set,
                                        const struct og_findings *findings,
                                        struct og_verdict *verdict);

/*
 * og_beyond_check - was all of the message looked at?
 *
 * verdict  by scan_limit_response 550 5.6.0, class `scan-limit`, with what was too deep,
 *          too large or too many; 451 4.3.0 where it was the time, which may be there
 *          another time
 * Returns as above; a ceiling that scan_limit_response lets pass decides nothing.
 */
const struct og_finding *og_beyond_check(const struct og_settings *set,
                                         const struct og_findings *findings,
                                         struct og_verdict *verdict);

#endif
