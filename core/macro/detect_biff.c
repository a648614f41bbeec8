/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/macro/biff.h"
#include "core/macro/ole2.h"
#include "core/macro/report.h"
#include "core/macro/rows.h"

/* Excel's own stream, or that of a workbook embedded somewhere below */
static bool
is_workbook(const struct og_ole2_entry *entry)
{
    return entry->type == OG_OLE2_STREAM && entry->parent >= 0
           && (og_ole2_named(entry, "Workbook") || og_ole2_named(entry, "Book"));
}

static enum og_rc
workbooks_run(struct og_ole2 *ole, bool *runs, struct og_err *err)
{
    enum og_rc rc = OG_OK;

    for (int i = 1; i < og_ole2_count(ole) && rc == OG_OK && !*runs; i++) {
        struct og_buf stream = OG_BUF_INIT(SIZE_MAX / 2);
        struct og_bytes biff;

        if (!is_workbook(og_ole2_entry(ole, i)))
            continue;
        rc = og_ole2_read(ole, i, &stream, err);
        biff = og_bytes(stream.data, stream.len);
        *runs = rc == OG_OK && og_biff_macros(&biff);
        og_buf_free(&stream);
    }
    return rc;
}

enum og_rc
og_detect_biff(const struct og_layer *layer, struct og_findings *findings,
               struct og_err *err)
{
    struct og_bytes bytes = og_bytes(layer->data, layer->len);
    struct og_ole2 *ole = NULL;
    bool runs = false;
    enum og_rc rc = OG_OK;

    if (og_ole2_is(layer)) {
        rc = og_ole2_open(layer->data, layer->len, &ole, err);
        if (rc == OG_E_SYNTAX)
            return OG_OK;
        if (rc == OG_OK)
            rc = workbooks_run(ole, &runs, err);
        og_ole2_close(ole);
    } else if (layer->parent == NULL || !og_ole2_is(layer->parent)) {
        /* before BIFF 5 a sheet is a file; streams of compound files were seen there */
        runs = og_biff_is(&bytes) && og_biff_macros(&bytes);
    }
    if (rc == OG_E_LIMIT)
        return og_report_limit(layer, "size", layer->len, findings, err);
    if (rc != OG_OK || !runs)
        return rc;
    return og_report_macro(layer, "xlm", findings, err);
}
