/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_MACRO_ROWS_H
#define OG_MACRO_ROWS_H

#include "core/macro/macro.h"

/* the rows of Microsoft's binary formats and of packages; og_macro_look() calls them */
og_macro_detect og_detect_vba;   /* VBA projects in compound files: `vba`, `ooxml-vba` */
og_macro_detect og_detect_biff;  /* Excel 4 macro sheets in workbooks: `xlm` */
og_macro_detect og_detect_ooxml; /* and in packages, XML or binary: `xlm` */

og_macro_open og_open_powerpoint; /* OLE objects in a presentation, its VBA is one */
og_macro_open og_open_locked;     /* encrypted documents */

#endif
