/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/lib/xml_scan.h"

#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_BYTES = 1 << 30,
    MAX_ATTRS = 1000,
    MAX_BLANKS = 64 << 10, /* bytes in front of a document */
    MAX_GROWTH =
        1 << 20, /* bytes that entities may add, and the document's length more */
};

struct walk {
    const struct og_xml_handler *handler;
    void *arg;
    xmlParserCtxtPtr parser;
    struct og_xml_attr *attrs;
    size_t room; /* in attrs */
    unsigned depth;
    size_t grown, max_grown; /* bytes of entities that were asked for */
    bool ended, no_memory, too_large;
};

static void
end(struct walk *w)
{
    w->ended = true;
    xmlStopParser(w->parser);
}

static const char *
text_or_empty(const xmlChar *text)
{
    return text != NULL ? (const char *)text : "";
}

static void
on_open(void *arg, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
        int namespaces, const xmlChar **namespace, int count, int defaulted,
        const xmlChar **attrs)
{
    struct walk *w = arg;
    struct og_xml_element e = { text_or_empty(uri), (const char *)name, NULL, 0,
                                w->depth++ };

    (void)prefix, (void)namespaces, (void)namespace, (void)defaulted;
    if (w->ended)
        return;
    if (count > MAX_ATTRS)
        count = MAX_ATTRS;
    if (count > 0 && (size_t)count > w->room) {
        struct og_xml_attr *more = reallocarray(w->attrs, (size_t)count, sizeof *more);

        if (more == NULL) {
            w->no_memory = true;
            end(w);
            return;
        }
        w->attrs = more;
        w->room = (size_t)count;
    }
    for (int i = 0; i < count; i++, attrs += 5)
        w->attrs[i] = (struct og_xml_attr){ .name = (const char *)attrs[0],
                                            .ns = text_or_empty(attrs[2]),
                                            .value = (const char *)attrs[3],
                                            .len = (size_t)(attrs[4] - attrs[3]) };
    e.attrs = w->attrs;
    e.count = (size_t)count;
    if (!w->handler->open(&e, w->arg))
        end(w);
}

static void
on_text(void *arg, const xmlChar *text, int len)
{
    struct walk *w = arg;

    if (!w->ended && w->handler->text != NULL
        && !w->handler->text((const char *)text, (size_t)len, w->arg))
        end(w);
}

static void
on_close(void *arg, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
    struct walk *w = arg;

    (void)name, (void)prefix, (void)uri;
    if (w->depth > 0)
        w->depth--;
    if (!w->ended && w->handler->close != NULL && !w->handler->close(w->depth, w->arg))
        end(w);
}

/* libxml2's own functions keep the document's declarations, and only these */
static void
on_document(void *arg)
{
    xmlSAX2StartDocument(((struct walk *)arg)->parser);
}

static void
on_subset(void *arg, const xmlChar *name, const xmlChar *public, const xmlChar *system)
{
    xmlSAX2InternalSubset(((struct walk *)arg)->parser, name, public, system);
}

static void
on_entity_decl(void *arg, const xmlChar *name, int type, const xmlChar *public,
               const xmlChar *system, xmlChar *content)
{
    struct walk *w = arg;
    const char *text = text_or_empty(content);

    if (!og_xml_bounded(text, strlen(text))) { /* it was written another way */
        w->too_large = true;
        end(w);
        return;
    }
    /* an external one would be loaded where it is named */
    if (type == XML_INTERNAL_GENERAL_ENTITY || type == XML_INTERNAL_PARAMETER_ENTITY)
        xmlSAX2EntityDecl(w->parser, name, type, public, system, content);
}

/* each use of an entity comes by here, so this is where growth can be stopped: with
 * XML_PARSE_HUGE libxml2 has no ceiling, and without it long texts are left out */
static xmlEntityPtr
count_growth(struct walk *w, xmlEntityPtr entity)
{
    if (entity != NULL && entity->length > 0)
        w->grown += (size_t)entity->length;
    if (w->grown <= w->max_grown)
        return entity;
    w->too_large = true;
    end(w);
    return NULL;
}

static xmlEntityPtr
on_entity(void *arg, const xmlChar *name)
{
    struct walk *w = arg;

    return count_growth(w, xmlSAX2GetEntity(w->parser, name));
}

