/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_STATE_VAULT_H
#define OG_STATE_VAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/record.h"
#include "core/base/time.h"
#include "core/state/outbox.h"
#include "core/state/state.h"
#include "core/state/walk.h"

/*
 * The index of the quarantine, quarantine.db. One record for each kept message, and keys
 * without value by which the oldest are found:
 *
 *     entry k2m4pqrs7t
 *     at=... usec=012345 expires=... domain=example.com file=1795284741.k2m4pqrs7t.mail user=...
 *     identity=... client=... class=spam reason=... sender=... recipients=...
 *     recipients_count=2 bytes=1234 message_id=... msgid=... subject=...
 *
 *     domain example.com 2026-11-21T18:12:21Z 012345 k2m4pqrs7t
 *     expires 2026-12-05T18:12:21Z k2m4pqrs7t
 *     bytes example.com            bytes=1234 count=1
 *
 * `recipients` are the first of them, with LF between; the file has all. A release adds
 *
 *     release=begun released=2026-11-21T19:00:00Z released_by=root
 *     release=done ...
 *
 * The files are core/mail/quarantine.h's.
 */
enum {
    OG_VAULT_ID = 11,      /* bytes of the event's short id, with NUL */
    OG_VAULT_DOMAIN = 254, /* bytes of a domain that is a directory, with NUL */
    OG_VAULT_DUE = 20,     /* entries that og_vault_due() names at once */
};

/* og_vault_id_ok - can this be the id of an entry? It stands in a file name. */
bool og_vault_id_ok(const char *id);

/* og_vault_domain_ok - can this be a directory? Lower-case letters, digits, '-', '_' and
 * single dots inside. */
bool og_vault_domain_ok(const char *domain);

/*
 * og_vault_add - enter a message; on the disk when it returns OG_OK
 *
 * entry   has at least at, expires, domain, file and bytes
 * report  a row of the outbox that is put in the same transaction; NULL: none
 *
 * Returns OG_OK; OG_E_EXISTS; OG_E_SYNTAX for one that lacks a field or has an id or a
 * domain that cannot be; the codes of og_store_run.
 */
enum og_rc og_vault_add(const struct og_state *state, const char *id,
                        const struct og_record *entry, struct og_outbox_row *report,
                        struct og_err *err) OG_CHECKED;

/* og_vault_get - read an entry; OG_E_NOTFOUND; OG_E_STATE for one that cannot be read */
enum og_rc og_vault_get(const struct og_state *state, const char *id,
                        struct og_record *entry, struct og_err *err) OG_CHECKED;

/* og_vault_drop - forget an entry; OG_E_NOTFOUND. On the disk when it returns OG_OK. */
enum og_rc og_vault_drop(const struct og_state *state, const char *id,
                         struct og_err *err) OG_CHECKED;

/*
 * og_vault_begin - say that a release begins, before anything is sent
 *
 * again  also if one has begun or been done already
 * who    the account that does it
 * entry  receives the entry as it was before
 *
 * Returns OG_OK; OG_E_NOTFOUND; OG_E_EXISTS when it has been released, or is being;
 * entry then says when. The codes of og_store_run.
 */
enum og_rc og_vault_begin(const struct og_state *state, const char *id, bool again,
                          const char *who, int64_t now, struct og_record *entry,
                          struct og_err *err) OG_CHECKED;

/* og_vault_end - how the release went: `done`, or NULL when nothing was sent and the
 * next one may try */
enum og_rc og_vault_end(const struct og_state *state, const char *id, const char *how,
                        struct og_err *err) OG_CHECKED;

/* what is to go */
struct og_vault_due {
    char ids[OG_VAULT_DUE][OG_VAULT_ID];
    size_t count;
};

/*
 * og_vault_due - the entries whose time is over, and the oldest of a domain above max
 *
 * domain  NULL: none is looked at for its size
 * max     bytes; 0: no limit
 *
 * Names OG_VAULT_DUE at most: whoever wants all asks again when these are gone.
 */
enum og_rc og_vault_due(const struct og_state *state, int64_t now, const char *domain,
                        uint64_t max, struct og_vault_due *due,
                        struct og_err *err) OG_CHECKED;

/* og_vault_walk - visit every entry by id; what cannot be read is OG_E_STATE. A visit may
 * take the record, og_record_move(). */
typedef enum og_rc og_vault_visit(const char *id, struct og_record *entry, void *arg,
                                  struct og_err *err);
enum og_rc og_vault_walk(const struct og_state *state, og_vault_visit *visit, void *arg,
                         struct og_err *err) OG_CHECKED;

#endif
