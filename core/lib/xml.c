/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/lib/xml.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libxml/parser.h>
#include <libxml/relaxng.h>
#include <libxml/tree.h>

/* NOENT: what is left without a document type are the five entities of XML */
enum { OPTIONS = XML_PARSE_NONET | XML_PARSE_NOENT | XML_PARSE_NOCDATA };

struct og_xml {
    xmlDocPtr tree; /* the nodes' texts are in it */
    struct og_xml_node *nodes;
    size_t count, cap;
};

/* nothing outside the document, whatever it says */
static xmlParserInputPtr
no_entity(const char *url, const char *id, xmlParserCtxtPtr ctxt)
{
    (void)url, (void)id, (void)ctxt;
    return NULL;
}

static void
stop_at_doctype(void *arg, const xmlChar *name, const xmlChar *id, const xmlChar *url)
{
    xmlParserCtxtPtr ctxt = arg;

    (void)name, (void)id, (void)url;
    ctxt->_private = ctxt; /* remembered: the parser calls it no error */
    xmlStopParser(ctxt);
}

static void
quiet(void *arg, xmlErrorPtr error)
{
    (void)arg, (void)error; /* the context keeps the last one */
}

/* the parser's own words, without their line end */
static enum og_rc
parse_fail(xmlParserCtxtPtr ctxt, struct og_err *err)
{
    const xmlError *error = xmlCtxtGetLastError(ctxt);
    const char *text = error != NULL && error->message != NULL ? error->message : "?";

    if (ctxt->_private != NULL)
        return og_fail(err, OG_E_SYNTAX, "line %d: a document type is not allowed",
                       xmlSAX2GetLineNumber(ctxt));
    if (error != NULL && error->code == XML_ERR_NO_MEMORY)
        return og_fail(err, OG_E_NOMEM, "no memory for a document");
    return og_fail(err, OG_E_SYNTAX, "line %d: %.*s", error != NULL ? error->line : 1,
                   (int)strcspn(text, "\r\n"), text);
}

static enum og_rc
read_tree(const char *data, size_t len, xmlDocPtr *tree, struct og_err *err)
{
    xmlExternalEntityLoader before = xmlGetExternalEntityLoader();
    xmlParserCtxtPtr ctxt;
    enum og_rc rc = OG_OK;

    if (len > OG_XML_MAX_BYTES)
        return og_fail(err, OG_E_LIMIT, "more than %d bytes", OG_XML_MAX_BYTES);
    if (len == 0)
        return og_fail(err, OG_E_SYNTAX, "line 1: empty");
    ctxt = xmlNewParserCtxt();
    if (ctxt == NULL)
        return og_fail(err, OG_E_NOMEM, "no memory for a document");
    xmlSetExternalEntityLoader(no_entity);
    xmlSetStructuredErrorFunc(NULL, quiet);
    ctxt->sax->internalSubset = stop_at_doctype;
    *tree = xmlCtxtReadMemory(ctxt, data, (int)len, NULL, NULL, OPTIONS);
    if (*tree == NULL || ctxt->wellFormed == 0 || ctxt->_private != NULL) {
        rc = parse_fail(ctxt, err);
        xmlFreeDoc(*tree);
        *tree = NULL;
    }
    xmlSetStructuredErrorFunc(NULL, NULL);
    xmlSetExternalEntityLoader(before);
    xmlFreeParserCtxt(ctxt);
    return rc;
}

static const char *
text_of(const xmlChar *text)
{
    return text != NULL ? (const char *)text : "";
}

static enum og_rc
copy_attrs(const xmlNode *from, struct og_xml_node *to, struct og_err *err)
{
    size_t n = 0;

    for (const xmlAttr *at = from->properties; at != NULL; at = at->next) {
        bool is_lang =
            at->ns != NULL && strcmp(text_of(at->name), "lang") == 0
            && strcmp(text_of(at->ns->href), (const char *)XML_XML_NAMESPACE) == 0;

        if (at->ns != NULL && !is_lang)
            return og_fail(err, OG_E_SYNTAX, "line %d: attribute %.60s of a namespace",
                           to->line, text_of(at->name));
        if (n + 2 > 2 * OG_XML_MAX_ATTRS)
            return og_fail(err, OG_E_LIMIT, "line %d: more than %d attributes", to->line,
                           OG_XML_MAX_ATTRS);
        to->attrs[n++] = is_lang ? "xml:lang" : text_of(at->name);
        to->attrs[n++] = at->children != NULL ? text_of(at->children->content) : "";
    }
    return OG_OK;
}

static enum og_rc
new_node(struct og_xml *doc, const xmlNode *from, struct og_xml_node *parent,
         struct og_xml_node **out, struct og_err *err)
{
    struct og_xml_node *node;

    if (doc->count == doc->cap) /* counted before, so this is a change of the ceiling */
        return og_fail(err, OG_E_LIMIT, "line %ld: more than %d elements",
                       xmlGetLineNo(from), OG_XML_MAX_NODES);
    node = &doc->nodes[doc->count++];
    *node = (struct og_xml_node){ .line = (int)xmlGetLineNo(from), .parent = parent };
    *out = node;
    return OG_OK;
}

static enum og_rc copy_children(struct og_xml *doc, const xmlNode *from, const char *ns,
                                int depth, struct og_xml_node *to, struct og_err *err);

