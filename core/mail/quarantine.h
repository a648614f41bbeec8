/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_MAIL_QUARANTINE_H
#define OG_MAIL_QUARANTINE_H

#include <sys/types.h>

#include "core/base/header.h"
#include "core/state/vault.h"

/*
 * The quarantine: refused messages as files in Maildirs (maildir.h, kept.h) and an index
 * of them in quarantine.db (vault.h).
 *
 * A message is written into tmp and synced, then entered in the index, then moved to new.
 * The index counts: a file in tmp without entry is of somebody who died before he could
 * answer, and goes; one with an entry is moved to new by og_quarantine_repair(). To
 * delete, the file goes first, then the entry.
 */
struct og_refused {
    const char *id;                   /* of the event */
    const char *domain;               /* the sender's; its Maildir is named so */
    const struct og_headers *headers; /* as received, and what would have changed */
    int fd;                           /* the body, from body_start; only read */
    off_t body_start;
    const char *const *recipients;
    size_t recipients_count;
    const char *report_to; /* who gets an abuse report of it; NULL: nobody */
    int64_t now;
};

/* og_quarantine_takes - do the settings want messages of this class kept? */
bool og_quarantine_takes(const struct og_settings *set, const char *class);

/* og_quarantine_describe - put what is known of every refused message into a record: at,
 * domain, recipients, recipients_count; OG_E_LIMIT, OG_E_NOMEM */
enum og_rc og_quarantine_describe(const struct og_refused *message,
                                  struct og_record *entry, struct og_err *err) OG_CHECKED;

/*
 * og_quarantine_store - keep a message; it is on the disk when it returns OG_OK, and so is
 * the row of its report
 *
 * set    the sender's settings: for how long, how much
 * entry  what else shall stand in the index: user, identity, class, reason ...; receives
 *        the fields of vault.h
 *
 * What is old or too much then goes. Returns OG_OK; OG_E_LIMIT for a message above
 * quarantine_bytes; OG_E_IO, with a full disk too; the codes of og_vault_add. On failure
 * nothing is kept.
 */
enum og_rc og_quarantine_store(const struct og_state *state,
                               const struct og_settings *set,
                               const struct og_refused *message, struct og_record *entry,
                               struct og_err *err) OG_CHECKED;

/* og_quarantine_open - the file of an entry, for reading; OG_E_NOTFOUND when it is gone;
 * OG_E_IO */
enum og_rc og_quarantine_open(const struct og_state *state, const struct og_record *entry,
                              int *fd, struct og_err *err) OG_CHECKED;

/* og_quarantine_delete - file and entry; OG_E_NOTFOUND without such an entry */
enum og_rc og_quarantine_delete(const struct og_state *state, const char *id,
                                struct og_err *err) OG_CHECKED;

/* og_quarantine_expire - delete what is old, and what a domain has above max (NULL, 0:
 * of none); adds the number to count */
enum og_rc og_quarantine_expire(const struct og_state *state, const char *domain,
                                uint64_t max, int64_t now, size_t *count,
                                struct og_err *err) OG_CHECKED;

/* what og_quarantine_repair() has done */
struct og_quarantine_repairs {
    size_t delivered; /* files moved to new */
    size_t entered;   /* files in new or cur whose entry had gone: entered again */
    size_t
        dropped; /* entries without file: somebody has deleted it with a mail program */
    size_t removed; /* files in tmp that nobody was told of */
    size_t foreign; /* files that are not ours; they stay */
};

/* og_quarantine_repair - make files and index agree; the codes of the above */
enum og_rc og_quarantine_repair(const struct og_state *state,
                                struct og_quarantine_repairs *repairs,
                                struct og_err *err) OG_CHECKED;

#endif
