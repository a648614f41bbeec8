/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/counts.h"

#include <inttypes.h>
#include <string.h>

int
tool_unit(struct tool *tool, const char *text, enum og_unit *unit)
{
    for (int i = 0; i < OG_UNITS; i++)
        if (strcmp(text, og_unit_text((enum og_unit)i)) == 0) {
            *unit = (enum og_unit)i;
            return TOOL_DONE;
        }
    return tool_usage(tool, "'%s': expected messages, recipients or connections", text);
}

json_t *
tool_grants_json(const struct og_grant *grants, size_t count)
{
    json_t *list = json_array();

    for (size_t i = 0; i < count; i++)
        if (json_array_append_new(list,
                                  json_pack("{s:s, s:I, s:o, s:o}", "unit",
                                            og_unit_text(grants[i].unit), "amount",
                                            (json_int_t)grants[i].amount, "given",
                                            tool_time_json(grants[i].given), "until",
                                            tool_time_json(grants[i].until)))
            != 0) {
            json_decref(list);
            return NULL;
        }
    return list;
}

void
tool_grants_put(const struct og_grant *grants, size_t count)
{
    char given[32], until[32];

    for (size_t i = 0; i < count; i++)
        printf("grant of %" PRIu64 " %s, given %s, until %s\n", grants[i].amount,
               og_unit_text(grants[i].unit), tool_time(grants[i].given, given),
               tool_time(grants[i].until, until));
}
