/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * outgate_invalid ADDRESS: this server itself refuses the recipient as unknown; counts
 * on the sender of the session. Yields the empty string.
 */
#include "dlfunc/refused.h"

HOOK(outgate_invalid)
{
    if (argc != 1)
        return og_port_fail(yield, "outgate_invalid: expected {ADDRESS}");
    refused_count("invalid", (const char *)argv[0], "");
    return og_port_yield(yield, "");
}
