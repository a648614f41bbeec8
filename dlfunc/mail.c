/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * outgate_mail: may this sender send, with this envelope sender, and a message of the
 * size that SIZE= announces? Counts the connection, once a session.
 */
#include "dlfunc/gate.h"

#include <stdlib.h>

HOOK(outgate_mail)
{
    long long size;

    (void)argv;
    if (argc != 0)
        return og_port_fail(yield, "outgate_mail: expected no argument");
    size = strtoll(og_port_expand("$message_size"), NULL, 10); /* -1: not announced */
    return hook_gate(yield, "mail", GATE_MAIL, size > 0 ? (unsigned long long)size : 0);
}
