/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/state/owner.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

bool
og_owner_enter(const struct og_state *state, struct og_owner *was)
{
    *was = (struct og_owner){ geteuid() == 0, getegid() };
    return !was->changed
           || (setegid(state->store.gid) == 0 && seteuid(state->store.uid) == 0);
}

void
og_owner_leave(const struct og_owner *was)
{
    int saved = errno;

    if (was->changed && (seteuid(0) != 0 || setegid(was->group) != 0))
        abort(); /* cannot happen; nothing good follows */
    errno = saved;
}
