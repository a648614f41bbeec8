/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * outgate_rcpt: may this sender send to one more recipient? Looks at locks and limits;
 * the message is counted when it is accepted. Only this recipient is refused.
 */
#include "dlfunc/gate.h"

HOOK(outgate_rcpt)
{
    (void)argv;
    if (argc != 0)
        return og_port_fail(yield, "outgate_rcpt: expected no argument");
    return hook_gate(yield, "rcpt", GATE_RCPT, 0);
}
