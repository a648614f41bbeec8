/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/kept.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/rule.h"
#include "core/base/time.h"

enum { DOMAIN, USER, IDENTITY, CLASS, SINCE, UNTIL, LIMIT };

struct choice {
    struct tool_kept_list *list;
    struct og_name domain, users[OG_NAME_CANDIDATES];
    size_t user_count; /* 0: all */
    const char *identity, *class;
    char since[OG_TIME_TEXT], until[OG_TIME_TEXT]; /* "": any */
};

int
tool_kept_missing(struct tool *tool, const char *id)
{
    return tool_fail(tool, TOOL_NO,
                     "no message %s in the quarantine: it was never kept, has expired or "
                     "was deleted; viruses are never kept",
                     id);
}

/* with or without the method in front */
static bool
identity_matches(const char *want, const char *identity)
{
    const char *colon = strchr(identity, ':');

    return strcmp(want, identity) == 0 || (colon != NULL && strcmp(want, colon + 1) == 0);
}

static bool
matches(const struct choice *choice, const struct og_record *entry)
{
    const char *at = og_record_text(entry, "at"), *user = og_record_text(entry, "user");
    bool found = choice->user_count == 0;

    for (size_t i = 0; i < choice->user_count; i++)
        found = found || strcmp(choice->users[i].text, user) == 0;
    return found
           && (choice->domain.text[0] == '\0'
               || strcmp(choice->domain.text, og_record_text(entry, "domain")) == 0)
           && (choice->identity == NULL
               || identity_matches(choice->identity, og_record_text(entry, "identity")))
           && (choice->class == NULL
               || strcmp(choice->class, og_record_text(entry, "class")) == 0)
           && (choice->since[0] == '\0' || strcmp(at, choice->since) >= 0)
           && (choice->until[0] == '\0' || strcmp(at, choice->until) <= 0);
}

static enum og_rc
visit(const char *id, struct og_record *entry, void *arg, struct og_err *err)
{
    struct choice *choice = arg;
    struct tool_kept_list *list = choice->list;
    struct tool_kept *row;

    if (!og_vault_id_ok(id) || !matches(choice, entry))
        return OG_OK;
    if (list->count == list->cap) {
        size_t cap = list->cap > 0 ? list->cap * 2 : 64;
        struct tool_kept *rows = realloc(list->rows, cap * sizeof *rows);

        if (rows == NULL)
            return og_fail(err, OG_E_NOMEM, "no memory for %zu entries", cap);
        list->rows = rows;
        list->cap = cap;
    }
    row = &list->rows[list->count++];
    row->entry = (struct og_record)OG_RECORD_INIT;
    memcpy(row->id, id, sizeof row->id);
    og_record_move(&row->entry, entry);
    return OG_OK;
}

static int
by_time(const void *a, const void *b)
{
    const struct tool_kept *left = a, *right = b;
    int order =
        strcmp(og_record_text(&left->entry, "at"), og_record_text(&right->entry, "at"));

    return order != 0 ? order
                      : strcmp(og_record_text(&left->entry, "usec"),
                               og_record_text(&right->entry, "usec"));
}

static int
read_time(struct tool *tool, const struct tool_option *option, char out[OG_TIME_TEXT])
{
    struct og_err err = { "" };
    int64_t t = 0;

    if (option->value == NULL)
        return TOOL_DONE;
    if (og_time_since_parse(option->value, og_time_now(), &t, &err) != OG_OK
        || og_time_print(t, out, &err) != OG_OK)
        return tool_usage(tool, "%s: %s", option->name, err.text);
    return TOOL_DONE;
}

static int
read_choice(struct tool *tool, const struct tool_option *options, struct choice *choice,
            long *limit)
{
    int code = read_time(tool, &options[SINCE], choice->since);

    if (code == TOOL_DONE)
        code = read_time(tool, &options[UNTIL], choice->until);
    if (code == TOOL_DONE && options[LIMIT].value != NULL)
        code = tool_number(tool, "--limit", options[LIMIT].value, 1, 1000000, limit);
    if (code == TOOL_DONE && options[DOMAIN].value != NULL)
        code = tool_name(tool, OG_KIND_DOMAIN, options[DOMAIN].value, &choice->domain);
    if (code == TOOL_DONE && options[USER].value != NULL)
        code = tool_names(tool, options[USER].value, choice->users, &choice->user_count);
    if (code == TOOL_DONE && options[CLASS].value != NULL)
        code = tool_word(tool, "--class", options[CLASS].value, og_incident_classes);
    choice->identity = options[IDENTITY].value;
    choice->class = options[CLASS].value;
    return code;
}

void
tool_kept_free(struct tool_kept_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        og_record_free(&list->rows[i].entry);
    free(list->rows);
    *list = (struct tool_kept_list){ NULL, 0, 0 };
}

int
tool_kept_select(struct tool *tool, const struct tool_option *options,
                 struct tool_kept_list *list)
{
    struct choice choice = { .list = list };
    struct og_err err = { "" };
    long limit = 0;
    int code = read_choice(tool, options, &choice, &limit);

    if (code == TOOL_DONE)
        code = tool_rc(tool, og_vault_walk(&tool->state, visit, &choice, &err), &err);
    if (code != TOOL_DONE)
        return code;
    if (list->count > 0)
        qsort(list->rows, list->count, sizeof *list->rows, by_time);
    if (limit > 0 && list->count > (size_t)limit) {
        size_t old = list->count - (size_t)limit;

        for (size_t i = 0; i < old; i++)
            og_record_free(&list->rows[i].entry);
        memmove(list->rows, list->rows + old, (size_t)limit * sizeof *list->rows);
        list->count = (size_t)limit;
    }
    return TOOL_DONE;
}

int
tool_kept_chosen(struct tool *tool, const struct tool_option *options,
                 struct tool_kept_list *list)
{
    const struct tool_option *all = &options[TOOL_KEPT_OPTION_COUNT];
    bool narrowed = false;
    int code;

    for (int i = 0; i < TOOL_KEPT_OPTION_COUNT; i++)
        narrowed = narrowed || options[i].value != NULL;
    if (tool->argc > 0 && (narrowed || all->value != NULL))
        return tool_usage(tool, "ids, or --all with options, not both");
    if (tool->argc > 0)
        return TOOL_DONE;
    if (all->value == NULL)
        return tool_usage(tool, "ID or --all is missing");
    code = tool_kept_select(tool, options, list);
    if (code == TOOL_DONE && all[1].value == NULL)
        return tool_fail(tool, TOOL_NO,
                         "these are %zu messages: nothing done without --yes",
                         list->count);
    return code;
}

static json_t *
recipients_json(const char *text)
{
    json_t *all = json_array();
    char *copy = strdup(text), *rest = copy, *address;

    while (rest != NULL && (address = strsep(&rest, "\n")) != NULL)
        if (address[0] != '\0')
            (void)json_array_append_new(all, tool_string(address));
    free(copy);
    return all;
}

json_t *
tool_kept_json(const char *id, const struct og_record *entry)
{
    json_t *object = json_pack("{s:s}", "id", id);

    for (size_t i = 0; i < entry->count; i++) {
        const char *name = entry->fields[i].name, *value = entry->fields[i].value;
        json_t *json =
            strcmp(name, "recipients") == 0 ? recipients_json(value)
            : strcmp(name, "bytes") == 0 || strcmp(name, "recipients_count") == 0
                ? json_integer(strtoll(value, NULL, 10))
                : tool_string(value);

        if (json_object_set_new(object, name, json) != 0) {
            json_decref(object);
            return NULL;
        }
    }
    return object;
}
