/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/tool.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "core/check/identity.h"
#include "core/state/tripwires.h"

/* a configuration that does not hold is a no; one that cannot be looked at is trouble */
static int
code_of(enum og_rc rc)
{
    return rc == OG_OK                         ? TOOL_DONE
           : rc == OG_E_NOMEM || rc == OG_E_IO ? TOOL_TROUBLE
                                               : TOOL_NO;
}

static int
report(struct tool *tool)
{
    const struct og_settings *server = &tool->state.server;
    json_t *all;

    if (!tool->json) {
        (void)tool_put(stdout, tool->conf);
        printf(": %s\n", access(tool->conf, F_OK) == 0
                             ? "good"
                             : "not there, so every setting has its default");
        return TOOL_DONE;
    }
    all = json_object();
    for (size_t i = 0; i < OG_SETTINGS; i++) {
        const struct og_setting *row = &og_setting_rows[i];
        json_t *one = json_pack("{s:o, s:s}", "value", tool_value(server, row), "source",
                                og_source_text((enum og_source)server->source[i]));

        if (json_object_set_new(all, row->name, one) != 0) {
            json_decref(all);
            return tool_fail(tool, TOOL_TROUBLE, "no memory");
        }
    }
    return tool_json(tool, json_pack("{s:o, s:b, s:o}", "conf", tool_string(tool->conf),
                                     "good", 1, "settings", all));
}

static int
check_config(struct tool *tool)
{
    struct tool_option none[] = { { NULL, false, NULL } };
    struct og_err err = { "" };
    int code = tool_options(tool, none, 0, 0);
    bool match;
    enum og_rc rc;

    if (code != TOOL_DONE)
        return code;
    rc = og_state_open(tool->conf, &tool->state, &err);
    if (rc == OG_E_NOTFOUND && access(tool->conf, F_OK) != 0)
        return tool_fail(tool, TOOL_TROUBLE, "%s", err.text);
    if (rc != OG_OK)
        return tool_fail(tool, code_of(rc), "%s", err.text);
    rc = og_identity_check_settings(&tool->state.server, &err);
    if (rc != OG_OK)
        return tool_fail(tool, code_of(rc), "%s: %s", tool->conf, err.text);
    code = geteuid() == 0 ? tool_become_owner(tool) : TOOL_DONE;
    rc = og_tripwire_match(&tool->state.server, "", &match, &err);
    if (code == TOOL_DONE && rc != OG_OK)
        return tool_fail(tool, code_of(rc), "%s: %s", tool->conf, err.text);
    if (code == TOOL_DONE && access(tool->conf, R_OK) != 0 && errno != ENOENT)
        return tool_fail(tool, TOOL_NO, "%s: %s cannot read it: %s", tool->conf,
                         tool->state.server.user, strerror(errno));
    return code == TOOL_DONE ? report(tool) : code;
}

const struct tool_verb tool_verb_check_config = {
    "check-config", "", "check outgate.conf",
    "Reads outgate.conf as Exim's modules do and says what is wrong with it: names,\n"
    "values, bounds, expressions of identification_headers, the file of tripwires, the\n"
    "account, and, when root asks, whether that account can read the file. Exit 1 if\n"
    "something is wrong. With --json every setting of the server with its value and "
    "where\n"
    "it comes from. `outgatectl doctor` looks at what the settings name.\n\n"
    "    outgatectl -c /etc/outgate/outgate.conf.new check-config\n",
    check_config
};
