/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_LIB_INFLATE_H
#define OG_LIB_INFLATE_H

#include "core/base/buf.h"
#include "core/base/err.h"

enum og_inflate_kind {
    OG_INFLATE_ZLIB, /* with header and checksum, RFC 1950 */
    OG_INFLATE_RAW,  /* members of zip files, RFC 1951 */
};

/*
 * og_inflate - unpack a deflated stream
 *
 * data, len  hostile; bytes behind the end of the stream are left alone
 * out        what was unpacked is appended; out->max is the ceiling in bytes
 *
 * Returns OG_OK for a whole stream; OG_E_SYNTAX for one that is cut or damaged;
 * OG_E_LIMIT above out->max; OG_E_NOMEM. With OG_E_SYNTAX and OG_E_LIMIT out holds all
 * that could be unpacked: what reads a damaged document shows that much of it, too.
 * A wrong checksum at the end is no damage. Owner: the caller frees out.
 */
enum og_rc og_inflate(const char *data, size_t len, enum og_inflate_kind kind,
                      struct og_buf *out, struct og_err *err) OG_CHECKED;

#endif
