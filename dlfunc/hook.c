/* SPDX-License-Identifier: BSD-2-Clause */
#include "dlfunc/hook.h"

#include "core/check/gate.h"

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

int
hook_gate(unsigned char **yield, const char *module, unsigned long long size_bytes)
{
    const struct og_state *state = NULL;
    const char *user = hook_user();
    struct og_verdict verdict = OG_VERDICT_ACCEPT;
    struct og_sender sender = OG_SENDER_INIT;
    struct og_err err = { "" };
    bool ours = og_port_authenticated() || og_port_client_address()[0] == '\0';
    enum og_rc rc;

    if (user[0] == '\0' && !ours)
        return og_port_yield(yield, ""); /* mail from outside to this server */
    rc = og_port_state(&state, &err);
    if (rc == OG_OK)
        rc = user[0] != '\0'
                 ? og_users_sender(state, user, false, &sender, &err)
                 : og_fail(&err, OG_E_NOTFOUND, "no outgoing user for this login");
    if (rc == OG_OK)
        og_gate_check(&sender.settings, size_bytes, &verdict);
    else if (rc == OG_E_NOTFOUND)
        og_gate_unknown(&verdict);
    else
        og_verdict_trouble(&verdict);
    og_sender_free(&sender);
    return hook_decide(yield, state, module, user, &verdict,
                       rc != OG_OK ? err.text : NULL);
}
