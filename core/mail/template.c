/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/mail/template_int.h"

#include <stdio.h>
#include <string.h>

#include "core/base/plain.h"

enum { MAX_VALUE = 16384 }; /* bytes of one value as it is shown */

static const struct {
    const char *name;
    enum og_part part;
} parts[] = {
    { "title", OG_PART_TITLE }, { "p", OG_PART_P },           { "note", OG_PART_NOTE },
    { "code", OG_PART_CODE },   { "button", OG_PART_BUTTON }, { "list", OG_PART_LIST },
    { "item", OG_PART_ITEM },   { "facts", OG_PART_FACTS },   { "fact", OG_PART_FACT },
    { "b", OG_PART_B },         { "br", OG_PART_BR },
};

enum og_rc
og_template_open(const char *path, struct og_template *template, struct og_err *err)
{
    struct og_buf text = OG_BUF_INIT(OG_XML_MAX_BYTES);
    struct og_template fresh = OG_TEMPLATE_INIT;
    struct og_err why = { "" };
    const char *name = strrchr(path, '/');
    enum og_rc rc = og_file_read(path, &text, err);

    name = name != NULL ? name + 1 : path;
    (void)snprintf(fresh.name, sizeof fresh.name, "%.*s", (int)strcspn(name, "."), name);
    if (rc == OG_OK) {
        rc = og_xml_parse(og_buf_text(&text), text.len, OG_TEMPLATE_NS, &fresh.doc,
                          &fresh.root, &why);
        if (rc == OG_OK && strcmp(fresh.root->name, "template") != 0)
            rc = og_fail(&why, OG_E_SYNTAX, "line %d: no <template>", fresh.root->line);
        if (rc != OG_OK)
            (void)og_fail(err, rc, "%s: %s", path, why.text);
    }
    og_buf_free(&text);
    if (rc != OG_OK) {
        og_template_free(&fresh);
        return rc;
    }
    *template = fresh;
    return OG_OK;
}

void
og_template_free(struct og_template *template)
{
    og_xml_free(template->doc);
    *template = (struct og_template)OG_TEMPLATE_INIT;
}

void
og_rendered_free(struct og_rendered *mail)
{
    og_buf_free(&mail->subject);
    og_buf_free(&mail->text);
    og_buf_free(&mail->html);
}

/* what one writer gets */
struct render {
    const struct og_template *template;
    const struct og_words *words;
    const struct og_values *values;
    const struct og_record *row;    /* of the innermost <each>, or NULL */
    const struct og_xml_node *from; /* the children of this are written */
    const char *without;            /* but not this one, by name */
    const struct og_writer *writer;
    void *to;
};

static enum og_rc
wrong(const struct render *r, const struct og_xml_node *node, const char *what,
      struct og_err *err)
{
    return og_fail(err, OG_E_SYNTAX, "%s.xml:%d: <%s> %s", r->template->name, node->line,
                   node->name, what);
}

static const char *
value_of(const struct render *r, const char *name)
{
    const char *text = og_record_get(r->row != NULL ? r->row : &r->values->fields, name);

    return text != NULL ? text : "";
}

static enum og_rc
write_value(struct render *r, const struct og_xml_node *node, struct og_err *err)
{
    const char *name = og_xml_attr_of(node, "of"), *with = og_xml_attr_of(node, "with");
    const struct og_variable *variable = name != NULL ? og_variable_find(name) : NULL;
    const char *text;
    struct og_buf out = OG_BUF_INIT(MAX_VALUE);
    enum og_rc rc = OG_OK;

    if (variable == NULL)
        return wrong(r, node, "names no variable", err);
    text = value_of(r, name);
    if (text[0] != '\0')
        rc = og_words_value(r->words, variable, text,
                            with != NULL ? value_of(r, with) : "", &out, err);
    if (rc == OG_OK && out.len > 0)
        rc = r->writer->text(r->to, out.data, out.len, true, err);
    og_buf_free(&out);
    return rc;
}

static bool
is_one_of(const char *text, const char *words)
{
    size_t len = strlen(text);

    while (*words != '\0') {
        size_t word = strcspn(words, " ");

        if (word == len && strncmp(words, text, len) == 0)
            return true;
        words += word + (words[word] == ' ');
    }
    return false;
}

