/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_STATE_SEEN_H
#define OG_STATE_SEEN_H

#include <stdint.h>

#include "core/base/record.h"
#include "core/lib/store.h"

/*
 * Records that count for a while only, in events-seen.db. Each has the fields
 *
 *     until=2026-11-22T18:12:21Z queued=2026-11-22T18:12:21Z
 *
 * and a second key, `until 2026-11-22T18:12:21Z KEY`, by which those that have ended
 * are found in order of time: whoever puts one removes up to OG_SEEN_SWEEP old ones, so
 * the database never holds more than what has come within the longest time.
 */
enum {
    OG_SEEN_SWEEP = 4,
    OG_SEEN_LONGEST = 32 * 86400, /* seconds; what ends later is of a wrong clock */
};

/* og_seen_get - read a record; OG_E_NOTFOUND also for one that has ended, or that a
 * wrong clock has made; OG_E_STATE; the codes of og_txn_get */
enum og_rc og_seen_get(struct og_txn *txn, const char *key, int64_t now,
                       struct og_record *rec, struct og_err *err) OG_CHECKED;

/* og_seen_put - store a record that ends at `until`, at most OG_SEEN_LONGEST from now,
 * and sweep; rec receives the two fields. The codes of og_txn_put. */
enum og_rc og_seen_put(struct og_txn *txn, const char *key, struct og_record *rec,
                       int64_t until, int64_t now, struct og_err *err) OG_CHECKED;

/* og_seen_drop - forget a record; one that is not there is fine */
enum og_rc og_seen_drop(struct og_txn *txn, const char *key,
                        struct og_err *err) OG_CHECKED;

#endif
