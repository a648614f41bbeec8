/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_CHECK_LOCK_H
#define OG_CHECK_LOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/settings.h"
#include "core/check/verdict.h"

/* what the answer to a locked sender tells of the lock */
struct og_lock_facts {
    bool manual;          /* made by hand */
    const char *rule;     /* its first word is the class; not looked at when manual */
    int64_t until;        /* 0: by hand only */
    const char *id;       /* of the lock, for the event */
    const char *identity; /* that is locked, may be hostile; "": the whole sender is */
};

/*
 * og_lock_verdict - the answer to mail of a locked sender, by lock_response
 *
 * verdict  receives 451 or 550, or OG_DISCARD, with class `locked`, whose lock it is, its
 *          end and class, and admin_contact where there is one
 *
 * Whether the sender is locked, and og_lock_exempt(), have been asked before.
 */
void og_lock_verdict(const struct og_settings *set, const struct og_lock_facts *lock,
                     struct og_verdict *verdict);

/*
 * og_lock_exempt - does mail to this recipient pass while the sender is locked? That to
 * admin_contact, to postmaster of the server's own name (RFC 5321 section 4.5.1), and to
 * the addresses there that unlock
 *
 * set       the sender's settings
 * hostname  as in og_state
 * address   local part and domain as the client writes them; content may be hostile
 */
bool og_lock_exempt(const struct og_settings *set, const char *hostname,
                    const char *address);

#endif
