/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * outgate_event NAME DATA: for event_action, with $event_name and $event_data. A
 * recipient that is given up because its address does not exist counts on the sender of
 * the message. Yields the empty string whatever happens: Exim takes another one as a
 * word about the delivery.
 */
#include "dlfunc/refused.h"

#include <string.h>

#include "core/check/bounce.h"

HOOK(outgate_event)
{
    const char *name, *data, *address;
    struct og_err err = { "" };
    bool bad = false;

    if (argc != 2)
        return og_port_fail(yield, "outgate_event: expected {NAME}{DATA}");
    name = (const char *)argv[0];
    data = (const char *)argv[1];
    if ((strcmp(name, "msg:fail:delivery") != 0 && strcmp(name, "msg:fail:internal") != 0)
        || hook_user()[0] == '\0')
        return og_port_yield(yield, "");
    address = og_port_expand("${quote_local_part:$local_part}@$domain");
    if (refused_archive(address, data))
        return og_port_yield(yield, "");
    if (og_bounce_bad_address(data, &bad, &err) != OG_OK)
        og_port_log("event", "%s", err.text);
    if (bad)
        refused_count("event", address, data);
    return og_port_yield(yield, "");
}
