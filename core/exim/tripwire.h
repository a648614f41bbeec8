/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_EXIM_TRIPWIRE_H
#define OG_EXIM_TRIPWIRE_H

#include "core/state/account.h"

/*
 * A recipient that is a tripwire is an incident with an event of its own, and whoever asks
 * for the lock afterwards finds what lock_rules have made of it. The client hears nothing
 * of it: a lock is answered as any other, and without one the recipient is taken.
 *
 * It counts where the identity is known, so that a relay is not locked as a whole for one
 * of its customers: at RCPT, but where a header names the identity, and for local programs,
 * in local_scan.
 */

/* og_tripwire_at_rcpt - is it for RCPT to look, not for local_scan? */
_Bool og_tripwire_at_rcpt(const struct og_sender *sender);

/* og_tripwire_look - count the recipient if it is one; nothing under exim -bh. The codes
 * of og_tripwire_match and og_incident_count. */
enum og_rc og_tripwire_look(const struct og_state *state,
                            const struct og_account *account, const char *address,
                            int64_t now, struct og_err *err) OG_CHECKED;

#endif
