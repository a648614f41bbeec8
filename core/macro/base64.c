/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/macro/base64.h"

enum { CHUNK = 3072 };

static int
value_of(char byte)
{
    if (byte >= 'A' && byte <= 'Z')
        return byte - 'A';
    if (byte >= 'a' && byte <= 'z')
        return byte - 'a' + 26;
    if (byte >= '0' && byte <= '9')
        return byte - '0' + 52;
    return byte == '+' ? 62 : byte == '/' ? 63 : -1;
}

enum og_rc
og_base64_add(struct og_base64 *state, const char *text, size_t len, struct og_buf *out,
              struct og_err *err)
{
    char chunk[CHUNK];
    size_t n = 0;
    enum og_rc rc = OG_OK;

    for (size_t i = 0; i < len && !state->ended && rc == OG_OK; i++) {
        int value = value_of(text[i]);

        if (value < 0) {
            state->ended = text[i] == '=';
            continue;
        }
        state->bits = (state->bits << 6 | (unsigned)value) & 0xffff;
        state->have += 6;
        if (state->have < 8)
            continue;
        state->have -= 8;
        chunk[n++] = (char)(state->bits >> state->have);
        if (n == sizeof chunk) {
            rc = og_buf_add(out, chunk, n, err);
            n = 0;
        }
    }
    return rc == OG_OK ? og_buf_add(out, chunk, n, err) : rc;
}

_Bool
og_base64_digit(char byte)
{
    return value_of(byte) >= 0;
}
