/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/macro/report.h"

#include "core/base/buf.h"

enum og_rc
og_report_macro(const struct og_layer *layer, const char *kind,
                struct og_findings *findings, struct og_err *err)
{
    const struct og_finding found = { .what = OG_FOUND_MACRO,
                                      .path = layer->path,
                                      .name = kind };

    return og_findings_add(findings, &found, err);
}

enum og_rc
og_report_encrypted(const struct og_layer *layer, struct og_findings *findings,
                    struct og_err *err)
{
    const struct og_finding found = { .what = OG_FOUND_ENCRYPTED,
                                      .path = layer->path,
                                      .name = "document" };

    return og_findings_add(findings, &found, err);
}

enum og_rc
og_report_limit(const struct og_layer *layer, const char *which, size_t ceiling,
                struct og_findings *findings, struct og_err *err)
{
    const struct og_finding found = {
        .what = OG_FOUND_LIMIT, .path = layer->path, .name = which, .size = ceiling
    };

    return og_findings_add(findings, &found, err);
}

enum og_rc
og_report_inner(const struct og_layer *layer, const char *name, const char *data,
                size_t len, og_macro_take *take, void *arg, struct og_err *err)
{
    struct og_layer inner = { .parent = layer, .type = "", .data = data, .len = len };
    struct og_buf path = OG_BUF_INIT(SIZE_MAX / 2);
    enum og_rc rc;

    inner.name = *name != '\0' ? name : "object";
    inner.size = len;
    rc = og_buf_printf(&path, err, "%s%s%s", layer->path, *layer->path != '\0' ? "/" : "",
                       inner.name);
    inner.path = og_buf_text(&path);
    if (rc == OG_OK)
        rc = take(&inner, arg, err);
    og_buf_free(&path);
    return rc;
}
