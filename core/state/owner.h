/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_STATE_OWNER_H
#define OG_STATE_OWNER_H

#include <stdbool.h>
#include <sys/types.h>

#include "core/state/state.h"

/*
 * Files that belong to the owner of the state are made and read with the owner's rights,
 * also where root calls: root then neither makes one that the owner cannot write, nor
 * follows what the owner has put there.
 */
struct og_owner {
    bool changed;
    gid_t group;
};

/* og_owner_enter - for root: become the owner until og_owner_leave(), which must follow
 * in either case; false with errno when that is refused */
bool og_owner_enter(const struct og_state *state, struct og_owner *was);
void og_owner_leave(const struct og_owner *was); /* leaves errno alone */

#endif
