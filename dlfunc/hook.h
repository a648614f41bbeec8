/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_DLFUNC_HOOK_H
#define OG_DLFUNC_HOOK_H

/* what the hooks share; each hook is one file: unpack, call core, pack */

#include "core/exim/port.h"
#include "core/state/sender.h"

#define HOOK(name)          \
    OG_EXPORT og_hook name; \
    int name(unsigned char **yield, int argc, unsigned char *argv[])

/* hook_user - $acl_c_outgate_user, "" when the session has no sender yet */
const char *hook_user(void);

/* hook_decide - event and SMTP reply of a verdict; "" and no event when it accepts */
int hook_decide(unsigned char **yield, const struct og_state *state, const char *module,
                const char *user, const struct og_verdict *verdict, const char *reason);

/* hook_trouble - the same for a failure of our own: 451 */
int hook_trouble(unsigned char **yield, const struct og_state *state, const char *module,
                 const char *user, const struct og_err *err);

#endif