/* has="x": set, and not 0; with is="a b": one of these */
static enum og_rc
holds(const struct render *r, const struct og_xml_node *node, bool *answer,
      struct og_err *err)
{
    const char *name = og_xml_attr_of(node, "has"), *is = og_xml_attr_of(node, "is");
    const struct og_variable *variable = name != NULL ? og_variable_find(name) : NULL;
    const struct og_value_list *list;
    const char *text;

    if (variable == NULL)
        return wrong(r, node, "names no variable", err);
    list = variable->type == OG_VALUE_LIST ? og_values_list(r->values, name) : NULL;
    text = value_of(r, name);
    *answer = list != NULL
                  ? list->count > 0
                  : text[0] != '\0'
                        && (variable->type != OG_VALUE_NUMBER || strcmp(text, "0") != 0);
    if (is != NULL)
        *answer = is_one_of(text, is);
    return OG_OK;
}

static enum og_rc write_children(struct render *r, const struct og_xml_node *node,
                                 struct og_err *err);

static enum og_rc
write_each(struct render *r, const struct og_xml_node *node, struct og_err *err)
{
    const char *name = og_xml_attr_of(node, "of");
    const struct og_variable *variable = name != NULL ? og_variable_find(name) : NULL;
    const struct og_value_list *list;
    enum og_rc rc = OG_OK;

    if (variable == NULL || variable->type != OG_VALUE_LIST)
        return wrong(r, node, "names no list", err);
    if (r->row != NULL)
        return wrong(r, node, "stands inside another one", err);
    list = og_values_list(r->values, name);
    for (size_t i = 0; list != NULL && i < list->count && rc == OG_OK; i++) {
        r->row = &list->rows[i];
        rc = write_children(r, node, err);
    }
    r->row = NULL;
    return rc;
}

/* a button whose variable is unset is none */
static enum og_rc
write_button(struct render *r, const struct og_xml_node *node, struct og_err *err)
{
    const char *name = og_xml_attr_of(node, "to");
    const struct og_variable *variable = name != NULL ? og_variable_find(name) : NULL;
    struct og_buf link = OG_BUF_INIT(MAX_VALUE), shown = OG_BUF_INIT(MAX_VALUE);
    struct og_part_open part = { .part = OG_PART_BUTTON };
    const char *text;
    bool good;
    enum og_rc rc = OG_OK;

    if (variable == NULL
        || (variable->type != OG_VALUE_URL && variable->type != OG_VALUE_ADDRESS))
        return wrong(r, node, "leads to no address", err);
    text = value_of(r, name);
    good = variable->type == OG_VALUE_ADDRESS || strncmp(text, "https://", 8) == 0
           || strncmp(text, "http://", 7) == 0;
    if (text[0] == '\0' || !good)
        return OG_OK;
    rc = og_words_value(r->words, variable, text, "", &shown, err);
    if (rc == OG_OK)
        rc = og_buf_printf(&link, err, "%s%s",
                           variable->type == OG_VALUE_ADDRESS ? "mailto:" : "",
                           og_buf_text(&shown));
    part.link = og_buf_text(&link);
    part.shown = og_buf_text(&shown);
    if (rc == OG_OK)
        rc = r->writer->open(r->to, &part, err);
    if (rc == OG_OK)
        rc = write_children(r, node, err);
    if (rc == OG_OK)
        rc = r->writer->close(r->to, part.part, err);
    og_buf_free(&link);
    og_buf_free(&shown);
    return rc;
}

static enum og_rc
write_part(struct render *r, const struct og_xml_node *node, struct og_err *err)
{
    struct og_part_open part = { .label = og_xml_attr_of(node, "label") };
    size_t i = 0;
    enum og_rc rc;

    while (i < N_ELEMENTS(parts) && strcmp(parts[i].name, node->name) != 0)
        i++;
    if (i == N_ELEMENTS(parts))
        return wrong(r, node, "is unknown", err);
    part.part = parts[i].part;
    if (part.part == OG_PART_BUTTON)
        return write_button(r, node, err);
    if (part.label == NULL)
        part.label = "";
    rc = r->writer->open(r->to, &part, err);
    if (rc == OG_OK)
        rc = write_children(r, node, err);
    return rc == OG_OK ? r->writer->close(r->to, part.part, err) : rc;
}

