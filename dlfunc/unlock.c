/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * outgate_unlock TOKEN [`check`]: unlock by the word of a notice, or ask whether it would.
 * The empty string when it has, or would; else an SMTP reply.
 */
#include "dlfunc/hook.h"

#include <string.h>

#include "core/base/time.h"
#include "core/state/unlock.h"

static int
refuse(unsigned char **yield, const struct og_state *state, bool told, enum og_rc rc,
       const struct og_err *err)
{
    struct og_verdict verdict = OG_VERDICT_ACCEPT;
    char reply[OG_REPLY_TEXT];

    if (rc != OG_E_SYNTAX && rc != OG_E_PERM && rc != OG_E_RANGE && rc != OG_E_NOTFOUND)
        return hook_trouble(yield, state, "unlock", "", err);
    og_verdict_set(&verdict, OG_REJECT, "550 5.7.1", "unlock-refused", "%s", err->text);
    if (!told)
        return hook_decide(yield, state, "unlock", "", &verdict, NULL);
    og_port_reply(&verdict, "unlock", reply);
    return og_port_yield(yield, reply);
}

HOOK(outgate_unlock)
{
    const struct og_state *state = NULL;
    struct og_lock_entry entry;
    struct og_err err = { "" };
    const char *token;
    bool check = argc == 2 && strcmp((const char *)argv[1], "check") == 0;
    enum og_rc rc;

    if (argc != 1 && !check)
        return og_port_fail(yield, "outgate_unlock: expected {TOKEN} or {TOKEN}{check}");
    token = (const char *)argv[0];
    rc = og_port_state(&state, &err);
    if (rc == OG_OK && (check || og_port_pretended()))
        rc = og_unlock_check(state, token, og_time_now(), &entry, &err);
    else if (rc == OG_OK)
        rc = og_unlock_use(state, token, og_port_envelope_sender(), og_time_now(), &entry,
                           &err);
    return rc == OG_OK ? og_port_yield(yield, "")
                       : refuse(yield, state, !check, rc, &err);
}
