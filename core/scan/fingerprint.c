/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/scan/fingerprint.h"

#include <inttypes.h>
#include <stdio.h>

static void
take_word(const char *word, size_t len, void *arg)
{
    struct og_fingerprint *fingerprint = arg;

    if (fingerprint->rc == OG_OK)
        fingerprint->rc =
            og_digest_add(&fingerprint->digest, word, len, &fingerprint->err);
    if (fingerprint->rc == OG_OK)
        fingerprint->rc = og_digest_add(&fingerprint->digest, " ", 1, &fingerprint->err);
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

enum og_rc
og_fingerprint_close(struct og_fingerprint *fingerprint, struct og_findings *findings,
                     struct og_err *err)
{
    uint64_t bits = og_simhash_end(&fingerprint->hash), words = fingerprint->hash.words;
    char exact[OG_DIGEST_HEX];
    enum og_rc rc = fingerprint->rc;

    if (rc == OG_OK)
        rc = og_digest_end(&fingerprint->digest, exact, &fingerprint->err);
    og_digest_free(&fingerprint->digest);
    if (rc != OG_OK)
        return og_fail(err, rc, "%s", fingerprint->err.text);
    findings->text_words = words;
    if (words > 0)
        (void)snprintf(findings->exact, sizeof findings->exact, "%s", exact);
    if (words >= OG_SIMHASH_MIN_WORDS)
        (void)snprintf(findings->fingerprint, sizeof findings->fingerprint, "%016" PRIx64,
                       bits);
    return OG_OK;
}

void
og_fingerprint_free(struct og_fingerprint *fingerprint)
{
    og_digest_free(&fingerprint->digest);
}
