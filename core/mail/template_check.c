/* SPDX-License-Identifier: BSD-2-Clause */
/* what is wrong with a template beside its grammar */
#include "core/mail/template.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct check {
    og_xml_report *report;
    void *arg;
    size_t count;
};

static void complain(struct check *check, const struct og_xml_node *node, const char *fmt,
                     ...) OG_PRINTF(3, 4);

static void
complain(struct check *check, const struct og_xml_node *node, const char *fmt, ...)
{
    char text[300];
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    check->count++;
    check->report(node->line, text, check->arg);
}

static const struct og_variable *
variable_of(struct check *check, const struct og_xml_node *node, const char *attribute)
{
    const char *name = og_xml_attr_of(node, attribute);
    const struct og_variable *variable = name != NULL ? og_variable_find(name) : NULL;

    if (name == NULL)
        complain(check, node, "<%s> without %s", node->name, attribute);
    else if (variable == NULL)
        complain(check, node, "<%s %s=\"%s\">: no such variable", node->name, attribute,
                 name);
    return variable;
}

static void
check_node(struct check *check, const struct og_xml_node *node, bool in_each)
{
    bool each = strcmp(node->name, "each") == 0;
    const struct og_variable *variable = NULL;

    if (each || strcmp(node->name, "value") == 0) {
        variable = variable_of(check, node, "of");
        if (variable != NULL && each != (variable->type == OG_VALUE_LIST))
            complain(check, node, "<%s of=\"%s\">: %s", node->name, variable->name,
                     each ? "no list" : "a list, for <each>");
    } else if (strcmp(node->name, "if") == 0 || strcmp(node->name, "unless") == 0)
        (void)variable_of(check, node, "has");
    else if (strcmp(node->name, "button") == 0) {
        variable = variable_of(check, node, "to");
        if (variable != NULL && variable->type != OG_VALUE_URL
            && variable->type != OG_VALUE_ADDRESS)
            complain(check, node, "<button to=\"%s\">: neither URL nor address",
                     variable->name);
    }
    if (strcmp(node->name, "value") == 0 && og_xml_attr_of(node, "with") != NULL) {
        variable = variable_of(check, node, "with");
        if (variable != NULL && variable->type != OG_VALUE_NUMBER)
            complain(check, node, "<value with=\"%s\">: no number", variable->name);
    }
    if (each && in_each)
        complain(check, node, "<each> inside <each>");
    for (const struct og_xml_node *at = node->first; at != NULL; at = at->next)
        if (at->name != NULL)
            check_node(check, at, in_each || each);
}

static void
check_languages(struct check *check, const struct og_xml_node *root)
{
    for (const struct og_xml_node *a = root->first; a != NULL; a = a->next) {
        const char *lang = a->name != NULL ? og_xml_attr_of(a, "xml:lang") : "";

        if (lang == NULL)
            complain(check, a, "<%s> without xml:lang", a->name);
        for (const struct og_xml_node *b = a->next; b != NULL && lang != NULL;
             b = b->next) {
            const char *other = b->name != NULL ? og_xml_attr_of(b, "xml:lang") : NULL;

            if (a->name != NULL && other != NULL && strcmp(lang, other) == 0)
                complain(check, b, "the language %s stands twice", lang);
        }
    }
}

size_t
og_template_check(const struct og_template *template, og_xml_report *report, void *arg)
{
    struct check check = { report, arg, 0 };

    check_languages(&check, template->root);
    check_node(&check, template->root, false);
    return check.count;
}
