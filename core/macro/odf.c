/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * OpenDocument, its older form of OpenOffice.org, and flat OpenDocument: Basic, and events
 * that call a script. What a part is says its root, whatever its name; so modules that
 * stand alone (.xba) are seen as well.
 *
 * `odf-basic`  a module with a statement, or a library under a password: nobody protects
 *              an empty one, and its code runs without asking for the password
 * `odf-event`  something that happens to the document calls a script or starts a program
 *
 * Sources: OpenDocument 1.3 parts 2 and 3; LibreOffice 7.4 writes Basic with its own
 * namespaces, the ones of openoffice.org.
 */
#include "core/macro/rows.h"

#include <string.h>
#include <strings.h>

#include "core/base/buf.h"
#include "core/lib/xml_scan.h"
#include "core/macro/report.h"

#define OASIS "urn:oasis:names:tc:opendocument:xmlns:"
#define OOO "http://openoffice.org/"

enum { MAX_CODE = 8 << 20 }; /* bytes of one module */

enum root { OTHER, MODULE, LIBRARY, DOCUMENT, MANIFEST };

struct odf {
    enum root root;
    bool in_code;
    unsigned code_depth; /* of the element whose text is code */
    struct og_buf code;
    bool basic, script, event, encrypted;
    bool
        is_basic; /* the entry of the manifest; a library under a password is encrypted */
    bool protected, dialogs; /* dialogs stand in a library of their own */
    enum og_rc rc;
    struct og_err *err;
};

