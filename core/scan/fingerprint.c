/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/scan/fingerprint.h"

#include <inttypes.h>
#include <stdio.h>

static void
take_word(const char *word, size_t len, void *arg)
{
    struct og_fingerprint *fingerprint = arg;

    og_digest_add(&fingerprint->digest, word, len);
    og_digest_add(&fingerprint->digest, " ", 1);
}

enum og_rc
og_fingerprint_open(struct og_fingerprint *fingerprint, struct og_err *err)
{
    *fingerprint = (struct og_fingerprint){ .digest = OG_DIGEST_INIT };
    og_simhash_init(&fingerprint->hash, take_word, fingerprint);
    return og_digest_open(&fingerprint->digest, err);
}

void
og_fingerprint_part(struct og_fingerprint *fingerprint, bool html)
{
    og_simhash_part(&fingerprint->hash, html);
}

void
og_fingerprint_add(struct og_fingerprint *fingerprint, const char *text, size_t len)
{
    og_simhash_add(&fingerprint->hash, text, len);
}

void
og_fingerprint_close(struct og_fingerprint *fingerprint, struct og_findings *findings)
{
    uint64_t bits = og_simhash_end(&fingerprint->hash), words = fingerprint->hash.words;
    char exact[OG_DIGEST_HEX];

    og_digest_end(&fingerprint->digest, exact);
    findings->text_words = words;
    if (words > 0)
        (void)snprintf(findings->exact, sizeof findings->exact, "%s", exact);
    if (words >= OG_SIMHASH_MIN_WORDS)
        (void)snprintf(findings->fingerprint, sizeof findings->fingerprint, "%016" PRIx64,
                       bits);
}

void
og_fingerprint_free(struct og_fingerprint *fingerprint)
{
    og_digest_free(&fingerprint->digest);
}
