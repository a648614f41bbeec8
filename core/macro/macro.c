/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/macro/macro.h"

#include "core/macro/rows.h"

/* the last row of each table is none: a table may not be empty */
const struct og_macro_detector og_macro_detectors[] = {
    { "vba", og_detect_vba },
    { "word", og_detect_word },
    { "biff", og_detect_biff },
    { "ooxml", og_detect_ooxml },
    { "odf", og_detect_odf },
    { "odf-package", og_detect_odf_package },
    { "pdf", og_detect_pdf },
    { "xdp", og_detect_xdp },
    { "activemime", og_detect_activemime },
    { "rtf", og_detect_rtf },
    { "sylk", og_detect_sylk },
    { "onenote", og_detect_onenote },
    { "", NULL },
};
const size_t og_macro_detectors_count = N_ELEMENTS(og_macro_detectors) - 1;

const struct og_macro_opener og_macro_openers[] = {
    { "locked", og_open_locked },
    { "powerpoint", og_open_powerpoint },
    { "rtf", og_open_rtf },
    { "onenote", og_open_onenote },
    { "activemime", og_open_activemime },
    { "mht", og_open_mht },
    { "office-xml", og_open_office_xml },
    { "", NULL },
};
const size_t og_macro_openers_count = N_ELEMENTS(og_macro_openers) - 1;

enum og_rc
og_macro_look(const struct og_layer *layer, struct og_findings *findings,
              struct og_err *err)
{
    enum og_rc rc = OG_OK;

    for (size_t i = 0; i < og_macro_detectors_count && rc == OG_OK; i++)
        rc = og_macro_detectors[i].detect(layer, findings, err);
    return rc;
}

enum og_rc
og_macro_inner(const struct og_layer *layer, struct og_findings *findings,
               og_macro_take *take, void *arg, struct og_err *err)
{
    enum og_rc rc = OG_OK;

    for (size_t i = 0; i < og_macro_openers_count && rc == OG_OK; i++)
        rc = og_macro_openers[i].open(layer, findings, take, arg, err);
    return rc;
}
