/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ActiveMime: how Office keeps VBA in web pages and XML, a deflated compound file behind
 * a short head. Microsoft has not published it; the head as LibreOffice and oletools read
 * it: bytes 30 and 31 tell where the stream begins, counted from byte 46.
 *
 * `activemime`  what is inside has VBA with a statement
 */
#include <string.h>

#include "core/lib/inflate.h"
#include "core/macro/bytes.h"
#include "core/macro/report.h"
#include "core/macro/rows.h"

enum { USUAL = 50, HEAD_BYTES = 4096, MAX_TRIES = 16 };

static const char compound[] = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";

static bool
is_activemime(const struct og_layer *layer)
{
    static const char mark[] = "ActiveMime";

    return layer->len > USUAL && memcmp(layer->data, mark, sizeof mark - 1) == 0;
}

/* true when a compound file comes out; a stream that is too large is none here */
static enum og_rc
try_at(const struct og_bytes *in, size_t at, struct og_buf *out, bool *good,
       struct og_err *err)
{
    struct og_bytes packed = og_bytes_from(in, at, in->len);
    enum og_rc rc;

    /* RFC 1950 section 2.2: the first two bytes are a multiple of 31 */
    if ((og_bytes_8(in, at) & 0xf) != 8
        || (og_bytes_8(in, at) << 8 | og_bytes_8(in, at + 1)) % 31 != 0)
        return OG_OK;
    og_buf_reset(out);
    rc = og_inflate((const char *)packed.data, packed.len, OG_INFLATE_ZLIB, out, err);
    *good = out->len >= sizeof compound - 1
            && memcmp(out->data, compound, sizeof compound - 1) == 0;
    return rc == OG_E_SYNTAX || (rc == OG_E_LIMIT && !*good) ? OG_OK : rc;
}

/* where the head says, else wherever a stream may begin */
static enum og_rc
unpack(const struct og_layer *layer, struct og_buf *out, bool *good, struct og_err *err)
{
    struct og_bytes in = og_bytes(layer->data, layer->len);
    enum og_rc rc = try_at(&in, 46 + og_bytes_16(&in, 30), out, good, err);
    unsigned tries = 0;

    for (size_t at = 16; at < HEAD_BYTES && rc == OG_OK && !*good; at++)
        if (og_bytes_8(&in, at) == 0x78 && tries++ < MAX_TRIES)
            rc = try_at(&in, at, out, good, err);
    return rc;
}

enum og_rc
og_detect_activemime(const struct og_layer *layer, struct og_findings *findings,
                     struct og_err *err)
{
    struct og_buf out = OG_BUF_INIT(OG_MACRO_MAX_INNER);
    struct og_findings inside = OG_FINDINGS_INIT;
    struct og_layer inner = { .parent = layer, .name = "", .type = "" };
    bool good = false;
    enum og_rc rc;

    if (!is_activemime(layer))
        return OG_OK;
    rc = unpack(layer, &out, &good, err);
    inner.path = layer->path;
    inner.data = og_buf_text(&out);
    inner.len = inner.size = out.len;
    if (rc == OG_OK && good)
        rc = og_detect_vba(&inner, &inside, err);
    if (rc == OG_OK && og_findings_first(&inside, OG_FOUND_MACRO) != NULL)
        rc = og_report_macro(layer, "activemime", findings, err);
    og_findings_free(&inside);
    og_buf_free(&out);
    return rc == OG_E_LIMIT
               ? og_report_limit(layer, "size", OG_MACRO_MAX_INNER, findings, err)
               : rc;
}

enum og_rc
og_open_activemime(const struct og_layer *layer, struct og_findings *findings,
                   og_macro_take *take, void *arg, struct og_err *err)
{
    struct og_buf out = OG_BUF_INIT(OG_MACRO_MAX_INNER);
    bool good = false;
    enum og_rc rc;

    (void)findings; /* the detector tells of one that is too large */
    if (!is_activemime(layer))
        return OG_OK;
    rc = unpack(layer, &out, &good, err);
    if (rc == OG_OK && good)
        rc = og_report_inner(layer, "oledata.mso", out.data, out.len, take, arg, err);
    og_buf_free(&out);
    return rc == OG_E_LIMIT ? OG_OK : rc;
}