static bool
starts(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static bool
value_starts(const struct og_xml_attr *attr, const char *with)
{
    return attr != NULL && attr->len >= strlen(with)
           && strncasecmp(attr->value, with, strlen(with)) == 0;
}

static enum root
root_of(const struct og_xml_element *e)
{
    if (strcmp(e->ns, OOO "2000/script") == 0 && strcmp(e->name, "module") == 0)
        return MODULE;
    if (strcmp(e->ns, OOO "2000/library") == 0 && strcmp(e->name, "library") == 0)
        return LIBRARY;
    if ((starts(e->ns, OASIS "manifest") || strcmp(e->ns, OOO "2001/manifest") == 0)
        && strcmp(e->name, "manifest") == 0)
        return MANIFEST;
    /* the rest of openoffice.org's are the older office format, dialogs, menus and keys */
    if (starts(e->ns, OASIS "office") || starts(e->ns, OOO))
        return DOCUMENT;
    return OTHER;
}

static bool
is_script(const char *ns)
{
    return starts(ns, OASIS "script") || strcmp(ns, OOO "2000/script") == 0;
}

/* the letters and faxes that LibreOffice's own templates begin: their code is the program's */
static bool
is_wizard(const struct og_xml_attr *target)
{
    static const char place[] = "location=application";

    return value_starts(target, "application:Template.Correspondence.")
           || (value_starts(target, "vnd.sun.star.script:Template.Correspondence.")
               && memmem(target->value, target->len, place, sizeof place - 1) != NULL);
}

static bool
calls_script(const struct og_xml_element *e)
{
    const struct og_xml_attr *link = og_xml_attr(e, NULL, "href");
    const struct og_xml_attr *name = og_xml_attr(e, NULL, "macro-name");
    const struct og_xml_attr *action = og_xml_attr(e, NULL, "action");

    if (is_wizard(link) || is_wizard(name))
        return false;
    if (value_starts(link, "vnd.sun.star.script:") || value_starts(link, "macro:"))
        return true;
    if (strcmp(e->name, "event-listener") != 0 && strcmp(e->name, "event") != 0)
        return false;
    if (is_script(e->ns))
        return (link != NULL && link->len > 0) || (name != NULL && name->len > 0);
    return value_starts(action, "execute") || value_starts(action, "macro");
}

/* code of an extension that its manifest names: python, java, ... */
static bool
is_component(const struct og_xml_element *e)
{
    const struct og_xml_attr *type = og_xml_attr(e, NULL, "media-type");

    return value_starts(type, "application/vnd.sun.star.uno-component")
           || value_starts(type, "application/vnd.sun.star.framework-script");
}

static bool
on_open(const struct og_xml_element *e, void *arg)
{
    struct odf *odf = arg;

    if (e->depth == 0) {
        odf->root = root_of(e);
        odf->in_code = odf->root == MODULE;
        odf->protected =
            odf->root == LIBRARY && !odf->dialogs
            && value_starts(og_xml_attr(e, NULL, "passwordprotected"), "true");
    } else if (odf->root == LIBRARY) {
        odf->basic |= odf->protected && strcmp(e->name, "element") == 0;
    } else if (odf->root == MANIFEST) {
        if (strcmp(e->name, "file-entry") == 0)
            odf->is_basic = value_starts(og_xml_attr(e, NULL, "full-path"), "Basic/");
        odf->encrypted |= !odf->is_basic && strcmp(e->name, "encryption-data") == 0;
        odf->script |= is_component(e);
    } else if (odf->root == DOCUMENT) {
        odf->event |= calls_script(e);
        if (!odf->in_code && strcmp(e->name, "script") == 0
            && (starts(e->ns, OASIS "office") || starts(e->ns, OOO "2000/office"))) {
            odf->in_code = true;
            odf->code_depth = e->depth;
        }
    }
    return odf->root != OTHER && (odf->root != LIBRARY || odf->protected);
}

static bool
on_text(const char *text, size_t len, void *arg)
{
    struct odf *odf = arg;

    if (!odf->in_code || odf->basic)
        return true;
    odf->rc = og_buf_add(&odf->code, text, len, odf->err);
    if (odf->rc == OG_E_LIMIT) {
        odf->basic = true; /* nobody writes that much of nothing */
        odf->rc = OG_OK;
    }
    return odf->rc == OG_OK;
}

static bool
on_close(unsigned depth, void *arg)
{
    struct odf *odf = arg;

    if (!odf->in_code)
        return true;
    odf->basic =
        odf->basic || og_macro_has_statement(og_buf_text(&odf->code), odf->code.len);
    og_buf_reset(&odf->code);
    odf->in_code = depth > odf->code_depth;
    return true;
}

static enum og_rc
report(const struct odf *odf, const struct og_layer *layer, struct og_findings *findings,
       struct og_err *err)
{
    /* what is encrypted is the document that the manifest is part of */
    const struct og_layer *document = layer->parent != NULL ? layer->parent : layer;
    enum og_rc rc = OG_OK;

    if (odf->basic)
        rc = og_report_macro(layer, "odf-basic", findings, err);
    if (rc == OG_OK && odf->script)
        rc = og_report_macro(layer, "odf-script", findings, err);
    if (rc == OG_OK && odf->event)
        rc = og_report_macro(layer, "odf-event", findings, err);
    if (rc == OG_OK && odf->encrypted)
        rc = og_report_encrypted(document, findings, err);
    return rc;
}

enum og_rc
og_detect_odf(const struct og_layer *layer, struct og_findings *findings,
              struct og_err *err)
{
    static const struct og_xml_handler handler = { on_open, on_text, on_close };
    struct odf odf = { .code = OG_BUF_INIT(MAX_CODE), .err = err };
    enum og_rc rc;

    if (!og_xml_looks(layer->data, layer->len))
        return OG_OK;
    odf.dialogs = strcmp(layer->name, "dialog-lb.xml") == 0;
    rc = og_xml_scan(layer->data, layer->len, &handler, &odf, err);
    if (odf.root != OTHER && odf.code.len > 0) /* a module that was cut */
        odf.basic =
            odf.basic || og_macro_has_statement(og_buf_text(&odf.code), odf.code.len);
    if (rc == OG_E_LIMIT)
        rc = odf.root == OTHER
                 ? OG_OK
                 : og_report_limit(layer, "size", layer->len, findings, err);
    if (rc == OG_OK)
        rc = odf.rc;
    if (rc == OG_OK)
        rc = report(&odf, layer, findings, err);
    og_buf_free(&odf.code);
    return rc;
}
