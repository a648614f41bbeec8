/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_STATE_FAN_OUT_H
#define OG_STATE_FAN_OUT_H

#include "core/base/findings.h"
#include "core/state/account.h"
#include "core/state/state.h"

/*
 * The same text to many strangers: of each account the texts of the last ten minutes and
 * how many different addresses got each that the account had not written to before, see
 * peers.h. In fingerprints.db:
 *
 *     text user bob@example.com 31cc2919167ca70b
 *     until=2026-11-21T18:22:21Z strangers=2026-11-21T18:12:21Z/1a2b3c4d,... told=...
 *
 * The key ends in the similarity hash of the first of them; whatever is within
 * OG_SIMHASH_NEAR of it is the same text. A text below OG_SIMHASH_MIN_WORDS has `=` and
 * the begin of its SHA-256 there, and is the same as itself only; one below
 * OG_FINGERPRINT_MIN_WORDS is not counted.
 *
 * The account is the identity, as a server or a login tells it. An identity by envelope
 * sender is whatever the client writes, so there the user counts.
 */
enum {
    OG_FAN_OUT_SECONDS = 600,
    OG_FAN_OUT_TEXTS = 16, /* of one account; one more puts out the one that is oldest */
};

struct og_fan_out {
    size_t strangers; /* of the text within the last ten minutes; at most 100 */
    bool reached;     /* the limit, for the first time in ten minutes */
};

/*
 * og_fan_out_count - a message is accepted: count its recipients, in one transaction
 *
 * addresses  its recipients in key form, count of them
 * result     see above; nothing is reached where fan_out_recipients is 0
 *
 * OG_E_STATE for a record that cannot be read; the codes of og_store_run.
 */
enum og_rc og_fan_out_count(const struct og_state *state,
                            const struct og_account *account,
                            const struct og_findings *findings,
                            const char *const *addresses, size_t count, int64_t now,
                            struct og_fan_out *result, struct og_err *err) OG_CHECKED;

#endif
