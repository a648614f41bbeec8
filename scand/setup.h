/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_SCAND_SETUP_H
#define OG_SCAND_SETUP_H

#include <sys/types.h>

#include "core/base/buf.h"
#include "core/base/err.h"

/*
 * setup_listen - the socket that clients connect to: systemd's, else one that is made at
 * path, with mode 0660 and, where we are root, the group of Exim's account
 *
 * A socket that nobody listens at any more is replaced; OG_E_EXISTS where another service
 * listens, OG_E_IO, OG_E_STATE.
 */
enum og_rc setup_listen(const char *path, gid_t group, int *fd,
                        struct og_err *err) OG_CHECKED;

/* setup_become - root becomes this account for good; another account must be it already.
 * OG_E_NOTFOUND, OG_E_PERM. */
enum og_rc setup_become(const char *account, struct og_err *err) OG_CHECKED;

/* setup_temporary - a directory of our own below `below`; those of services that were
 * killed are removed */
enum og_rc setup_temporary(const char *below, struct og_buf *path,
                           struct og_err *err) OG_CHECKED;

/* setup_remove - a directory with all that is in it; errors leave something behind */
void setup_remove(const char *path);

/* setup_close_from - close all descriptors from this one on, syslog's among them */
void setup_close_from(unsigned first);

#endif
