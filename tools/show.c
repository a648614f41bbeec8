/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/tool.h"

#include "core/base/settings_kind.h"
#include "core/check/identity.h"

enum {
    MAX_VALUE = 8192, /* bytes of a printed value */
    NAME_WIDTH = 36,  /* columns; the longest setting has 35 */
};

static const char note_headers[] =
    "identification_method is inherited: headers do not count for a user unless its own "
    "record says `header`, because the user could write them himself";

const char tool_warning_automatic[] =
    "automatic_lock of an ip sender stops everybody behind that address because of a "
    "few; "
    "lock_identities_automatically stops the one who did it";

json_t *
tool_value(const struct og_settings *set, const struct og_setting *row)
{
    const char *at = (const char *)set + row->at;
    struct og_buf text = OG_BUF_INIT(MAX_VALUE);
    json_t *value = NULL;

    if (row->kind == &og_kind_flag)
        return json_boolean(*(const uint64_t *)(const void *)at != 0);
    if (!row->kind->is_text && row->kind->words == NULL)
        return json_integer((json_int_t) * (const uint64_t *)(const void *)at);
    if (og_setting_print(set, row, &text, NULL) == OG_OK)
        value = tool_string(og_buf_text(&text));
    og_buf_free(&text);
    return value;
}

static const char *
source_of(const struct og_settings *set, const struct og_setting *row)
{
    return og_source_text((enum og_source)set->source[row - og_setting_rows]);
}

static json_t *
setting_json(const struct og_settings *set, const struct og_setting *row)
{
    return json_pack("{s:o, s:s}", "value", tool_value(set, row), "source",
                     source_of(set, row));
}

static json_t *
settings_json(const struct og_settings *set)
{
    json_t *all = json_object();

    for (size_t i = 0; i < OG_SETTINGS; i++) {
        const struct og_setting *row = &og_setting_rows[i];

        if (row->scope == OG_SCOPE_SENDER
            && json_object_set_new(all, row->name, setting_json(set, row)) != 0) {
            json_decref(all);
            return NULL;
        }
    }
    return all;
}

static bool
headers_ignored(const struct og_sender *sender)
{
    return sender->settings.identification_method == OG_IDENTIFY_HEADER
           && !og_identity_headers_count(&sender->settings,
                                         sender->user.name.kind == OG_KIND_USER);
}

/* has somebody chosen that incidents lock a whole address? */
static bool
locks_address(const struct og_sender *sender)
{
    return sender->user.name.kind == OG_KIND_IP && sender->settings.automatic_lock != 0
           && sender->settings.source[OG_SETTING_automatic_lock] != OG_SOURCE_DEFAULT;
}

/* a field of the record, or JSON's null */
static json_t *
field_json(const struct og_record *rec, const char *name)
{
    const char *value = og_record_get(rec, name);

    return value != NULL ? tool_string(value) : json_null();
}

static int
show_json(struct tool *tool, const struct og_sender *sender)
{
    const struct og_record *rec = &sender->user.record;
    const char *hash = og_record_get(rec, "password");
    json_t *notes = json_array();

    if ((headers_ignored(sender)
         && json_array_append_new(notes, tool_string(note_headers)) != 0)
        || (locks_address(sender)
            && json_array_append_new(notes, tool_string(tool_warning_automatic)) != 0))
        return tool_fail(tool, TOOL_TROUBLE, "no memory");
    return tool_json(
        tool,
        json_pack("{s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "name",
                  tool_string(sender->user.name.text), "kind",
                  og_user_kind_text(sender->user.name.kind), "domain",
                  sender->domain[0] != '\0' ? tool_string(sender->domain) : json_null(),
                  "created", field_json(rec, "created"), "changed",
                  field_json(rec, "changed"), "password",
                  hash != NULL ? json_string(tool_scheme(hash)) : json_null(), "settings",
                  settings_json(&sender->settings), "notes", notes));
}

static void
line(const char *name, const char *value)
{
    tool_cell(stdout, name, NAME_WIDTH);
    (void)tool_put(stdout, value != NULL && value[0] != '\0' ? value : "-");
    putchar('\n');
}

