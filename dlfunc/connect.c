/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * outgate_connect: counts the connection of an ip user. A client that will log in is
 * counted at its first MAIL. The empty string or a reply, as of outgate_mail.
 */
#include "core/exim/session.h"
#include "dlfunc/gate.h"

HOOK(outgate_connect)
{
    const struct og_state *state = NULL;
    const char *user = hook_user();
    struct og_verdict verdict = OG_VERDICT_ACCEPT;
    const struct og_sender *sender = NULL;
    struct og_err err = { "" };
    enum og_rc rc;

    (void)argv;
    if (argc != 0)
        return og_port_fail(yield, "outgate_connect: expected no argument");
    if (user[0] == '\0')
        return og_port_yield(yield, "");
    rc = og_port_state(&state, &err);
    if (rc == OG_OK)
        rc = og_session_sender(state, user, &sender, &err);
    if (rc == OG_OK)
        rc = gate_connection(state, sender, &verdict, &err);
    if (rc != OG_OK)
        og_verdict_trouble(&verdict);
    return hook_decide(yield, state, "connect", user, &verdict,
                       rc != OG_OK ? err.text : NULL);
}
