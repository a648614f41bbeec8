/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_STATE_SWEEP_H
#define OG_STATE_SWEEP_H

#include <stdint.h>

#include "core/lib/store.h"

/* is this record to go? It may be damaged; then who reads it next complains */
typedef bool og_sweep_is_old(const char *key, const char *value, int64_t now);

/* what goes with a record, which is still there */
typedef enum og_rc og_sweep_drop(struct og_txn *txn, const char *key, struct og_err *err);

struct og_sweep {
    const char *db;
    const char *from; /* a round begins behind this key, "" is the first */
    og_sweep_is_old *is_old;
    og_sweep_drop *drop; /* NULL: nothing */
};

/*
 * og_sweep - delete old records of a database, a few at a time
 *
 * Looks at the next few behind those of the last call, which the record `sweep` names:
 * called for each record that is made, it keeps pace. Returns OG_OK; the codes of the
 * store.
 */
enum og_rc og_sweep(struct og_txn *txn, const struct og_sweep *sweep, int64_t now,
                    struct og_err *err) OG_CHECKED;

#endif
