/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_LIB_INFLATE_FILE_H
#define OG_LIB_INFLATE_FILE_H

#include <stdint.h>

#include "core/base/err.h"

/*
 * og_inflate_file - unpack a gzip file into one without a name
 *
 * max_bytes  of what comes out; more is OG_E_LIMIT
 * fd         receives a descriptor that stands at the beginning; the caller closes it
 *
 * OG_E_NOTFOUND, OG_E_IO, OG_E_NOMEM; OG_E_STATE for a damaged or cut file.
 */
enum og_rc og_inflate_file(const char *path, uint64_t max_bytes, int *fd,
                           struct og_err *err) OG_CHECKED;

#endif
