/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_MAIL_MAILDIR_H
#define OG_MAIL_MAILDIR_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/err.h"

/*
 * Maildirs side by side: BASE/DOMAIN/{tmp,new,cur}, https://cr.yp.to/proto/maildir.html.
 * Directories have mode 0700, files 0600. No symbolic link is followed below BASE.
 * Domains are og_vault_domain_ok(), names are file names without '/' and ':'.
 *
 * Who writes a file in tmp holds a lock on it (flock) for as long as it is not decided
 * whether it stays: so what a dead process has left is told from what is being written.
 */

/*
 * og_maildir_create - a new, empty file in tmp, locked; directories are made
 *
 * fd  receives it, open for writing; the caller closes it
 *
 * Returns OG_OK; OG_E_EXISTS; OG_E_IO with path and reason.
 */
enum og_rc og_maildir_create(const char *base, const char *domain, const char *name,
                             int *fd, struct og_err *err) OG_CHECKED;

/* og_maildir_sync - the file and its entry in tmp are on the disk; OG_E_IO */
enum og_rc og_maildir_sync(const char *base, const char *domain, int fd,
                           struct og_err *err) OG_CHECKED;

/* og_maildir_deliver - move it from tmp to new; OG_E_NOTFOUND when it is not in tmp */
enum og_rc og_maildir_deliver(const char *base, const char *domain, const char *name,
                              struct og_err *err) OG_CHECKED;

/* og_maildir_abandon - delete it from tmp, where it has not been delivered; what cannot be
 * deleted is a left-over */
void og_maildir_abandon(const char *base, const char *domain, const char *name);

/*
 * og_maildir_open - find a file, wherever a reader may have moved it, and open it
 *
 * fd  receives it, open for reading
 *
 * Returns OG_OK; OG_E_NOTFOUND; OG_E_IO, also where BASE/DOMAIN itself is not there or
 * cannot be read, so that nobody takes a disk that is not mounted for an empty one.
 */
enum og_rc og_maildir_open(const char *base, const char *domain, const char *name,
                           int *fd, struct og_err *err) OG_CHECKED;

/* og_maildir_remove - delete it, wherever it is; OG_E_NOTFOUND, also where BASE/DOMAIN is
 * not there; OG_E_IO */
enum og_rc og_maildir_remove(const char *base, const char *domain, const char *name,
                             struct og_err *err) OG_CHECKED;

/*
 * og_maildir_walk - visit every file of every Maildir
 *
 * name    without what a reader has put behind it (`:2,S`)
 * is_tmp  it is in tmp, and nobody is writing it, nor begins to during the visit
 *
 * A BASE that does not exist holds nothing. Returns OG_OK; OG_E_IO; what visit returned.
 */
typedef enum og_rc og_maildir_visit(const char *domain, const char *name, bool is_tmp,
                                    void *arg, struct og_err *err);
enum og_rc og_maildir_walk(const char *base, og_maildir_visit *visit, void *arg,
                           struct og_err *err) OG_CHECKED;

#endif
