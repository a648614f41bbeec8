/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/scan/scan_int.h"

enum og_rc
og_scan_message(struct og_scan *scan, struct og_scan_piece *piece, struct og_err *err)
{
    piece->whole = true;
    return og_scan_piece(scan, piece, err);
}
