/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/lib/inflate.h"

#define ZLIB_CONST
#include <limits.h>
#include <string.h>
#include <zlib.h>

enum { CHUNK = 16384 };

static enum og_rc
run(z_stream *stream, struct og_buf *out, struct og_err *err)
{
    char chunk[CHUNK];
    enum og_rc rc;
    int code;

    do {
        size_t got;

        stream->next_out = (Bytef *)chunk;
        stream->avail_out = sizeof chunk;
        code = inflate(stream, Z_NO_FLUSH);
        got = sizeof chunk - stream->avail_out;
        if (got > out->max - out->len) {
            rc = og_buf_add(out, chunk, out->max - out->len, err);
            return rc != OG_OK ? rc
                               : og_fail(err, OG_E_LIMIT,
                                         "unpacks to more than %zu bytes", out->max);
        }
        rc = og_buf_add(out, chunk, got, err);
        if (rc != OG_OK)
            return rc;
    } while (code == Z_OK);
    if (code == Z_MEM_ERROR)
        return og_fail(err, OG_E_NOMEM, "no memory to unpack");
    /* behind the last block only the checksum can be wrong */
    if (code == Z_STREAM_END
        || (code == Z_DATA_ERROR && stream->msg != NULL
            && strcmp(stream->msg, "incorrect data check") == 0))
        return OG_OK;
    return og_fail(err, OG_E_SYNTAX, "deflated stream is %s",
                   code == Z_BUF_ERROR ? "cut short" : "damaged");
}

enum og_rc
og_inflate(const char *data, size_t len, enum og_inflate_kind kind, struct og_buf *out,
           struct og_err *err)
{
    z_stream stream = { .next_in = (const Bytef *)data };
    enum og_rc rc;

    if (len > UINT_MAX)
        return og_fail(err, OG_E_LIMIT, "deflated stream of %zu bytes", len);
    stream.avail_in = (uInt)len;
    if (inflateInit2(&stream, kind == OG_INFLATE_RAW ? -MAX_WBITS : MAX_WBITS) != Z_OK)
        return og_fail(err, OG_E_NOMEM, "no memory to unpack");
    rc = run(&stream, out, err);
    (void)inflateEnd(&stream); /* cannot fail for a stream that was opened */
    return rc;
}
