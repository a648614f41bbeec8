/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scripts of an OpenDocument package in Python, BeanShell, JavaScript or Java: members
 * under `Scripts/`. libclamav hands on members by their last name only, so the list of
 * the package is read here.
 *
 * `odf-script`  a member with more than comments
 */
#include "core/macro/rows.h"

#include <string.h>

#include "core/base/buf.h"
#include "core/macro/report.h"
#include "core/macro/zip.h"

enum { MAX_SCRIPT = 256 << 10, MAX_SCRIPTS = 1000 }; /* bytes and number looked at */

/* LibreOffice writes its type first, but reads packages by their manifest */
static bool
is_package(const struct og_layer *layer)
{
    static const char first[] = "mimetypeapplication/vnd.",
                      list[] = "META-INF/manifest.xml";
    struct og_bytes file = og_bytes(layer->data, layer->len);

    return og_bytes_at(&file, 0, "PK\3\4", 4)
           && (og_bytes_at(&file, 30, first, sizeof first - 1)
               || memmem(layer->data, layer->len, list, sizeof list - 1) != NULL);
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

/* not a folder, nor the list of scripts that goes with them */
static bool
is_script(const struct og_zip_member *member)
{
    static const char folder[] = "Scripts/", parcel[] = "parcel-descriptor.xml";
    size_t len = member->name_len, n = sizeof parcel - 1;

    return len > sizeof folder - 1 && memcmp(member->name, folder, sizeof folder - 1) == 0
           && member->name[len - 1] != '/'
           && !(len > n && memcmp(member->name + len - n, parcel, n) == 0);
}

/* what is too long to be read to its end, or cannot be read, counts as code */
static enum og_rc
member_runs(const struct og_zip *zip, const struct og_zip_member *member, bool *runs,
            struct og_err *err)
{
    struct og_buf text = OG_BUF_INIT(MAX_SCRIPT);
    enum og_rc rc = og_zip_read(zip, member, &text, err);

    *runs = rc != OG_OK || has_code(og_buf_text(&text), text.len);
    og_buf_free(&text);
    return rc == OG_E_NOMEM ? rc : OG_OK;
}

enum og_rc
og_detect_odf_package(const struct og_layer *layer, struct og_findings *findings,
                      struct og_err *err)
{
    struct og_zip_member member;
    struct og_zip zip;
    unsigned scripts = 0;
    bool runs = false;
    enum og_rc rc = OG_OK;

    if (!is_package(layer) || !og_zip_open(layer, &zip))
        return OG_OK;
    while (rc == OG_OK && !runs && og_zip_next(&zip, &member)) {
        if (!is_script(&member))
            continue;
        runs = ++scripts > MAX_SCRIPTS;
        if (!runs)
            rc = member_runs(&zip, &member, &runs, err);
    }
    return rc == OG_OK && runs ? og_report_macro(layer, "odf-script", findings, err) : rc;
}
