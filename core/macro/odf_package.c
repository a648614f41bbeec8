/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scripts of an OpenDocument package in Python, BeanShell, JavaScript or Java: members
 * under `Scripts/`. libclamav hands on members by their last name only, so the list of
 * the package is read here, and each script as far as its first statement.
 *
 * `odf-script`  a member with more than comments
 *
 * Source: PKWARE APPNOTE 6.3.9 sections 4.3.7, 4.3.12 for the list.
 */
#include "core/macro/odf.h"

#include <string.h>

#include "core/base/buf.h"
#include "core/lib/inflate.h"
#include "core/macro/bytes.h"
#include "core/macro/report.h"

enum {
    LOCAL_BYTES = 30,       /* of a member's own head, without its name */
    LISTED_BYTES = 46,      /* of its head in the list at the end */
    MAX_SCRIPT = 256 << 10, /* bytes that are looked at */
    MAX_SCRIPTS = 1000,
    DEFLATED = 8,
};

static const char folder[] = "Scripts/";

/* LibreOffice writes its type first, but reads packages by their manifest */
static bool
is_package(const struct og_bytes *zip)
{
    static const char first[] = "mimetypeapplication/vnd.",
                      list[] = "META-INF/manifest.xml";

    return og_bytes_at(zip, 0, "PK\3\4", 4)
           && (og_bytes_at(zip, LOCAL_BYTES, first, sizeof first - 1)
               || memmem(zip->data, zip->len, list, sizeof list - 1) != NULL);
}

/* is there a line of something else than comments? */
static bool
has_code(const char *text, size_t len)
{
    while (len > 0) {
        const char *end = memchr(text, '\n', len);
        size_t line = end != NULL ? (size_t)(end - text) : len;
        size_t blank = 0;

        while (blank < line && strchr(" \t\r\f\v", text[blank]) != NULL)
            blank++;
        if (blank < line && text[blank] != '#'
            && !(line - blank >= 2 && memcmp(text + blank, "//", 2) == 0))
            return true;
        len -= end != NULL ? line + 1 : line;
        text += end != NULL ? line + 1 : line;
    }
    return false;
}

/* the member at `at` of the list; what cannot be read counts as code */
static enum og_rc
member_runs(const struct og_bytes *zip, size_t at, bool *runs, struct og_err *err)
{
    size_t packed = og_bytes_32(zip, at + 20), local = og_bytes_32(zip, at + 42);
    struct og_buf text = OG_BUF_INIT(MAX_SCRIPT);
    struct og_bytes data;
    enum og_rc rc;

    if (og_bytes_32(zip, at + 24) == 0)
        return OG_OK;
    *runs = true;
    if (!og_bytes_at(zip, local, "PK\3\4", 4))
        return OG_OK;
    data = og_bytes_from(zip,
                         local + LOCAL_BYTES + og_bytes_16(zip, local + 26)
                             + og_bytes_16(zip, local + 28),
                         packed);
    if (og_bytes_16(zip, at + 10) == DEFLATED)
        rc = og_inflate((const char *)data.data, data.len, OG_INFLATE_RAW, &text, err);
    else
        rc = og_buf_add(&text, data.data, data.len < MAX_SCRIPT ? data.len : MAX_SCRIPT,
                        err);
    if (rc == OG_OK)
        *runs = has_code(og_buf_text(&text), text.len);
    og_buf_free(&text);
    return rc == OG_E_NOMEM ? rc : OG_OK;
}

/* a folder, or the list of scripts that goes with them */
static bool
is_script_name(const struct og_bytes *name)
{
    static const char parcel[] = "parcel-descriptor.xml";
    size_t n = sizeof parcel - 1;

    return name->len > sizeof folder - 1 && name->data[name->len - 1] != '/'
           && !(name->len > n && og_bytes_at(name, name->len - n, parcel, n));
}

enum og_rc
og_odf_package(const struct og_layer *layer, struct og_findings *findings,
               struct og_err *err)
{
    struct og_bytes zip = og_bytes(layer->data, layer->len);
    bool runs = false;
    enum og_rc rc = OG_OK;
    size_t at = 0;
    unsigned scripts = 0;

    if (!is_package(&zip))
        return OG_OK;
    while (rc == OG_OK && !runs) {
        struct og_bytes rest = og_bytes_from(&zip, at, zip.len), name;
        const unsigned char *hit = memmem(rest.data, rest.len, folder, sizeof folder - 1);

        if (hit == NULL)
            return OG_OK;
        at = (size_t)(hit - zip.data) + 1;
        if (at <= LISTED_BYTES || !og_bytes_at(&zip, at - 1 - LISTED_BYTES, "PK\1\2", 4))
            continue;
        name = og_bytes_from(&zip, at - 1, og_bytes_16(&zip, at - 1 - LISTED_BYTES + 28));
        if (!is_script_name(&name))
            continue;
        runs = ++scripts > MAX_SCRIPTS;
        if (!runs)
            rc = member_runs(&zip, at - 1 - LISTED_BYTES, &runs, err);
    }
    return rc == OG_OK && runs ? og_report_macro(layer, "odf-script", findings, err) : rc;
}