static enum og_rc
write_node(struct render *r, const struct og_xml_node *node, struct og_err *err)
{
    bool answer = false;
    enum og_rc rc;

    if (node->name == NULL)
        return r->writer->text(r->to, node->text, strlen(node->text), false, err);
    if (strcmp(node->name, "value") == 0)
        return write_value(r, node, err);
    if (strcmp(node->name, "each") == 0)
        return write_each(r, node, err);
    if (strcmp(node->name, "if") != 0 && strcmp(node->name, "unless") != 0)
        return write_part(r, node, err);
    rc = holds(r, node, &answer, err);
    if (rc == OG_OK && answer == (node->name[0] == 'i'))
        rc = write_children(r, node, err);
    return rc;
}

static enum og_rc
write_children(struct render *r, const struct og_xml_node *node, struct og_err *err)
{
    enum og_rc rc = OG_OK;

    for (const struct og_xml_node *at = node->first; at != NULL && rc == OG_OK;
         at = at->next)
        if (node != r->from || r->without == NULL || at->name == NULL
            || strcmp(at->name, r->without) != 0)
            rc = write_node(r, at, err);
    return rc;
}

static enum og_rc
body(const struct og_writer *writer, void *to, void *arg, struct og_err *err)
{
    struct render *r = arg;

    r->writer = writer;
    r->to = to;
    return write_children(r, r->from, err);
}

/* the message of the language that serves best */
static const struct og_xml_node *
choose(const struct og_xml_node *root, const char *lang, const char *dflt)
{
    const char *const wanted[] = { lang, dflt, "en" };

    for (size_t i = 0; i < N_ELEMENTS(wanted); i++)
        for (int want = 2; want > 0; want--)
            for (const struct og_xml_node *m = root->first; m != NULL; m = m->next) {
                const char *is = m->name != NULL ? og_xml_attr_of(m, "xml:lang") : NULL;

                if (is != NULL && wanted[i][0] != '\0'
                    && og_lang_match(is, wanted[i]) >= want)
                    return m;
            }
    for (const struct og_xml_node *m = root->first; m != NULL; m = m->next)
        if (m->name != NULL)
            return m;
    return NULL;
}

static const struct og_xml_node *
child(const struct og_xml_node *node, const char *name)
{
    const struct og_xml_node *at = node->first;

    while (at != NULL && (at->name == NULL || strcmp(at->name, name) != 0))
        at = at->next;
    return at;
}

enum og_rc
og_template_render(const struct og_template *template, struct og_words *words,
                   const char *lang, const char *dflt, const struct og_values *values,
                   struct og_rendered *out, struct og_err *err)
{
    const struct og_xml_node *message = choose(template->root, lang, dflt), *subject;
    const char *tone = og_xml_attr_of(template->root, "tone"), *is;
    struct render r = { .template = template, .words = words, .values = values };
    struct og_rendered fresh = OG_RENDERED_INIT;
    struct og_buf server = OG_BUF_INIT(MAX_VALUE);
    struct og_frame frame = { .tone = tone != NULL ? tone : "info" };
    enum og_rc rc = OG_OK;

    subject = message != NULL ? child(message, "subject") : NULL;
    if (subject == NULL)
        return og_fail(err, OG_E_SYNTAX, "%s.xml:%d: no subject", template->name,
                       message != NULL ? message->line : template->root->line);
    is = og_xml_attr_of(message, "xml:lang");
    (void)snprintf(fresh.lang, sizeof fresh.lang, "%.15s", is != NULL ? is : "en");
    memcpy(words->lang, fresh.lang, sizeof words->lang);
    r.from = subject;
    rc = og_write_line(body, &r, &fresh.subject, err);
    r.from = message;
    r.without = "subject";
    if (rc == OG_OK)
        rc = og_write_text(body, &r, &fresh.text, err);
    frame.lang = fresh.lang;
    frame.subject = og_buf_text(&fresh.subject);
    if (rc == OG_OK)
        rc = og_plain(value_of(&r, "server"), strlen(value_of(&r, "server")), 200,
                      &server, err);
    frame.server = og_buf_text(&server);
    if (rc == OG_OK)
        rc = og_write_html(&frame, body, &r, &fresh.html, err);
    og_buf_free(&server);
    if (rc != OG_OK) {
        og_rendered_free(&fresh);
        return rc;
    }
    *out = fresh;
    return OG_OK;
}
