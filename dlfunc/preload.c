/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * outgate_preload VALUE: yields VALUE. Used in an option that Exim's listening daemon
 * itself expands, it loads both modules, their libraries and outgate.conf once, before
 * the forks; where Exim's own process scans, the engine too. No database of the state is
 * opened, for its handles must not cross a fork.
 */
#include "dlfunc/hook.h"

#include "core/lib/key.h"
#include "core/scan/any.h"

HOOK(outgate_preload)
{
    static bool done;
    const struct og_state *state;
    const char *why;
    struct og_err err = { "" };

    if (argc != 1)
        return og_port_fail(yield, "outgate_preload: expected {VALUE}");
    if (!done) {
        done = true;
        if (!og_port_load_scan(&why))
            og_port_log("preload", "%s", why);
        if (!og_store_warm("/tmp"))
            og_port_log("preload",
                        "Berkeley DB cannot work below /tmp: sessions are slower");
        og_key_preload();
    }
    /* again for each connection: new settings and signatures, before the fork */
    if (og_port_state(&state, &err) != OG_OK
        || og_scan_preload(&state->server, &err) != OG_OK)
        og_port_log("preload", "%s", err.text);
    return og_port_yield(yield, (const char *)argv[0]);
}
