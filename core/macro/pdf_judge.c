/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/macro/pdf.h"

#include <string.h>

#include "core/lib/xml_scan.h"
#include "core/macro/report.h"
#include "core/macro/rows.h"

/* the keys of one dictionary that matter */
struct action {
    bool script, runs, launches, target, flash, rich, by_ref;
};

static bool
is_blank_string(const struct og_pdf_tree *tree, const struct og_pdf_node *n)
{
    if (n->kind != OG_PDF_STRING && n->kind != OG_PDF_HEX)
        return false;
    for (size_t i = 0; i < n->len; i++)
        if (strchr(" \t\r\n", tree->source.data[n->at + i]) == NULL)
            return false;
    return true;
}

static bool
is_null(const struct og_pdf_tree *tree, const struct og_pdf_node *n)
{
    return n->kind == OG_PDF_WORD && n->len == 4
           && og_bytes_at(&tree->source, n->at, "null", 4);
}

static void
add_form(const struct og_pdf_tree *tree, uint32_t node, struct og_pdf_signs *signs)
{
    const struct og_pdf_node *n = &tree->nodes[node];

    for (size_t i = 0; i < signs->xfa_count; i++)
        if (signs->xfa[i] == n->number)
            return;
    if (n->kind == OG_PDF_REF && signs->xfa_count < OG_PDF_MAX_XFA)
        signs->xfa[signs->xfa_count++] = n->number;
}

static void
add_forms(const struct og_pdf_tree *tree, uint32_t array, struct og_pdf_signs *signs)
{
    for (uint32_t at = tree->nodes[array].child; at != 0; at = tree->nodes[at].next)
        add_form(tree, at, signs);
}

static void
read_type(const struct og_pdf_tree *tree, uint32_t value, struct action *action)
{
    if (og_pdf_is(tree, value, "JavaScript") || og_pdf_is(tree, value, "Rendition"))
        action->script = true;
    else if (og_pdf_is(tree, value, "Launch"))
        action->launches = true;
    else if (tree->nodes[value].kind == OG_PDF_REF)
        action->by_ref = true;
}

static void
read_pair(const struct og_pdf_tree *tree, uint32_t key, uint32_t value,
          struct action *action, struct og_pdf_signs *signs)
{
    static const char *const targets[] = { "F", "Win", "Mac", "Unix" };
    const struct og_pdf_node *n = &tree->nodes[value];

    if (og_pdf_is(tree, key, "S"))
        read_type(tree, value, action);
    else if (og_pdf_is(tree, key, "JS"))
        action->runs = !is_blank_string(tree, n) && !is_null(tree, n);
    else if (og_pdf_is(tree, key, "OnInstantiate"))
        signs->javascript = signs->javascript || n->kind == OG_PDF_REF;
    else if (og_pdf_is(tree, key, "Subtype"))
        action->flash = action->flash || og_pdf_is(tree, value, "Flash");
    else if (og_pdf_is(tree, key, "Asset") || og_pdf_is(tree, key, "Instances"))
        action->rich = true;
    else if (og_pdf_is(tree, key, "XFA"))
        n->kind == OG_PDF_ARRAY ? add_forms(tree, value, signs)
                                : add_form(tree, value, signs);
    for (size_t i = 0; i < N_ELEMENTS(targets); i++)
        if (og_pdf_is(tree, key, targets[i]))
            action->target = !is_null(tree, n);
}

static void
judge_dict(const struct og_pdf_tree *tree, uint32_t dict, struct og_pdf_signs *signs)
{
    struct action action = { .script = false };

    for (uint32_t at = tree->nodes[dict].child; at != 0; at = tree->nodes[at].next) {
        if (tree->nodes[at].kind != OG_PDF_NAME)
            continue;
        if (tree->nodes[at].next == 0)
            break;
        read_pair(tree, at, tree->nodes[at].next, &action, signs);
        at = tree->nodes[at].next;
    }
    signs->javascript = signs->javascript || (action.script && action.runs);
    signs->launch = signs->launch || (action.launches && action.target);
    signs->flash = signs->flash || (action.flash && action.rich);
    signs->script_of_ref = signs->script_of_ref || (action.by_ref && action.runs);
    signs->launch_of_ref = signs->launch_of_ref || (action.by_ref && action.target);
}

/* an array that stands in an object of its own names the parts of a form by texts */
static bool
is_form_array(const struct og_pdf_tree *tree)
{
    static const char name[] = "template";

    if (tree->count < 2 || tree->nodes[1].kind != OG_PDF_ARRAY)
        return false;
    for (uint32_t at = tree->nodes[1].child; at != 0; at = tree->nodes[at].next)
        if (tree->nodes[at].kind == OG_PDF_STRING
            && tree->nodes[at].len == sizeof name - 1
            && og_bytes_at(&tree->source, tree->nodes[at].at, name, sizeof name - 1))
            return true;
    return false;
}

void
og_pdf_judge(const struct og_pdf_tree *tree, struct og_pdf_signs *signs)
{
    for (uint32_t i = 1; i < tree->count; i++)
        if (tree->nodes[i].kind == OG_PDF_DICT)
            judge_dict(tree, i, signs);
    if (is_form_array(tree))
        add_forms(tree, 1, signs);
    if (tree->count == 2 && tree->nodes[1].kind == OG_PDF_NAME) {
        struct action named = { .script = false };

        read_type(tree, 1, &named);
        signs->named_script = signs->named_script || named.script;
        signs->named_launch = signs->named_launch || named.launches;
    }
}

struct form {
    bool in_script, runs;
    unsigned depth; /* of the script */
};

static bool
on_open(const struct og_xml_element *e, void *arg)
{
    struct form *form = arg;

    if (!form->in_script && strcmp(e->name, "script") == 0
        && (*e->ns == '\0' || strstr(e->ns, "xfa") != NULL)) {
        form->in_script = true;
        form->depth = e->depth;
    }
    return true;
}

static bool
on_text(const char *text, size_t len, void *arg)
{
    struct form *form = arg;

    for (size_t i = 0; i < len && form->in_script && !form->runs; i++)
        form->runs = strchr(" \t\r\n", text[i]) == NULL;
    return !form->runs;
}

static bool
on_close(unsigned depth, void *arg)
{
    struct form *form = arg;

    if (depth <= form->depth)
        form->in_script = false;
    return true;
}

enum og_rc
og_pdf_form_runs(const char *form, size_t len, bool *runs, struct og_err *err)
{
    static const struct og_xml_handler handler = { on_open, on_text, on_close };
    struct form state = { .runs = false };
    enum og_rc rc = og_xml_scan(form, len, &handler, &state, err);

    *runs = *runs || state.runs || rc == OG_E_LIMIT;
    return rc == OG_E_LIMIT ? OG_OK : rc;
}

enum og_rc
og_detect_xdp(const struct og_layer *layer, struct og_findings *findings,
              struct og_err *err)
{
    static const char space[] = "http://www.xfa.org/schema/xfa-template/";
    bool runs = false;
    enum og_rc rc;

    if (!og_xml_looks(layer->data, layer->len)
        || memmem(layer->data, layer->len, space, sizeof space - 1) == NULL)
        return OG_OK;
    rc = og_pdf_form_runs(layer->data, layer->len, &runs, err);
    return rc == OG_OK && runs ? og_report_macro(layer, "pdf-xfa", findings, err) : rc;
}
