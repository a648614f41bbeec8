/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_MACRO_ROWS_H
#define OG_MACRO_ROWS_H

#include "core/macro/macro.h"

/* the rows of the tables; og_macro_look() and og_macro_inner() call them */
og_macro_detect og_detect_vba;   /* VBA projects in compound files: `vba`, `ooxml-vba` */
og_macro_detect og_detect_word;  /* WordBasic: `wordbasic` */
og_macro_detect og_detect_biff;  /* Excel 4 macro sheets in workbooks: `xlm` */
og_macro_detect og_detect_ooxml; /* and in packages, XML or binary: `xlm` */

og_macro_detect
    og_detect_odf; /* OpenDocument's XML: `odf-basic`, `odf-event`, see odf.c */
og_macro_detect og_detect_odf_package; /* scripts in other languages: `odf-script` */
og_macro_detect og_detect_xdp;         /* `pdf-xfa`: a form that stands alone */
og_macro_detect og_detect_activemime;  /* `activemime`: VBA in web pages and XML */
og_macro_detect og_detect_sylk;        /* `xlm` in lines of text */
og_macro_detect og_detect_onenote;     /* `onenote-embedded` */
og_macro_detect og_detect_rtf;         /* `rtf-object`, see rtf_object.c */
og_macro_detect og_detect_pdf;         /* `pdf-javascript`, `pdf-launch` ..., see pdf.h */

og_macro_open og_open_powerpoint; /* OLE objects in a presentation, its VBA is one */
og_macro_open og_open_rtf;        /* files and documents in its objects */
og_macro_open og_open_activemime; /* the compound file in it */
og_macro_open og_open_mht;        /* ActiveMime in MIME */
og_macro_open og_open_office_xml; /* binary parts of Word's, Visio's and Adobe's XML */
og_macro_open og_open_onenote;    /* embedded files */
og_macro_open og_open_locked;     /* encrypted documents */

#endif
