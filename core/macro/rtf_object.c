/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which objects in RTF are macros: `rtf-object`
 *
 *   a Package, which is any file that somebody dropped into the document, with a program
 *   or a document inside that a double click opens;
 *   content that runs, whatever its class says it is;
 *   a link that is renewed when the document is opened, an object that asks for it, an
 *   ActiveX control;
 *   the classes that load code by themselves.
 *
 * A sheet, a chart, a formula or a picture that was embedded is none. A document inside is
 * handed on and judged by what is in it, so a sheet with VBA is found as `vba`.
 */
#include <string.h>
#include <strings.h>

#include "core/macro/report.h"
#include "core/macro/rows.h"
#include "core/macro/rtf.h"
#include "core/macro/runs.h"

static bool
is_text(const struct og_bytes *have, const char *want)
{
    return have->len == strlen(want)
           && strncasecmp((const char *)have->data, want, have->len) == 0;
}

static bool
is_class_of_code(const struct og_bytes *class)
{
    static const char *const classes[] = {
        "Package",
        "OLE2Link",
        "htmlfile",
        "script",
        "ScriptletFile",
        "scriptletfile.1",
        "otkloadr.WRAssembly.1",
        "ScriptBridge.ScriptBridge.1",
        "ShockwaveFlash.ShockwaveFlash",
        "ShockwaveFlash.ShockwaveFlash.1",
        "Shell.Explorer",
        "Shell.Explorer.1",
        "Shell.Explorer.2",
        "Forms.HTML:Script.1",
    };

    for (size_t i = 0; i < N_ELEMENTS(classes); i++)
        if (is_text(class, classes[i]))
            return true;
    return false;
}

static const char compound[] = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";

/* a Package in its newer form: a compound file with the old one in it */
static bool
holds_package(const struct og_bytes *native)
{
    static const char name[] = "\1\0O\0l\0e\0001\0000\0N\0a\0t\0i\0v\0e";
    /* the classes of the root: Package and its older number, [MS-OLEDS] section 3.1.1 */
    static const char ids[][17] = { "\x0c\0\3\0\0\0\0\0\xc0\0\0\0\0\0\0\x46",
                                    "\x00\3\0\0\0\0\0\0\xc0\0\0\0\0\0\0\x46" };

    if (!og_bytes_at(native, 0, compound, sizeof compound - 1)
        || memmem(native->data, native->len, name, sizeof name - 1) == NULL)
        return false;
    return memmem(native->data, native->len, ids[0], 16) != NULL
           || memmem(native->data, native->len, ids[1], 16) != NULL;
}

struct look {
    bool any, found;
};

static enum og_rc
judge(const struct og_rtf_object *object, void *arg, struct og_err *err)
{
    struct look *look = arg;

    (void)err;
    look->any = true;
    look->found = look->found || object->updates || is_class_of_code(&object->class)
                  || og_runs((const char *)object->native.data, object->native.len)
                  || holds_package(&object->native);
    return OG_OK;
}

enum og_rc
og_detect_rtf(const struct og_layer *layer, struct og_findings *findings,
              struct og_err *err)
{
    static const char *const words[] = { "objautlink", "objupdate", "objocx" };
    struct og_bytes rtf = og_bytes(layer->data, layer->len);
    struct look look = { .any = false };
    bool capped = false;
    enum og_rc rc = og_rtf_objects(&rtf, judge, &look, &capped, err);

    for (size_t i = 0; look.any && i < N_ELEMENTS(words); i++)
        look.found = look.found || og_rtf_has(&rtf, words[i]);
    if (rc == OG_OK && look.found)
        rc = og_report_macro(layer, "rtf-object", findings, err);
    if (rc == OG_OK && capped)
        rc = og_report_limit(layer, "size", layer->len, findings, err);
    return rc;
}

struct hand {
    const struct og_layer *layer;
    og_macro_take *take;
    void *arg;
};

/* the last part of a path of any system; printable enough for a name, cut to fit */
static void
base_name(const struct og_bytes *path, char *out, size_t room)
{
    size_t from = path->len, n;

    while (from > 0 && strchr("/\\:", path->data[from - 1]) == NULL)
        from--;
    n = path->len - from < room - 1 ? path->len - from : room - 1;
    memcpy(out, path->data + from, n);
    out[n] = '\0';
}

static enum og_rc
hand_on(const struct og_rtf_object *object, void *arg, struct og_err *err)
{
    struct hand *hand = arg;
    struct og_bytes name = { .len = 0 }, file;
    char base[256] = "";

    if (og_rtf_package(&object->native, &name, &file))
        base_name(&name, base, sizeof base);
    else if (og_bytes_at(&object->native, 0, compound, sizeof compound - 1)
             || og_bytes_at(&object->native, 0, "PK\3\4", 4))
        file = object->native; /* others hold no document */
    else
        return OG_OK;
    if (file.len == 0 || file.len > OG_MACRO_MAX_INNER)
        return OG_OK;
    return og_report_inner(hand->layer, base, (const char *)file.data, file.len,
                           hand->take, hand->arg, err);
}

enum og_rc
og_open_rtf(const struct og_layer *layer, struct og_findings *findings,
            og_macro_take *take, void *arg, struct og_err *err)
{
    struct og_bytes rtf = og_bytes(layer->data, layer->len);
    struct hand hand = { layer, take, arg };
    bool capped = false; /* the detector tells it */

    (void)findings;
    return og_rtf_objects(&rtf, hand_on, &hand, &capped, err);
}
