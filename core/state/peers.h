/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_STATE_PEERS_H
#define OG_STATE_PEERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/lib/store.h"

/*
 * Whom a sender has written to before, in fingerprints.db: of each address 40 bits of a
 * hash, 8 of which name the record, and since when it is known. Of each record's
 * addresses the newest 100 count, for OG_PEER_SECONDS since they were last written to;
 * so one account has 25600 at most.
 *
 *     peer user bob@example.com 3f   seen=2026-11-21T18:12:21Z/1a2b3c4d,...
 */
enum {
    OG_PEER_SECONDS = 180 * 86400,
    OG_PEER_NEW = 600, /* so long an address is a stranger still */
};

struct og_peer {
    unsigned char record; /* which of the account's records */
    uint32_t who;         /* never 0 */
    bool stranger;        /* not written to before OG_PEER_NEW ago */
};

/* og_peers_hash - the peers of addresses in key form, sorted, each once: *count is fewer
 * where some are the same. Owner: the caller frees *peers with free(). OG_E_NOMEM. */
enum og_rc og_peers_hash(const char *const *addresses, size_t *count,
                         struct og_peer **peers, struct og_err *err) OG_CHECKED;

/*
 * og_peers_meet - an account writes to peers now
 *
 * account  its key, see og_ledger_key()
 * peers    as from og_peers_hash(); receive `stranger`
 * added    receives whether a record was made
 *
 * OG_E_STATE for a record that cannot be read; the codes of the store.
 */
enum og_rc og_peers_meet(struct og_txn *txn, const char *account, struct og_peer *peers,
                         size_t count, int64_t now, bool *added,
                         struct og_err *err) OG_CHECKED;

/* og_peers_is_old - has every address of such a record expired? */
bool og_peers_is_old(const char *value, int64_t now);

#endif
