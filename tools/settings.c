/* SPDX-License-Identifier: BSD-2-Clause */
/* the table of settings, for people, for programs and for the manual */
#include "tools/tool.h"

#include <string.h>

enum { MAX_BOUND = 64, WIDTH = 80, MAN_WIDTH = 64 };

static const char *
scope_of(const struct og_setting *row)
{
    return row->scope == OG_SCOPE_SERVER ? "server" : "sender";
}

/* the lowest or highest number as text; NULL where bounds say nothing to a person */
static const char *
bound(const struct og_setting *row, uint64_t number, struct og_buf *out)
{
    if (row->kind->is_text || row->kind->words != NULL
        || row->kind->print(row, number, out, NULL) != OG_OK)
        return NULL;
    return og_buf_text(out);
}

/* one word of mdoc text; backquotes become quotes, *open is whether one is open */
static void
put_word(const char *word, size_t len, bool *open)
{
    if (word[0] == '.' || word[0] == '\'')
        fputs("\\&", stdout); /* else a macro where it begins a line */
    for (size_t i = 0; i < len; i++) {
        if (word[i] == '`') {
            fputs(*open ? "\\(cq" : "\\(oq", stdout);
            *open = !*open;
        } else if (word[i] == '\\') {
            fputs("\\e", stdout);
        } else {
            putchar(word[i]);
        }
    }
}

/* mdoc text; sentences begin on new lines, as mdoc wants it */
static void
put_prose(const char *text)
{
    size_t column = 0;
    bool open = false;

    while (*text != '\0') {
        size_t len = strcspn(text, " ");

        if (column > 0 && column + len > MAN_WIDTH) {
            putchar('\n');
            column = 0;
        }
        if (column > 0)
            putchar(' ');
        put_word(text, len, &open);
        column += len + 1;
        if (!open && text[len - 1] == '.')
            column = MAN_WIDTH;
        text += len;
        text += strspn(text, " ");
    }
    putchar('\n');
}

static bool
ends_in_stop(const char *text)
{
    return text[0] != '\0' && text[strlen(text) - 1] == '.';
}

static void
put_man_row(const struct og_setting *row)
{
    struct og_buf lo = OG_BUF_INIT(MAX_BOUND), hi = OG_BUF_INIT(MAX_BOUND);
    const char *low = bound(row, row->lo, &lo), *high = bound(row, row->hi, &hi);

    printf(".It Ic %s\n", row->name);
    put_prose(row->help);
    printf("Value: %s", row->kind->form);
    if (low != NULL && high != NULL)
        printf(", from %s to %s", low, high);
    puts(ends_in_stop(row->kind->form) ? "" : ".");
    if (row->dflt[0] != '\0')
        printf("Default:\n.Ql %s .\n", row->dflt);
    else
        puts("Default: empty.");
    og_buf_free(&lo);
    og_buf_free(&hi);
}

static void
put_man(enum og_scope scope, const char *title)
{
    printf(".Ss %s\n.Bl -tag -width Ds\n", title);
    for (size_t i = 0; i < OG_SETTINGS; i++)
        if (og_setting_rows[i].scope == scope)
            put_man_row(&og_setting_rows[i]);
    puts(".El");
}

/* words of text, broken at WIDTH, four blanks in front */
static void
put_wrapped(const char *text)
{
    size_t column = 0;

    while (*text != '\0') {
        size_t len = strcspn(text, " ");

        if (column > 0 && column + 1 + len > WIDTH) {
            putchar('\n');
            column = 0;
        }
        column += (size_t)printf("%s%.*s", column == 0 ? "    " : " ", (int)len, text);
        text += len;
        text += strspn(text, " ");
    }
    putchar('\n');
}

static void
put_text(const struct og_setting *row)
{
    struct og_buf lo = OG_BUF_INIT(MAX_BOUND), hi = OG_BUF_INIT(MAX_BOUND);
    const char *low = bound(row, row->lo, &lo), *high = bound(row, row->hi, &hi);

    printf("%s  (%s, default %s)\n    %s", row->name, scope_of(row),
           row->dflt[0] != '\0' ? row->dflt : "empty", row->kind->form);
    if (low != NULL && high != NULL)
        printf(", from %s to %s", low, high);
    putchar('\n');
    put_wrapped(row->help);
    og_buf_free(&lo);
    og_buf_free(&hi);
}

static json_t *
row_json(const struct og_setting *row)
{
    struct og_settings set = OG_SETTINGS_INIT;
    json_t *object = NULL;

    if (og_settings_set(&set, row, row->dflt, OG_SOURCE_DEFAULT, NULL) == OG_OK)
        object = json_pack("{s:s, s:s, s:o, s:s, s:s}", "name", row->name, "scope",
                           scope_of(row), "default", tool_value(&set, row), "form",
                           row->kind->form, "help", row->help);
    og_settings_free(&set);
    if (object != NULL && !row->kind->is_text && row->kind->words == NULL
        && (json_object_set_new(object, "low", json_integer((json_int_t)row->lo)) != 0
            || json_object_set_new(object, "high", json_integer((json_int_t)row->hi))
                   != 0)) {
        json_decref(object);
        object = NULL;
    }
    return object;
}

static int
print_json(struct tool *tool, const char *name)
{
    json_t *all = json_array();

    for (size_t i = 0; i < OG_SETTINGS; i++)
        if ((name == NULL || strcmp(name, og_setting_rows[i].name) == 0)
            && json_array_append_new(all, row_json(&og_setting_rows[i])) != 0) {
            json_decref(all);
            return tool_fail(tool, TOOL_TROUBLE, "no memory");
        }
    return tool_json(tool, all);
}

static int
settings(struct tool *tool)
{
    struct tool_option options[] = { { "--man", false, NULL }, { NULL, false, NULL } };
    int code = tool_options(tool, options, 0, 1);
    const char *name = tool->argc == 1 ? tool->argv[0] : NULL;

    if (code != TOOL_DONE)
        return code;
    if (name != NULL && og_setting_find(name) == NULL)
        return tool_field_name(tool, OG_KIND_USER, name);
    if (options[0].value != NULL) {
        put_man(OG_SCOPE_SERVER, "Settings of the server");
        put_man(OG_SCOPE_SENDER, "Settings of senders");
        return TOOL_DONE;
    }
    if (tool->json)
        return print_json(tool, name);
    for (size_t i = 0; i < OG_SETTINGS; i++)
        if (name == NULL || strcmp(name, og_setting_rows[i].name) == 0)
            put_text(&og_setting_rows[i]);
    return TOOL_DONE;
}

const struct tool_verb tool_verb_settings = {
    "settings", "[NAME] [--man]", "list the settings that there are",
    "Prints name, scope, default, values and meaning of each setting, or of one.\n"
    "Those of scope `server` stand in outgate.conf only; those of scope `sender` in\n"
    "the record of a domain or user too. --man prints the rows of outgate.conf(5).\n\n"
    "    outgatectl settings maximum_message_size\n",
    settings
};
