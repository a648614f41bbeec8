/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_STATE_FINGERPRINTS_H
#define OG_STATE_FINGERPRINTS_H

#include <stdbool.h>

#include "core/base/findings.h"
#include "core/state/state.h"

/*
 * Texts that are denied, in fingerprints.db: a message whose normalised text has the
 * SHA-256 of one of them is spam, whoever sends it.
 *
 *     deny HASH   since=2026-11-21T18:12:21Z who=admin reason=...
 *
 * The other records of that database are in fan_out.h.
 */
#define OG_FINGERPRINTS_DB "fingerprints.db"

enum {
    OG_FINGERPRINT_MIN_WORDS = 5, /* a shorter text is nobody's: `see attachment` */
    OG_DENIED_TEXT = 200,         /* bytes of who and reason, with the NUL */
};

struct og_denied {
    char hash[65];
    char who[OG_DENIED_TEXT];
    char reason[OG_DENIED_TEXT];
    int64_t since;
};

/*
 * og_fingerprint_deny - put a text on the list
 *
 * hash    og_findings.exact: 64 hex digits, in lower case
 * who     the account that does it; reason is for people; both are cut, content may be
 *         hostile
 *
 * On the disk when it returns OG_OK. OG_E_SYNTAX for what is no hash; OG_E_EXISTS when
 * it is there already; the codes of og_store_run.
 */
enum og_rc og_fingerprint_deny(const struct og_state *state, const char *hash,
                               const char *who, const char *reason, int64_t now,
                               struct og_err *err) OG_CHECKED;

/* og_fingerprint_allow - take it off again; OG_E_NOTFOUND when it is not there */
enum og_rc og_fingerprint_allow(const struct og_state *state, const char *hash,
                                struct og_err *err) OG_CHECKED;

/* og_fingerprint_denied - is the text of these findings on the list? One below
 * OG_FINGERPRINT_MIN_WORDS never is. */
enum og_rc og_fingerprint_denied(const struct og_state *state,
                                 const struct og_findings *findings, bool *denied,
                                 struct og_err *err) OG_CHECKED;

/* og_fingerprints_each - visit the list in order of the hashes; what visit returns but
 * OG_OK ends it. No run of the store is open meanwhile. */
typedef enum og_rc og_denied_visit(const struct og_denied *denied, void *arg,
                                   struct og_err *err);
enum og_rc og_fingerprints_each(const struct og_state *state, og_denied_visit *visit,
                                void *arg, struct og_err *err) OG_CHECKED;

#endif
