/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/macro/report.h"

/* a finding's texts are copied, so the list may be asked with texts of others */
static char *
borrowed(const char *text)
{
    union {
        const char *theirs;
        char *ours;
    } same = { text };

    return same.ours;
}

enum og_rc
og_report_macro(const struct og_layer *layer, const char *kind,
                struct og_findings *findings, struct og_err *err)
{
    const struct og_finding found = { .what = OG_FOUND_MACRO,
                                      .path = borrowed(layer->path),
                                      .name = borrowed(kind) };

    return og_findings_add(findings, &found, err);
}

enum og_rc
og_report_encrypted(const struct og_layer *layer, struct og_findings *findings,
                    struct og_err *err)
{
    const struct og_finding found = { .what = OG_FOUND_ENCRYPTED,
                                      .path = borrowed(layer->path),
                                      .name = borrowed("document") };

    return og_findings_add(findings, &found, err);
}

enum og_rc
og_report_limit(const struct og_layer *layer, const char *which, size_t ceiling,
                struct og_findings *findings, struct og_err *err)
{
    const struct og_finding found = { .what = OG_FOUND_LIMIT,
                                      .path = borrowed(layer->path),
                                      .name = borrowed(which),
                                      .size = ceiling };

    return og_findings_add(findings, &found, err);
}
