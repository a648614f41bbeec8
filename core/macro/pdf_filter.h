/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_MACRO_PDF_FILTER_H
#define OG_MACRO_PDF_FILTER_H

#include "core/macro/pdf_tree.h"

/* How a stream is packed, ISO 32000-1 section 7.4. */
enum og_pdf_filter {
    OG_PDF_NO_FILTER, /* also one for pictures and for encryption */
    OG_PDF_FLATE,
    OG_PDF_LZW,
    OG_PDF_HEX_TEXT,
    OG_PDF_85_TEXT,
    OG_PDF_RUNS,
};

struct og_pdf_packing {
    enum og_pdf_filter filter;
    uint32_t predictor, colors, bits, columns; /* with FLATE and LZW; predictor 1: none */
    bool late;                                 /* LZW codes grow late */
};

/* og_pdf_filter_named - of a name in a tree, short forms too */
enum og_pdf_filter og_pdf_filter_named(const struct og_pdf_tree *tree, uint32_t name);

/*
 * og_pdf_unpack - undo one filter
 *
 * out  receives what comes out, also of a damaged stream; out->max is the ceiling
 * Returns OG_OK, also for damage; OG_E_LIMIT above the ceiling; OG_E_NOMEM.
 */
enum og_rc og_pdf_unpack(const struct og_pdf_packing *packing,
                         const struct og_bytes *data, struct og_buf *out,
                         struct og_err *err) OG_CHECKED;

#endif
