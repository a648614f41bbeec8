/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/macro/report.h"
#include "core/macro/rows.h"
#include "core/macro/vba.h"
#include "core/macro/zip.h"

/* Word has its project in Macros/VBA, Excel in _VBA_PROJECT_CUR/VBA, a package has a file
 * of its own for it; embedded objects have theirs somewhere below. So: wherever it is. */
static bool
is_project(const struct og_ole2 *ole, int i)
{
    return og_ole2_entry(ole, i)->type == OG_OLE2_STREAM
           && (og_ole2_named(og_ole2_entry(ole, i), "_VBA_PROJECT")
               || og_ole2_named(og_ole2_entry(ole, i), "dir"));
}

enum { MAX_PROJECTS = 100 }; /* in one file; more are a limit */

static enum og_rc
projects_run(struct og_ole2 *ole, bool *runs, struct og_err *err)
{
    int last = -1, projects = 0;
    enum og_rc rc = OG_OK;

    for (int i = 1; i < og_ole2_count(ole) && rc == OG_OK && !*runs; i++) {
        int storage = og_ole2_entry(ole, i)->parent;

        if (storage < 0 || storage == last || !is_project(ole, i))
            continue;
        if (projects++ == MAX_PROJECTS)
            return og_fail(err, OG_E_LIMIT, "more than %d VBA projects", MAX_PROJECTS);
        rc = og_vba_project_runs(ole, storage, runs, err);
        last = storage; /* its two streams mostly stand side by side */
    }
    return rc;
}

enum og_rc
og_detect_vba(const struct og_layer *layer, struct og_findings *findings,
              struct og_err *err)
{
    struct og_ole2 *ole = NULL;
    bool runs = false;
    enum og_rc rc;

    if (!og_ole2_is(layer))
        return OG_OK;
    rc = og_ole2_open(layer->data, layer->len, &ole, err);
    if (rc == OG_E_SYNTAX) /* too damaged for Office, too */
        return OG_OK;
    if (rc == OG_OK)
        rc = projects_run(ole, &runs, err);
    og_ole2_close(ole);
    if (rc == OG_E_LIMIT)
        return og_report_limit(layer, "size", layer->len, findings, err);
    if (rc != OG_OK || !runs)
        return rc;
    return og_report_macro(
        layer,
        layer->parent != NULL && og_zip_is_package(layer->parent) ? "ooxml-vba" : "vba",
        findings, err);
}
