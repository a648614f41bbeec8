/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/macro/macro.h"

#include "core/macro/rows.h"

/* a new detector is a row and a file */
static og_macro_detect *const detectors[] = {
    og_detect_vba,        og_detect_word,        og_detect_biff, og_detect_ooxml,
    og_detect_odf,        og_detect_odf_package, og_detect_pdf,  og_detect_xdp,
    og_detect_activemime, og_detect_rtf,         og_detect_sylk, og_detect_onenote,
};

/* one for each kind that can be opened */
static og_macro_open *const openers[] = {
    og_open_locked,     og_open_powerpoint, og_open_rtf,        og_open_onenote,
    og_open_activemime, og_open_mht,        og_open_office_xml,
};

enum og_rc
og_macro_look(const struct og_layer *layer, struct og_findings *findings,
              struct og_err *err)
{
    enum og_rc rc = OG_OK;

    for (size_t i = 0; i < N_ELEMENTS(detectors) && rc == OG_OK; i++)
        rc = detectors[i](layer, findings, err);
    return rc;
}

enum og_rc
og_macro_inner(const struct og_layer *layer, struct og_findings *findings,
               og_macro_take *take, void *arg, struct og_err *err)
{
    enum og_rc rc = OG_OK;

    for (size_t i = 0; i < N_ELEMENTS(openers) && rc == OG_OK; i++)
        rc = openers[i](layer, findings, take, arg, err);
    return rc;
}
