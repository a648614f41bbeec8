/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/tool.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "tools/values.h"

/* a configuration that does not hold is a no; one that cannot be looked at is trouble */
static int
code_of(enum og_rc rc)
{
    return rc == OG_OK                         ? TOOL_DONE
           : rc == OG_E_NOMEM || rc == OG_E_IO ? TOOL_TROUBLE
                                               : TOOL_NO;
}

/* what is wrong so far */
struct problems {
    struct tool *tool;
    json_t *list;
};

static void
on_value(const char *setting, bool bad, const char *text, void *arg)
{
    struct problems *problems = arg;

    if (bad)
        (void)json_array_append_new(
            problems->list,
            json_pack("{s:s, s:o}", "setting", setting, "text", tool_string(text)));
    else
        tool_warn(problems->tool, "%s: %s", setting, text);
}

static const char *
member(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

/* everything at once: who mends one thing wants to know of the next */
static int
look(struct tool *tool)
{
    struct problems problems = { tool, json_array() };
    int code = TOOL_DONE;
    json_t *one;
    size_t i;

    tool_values_check(tool, on_value, &problems);
    tool_places_check(tool, on_value, &problems);
    tool->so_far_name = "problems";
    tool->so_far = problems.list;
    json_array_foreach(problems.list, i, one)
    {
        code = TOOL_NO;
        if (i == 0)
            (void)tool_fail(tool, code, "%s: %s: %s", tool->conf, member(one, "setting"),
                            member(one, "text"));
        else {
            fprintf(stderr, "outgatectl: %s: %s: ", tool->conf, member(one, "setting"));
            (void)tool_put(stderr, member(one, "text"));
            fputc('\n', stderr);
        }
    }
    tool->so_far = NULL;
    json_decref(problems.list);
    return code;
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
    enum og_rc rc;

    if (code != TOOL_DONE)
        return code;
    rc = og_state_open(tool->conf, &tool->state, &err);
    if (rc == OG_E_NOTFOUND && access(tool->conf, F_OK) != 0)
        return tool_fail(tool, TOOL_TROUBLE, "%s", err.text);
    if (rc != OG_OK)
        return tool_fail(tool, code_of(rc), "%s", err.text);
    code = geteuid() == 0 ? tool_become_owner(tool) : TOOL_DONE;
    if (code == TOOL_DONE && access(tool->conf, R_OK) != 0 && errno != ENOENT)
        return tool_fail(tool, TOOL_NO, "%s: %s cannot read it: %s", tool->conf,
                         tool->state.server.user, strerror(errno));
    if (code == TOOL_DONE)
        code = look(tool);
    return code == TOOL_DONE ? report(tool) : code;
}

const struct tool_verb tool_verb_check_config = {
    "check-config", "", "check outgate.conf",
    "Reads outgate.conf as Exim's modules do and says what is wrong with it: names,\n"
    "values, bounds, expressions of identification_headers, addresses, the file of\n"
    "tripwires, time_zone, classes, lock_template and language, programs and\n"
    "directories that are not there or of somebody else, the account, and, when root\n"
    "asks, whether that account can read the file. Exit 1 if something is wrong, all of\n"
    "it is told. With --json every setting of the server with its value and where it\n"
    "comes from, or the list `problems`. `outgatectl doctor` looks at the state.\n\n"
    "    outgatectl -c /etc/outgate/outgate.conf.new check-config\n",
    check_config
};
