/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_MAIL_RELEASE_H
#define OG_MAIL_RELEASE_H

#include "core/base/record.h"
#include "core/state/state.h"

/*
 * A kept message on its way: outgatectl hands it to Exim with the protocol below, in the
 * name of its user, with a field in front that tells local_scan whose it is, by whose
 * keys it is signed and on whom it is counted. local_scan takes the field out again.
 *
 *     X-Outgate-Release: id=k2m4pqrs7t user=bob@example.com identity=header:c42
 *
 * As with notices, Exim takes the protocol from trusted callers only, and local_scan
 * looks at the caller as well.
 */
#define OG_RELEASE_PROTOCOL "outgate-release"
#define OG_RELEASE_FIELD "X-Outgate-Release"

/*
 * og_release_submit - hand a kept message to Exim
 *
 * id, entry  its entry
 * fd         its file
 * sent       receives the number of recipients that Exim has taken it for, on failure too
 *
 * Returns OG_OK; OG_E_SYNTAX for a file that is not one of the quarantine; OG_E_LIMIT;
 * the codes of og_submit().
 */
enum og_rc og_release_submit(const struct og_state *state, const char *id,
                             const struct og_record *entry, int fd, size_t *sent,
                             struct og_err *err) OG_CHECKED;

#endif
