/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_MAIL_QUEUED_H
#define OG_MAIL_QUEUED_H

#include "core/state/state.h"

/*
 * og_queued_count - how many messages of a sender stand in Exim's queue
 *
 * user, identity  as $acl_c_outgate_user and $acl_m_outgate_identity have them; identity
 *                 "" for all of the user
 *
 * Reads the heads of the spool's files, at most OG_QUEUED_LOOK of them; asks the Exim of
 * exim_command where they are. As the state's owner, who is Exim's account. Returns
 * OG_OK; OG_E_IO, also where there are more; OG_E_BUSY; OG_E_NOMEM.
 */
enum { OG_QUEUED_LOOK = 20000 };
enum og_rc og_queued_count(const struct og_state *state, const char *user,
                           const char *identity, uint64_t *count,
                           struct og_err *err) OG_CHECKED;

#endif
