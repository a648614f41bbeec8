/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_MAIL_SIGN_H
#define OG_MAIL_SIGN_H

#include <sys/types.h>

#include "core/base/header.h"
#include "core/state/sender.h"

enum { OG_SIGN_MAX_FIELDS = 16384 }; /* bytes of all signatures of one message */

/*
 * og_sign - make the DKIM signatures that a sender's message leaves with
 *
 * headers     the message as it will leave: removed fields are left out, changed ones
 *             signed as changed
 * body_fd     read from body_start with pread()
 * fields      receives the DKIM-Signature fields, one after the other, each LF-folded
 *             with LF at its end; nothing where the sender's domain has no key, where
 *             dkim_sign is off, or where it has signed already
 * selectors   receives what was signed with, or why nothing was: for the event
 *
 * Returns OG_OK; OG_E_STATE for a stored key that cannot be used; OG_E_IO; OG_E_LIB;
 * the codes of og_store_run. Source: RFC 6376, RFC 8463.
 */
enum og_rc og_sign(const struct og_state *state, const struct og_sender *sender,
                   const struct og_headers *headers, int body_fd, off_t body_start,
                   struct og_buf *fields, struct og_buf *selectors,
                   struct og_err *err) OG_CHECKED;

#endif
