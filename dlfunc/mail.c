/* SPDX-License-Identifier: BSD-2-Clause */
/* outgate_mail: may this sender send, and a message of the size that SIZE= announces? */
#include "dlfunc/hook.h"

#include <stdlib.h>

HOOK(outgate_mail)
{
    long long size;

    (void)argv;
    if (argc != 0)
        return og_port_fail(yield, "outgate_mail: expected no argument");
    size = strtoll(og_port_expand("$message_size"), NULL, 10); /* -1: not announced */
    return hook_gate(yield, "mail", size > 0 ? (unsigned long long)size : 0);
}
