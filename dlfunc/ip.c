/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * outgate_ip ADDRESS: the ip user around an address, or the empty string. One that
 * has a password is not named: its address alone is not enough.
 */
#include "core/exim/session.h"
#include "dlfunc/hook.h"

HOOK(outgate_ip)
{
    const struct og_state *state = NULL;
    const struct og_sender *sender = NULL;
    struct og_err err = { "" };
    struct og_net address;
    enum og_rc rc;
    int code;

    if (argc != 1)
        return og_port_fail(yield, "outgate_ip: expected {ADDRESS}");
    if (argv[0][0] == '\0')
        return og_port_yield(yield, ""); /* a local caller has no address */
    rc = og_net_parse((const char *)argv[0], &address, &err);
    if (rc != OG_OK)
        return og_port_fail(yield, "outgate_ip: %s", err.text);
    rc = og_port_state(&state, &err);
    if (rc == OG_OK)
        rc = og_session_sender_at(state, &address, &sender, &err);
    if (rc == OG_OK && og_record_get(&sender->user.record, "password") == NULL)
        code = og_port_yield(yield, sender->user.name.text);
    else if (rc == OG_OK || rc == OG_E_NOTFOUND)
        code = og_port_yield(yield, "");
    else {
        unsigned char *ignored;

        (void)hook_trouble(&ignored, state, "ip", "", &err); /* the event */
        code = og_port_fail(yield, "temporary problem with the list of senders");
    }
    return code;
}