static enum og_rc
copy_element(struct og_xml *doc, const xmlNode *from, const char *ns, int depth,
             struct og_xml_node *parent, struct og_xml_node **out, struct og_err *err)
{
    enum og_rc rc = new_node(doc, from, parent, out, err);

    if (rc != OG_OK)
        return rc;
    if (depth > OG_XML_MAX_DEPTH)
        return og_fail(err, OG_E_LIMIT,
                       "line %d: more than %d elements inside each other", (*out)->line,
                       OG_XML_MAX_DEPTH);
    if (from->ns == NULL || strcmp(text_of(from->ns->href), ns) != 0)
        return og_fail(err, OG_E_SYNTAX, "line %d: <%.60s> is not of the namespace %s",
                       (*out)->line, text_of(from->name), ns);
    (*out)->name = text_of(from->name);
    rc = copy_attrs(from, *out, err);
    return rc == OG_OK ? copy_children(doc, from, ns, depth + 1, *out, err) : rc;
}

static enum og_rc
copy_children(struct og_xml *doc, const xmlNode *from, const char *ns, int depth,
              struct og_xml_node *to, struct og_err *err)
{
    struct og_xml_node **end = &to->first;
    enum og_rc rc = OG_OK;

    for (const xmlNode *at = from->children; at != NULL && rc == OG_OK; at = at->next) {
        if (at->type == XML_ELEMENT_NODE)
            rc = copy_element(doc, at, ns, depth, to, end, err);
        else if (at->type == XML_TEXT_NODE || at->type == XML_CDATA_SECTION_NODE) {
            rc = new_node(doc, at, to, end, err);
            if (rc == OG_OK)
                (*end)->text = text_of(at->content);
        } else
            continue;
        if (rc == OG_OK)
            end = &(*end)->next;
    }
    return rc;
}

enum og_rc
og_xml_parse(const char *data, size_t len, const char *ns, struct og_xml **out,
             const struct og_xml_node **root, struct og_err *err)
{
    struct og_xml *doc = calloc(1, sizeof *doc);
    struct og_xml_node *first = NULL;
    enum og_rc rc = OG_OK;

    if (doc != NULL) {
        doc->cap = len / 2 + 2 < OG_XML_MAX_NODES ? len / 2 + 2 : OG_XML_MAX_NODES;
        doc->nodes = calloc(doc->cap, sizeof *doc->nodes);
    }
    if (doc == NULL || doc->nodes == NULL)
        rc = og_fail(err, OG_E_NOMEM, "no memory for a document");
    if (rc == OG_OK)
        rc = read_tree(data, len, &doc->tree, err);
    if (rc == OG_OK)
        rc = copy_element(doc, xmlDocGetRootElement(doc->tree), ns, 0, NULL, &first, err);
    if (rc != OG_OK) {
        og_xml_free(doc);
        return rc;
    }
    *out = doc;
    *root = first;
    return OG_OK;
}

void
og_xml_free(struct og_xml *doc)
{
    if (doc == NULL)
        return;
    xmlFreeDoc(doc->tree);
    free(doc->nodes);
    free(doc);
}

const char *
og_xml_attr_of(const struct og_xml_node *node, const char *name)
{
    for (size_t i = 0; node->attrs[i] != NULL; i += 2)
        if (strcmp(node->attrs[i], name) == 0)
            return node->attrs[i + 1];
    return NULL;
}

struct reporter {
    og_xml_report *report;
    void *arg;
    size_t count;
};

static void
on_error(void *arg, xmlErrorPtr error)
{
    struct reporter *reporter = arg;
    char text[300];
    const char *said = error->message != NULL ? error->message : "?";
    size_t len = strcspn(said, "\r\n");

    len = len < sizeof text - 1 ? len : sizeof text - 1;
    memcpy(text, said, len);
    text[len] = '\0';
    reporter->count++;
    reporter->report(error->line, text, reporter->arg);
}

enum og_rc
og_xml_validate(const char *data, size_t len, const char *schema, og_xml_report *report,
                void *arg, struct og_err *err)
{
    struct reporter reporter = { report, arg, 0 };
    xmlRelaxNGParserCtxtPtr reader = NULL;
    xmlRelaxNGValidCtxtPtr judge = NULL;
    xmlRelaxNGPtr rules = NULL;
    xmlDocPtr tree = NULL;
    enum og_rc rc = OG_OK;

    if (access(schema, R_OK) != 0)
        return og_fail(err, OG_E_IO, "%s: cannot be read", schema);
    rc = read_tree(data, len, &tree, err);
    if (rc != OG_OK)
        return rc;
    reader = xmlRelaxNGNewParserCtxt(schema);
    if (reader != NULL) {
        xmlRelaxNGSetParserStructuredErrors(reader, quiet, NULL);
        rules = xmlRelaxNGParse(reader);
    }
    if (rules != NULL)
        judge = xmlRelaxNGNewValidCtxt(rules);
    if (judge == NULL)
        rc = og_fail(err, OG_E_STATE, "%s: no RELAX NG schema", schema);
    else {
        xmlRelaxNGSetValidStructuredErrors(judge, on_error, &reporter);
        if (xmlRelaxNGValidateDoc(judge, tree) != 0)
            rc = og_fail(err, OG_E_SYNTAX, "does not follow the schema");
    }
    xmlRelaxNGFreeValidCtxt(judge);
    xmlRelaxNGFree(rules);
    xmlRelaxNGFreeParserCtxt(reader);
    xmlFreeDoc(tree);
    return rc;
}
