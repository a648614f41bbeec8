/* SPDX-License-Identifier: BSD-2-Clause */
#include "dlfunc/hook.h"

const char *
hook_user(void)
{
    return og_port_expand("$acl_c_outgate_user");
}

int
hook_decide(unsigned char **yield, const struct og_state *state, const char *module,
            const char *user, const struct og_verdict *verdict, const char *reason)
{
    char id[OG_EVENT_ID] = "", reply[OG_REPLY_TEXT];

    if (verdict->action != OG_ACCEPT)
        og_port_event(state, module, user, verdict, reason, NULL, id);
    og_port_reply(verdict, id, reply);
    return og_port_yield(yield, reply);
}

int
hook_trouble(unsigned char **yield, const struct og_state *state, const char *module,
             const char *user, const struct og_err *err)
{
    struct og_verdict verdict = OG_VERDICT_ACCEPT;

    og_verdict_trouble(&verdict);
    return hook_decide(yield, state, module, user, &verdict, err->text);
}
