/* SPDX-License-Identifier: BSD-2-Clause */
/* outgate_predata: the same question once more before the message is transferred */
#include "dlfunc/gate.h"

HOOK(outgate_predata)
{
    (void)argv;
    if (argc != 0)
        return og_port_fail(yield, "outgate_predata: expected no argument");
    return hook_gate(yield, "predata", GATE_PREDATA, 0);
}
