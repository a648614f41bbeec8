/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * outgate_unverified FAILURE TEXT: the answer to a sender's address that Exim could not
 * verify, from $sender_verify_failure and $acl_verify_message; the empty string when the
 * failure says nothing about the address.
 */
#include "dlfunc/hook.h"

#include <stdio.h>

#include "core/check/from.h"

HOOK(outgate_unverified)
{
    const struct og_state *state = NULL;
    struct og_verdict verdict = OG_VERDICT_ACCEPT;
    struct og_err err = { "" };
    char reason[400];

    if (argc != 2)
        return og_port_fail(yield, "outgate_unverified: expected {FAILURE}{TEXT}");
    og_from_check_verified((const char *)argv[0], &verdict);
    if (og_port_state(&state, &err) != OG_OK)
        state = NULL; /* the event goes to the main log */
    (void)snprintf(reason, sizeof reason, "<%.150s>: %.200s", og_port_envelope_sender(),
                   (const char *)argv[1]);
    return hook_decide(yield, state, "mail", hook_user(), &verdict, reason);
}
