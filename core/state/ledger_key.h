/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_STATE_LEDGER_KEY_H
#define OG_STATE_LEDGER_KEY_H

#include "core/state/account.h"

/*
 * Keys that always fit into the store. What would be too long becomes `%sha256:` and 64
 * digits, which is no percent-encoding of anything.
 */
enum { OG_KEY_WORD = 480 }; /* bytes of one word: two, a time and blanks are a key */

/* og_key_word - append text as one word of a key, percent-encoded or hashed; OG_E_LIMIT,
 * OG_E_NOMEM, OG_E_LIB */
enum og_rc og_key_word(struct og_buf *key, const char *text,
                       struct og_err *err) OG_CHECKED;

/* og_ledger_key - the key of an account's level in place of what key holds, whose ceiling
 * is OG_STORE_MAX_KEY: og_account_key(), or where that is too long the level and the hash
 * of it; OG_E_NOTFOUND without such a level */
enum og_rc og_ledger_key(const struct og_account *account, enum og_level level,
                         struct og_buf *key, struct og_err *err) OG_CHECKED;

#endif
