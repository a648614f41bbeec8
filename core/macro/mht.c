/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Web pages in one file, which Office opens as documents whatever their name: MIME with
 * an ActiveMime part. libclamav takes them apart where they look as they should; here
 * each text behind an empty line is looked at, so that neither bytes in front (a PDF, for
 * one) nor damaged heads hide a part. What is found is handed on as `editdata.mso`.
 */
#include <string.h>
#include <strings.h>

#include "core/macro/base64.h"
#include "core/macro/bytes.h"
#include "core/macro/report.h"
#include "core/macro/rows.h"

enum { PEEK = 128, MAX_PARTS = 100 }; /* bytes that tell; parts that are handed on */

static const char mark[] = "ActiveMime";

static bool
is_mime(const struct og_layer *layer)
{
    static const char field[] = "MIME-Version";
    const char *at = layer->data, *end = layer->data + layer->len;
    size_t n = sizeof field - 1;

    for (; at < end && (at = memchr(at, ':', (size_t)(end - at))) != NULL; at++) {
        const char *to = at;

        while (to > layer->data && (to[-1] == ' ' || to[-1] == '\t'))
            to--;
        if ((size_t)(to - layer->data) >= n && strncasecmp(to - n, field, n) == 0)
            return true;
    }
    return false;
}

/* the end of the line, its line end included */
static size_t
line_end(const struct og_bytes *in, size_t at)
{
    struct og_bytes rest = og_bytes_from(in, at, in->len);
    const unsigned char *end = memchr(rest.data, '\n', rest.len);

    return end != NULL ? (size_t)(end - in->data) + 1 : in->len;
}

static bool
is_blank(const struct og_bytes *in, size_t at, size_t end)
{
    while (at < end && strchr(" \t\r\n", in->data[at]) != NULL)
        at++;
    return at == end;
}

static enum og_rc
add_quoted(const struct og_bytes *text, struct og_buf *out, struct og_err *err)
{
    enum og_rc rc = OG_OK;

    for (size_t at = 0; at < text->len && rc == OG_OK; at++) {
        unsigned char byte = text->data[at];
        int high = at + 1 < text->len ? og_hex_digit(text->data[at + 1]) : -1;
        int low = at + 2 < text->len ? og_hex_digit(text->data[at + 2]) : -1;

        if (byte == '=' && high >= 0 && low >= 0) {
            byte = (unsigned char)(high * 16 + low);
            at += 2;
        } else if (byte == '=') {
            at = line_end(text, at) - 1;
            continue;
        }
        rc = og_buf_add(out, &byte, 1, err);
    }
    return rc;
}

enum encoding { PLAIN, BASE64, QUOTED };

static enum og_rc
decode(const struct og_bytes *text, enum encoding encoding, struct og_buf *out,
       struct og_err *err)
{
    struct og_base64 state = { .have = 0 };

    if (encoding == PLAIN)
        return og_buf_add(out, text->data, text->len, err);
    if (encoding == QUOTED)
        return add_quoted(text, out, err);
    return og_base64_add(&state, (const char *)text->data, text->len, out, err);
}

/* by the first digit: nearly every text ends here */
static bool
may_be_marked(const struct og_bytes *peek, enum encoding encoding)
{
    size_t at = 0;

    if (encoding == PLAIN)
        return og_bytes_at(peek, 0, mark, 1);
    if (encoding == QUOTED)
        return strchr("=A", (int)og_bytes_8(peek, 0)) != NULL;
    while (at < peek->len && !og_base64_digit((char)peek->data[at]))
        at++;
    return og_bytes_at(peek, at, "Q", 1);
}

static bool
is_marked(const struct og_bytes *text, enum encoding encoding)
{
    struct og_buf out = OG_BUF_INIT(2 * PEEK);
    struct og_bytes peek = og_bytes_from(text, 0, PEEK);
    bool found =
        may_be_marked(&peek, encoding) && decode(&peek, encoding, &out, NULL) == OG_OK
        && out.len >= sizeof mark - 1 && memcmp(out.data, mark, sizeof mark - 1) == 0;

    og_buf_free(&out);
    return found;
}

/* base64 ends with the part's border, which begins with two dashes */
static size_t
part_end(const struct og_bytes *in, size_t at)
{
    while (at < in->len && !og_bytes_at(in, at, "--", 2))
        at = line_end(in, at);
    return at;
}

static enum og_rc
hand_on(const struct og_layer *layer, const struct og_bytes *text, enum encoding encoding,
        struct og_findings *findings, og_macro_take *take, void *arg, struct og_err *err)
{
    struct og_buf out = OG_BUF_INIT(OG_MACRO_MAX_INNER);
    enum og_rc rc = decode(text, encoding, &out, err);

    if (rc == OG_OK)
        rc = og_report_inner(layer, "editdata.mso", out.data, out.len, take, arg, err);
    else if (rc == OG_E_LIMIT)
        rc = og_report_limit(layer, "size", OG_MACRO_MAX_INNER, findings, err);
    og_buf_free(&out);
    return rc;
}

enum og_rc
og_open_mht(const struct og_layer *layer, struct og_findings *findings,
            og_macro_take *take, void *arg, struct og_err *err)
{
    struct og_bytes in = og_bytes(layer->data, layer->len);
    size_t parts = 0, end;
    bool blank = false;
    enum og_rc rc = OG_OK;

    if (!is_mime(layer))
        return OG_OK;
    for (size_t at = 0; at < in.len && rc == OG_OK; at = end) {
        bool starts = blank;

        end = line_end(&in, at);
        blank = is_blank(&in, at, end);
        for (int e = PLAIN; starts && !blank && e <= QUOTED && rc == OG_OK; e++) {
            struct og_bytes text = og_bytes_from(&in, at, in.len);

            if (!is_marked(&text, (enum encoding)e))
                continue;
            if (++parts > MAX_PARTS)
                return og_report_limit(layer, "files", MAX_PARTS, findings, err);
            end = e == PLAIN ? in.len : part_end(&in, at);
            text = og_bytes_from(&in, at, end - at);
            rc = hand_on(layer, &text, (enum encoding)e, findings, take, arg, err);
            break;
        }
    }
    return rc;
}
