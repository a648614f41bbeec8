/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_STATE_SECRET_H
#define OG_STATE_SECRET_H

#include "core/lib/seal.h"
#include "core/state/state.h"

/*
 * Secrets of this server, one record each in keys.db under `secret:NAME`:
 *
 *     created=2026-11-21T18:05:00Z hex=0f1e...
 */

/*
 * og_secret_get - the secret of that name; made, and on the disk, at the first call
 *
 * name    [a-z-], `token`
 * secret  receives OG_SEAL_SECRET random bytes
 *
 * Remembered for the last name asked for, until users, locks or keys change. Returns
 * OG_OK; OG_E_STATE for a record that cannot be read; the codes of og_store_run.
 */
enum og_rc og_secret_get(const struct og_state *state, const char *name,
                         unsigned char secret[OG_SEAL_SECRET],
                         struct og_err *err) OG_CHECKED;

/* og_secret_look - have og_secret_get() remember it: inside a run that somebody makes
 * anyway. One that is not there is not made. */
void og_secret_look(struct og_txn *txn, const char *name);

#endif
