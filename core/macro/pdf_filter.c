/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/macro/pdf_filter.h"

#include <stdlib.h>
#include <string.h>

#include "core/lib/inflate.h"

enum {
    LZW_CODES = 4096,
    LZW_CLEAR = 256,
    LZW_END = 257,
    MAX_ROW = 1 << 20, /* bytes of a row under a predictor */
};

enum og_pdf_filter
og_pdf_filter_named(const struct og_pdf_tree *tree, uint32_t name)
{
    static const struct {
        const char *name;
        enum og_pdf_filter filter;
    } rows[] = {
        { "FlateDecode", OG_PDF_FLATE },       { "Fl", OG_PDF_FLATE },
        { "LZWDecode", OG_PDF_LZW },           { "LZW", OG_PDF_LZW },
        { "ASCIIHexDecode", OG_PDF_HEX_TEXT }, { "AHx", OG_PDF_HEX_TEXT },
        { "ASCII85Decode", OG_PDF_85_TEXT },   { "A85", OG_PDF_85_TEXT },
        { "RunLengthDecode", OG_PDF_RUNS },    { "RL", OG_PDF_RUNS },
    };

    for (size_t i = 0; i < N_ELEMENTS(rows); i++)
        if (og_pdf_is(tree, name, rows[i].name))
            return rows[i].filter;
    return OG_PDF_NO_FILTER;
}

static enum og_rc
unpack_hex(const struct og_bytes *in, struct og_buf *out, struct og_err *err)
{
    enum og_rc rc = OG_OK;
    int high = -1;

    for (size_t at = 0; at < in->len && in->data[at] != '>' && rc == OG_OK; at++) {
        int digit = og_hex_digit(in->data[at]);
        char byte = (char)(high * 16 + digit);

        if (digit < 0)
            continue;
        if (high >= 0)
            rc = og_buf_add(out, &byte, 1, err);
        high = high >= 0 ? -1 : digit;
    }
    if (rc == OG_OK && high >= 0)
        rc = og_buf_add(out, &(char){ (char)(high * 16) }, 1, err);
    return rc;
}

static enum og_rc
add_85(uint32_t word, unsigned digits, struct og_buf *out, struct og_err *err)
{
    char bytes[4];

    for (unsigned missing = digits; missing < 5; missing++)
        word = word * 85 + 84;
    for (unsigned i = 0; i < 4; i++)
        bytes[i] = (char)(word >> (24 - 8 * i));
    return og_buf_add(out, bytes, digits - 1, err);
}

static enum og_rc
unpack_85(const struct og_bytes *in, struct og_buf *out, struct og_err *err)
{
    uint32_t word = 0;
    unsigned digits = 0;
    enum og_rc rc = OG_OK;

    for (size_t at = 0; at < in->len && in->data[at] != '~' && rc == OG_OK; at++) {
        unsigned char byte = in->data[at];

        if (byte == 'z' && digits == 0)
            rc = og_buf_add(out, "\0\0\0", 4, err);
        if (byte < '!' || byte > 'u')
            continue;
        word = word * 85 + (uint32_t)(byte - '!');
        if (++digits < 5)
            continue;
        rc = add_85(word, 5, out, err);
        word = 0;
        digits = 0;
    }
    return rc == OG_OK && digits > 1 ? add_85(word, digits, out, err) : rc;
}

static enum og_rc
unpack_runs(const struct og_bytes *in, struct og_buf *out, struct og_err *err)
{
    enum og_rc rc = OG_OK;
    char run[128];

    for (size_t at = 0; at < in->len && in->data[at] != 128 && rc == OG_OK;) {
        size_t n = in->data[at] < 128 ? in->data[at] + 1U : 257U - in->data[at];

        if (in->data[at++] < 128) {
            struct og_bytes part = og_bytes_from(in, at, n);

            rc = og_buf_add(out, part.data, part.len, err);
            at += n;
        } else if (at < in->len) {
            memset(run, in->data[at++], n);
            rc = og_buf_add(out, run, n, err);
        }
    }
    return rc;
}

/* each code is a piece of what came out already */
struct lzw {
    size_t at[LZW_CODES], len[LZW_CODES];
    size_t count, width;
    uint32_t bits;
    size_t have; /* bits */
};

static enum og_rc
lzw_add(struct lzw *z, size_t code, struct og_buf *out, size_t *at, size_t *len,
        struct og_err *err)
{
    size_t start = out->len;
    enum og_rc rc;

    if (code < LZW_CLEAR) {
        const char byte = (char)code;

        rc = og_buf_add(out, &byte, 1, err);
    } else {
        /* it may be the piece before and that one's first byte, which comes out only now */
        size_t from = code < z->count ? z->at[code] : *at;
        size_t n = code < z->count ? z->len[code] : *len + 1;

        rc = OG_OK;
        for (size_t i = 0; i < n && rc == OG_OK; i++) {
            const char byte = out->data[from + i];

            rc = og_buf_add(out, &byte, 1, err);
        }
    }
    if (rc == OG_OK && *len > 0 && z->count < LZW_CODES) {
        z->at[z->count] = *at;
        z->len[z->count++] = *len + 1;
    }
    *at = start;
    *len = out->len - start;
    return rc;
}