static xmlEntityPtr
on_parameter(void *arg, const xmlChar *name)
{
    struct walk *w = arg;

    return count_growth(w, xmlSAX2GetParameterEntity(w->parser, name));
}

static const xmlSAXHandler handlers = {
    .initialized = XML_SAX2_MAGIC,
    .startDocument = on_document,
    .internalSubset = on_subset,
    .entityDecl = on_entity_decl,
    .getEntity = on_entity,
    .getParameterEntity = on_parameter,
    .startElementNs = on_open,
    .endElementNs = on_close,
    .characters = on_text,
    .ignorableWhitespace = on_text,
    .cdataBlock = on_text,
};

static enum og_rc
outcome(const struct walk *w, struct og_err *err)
{
    const xmlError *last = xmlCtxtGetLastError(w->parser);

    if (w->no_memory || (last != NULL && last->code == XML_ERR_NO_MEMORY))
        return og_fail(err, OG_E_NOMEM, "no memory for XML");
    if (w->too_large)
        return og_fail(err, OG_E_LIMIT, "XML: entities grow or hold too much");
    return OG_OK;
}

enum og_rc
og_xml_scan(const char *data, size_t len, const struct og_xml_handler *handler, void *arg,
            struct og_err *err)
{
    struct walk w = { .handler = handler, .arg = arg, .max_grown = MAX_GROWTH + len };
    enum og_rc rc;

    if (len > MAX_BYTES)
        return og_fail(err, OG_E_LIMIT, "XML of %zu bytes", len);
    if (!og_xml_bounded(data, len))
        return og_fail(err, OG_E_LIMIT, "XML: too many attributes of one element");
    if (len == 0)
        return OG_OK;
    w.parser = xmlCreateMemoryParserCtxt(data, (int)len);
    if (w.parser == NULL)
        return og_fail(err, OG_E_NOMEM, "no memory for XML");
    *w.parser->sax = handlers;
    w.parser->userData = &w;
    (void)xmlCtxtUseOptions(w.parser, XML_PARSE_RECOVER | XML_PARSE_NOENT | XML_PARSE_HUGE
                                          | XML_PARSE_NONET | XML_PARSE_NOERROR
                                          | XML_PARSE_NOWARNING);
    (void)xmlParseDocument(w.parser); /* damage is no failure */
    rc = outcome(&w, err);
    xmlFreeDoc(w.parser->myDoc);
    w.parser->myDoc = NULL;
    xmlFreeParserCtxt(w.parser);
    free(w.attrs);
    return rc;
}

static void
nothing(void *arg, const char *format, ...)
{
    (void)arg;
    (void)format;
}

void
og_xml_hush(struct og_xml_voice *before)
{
    *before = (struct og_xml_voice){ xmlGenericError, xmlGenericErrorContext };
    xmlSetGenericErrorFunc(NULL, nothing);
}

void
og_xml_speak(const struct og_xml_voice *before)
{
    xmlSetGenericErrorFunc(before->arg, before->report);
}

bool
og_xml_looks(const char *data, size_t len)
{
    static const char *const starts[] = { "\xfe\xff", "\xff\xfe", "Lo\xa7\x94" };

    for (size_t i = 0; i < N_ELEMENTS(starts); i++)
        if (len >= strlen(starts[i]) && memcmp(data, starts[i], strlen(starts[i])) == 0)
            return true;
    if (len >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0)
        data += 3, len -= 3;
    if (len > MAX_BLANKS)
        len = MAX_BLANKS;
    while (len > 0 && (*data == ' ' || *data == '\t' || *data == '\r' || *data == '\n'))
        data++, len--;
    /* UTF-16 and UTF-32 without a mark */
    while (len > 0 && *data == '\0')
        data++, len--;
    return len > 1 && *data == '<';
}

const struct og_xml_attr *
og_xml_attr(const struct og_xml_element *element, const char *ns, const char *name)
{
    for (size_t i = 0; i < element->count; i++)
        if (strcmp(element->attrs[i].name, name) == 0
            && (ns == NULL || strcmp(element->attrs[i].ns, ns) == 0))
            return &element->attrs[i];
    return NULL;
}