static int
show_text(struct tool *tool, const struct og_sender *sender)
{
    const struct og_record *rec = &sender->user.record;
    const char *hash = og_record_get(rec, "password");
    struct og_buf value = OG_BUF_INIT(MAX_VALUE);
    struct og_err err = { "" };
    enum og_rc rc = OG_OK;

    line("kind", og_user_kind_text(sender->user.name.kind));
    line("name", sender->user.name.text);
    line("domain", sender->domain);
    line("created", og_record_get(rec, "created"));
    line("changed", og_record_get(rec, "changed"));
    line("password", hash != NULL ? tool_scheme(hash) : "none");
    putchar('\n');
    for (size_t i = 0; i < OG_SETTINGS && rc == OG_OK; i++) {
        const struct og_setting *row = &og_setting_rows[i];

        if (row->scope != OG_SCOPE_SENDER)
            continue;
        og_buf_reset(&value);
        rc = og_setting_print(&sender->settings, row, &value, &err);
        tool_cell(stdout, row->name, NAME_WIDTH);
        tool_cell(stdout, source_of(&sender->settings, row), 8);
        (void)tool_put(stdout, value.len > 0 ? og_buf_text(&value) : "-");
        putchar('\n');
    }
    og_buf_free(&value);
    if (headers_ignored(sender))
        printf("\nnote: %s\n", note_headers);
    if (locks_address(sender))
        printf("\nnote: %s\n", tool_warning_automatic);
    return tool_rc(tool, rc, &err);
}

static int
show_one(struct tool *tool, const struct og_sender *sender, const char *name)
{
    const struct og_setting *row = og_setting_find(name);
    struct og_buf value = OG_BUF_INIT(MAX_VALUE);
    struct og_err err = { "" };
    int code;

    if (row == NULL || row->scope != OG_SCOPE_SENDER)
        return tool_field_name(tool, OG_KIND_USER, name);
    if (tool->json)
        return tool_json(tool, setting_json(&sender->settings, row));
    code = tool_rc(tool, og_setting_print(&sender->settings, row, &value, &err), &err);
    if (code == TOOL_DONE) {
        (void)tool_put(stdout, og_buf_text(&value));
        putchar('\n');
    }
    og_buf_free(&value);
    return code;
}

static int
show(struct tool *tool)
{
    struct tool_option none[] = { { NULL, false, NULL } };
    struct og_user user = OG_USER_INIT;
    struct og_sender sender = OG_SENDER_INIT;
    struct og_err err = { "" };
    char text[OG_NAME_TEXT + 1];
    int code = tool_options(tool, none, 1, 2);

    if (code == TOOL_DONE)
        code = tool_state(tool);
    if (code == TOOL_DONE)
        code = tool_find(tool, tool->argv[0], &user);
    if (code == TOOL_DONE) {
        (void)snprintf(text, sizeof text, "%s%s",
                       user.name.kind == OG_KIND_DOMAIN ? "@" : "", user.name.text);
        code = tool_rc(tool, og_users_sender(&tool->state, text, false, &sender, &err),
                       &err);
    }
    if (code == TOOL_DONE && tool->argc == 2)
        code = show_one(tool, &sender, tool->argv[1]);
    else if (code == TOOL_DONE)
        code = tool->json ? show_json(tool, &sender) : show_text(tool, &sender);
    og_sender_free(&sender);
    og_user_free(&user);
    return code;
}

const struct tool_verb tool_verb_show = {
    "show", "NAME [SETTING]", "show a sender, and where each setting comes from",
    "Prints what is stored about a sender and every setting that its mail is judged\n"
    "by, with the place it comes from: default, server (outgate.conf), domain or user.\n"
    "Of the password only the scheme of its hash. With SETTING just that value.\n\n"
    "    outgatectl show bob@example.com\n"
    "    outgatectl show bob@example.com maximum_message_size\n"
    "    outgatectl --json show domain:example.com\n",
    show
};
