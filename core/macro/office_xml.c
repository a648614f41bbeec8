/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Documents that are one XML file, with their binary parts in base64: Word 2003
 * (`w:binData`, ActiveMime), the flat form of Office's packages since 2007
 * (`pkg:binaryData`, vbaProject.bin), Visio 2003 (`VBProjectData`) and Adobe's XDP
 * (`chunk`, a PDF). What may hold code is handed on, whatever the attributes
 * (w:macrosPresent) say. The XML that Excel 2003 writes cannot hold VBA.
 */
#include <string.h>

#include "core/lib/xml_scan.h"
#include "core/macro/base64.h"
#include "core/macro/bytes.h"
#include "core/macro/report.h"
#include "core/macro/rows.h"

enum { MAX_PARTS = 1000, MAX_NAME = 256 };

struct walk {
    const struct og_layer *layer;
    struct og_findings *findings;
    og_macro_take *take;
    void *arg;
    char name[MAX_NAME]; /* of the part */
    bool inside;
    unsigned depth; /* of the element with base64 */
    unsigned parts;
    struct og_base64 state;
    struct og_buf data;
    enum og_rc rc;
    struct og_err *err;
};

static bool
is_one_of(const char *name, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(name, list[i]) == 0)
            return true;
    return false;
}

static bool
is_root(const char *name)
{
    static const char *const names[] = { "wordDocument", "package", "VisioDocument",
                                         "xdp" };

    return is_one_of(name, names, N_ELEMENTS(names));
}

static bool
is_binary(const char *name)
{
    static const char *const names[] = { "binData", "binaryData", "VBProjectData",
                                         "chunk" };

    return is_one_of(name, names, N_ELEMENTS(names));
}

/* the last part of a name with folders, `wordml://02000001.jpg` too */
static void
keep_name(struct walk *w, const struct og_xml_attr *attr)
{
    size_t from = attr->len, n;

    while (from > 0 && attr->value[from - 1] != '/')
        from--;
    n = attr->len - from < MAX_NAME - 1 ? attr->len - from : MAX_NAME - 1;
    memcpy(w->name, attr->value + from, n);
    w->name[n] = '\0';
}

static bool
on_open(const struct og_xml_element *e, void *arg)
{
    struct walk *w = arg;
    const struct og_xml_attr *name = og_xml_attr(e, NULL, "name");

    if (e->depth == 0)
        return is_root(e->name);
    if (w->inside)
        return true;
    if (name != NULL && (strcmp(e->name, "part") == 0 || is_binary(e->name)))
        keep_name(w, name);
    if (is_binary(e->name)) {
        w->inside = true;
        w->depth = e->depth;
    }
    return true;
}

static bool
on_text(const char *text, size_t len, void *arg)
{
    struct walk *w = arg;

    if (w->inside)
        w->rc = og_base64_add(&w->state, text, len, &w->data, w->err);
    return w->rc == OG_OK;
}

/* pictures and fonts are left out */
static bool
may_hold_code(const struct og_buf *data)
{
    static const char *const starts[] = { "\xd0\xcf\x11\xe0", "ActiveMime", "PK\3\4",
                                          "%PDF" };

    for (size_t i = 0; i < N_ELEMENTS(starts); i++)
        if (data->len >= strlen(starts[i])
            && memcmp(data->data, starts[i], strlen(starts[i])) == 0)
            return true;
    return false;
}

static bool
on_close(unsigned depth, void *arg)
{
    struct walk *w = arg;

    if (!w->inside || depth > w->depth)
        return true;
    if (may_hold_code(&w->data)) {
        if (++w->parts > MAX_PARTS)
            w->rc = og_report_limit(w->layer, "files", MAX_PARTS, w->findings, w->err);
        else
            w->rc = og_report_inner(w->layer, w->name, w->data.data, w->data.len, w->take,
                                    w->arg, w->err);
    }
    og_buf_reset(&w->data);
    w->state = (struct og_base64){ .have = 0 };
    w->inside = false;
    w->name[0] = '\0';
    return w->rc == OG_OK && w->parts <= MAX_PARTS;
}

enum og_rc
og_open_office_xml(const struct og_layer *layer, struct og_findings *findings,
                   og_macro_take *take, void *arg, struct og_err *err)
{
    static const struct og_xml_handler handler = { on_open, on_text, on_close };
    struct walk w = { .layer = layer,
                      .findings = findings,
                      .take = take,
                      .arg = arg,
                      .data = OG_BUF_INIT(OG_MACRO_MAX_INNER),
                      .err = err };
    enum og_rc rc;

    if (!og_xml_looks(layer->data, layer->len))
        return OG_OK;
    rc = og_xml_scan(layer->data, layer->len, &handler, &w, err);
    if (rc == OG_OK && w.rc == OG_OK && w.inside) /* a part that was cut */
        (void)on_close(w.depth, &w);
    og_buf_free(&w.data);
    rc = rc != OG_OK ? rc : w.rc;
    return rc == OG_E_LIMIT
               ? og_report_limit(layer, "size", OG_MACRO_MAX_INNER, findings, err)
               : rc;
}
