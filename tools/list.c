/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/tool.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

/* an `enabled` that a domain's own record holds */
struct domain {
    char *name;
    bool enabled;
};

struct list {
    struct tool *tool;
    bool any_kind;
    enum og_user_kind kind;
    struct og_name domain; /* "" for all */
    void *domains;         /* tree of struct domain; they stand before the others */
    struct og_settings scratch;
    size_t count;
};

static int
compare(const void *a, const void *b)
{
    return strcmp(((const struct domain *)a)->name, ((const struct domain *)b)->name);
}

static enum og_rc
remember(struct list *list, const char *name, bool enabled, struct og_err *err)
{
    struct domain *domain = malloc(sizeof *domain);

    if (domain != NULL) {
        *domain = (struct domain){ strdup(name), enabled };
        if (domain->name != NULL && tsearch(domain, &list->domains, compare) != NULL)
            return OG_OK;
        free(domain->name);
        free(domain);
    }
    return og_fail(err, OG_E_NOMEM, "no memory for a list of domains");
}

static void
forget(void *arg)
{
    struct domain *domain = arg;

    free(domain->name);
    free(domain);
}

static const char *
domain_of(const struct og_user *user)
{
    const char *domain = user->name.kind == OG_KIND_IP
                             ? og_record_get(&user->record, "domain")
                             : og_name_domain(&user->name);

    return domain != NULL ? domain : "";
}

/* does its mail pass as far as `enabled` is concerned: a domain's no is final */
static bool
is_enabled(struct list *list, const struct og_user *user)
{
    const char *own = og_record_get(&user->record, "enabled"), *name = domain_of(user);
    void *found;
    struct domain key;

    key.name = strdup(name);
    key.enabled = false;
    found = key.name != NULL ? tfind(&key, &list->domains, compare) : NULL;
    free(key.name);
    if (found != NULL && !(*(struct domain **)found)->enabled)
        return false;
    if (own != NULL)
        return strcmp(own, "yes") == 0;
    return found != NULL || list->tool->state.server.enabled != 0;
}

/* the value as JSON; one that cannot be read as it stands there */
static json_t *
own_value(struct list *list, const struct og_setting *row, const char *text)
{
    if (og_settings_set(&list->scratch, row, text, OG_SOURCE_USER, NULL) != OG_OK)
        return tool_string(text);
    return tool_value(&list->scratch, row);
}

static const struct og_setting *
row_of(const struct og_field *field)
{
    const struct og_setting *row = og_setting_find(field->name);

    return row != NULL && row->scope == OG_SCOPE_SENDER ? row : NULL;
}

static enum og_rc
print_json(struct list *list, const struct og_user *user, struct og_err *err)
{
    const struct og_record *rec = &user->record;
    const char *hash = og_record_get(rec, "password"), *domain = domain_of(user);
    json_t *settings = json_object();

    for (size_t i = 0; i < rec->count; i++) {
        const struct og_setting *row = row_of(&rec->fields[i]);

        if (row != NULL
            && json_object_set_new(settings, row->name,
                                   own_value(list, row, rec->fields[i].value))
                   != 0)
            return og_fail(err, OG_E_NOMEM, "no memory");
    }
    fputs(list->count > 0 ? ",\n" : "\n", stdout);
    if (tool_json_line(
            list->tool,
            json_pack("{s:s, s:o, s:o, s:b, s:o, s:o}", "kind",
                      og_user_kind_text(user->name.kind), "name",
                      tool_string(user->name.text), "domain",
                      domain[0] != '\0' ? tool_string(domain) : json_null(), "enabled",
                      is_enabled(list, user), "password",
                      hash != NULL ? json_string(tool_scheme(hash)) : json_null(),
                      "settings", settings))
        != TOOL_DONE)
        return og_fail(err, OG_E_IO, "cannot print");
    return OG_OK;
}

static void
print_text(struct list *list, const struct og_user *user)
{
    const struct og_record *rec = &user->record;
    const char *blank = "";

    if (list->count == 0)
        printf("%-6s %-40s %-7s %-8s %s\n", "KIND", "NAME", "ENABLED", "PASSWORD",
               "SETTINGS");
    tool_cell(stdout, og_user_kind_text(user->name.kind), 6);
    tool_cell(stdout, user->name.text, 40);
    printf("%-7s %-8s ", is_enabled(list, user) ? "yes" : "no",
           og_record_get(rec, "password") != NULL ? "yes" : "no");
    for (size_t i = 0; i < rec->count; i++) {
        const struct og_field *field = &rec->fields[i];

        if (row_of(field) == NULL
            && !(user->name.kind == OG_KIND_IP && strcmp(field->name, "domain") == 0))
            continue;
        printf("%s%s=", blank, field->name);
        (void)tool_put(stdout, field->value);
        blank = " ";
    }
    putchar('\n');
}

static enum og_rc
visit(const struct og_user *user, void *arg, struct og_err *err)
{
    struct list *list = arg;
    const char *enabled = og_record_get(&user->record, "enabled");
    enum og_rc rc = OG_OK;

    if (user->name.kind == OG_KIND_DOMAIN && enabled != NULL)
        rc = remember(list, user->name.text, strcmp(enabled, "yes") == 0, err);
    if (rc != OG_OK || (!list->any_kind && user->name.kind != list->kind)
        || (list->domain.text[0] != '\0'
            && strcmp(list->domain.text, domain_of(user)) != 0))
        return rc;
    if (list->tool->json)
        rc = print_json(list, user, err);
    else
        print_text(list, user);
    list->count++;
    if (rc == OG_OK && ferror(stdout) != 0)
        rc = og_fail(err, OG_E_IO, "standard output cannot be written");
    return rc;
}

static int
run_list(struct list *list)
{
    struct tool *tool = list->tool;
    struct og_err err = { "" };
    enum og_rc rc;

    if (tool->json)
        putchar('[');
    rc = og_users_walk(&tool->state, visit, list, &err);
    return tool_list_end(tool, list->count, rc, &err);
}

static int
list(struct tool *tool)
{
    struct tool_option options[] = { { "--domain", true, NULL }, { NULL, false, NULL } };
    struct list list = { .tool = tool, .any_kind = true };
    struct og_err err = { "" };
    int code = tool_options(tool, options, 0, 1);

    if (code != TOOL_DONE)
        return code;
    list.any_kind = tool->argc == 0;
    if (!list.any_kind && og_user_kind_parse(tool->argv[0], &list.kind, &err) != OG_OK)
        return tool_usage(tool, "%s", err.text);
    code = tool_state(tool);
    if (code == TOOL_DONE && options[0].value != NULL)
        code = tool_name(tool, OG_KIND_DOMAIN, options[0].value, &list.domain);
    if (code == TOOL_DONE)
        code = run_list(&list);
    tdestroy(list.domains, forget);
    og_settings_free(&list.scratch);
    return code;
}

const struct tool_verb tool_verb_list = {
    "list", "[user|domain|ip] [--domain D]", "list senders",
    "Lists senders in order of kind and name, of one kind or all, with --domain those\n"
    "of that domain, the domain itself included. `enabled` is what applies, the\n"
    "domain's no included; the settings are those that stand in the sender's own\n"
    "record.\n\n"
    "    outgatectl list user --domain example.com\n"
    "    outgatectl --json list | jq -r '.[].name'\n",
    list
};
