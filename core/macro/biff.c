/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/macro/biff.h"

enum {
    DT_MACRO = 0x40, /* of a BOF: a macro sheet */
    SHEET_MACRO = 1, /* of a BOUNDSHEET: the same */
    WALK_TIMES = 4,  /* the file, before sheets that overlap are taken for an attack */
};

struct walk {
    const struct og_bytes *biff;
    size_t budget; /* bytes */
};

static bool
is_bof(const struct og_bytes *biff, size_t at)
{
    unsigned id = og_bytes_16(biff, at);

    return (id & OG_BIFF_KIND) == OG_BIFF_BOF && id >> 8 <= 8;
}

static bool
is_formula(unsigned id)
{
    return id == OG_BIFF_FORMULA || id == 0x0206 || id == 0x0406;
}

bool
og_biff_is(const struct og_bytes *biff)
{
    unsigned len = og_bytes_16(biff, 2), kind = og_bytes_16(biff, 6);

    return is_bof(biff, 0) && len >= 4 && len <= 16
           && (kind == 5 || kind == 0x10 || kind == DT_MACRO || kind == 0x100);
}

bool
og_biff_locked(const struct og_bytes *biff, size_t *at)
{
    for (*at = 0; og_bytes_has(biff, *at, OG_BIFF_HEADER);
         *at += OG_BIFF_HEADER + (size_t)og_bytes_16(biff, *at + 2)) {
        if (og_bytes_16(biff, *at) == OG_BIFF_FILEPASS)
            return true;
        if (og_bytes_16(biff, *at) == OG_BIFF_EOF)
            return false;
    }
    return false;
}

/* from `at` to the end, or, where all of it is a macro sheet, to the sheet's end */
static bool
walk_runs(struct walk *walk, size_t at, bool sheet)
{
    const struct og_bytes *biff = walk->biff;
    unsigned depth = 0, macro_depth = sheet ? 1 : 0; /* 0: on no macro sheet */

    while (og_bytes_has(biff, at, OG_BIFF_HEADER)) {
        unsigned id = og_bytes_16(biff, at);
        size_t bytes = OG_BIFF_HEADER + og_bytes_16(biff, at + 2);

        if (bytes > walk->budget)
            return true;
        walk->budget -= bytes;
        if (is_bof(biff, at)) {
            depth++;
            if (macro_depth == 0 && og_bytes_16(biff, at + 6) == DT_MACRO)
                macro_depth = depth;
        } else if (id == OG_BIFF_EOF && depth > 0) {
            depth--;
            if (depth < macro_depth && sheet)
                return false;
            if (depth < macro_depth)
                macro_depth = 0;
        } else if (macro_depth > 0 && is_formula(id)) {
            return true;
        }
        at += bytes;
    }
    return false;
}

bool
og_biff_macros(const struct og_bytes *biff)
{
    struct walk walk = { biff, biff->len < SIZE_MAX / WALK_TIMES
                                   ? biff->len * WALK_TIMES + OG_BIFF_HEADER + 0xffff
                                   : SIZE_MAX };
    size_t at = 0, lock, end;

    if (walk_runs(&walk, 0, false))
        return true;
    end = og_biff_locked(biff, &lock) ? lock : biff->len; /* it says nothing behind */
    /* what the list of sheets says counts as well, if it points elsewhere */
    while (at < end && og_bytes_has(biff, at, OG_BIFF_HEADER)) {
        size_t from = og_bytes_32(biff, at + OG_BIFF_HEADER);

        if (og_bytes_16(biff, at) == OG_BIFF_BOUNDSHEET
            && og_bytes_8(biff, at + OG_BIFF_HEADER + 5) == SHEET_MACRO
            && is_bof(biff, from) && walk_runs(&walk, from, true))
            return true;
        at += OG_BIFF_HEADER + og_bytes_16(biff, at + 2);
    }
    return false;
}
