/* SPDX-License-Identifier: BSD-2-Clause */
/* outgate_rcpt: may this sender still send? An administrator's change takes effect in
 * sessions that are already open. */
#include "dlfunc/hook.h"

HOOK(outgate_rcpt)
{
    (void)argv;
    if (argc != 0)
        return og_port_fail(yield, "outgate_rcpt: expected no argument");
    return hook_gate(yield, "rcpt", 0);
}
