/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/base/plain.h"

#include <stdbool.h>

/* RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF */
long
og_plain_next(const char *text, size_t len, size_t *used)
{
    static const long lowest[] = { 0, 0, 0x80, 0x800, 0x10000 };
    const unsigned char *at = (const unsigned char *)text;
    size_t want = at[0] < 0x80   ? 1
                  : at[0] < 0xc2 ? 0
                  : at[0] < 0xe0 ? 2
                  : at[0] < 0xf0 ? 3
                                 : 4;
    long c = want == 1 ? at[0] : want > 0 ? at[0] & (0x7f >> want) : 0;

    *used = 1;
    if (want == 0 || want > len || at[0] > 0xf4)
        return -1;
    for (size_t i = 1; i < want; i++) {
        if ((at[i] & 0xc0) != 0x80)
            return -1;
        c = c << 6 | (at[i] & 0x3f);
    }
    if (c < lowest[want] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
        return -1;
    *used = want;
    return c;
}

static bool
is_control(long c)
{
    return (c >= 0 && c < ' ') || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029;
}

static bool
misleads(long c)
{
    return c < 0 || c == 0x061c || (c >= 0x200b && c <= 0x200f)
           || (c >= 0x202a && c <= 0x202e) || (c >= 0x2060 && c <= 0x2069) || c == 0xfeff
           || (c >= 0xe0000 && c < 0xe0080);
}

enum og_rc
og_plain(const char *text, size_t len, size_t most, struct og_buf *out,
         struct og_err *err)
{
    size_t before = out->len, used;
    enum og_rc rc = OG_OK;

    for (size_t i = 0; i < len && rc == OG_OK; i += used) {
        long c = og_plain_next(text + i, len - i, &used);

        if (most-- == 0) {
            rc = og_buf_add_text(out, "\xe2\x80\xa6", err);
            break;
        }
        if (is_control(c))
            rc = og_buf_add(out, " ", 1, err);
        else if (misleads(c))
            rc = og_buf_add_text(out, "\xef\xbf\xbd", err);
        else
            rc = og_buf_add(out, text + i, used, err);
    }
    if (rc != OG_OK)
        og_buf_cut(out, before);
    return rc;
}

size_t
og_plain_columns(const char *text, size_t len)
{
    size_t n = 0, used;

    for (size_t i = 0; i < len; i += used, n++)
        (void)og_plain_next(text + i, len - i, &used);
    return n;
}
