/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_LIB_XML_H
#define OG_LIB_XML_H

#include <stddef.h>

#include "core/base/err.h"

/*
 * XML files of our own format as a small tree, by libxml2. The file is the
 * administrator's, and still nothing outside it is ever read: a document type, and with it
 * every entity but the five of XML, is an error.
 */
enum {
    OG_XML_MAX_BYTES = 1 << 20,
    OG_XML_MAX_DEPTH = 32,
    OG_XML_MAX_NODES = 50000,
    OG_XML_MAX_ATTRS = 8, /* of one element */
};

struct og_xml_node {
    const char *name;                            /* of an element; NULL: it is text */
    const char *text;                            /* of text */
    const char *attrs[2 * OG_XML_MAX_ATTRS + 2]; /* name, value ... NULL; `xml:lang` */
    int line;
    struct og_xml_node *parent, *first, *next;
};

struct og_xml; /* owns the nodes */

/*
 * og_xml_parse - read a document
 *
 * data, len  UTF-8 or what its declaration says; may be hostile
 * ns         every element must be of this namespace
 * doc, root  receive it; the caller frees doc
 *
 * Comments and processing instructions are left out, text next to text is one. Returns
 * OG_OK; OG_E_SYNTAX with `line N: ...`; OG_E_LIMIT; OG_E_NOMEM.
 */
enum og_rc og_xml_parse(const char *data, size_t len, const char *ns, struct og_xml **doc,
                        const struct og_xml_node **root, struct og_err *err) OG_CHECKED;
void og_xml_free(struct og_xml *doc);

/* og_xml_attr_of - the value of an attribute, or NULL */
const char *og_xml_attr_of(const struct og_xml_node *node, const char *name);

/* called for each error that a schema finds */
typedef void og_xml_report(int line, const char *text, void *arg);

/*
 * og_xml_validate - does a document follow a RELAX NG schema?
 *
 * schema  path of the schema
 *
 * Returns OG_OK; OG_E_SYNTAX when it does not, after its reports; OG_E_IO for a schema
 * that cannot be read; OG_E_STATE for one that is none; else as og_xml_parse().
 */
enum og_rc og_xml_validate(const char *data, size_t len, const char *schema,
                           og_xml_report *report, void *arg,
                           struct og_err *err) OG_CHECKED;

#endif
