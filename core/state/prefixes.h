/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_STATE_PREFIXES_H
#define OG_STATE_PREFIXES_H

#include <stdbool.h>

#include "core/lib/store.h"

/*
 * Which prefix lengths are in use among the networks of a database, so that the
 * longest one around an address is found with one look-up per length. Kept under
 * the key `net`: `v4.24=17 v4.32=400 v6.64=3`.
 */
struct og_prefixes {
    bool used[129]; /* by length in bits */
};

/* og_prefixes_read - the lengths of one family (4 or 6); none is fine; the codes of
 * og_txn_get, OG_E_STATE for a record that cannot be read */
enum og_rc og_prefixes_read(struct og_txn *txn, const char *db, int family,
                            struct og_prefixes *prefixes, struct og_err *err) OG_CHECKED;

/* og_prefixes_count - one network (canonical text) more (+1) or less (-1), in the
 * transaction that stores or deletes it */
enum og_rc og_prefixes_count(struct og_txn *txn, const char *db, const char *net,
                             int change, struct og_err *err) OG_CHECKED;

#endif
