/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Excel 4 macro sheets in packages: which parts are such sheets is written in
 * [Content_Types].xml alone ([ECMA-376] part 2, section 7.2.3; [MS-OFFMACRO2] 2.2.1.9), so
 * the package is judged as one. VBA in packages is a compound file and judged as such.
 */
#include <string.h>

#include "core/lib/xml_scan.h"
#include "core/macro/report.h"
#include "core/macro/rows.h"
#include "core/macro/zip.h"

enum {
    MAX_MEMBERS = 20000,   /* of a package that has macro sheets; more are a limit */
    MAX_PARTS = 16384,     /* bytes of the names of its macro sheets */
    MAX_TYPES = 8 << 20,   /* bytes of [Content_Types].xml */
    MAX_SHEETS = 64 << 20, /* bytes of all macro sheets */
    MAX_NAME = 1024,
    BRT_FORMULA_FIRST = 8, /* [MS-XLSB] 2.3: BrtFmlaString, Num, Bool, Error */
    BRT_FORMULA_LAST = 11,
};

struct parts {
    struct og_buf names; /* `/` in front, extensions have a dot; each ends in a NUL */
    bool full;
};

static bool
keep_type(const struct og_xml_element *element, void *arg)
{
    struct parts *parts = arg;
    const struct og_xml_attr *type = og_xml_attr(element, NULL, "ContentType"),
                             *part = og_xml_attr(element, NULL, "PartName"),
                             *extension = og_xml_attr(element, NULL, "Extension");
    const struct og_xml_attr *which = part != NULL ? part : extension;

    if (type == NULL || which == NULL
        || memmem(type->value, type->len, "macrosheet", 10) == NULL)
        return true;
    parts->full = (part == NULL && og_buf_add(&parts->names, ".", 1, NULL) != OG_OK)
                  || og_buf_add(&parts->names, which->value, which->len, NULL) != OG_OK
                  || og_buf_add(&parts->names, "", 1, NULL) != OG_OK;
    return !parts->full;
}

static bool
is_macro_sheet(const struct og_zip_member *member, const struct og_buf *parts)
{
    struct og_zip_member tail;

    for (size_t at = 0; at < parts->len; at += strlen(parts->data + at) + 1) {
        const char *part = parts->data + at;
        size_t len = strlen(part);

        if (part[0] == '/' && og_zip_named(member, part + 1))
            return true;
        tail = *member;
        if (part[0] != '.' || len > member->name_len)
            continue;
        tail.name += member->name_len - len;
        tail.name_len = len;
        if (og_zip_named(&tail, part))
            return true;
    }
    return memmem(member->name, member->name_len, "macrosheets/", 12) != NULL;
}

struct sheet {
    bool formula; /* inside <f> */
    bool runs;
};

static bool
see_cell(const struct og_xml_element *element, void *arg)
{
    struct sheet *sheet = arg;

    sheet->formula = strcmp(element->name, "f") == 0;
    /* a shared formula stands in another cell */
    sheet->runs =
        sheet->runs || (sheet->formula && og_xml_attr(element, NULL, "si") != NULL);
    return !sheet->runs;
}

static bool
see_text(const char *text, size_t len, void *arg)
{
    struct sheet *sheet = arg;

    (void)text;
    sheet->runs = sheet->runs || (sheet->formula && len > 0);
    return !sheet->runs;
}

static bool
end_cell(unsigned depth, void *arg)
{
    struct sheet *sheet = arg;

    (void)depth;
    sheet->formula = false;
    return true;
}

/* [MS-XLSB] 2.1.4: number and length of a record have 7 bits a byte */
static bool
binary_runs(const struct og_bytes *sheet)
{
    size_t at = 0;

    while (at < sheet->len) {
        unsigned id = og_bytes_8(sheet, at++);
        size_t len = 0;

        if (id & 0x80)
            id = (id & 0x7f) | og_bytes_8(sheet, at++) << 7;
        for (unsigned shift = 0; shift < 28; shift += 7) {
            unsigned byte = og_bytes_8(sheet, at++);

            len |= (size_t)(byte & 0x7f) << shift;
            if ((byte & 0x80) == 0)
                break;
        }
        if (id >= BRT_FORMULA_FIRST && id <= BRT_FORMULA_LAST && len > 0)
            return true;
        at += len;
    }
    return false;
}

