/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * outgate_user [LOGIN]: the outgoing user of a login that has been authenticated, by us
 * or by another authenticator; its domain's record serves when it has none of its own.
 * Without LOGIN: of whoever has logged in or calls locally. Empty when there is none.
 */
#include "dlfunc/hook.h"

HOOK(outgate_user)
{
    const struct og_state *state = NULL;
    struct og_sender sender = OG_SENDER_INIT;
    struct og_err err = { "" };
    char login[OG_NAME_TEXT] = "";
    enum og_rc rc;
    int code;

    if (argc > 1)
        return og_port_fail(yield, "outgate_user: expected {LOGIN} or nothing");
    rc = og_port_state(&state, &err);
    if (rc == OG_OK && argc == 1)
        og_port_unescape((const char *)argv[0], login);
    if (rc == OG_OK && argc == 0)
        og_port_login(state->hostname, login);
    if (rc == OG_OK)
        rc = og_users_sender(state, login, true, &sender, &err);
    if (rc == OG_OK)
        code = og_port_yield(yield, sender.user.name.text);
    else if (rc == OG_E_NOTFOUND || rc == OG_E_SYNTAX || rc == OG_E_LIMIT
             || rc == OG_E_RANGE)
        code = og_port_yield(yield, "");
    else {
        unsigned char *ignored;

        (void)hook_trouble(&ignored, state, "user", "", &err); /* the event */
        code = og_port_fail(yield, "temporary problem with the list of senders");
    }
    og_sender_free(&sender);
    return code;
}