static enum og_rc
unpack_lzw(const struct og_bytes *in, bool late, struct og_buf *out, struct og_err *err)
{
    struct lzw *z = calloc(1, sizeof *z);
    size_t at = 0, len = 0; /* of the piece before */
    enum og_rc rc = OG_OK;

    if (z == NULL)
        return og_fail(err, OG_E_NOMEM, "no memory for LZW");
    z->count = LZW_END + 1;
    z->width = 9;
    for (size_t i = 0; i < in->len && rc == OG_OK; i++) {
        size_t code;

        z->bits = z->bits << 8 | in->data[i];
        z->have += 8;
        if (z->have < z->width)
            continue;
        z->have -= z->width;
        code = z->bits >> z->have & ((1U << z->width) - 1);
        if (code == LZW_END || code > z->count || (code == z->count && len == 0))
            break;
        if (code == LZW_CLEAR) {
            z->count = LZW_END + 1;
            z->width = 9;
            len = 0;
            continue;
        }
        rc = lzw_add(z, code, out, &at, &len, err);
        while (z->width < 12 && z->count + !late >= (size_t)1 << z->width)
            z->width++;
    }
    free(z);
    return rc;
}

static int
paeth(int a, int b, int c)
{
    int p = a + b - c, pa = abs(p - a), pb = abs(p - b), pc = abs(p - c);

    return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
}

static void
undo_png(unsigned char *row, const unsigned char *above, size_t len, size_t pixel,
         int how)
{
    for (size_t i = 0; i < len; i++) {
        int a = i >= pixel ? row[i - pixel] : 0, b = above[i],
            c = i >= pixel ? above[i - pixel] : 0;
        int add = how == 1   ? a
                  : how == 2 ? b
                  : how == 3 ? (a + b) / 2
                  : how == 4 ? paeth(a, b, c)
                             : 0;

        row[i] = (unsigned char)(row[i] + add);
    }
}

/* in place; rows get shorter, as each began with its kind (RFC 2083 section 6) */
static enum og_rc
undo_predictor(const struct og_pdf_packing *p, size_t from, struct og_buf *out,
               struct og_err *err)
{
    uint64_t pixel_bits = (uint64_t)p->colors * p->bits, bytes;
    size_t row, pixel = (size_t)((pixel_bits + 7) / 8), end = from, len;
    unsigned char *data = (unsigned char *)out->data, *zeros;

    if (p->predictor < 2 || pixel_bits == 0 || p->columns == 0)
        return OG_OK;
    bytes = p->columns > MAX_ROW || pixel_bits > MAX_ROW
                ? MAX_ROW + 1
                : (pixel_bits * p->columns + 7) / 8;
    if (bytes > MAX_ROW || (p->predictor == 2 && p->bits != 8))
        return OG_OK; /* of no use to anybody who reads text */
    row = (size_t)bytes;
    zeros = calloc(1, row);
    if (zeros == NULL)
        return og_fail(err, OG_E_NOMEM, "no memory for a predictor");
    for (size_t at = from; at < out->len; at += len) {
        int how = p->predictor >= 10 ? data[at++] : 1;

        len = out->len - at < row ? out->len - at : row;
        memmove(data + end, data + at, len);
        undo_png(data + end,
                 p->predictor >= 10 && end >= from + row ? data + end - row : zeros, len,
                 pixel, how);
        end += len;
    }
    free(zeros);
    og_buf_cut(out, end);
    return OG_OK;
}

enum og_rc
og_pdf_unpack(const struct og_pdf_packing *packing, const struct og_bytes *data,
              struct og_buf *out, struct og_err *err)
{
    size_t from = out->len;
    enum og_rc rc = OG_OK;

    switch (packing->filter) {
    case OG_PDF_NO_FILTER:
        return og_buf_add(out, data->data, data->len, err);
    case OG_PDF_HEX_TEXT:
        return unpack_hex(data, out, err);
    case OG_PDF_85_TEXT:
        return unpack_85(data, out, err);
    case OG_PDF_RUNS:
        return unpack_runs(data, out, err);
    case OG_PDF_LZW:
        rc = unpack_lzw(data, packing->late, out, err);
        break;
    case OG_PDF_FLATE:
        rc = og_inflate((const char *)data->data, data->len, OG_INFLATE_ZLIB, out, err);
        if (rc == OG_E_SYNTAX && out->len == from) /* readers try it without its head */
            rc =
                og_inflate((const char *)data->data, data->len, OG_INFLATE_RAW, out, err);
        break;
    }
    if (rc == OG_E_SYNTAX)
        rc = OG_OK;
    return rc == OG_OK ? undo_predictor(packing, from, out, err) : rc;
}
