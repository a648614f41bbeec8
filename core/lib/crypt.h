/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_LIB_CRYPT_H
#define OG_LIB_CRYPT_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/buf.h"
#include "core/base/err.h"

/*
 * Password hashes in crypt(5) form, made and checked by libcrypt (libxcrypt).
 * New ones are yescrypt; every scheme the library knows can be checked, so that
 * hashes of a panel or of /etc/shadow keep working after an import.
 *
 * One yescrypt costs 20 to 30 ms of CPU and 16 MiB of memory for that moment.
 * All functions may run in several threads at once. Nothing is logged.
 */
enum {
    OG_CRYPT_MAX_PASSWORD = 511, /* bytes; libcrypt's own limit (512 with the NUL) */
    OG_CRYPT_MAX_HASH = 383,     /* bytes; CRYPT_OUTPUT_SIZE without the NUL */
};

/*
 * og_crypt_hash - make a yescrypt hash with a fresh salt and the default cost
 *
 * password, len  any bytes but NUL, no terminating NUL needed
 * out            receives the hash, 73 bytes today; its old content is freed
 *
 * Returns OG_OK; OG_E_SYNTAX for an empty password or one with a NUL; OG_E_LIMIT
 * above OG_CRYPT_MAX_PASSWORD or out->max; OG_E_NOMEM; OG_E_LIB.
 * Owner: the caller frees out. Copies of the password are wiped.
 */
enum og_rc og_crypt_hash(const char *password, size_t len, struct og_buf *out,
                         struct og_err *err) OG_CHECKED;

/*
 * og_crypt_verify - is this the password of that hash?
 *
 * password, len  as above; an empty one takes the time of any other and does not
 *                match, not even the hash of the empty password
 * hash           as stored, content may be hostile. Its cost is the hash's own:
 *                whoever stores hashes asks og_crypt_cost_ok()
 * match          receives the answer; compared in constant time
 *
 * Returns OG_OK; OG_E_SYNTAX for a hash that is unknown, locked ('*0', '!...'),
 * cut or overlong, and for a password with a NUL; OG_E_LIMIT; OG_E_NOMEM;
 * OG_E_LIB. Only OG_OK together with *match lets somebody in.
 */
enum og_rc og_crypt_verify(const char *password, size_t len, const char *hash,
                           bool *match, struct og_err *err) OG_CHECKED;

/*
 * og_crypt_dummy - take as long as og_crypt_verify() against a yescrypt hash of
 * the default cost, for a login that does not exist. Answers nothing.
 */
void og_crypt_dummy(const char *password, size_t len);

/*
 * og_crypt_scheme_ok - can og_crypt_verify() work with this hash?
 *
 * For import checks: a known scheme, a setting the library accepts, and a hash
 * part of that scheme's length. Costs nothing. A plain-text password is refused
 * although libcrypt alone would take its first two letters for a DES salt; one of
 * 13 letters and digits cannot be told from a DES hash.
 */
bool og_crypt_scheme_ok(const char *hash);

/*
 * og_crypt_cost_ok - does checking a password against this hash end soon?
 *
 * hash  one that og_crypt_scheme_ok() accepts
 *
 * False above about one second of CPU or 256 MiB of memory: a hash with
 * `rounds=999999999` would occupy a processor for minutes at every login, whoever
 * tries. Costs nothing.
 */
bool og_crypt_cost_ok(const char *hash);

#endif
