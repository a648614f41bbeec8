/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_MACRO_BIFF_H
#define OG_MACRO_BIFF_H

#include "core/macro/bytes.h"

/* Records of Excel's workbooks before 2007, [MS-XLS] 2.1.4: a number, a length, content. */
enum { OG_BIFF_HEADER = 4 };

enum og_biff_record {
    OG_BIFF_FORMULA = 0x0006, /* BIFF 2, 5 and 8; 3 and 4: see OG_BIFF_KIND */
    OG_BIFF_BOF = 0x0009,     /* BIFF 2; 3, 4, 5 and 8: with the version above it */
    OG_BIFF_EOF = 0x000a,
    OG_BIFF_FILEPASS = 0x002f,
    OG_BIFF_BOUNDSHEET = 0x0085,
    OG_BIFF_KIND = 0xff, /* the version of a record is in the bits above */
};

/* og_biff_is - do these bytes begin as a workbook or a sheet does? */
bool og_biff_is(const struct og_bytes *biff);

/* og_biff_locked - is it encrypted? at receives where FILEPASS stands, which does in the first
 * lines of a workbook, or of a sheet before BIFF 5 */
bool og_biff_locked(const struct og_bytes *biff, size_t *at);

/* og_biff_macros - is there a formula on an Excel 4 macro sheet? Encryption does not hide
 * it, but where the list of sheets alone tells of it. */
bool og_biff_macros(const struct og_bytes *biff);

#endif
