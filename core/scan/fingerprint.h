/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_SCAN_FINGERPRINT_H
#define OG_SCAN_FINGERPRINT_H

#include "core/base/findings.h"
#include "core/base/simhash.h"
#include "core/lib/digest.h"

/*
 * The fingerprint of a message's text: similarity hash and SHA-256 of its normalised
 * words, over all of its text parts in their order.
 */
struct og_fingerprint {
    struct og_simhash hash;
    struct og_digest digest;
};

/* og_fingerprint_open - begin; fingerprint must stay where it is until its end.
 * OG_E_NOMEM */
enum og_rc og_fingerprint_open(struct og_fingerprint *fingerprint,
                               struct og_err *err) OG_CHECKED;

/* og_fingerprint_part, og_fingerprint_add - a new text part, and pieces of it: UTF-8, cut
 * anywhere, content may be hostile */
void og_fingerprint_part(struct og_fingerprint *fingerprint, bool html);
void og_fingerprint_add(struct og_fingerprint *fingerprint, const char *text, size_t len);

/*
 * og_fingerprint_close - put it into the findings, and release it
 *
 * findings  receives text_words; exact, unless there was no word; fingerprint, unless
 *           there were fewer words than OG_SIMHASH_MIN_WORDS
 */
void og_fingerprint_close(struct og_fingerprint *fingerprint,
                          struct og_findings *findings);

/* og_fingerprint_free - give up; one that is closed is fine */
void og_fingerprint_free(struct og_fingerprint *fingerprint);

#endif