static enum og_rc
sheet_runs(const struct og_buf *content, bool *runs, struct og_err *err)
{
    static const struct og_xml_handler handler = { see_cell, see_text, end_cell };
    struct og_bytes bytes = og_bytes(content->data, content->len);
    struct sheet sheet = { false, false };
    enum og_rc rc = OG_OK;

    if (og_xml_looks(content->data, content->len))
        rc = og_xml_scan(content->data, content->len, &handler, &sheet, err);
    else
        sheet.runs = binary_runs(&bytes);
    if (rc == OG_E_LIMIT) { /* entities that grow: no sheet needs them */
        sheet.runs = true;
        rc = OG_OK;
    }
    *runs = sheet.runs;
    return rc;
}

static enum og_rc
report(const struct og_layer *layer, const struct og_zip_member *member,
       struct og_findings *findings, struct og_err *err)
{
    struct og_buf path = OG_BUF_INIT(SIZE_MAX / 2);
    struct og_layer part = { .parent = layer };
    enum og_rc rc;

    rc = og_buf_printf(&path, err, "%s/%.*s", layer->path,
                       (int)(member->name_len < MAX_NAME ? member->name_len : MAX_NAME),
                       member->name);
    if (rc == OG_OK) {
        part.path = path.data;
        rc = og_report_macro(&part, "xlm", findings, err);
    }
    og_buf_free(&path);
    return rc;
}

/* every sheet by itself */
static enum og_rc
look_at_sheets(const struct og_layer *layer, struct og_zip zip,
               const struct og_buf *parts, struct og_findings *findings,
               struct og_err *err)
{
    struct og_buf content = OG_BUF_INIT(MAX_SHEETS);
    struct og_zip_member member;
    enum og_rc rc = OG_OK;

    while (rc == OG_OK && og_zip_next(&zip, &member)) {
        bool runs = false;

        if (!is_macro_sheet(&member, parts))
            continue;
        og_buf_reset(&content);
        rc = og_zip_read(&zip, &member, &content, err);
        if (rc == OG_E_LIMIT)
            rc = og_report_limit(layer, "size", MAX_SHEETS, findings, err);
        else if (rc == OG_OK)
            rc = sheet_runs(&content, &runs, err);
        content.max -= content.len; /* one ceiling for all */
        if (rc == OG_OK && runs)
            rc = report(layer, &member, findings, err);
    }
    og_buf_free(&content);
    return rc;
}

/* is it a package, and which of its parts are macro sheets? */
static enum og_rc
read_types(struct og_zip zip, struct parts *parts, bool *package, struct og_err *err)
{
    static const struct og_xml_handler handler = { keep_type, NULL, NULL };
    struct og_buf types = OG_BUF_INIT(MAX_TYPES);
    struct og_zip_member member;
    size_t members = 0;
    enum og_rc rc = OG_OK;

    for (; rc == OG_OK && og_zip_next(&zip, &member); members++) {
        if (!og_zip_named(&member, "[Content_Types].xml"))
            continue;
        *package = true;
        og_buf_reset(&types);
        rc = og_zip_read(&zip, &member, &types, err);
        types.max -= types.len;
        if (rc == OG_OK)
            rc = og_xml_scan(types.data, types.len, &handler, parts, err);
    }
    if (*package && members > MAX_MEMBERS)
        parts->full = true;
    og_buf_free(&types);
    return rc;
}

enum og_rc
og_detect_ooxml(const struct og_layer *layer, struct og_findings *findings,
                struct og_err *err)
{
    struct parts parts = { OG_BUF_INIT(MAX_PARTS), false };
    struct og_zip zip;
    bool package = false;
    enum og_rc rc;

    if (!og_zip_open(layer, &zip))
        return OG_OK;
    rc = read_types(zip, &parts, &package, err);
    if (rc == OG_E_LIMIT || (rc == OG_OK && parts.full))
        rc = og_report_limit(layer, "files", MAX_MEMBERS, findings, err);
    else if (rc == OG_OK && package)
        rc = look_at_sheets(layer, zip, &parts.names, findings, err);
    og_buf_free(&parts.names);
    return rc;
}
