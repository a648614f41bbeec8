/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_LIB_CLAM_INT_H
#define OG_LIB_CLAM_INT_H

#include <clamav.h>

#include "core/lib/clam.h"

struct og_clam {
    struct cl_engine *engine;
    struct cl_stat files; /* of the signature directory, when they were loaded */
    bool has_files;
    bool has_phish;
    unsigned signatures;
};

/* clam_scan.c: what libclamav calls while it scans */
void og_clam_callbacks(struct cl_engine *engine);

#endif
