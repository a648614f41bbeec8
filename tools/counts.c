/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/counts.h"

#include <inttypes.h>
#include <string.h>

#include "core/lib/key.h"
#include "core/state/events.h"

enum { EVENT_ID = 11 }; /* bytes with the NUL, as those of Exim's events */

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

void
tool_event(struct tool *tool, const char *who, const char *user, const char *class,
           const char *reason)
{
    struct og_record event = OG_RECORD_INIT;
    struct og_err err = { "" };
    char id[EVENT_ID];
    const char *fields[][2] = { { "id", id },        { "user", user },
                                { "by", who },       { "check", "outgatectl" },
                                { "class", class },  { "verdict", "accept" },
                                { "reason", reason } };
    enum og_rc rc = og_key_random_id(id, sizeof id - 1, &err);

    for (size_t i = 0; i < N_ELEMENTS(fields) && rc == OG_OK; i++)
        if (fields[i][1][0] != '\0')
            rc = og_record_set_text(&event, fields[i][0], fields[i][1], &err);
    if (rc == OG_OK)
        rc = og_events_write(&tool->state, &event, &err);
    if (rc != OG_OK) { /* it is done all the same */
        fputs("outgatectl: no event was written: ", stderr);
        (void)tool_put(stderr, err.text);
        fputc('\n', stderr);
    }
    og_record_free(&event);
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
