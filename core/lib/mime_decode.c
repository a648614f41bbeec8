/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "core/lib/mime_int.h"

static const signed char base64_kind[256] = {
    /* 1 a digit, 2 padding, 3 a blank or line end; 0 what readers take differently */
    ['+'] = 1, ['/'] = 1, ['='] = 2, ['\n'] = 3, ['\r'] = 3, [' '] = 3, ['\t'] = 3,
    ['0'] = 1, ['1'] = 1, ['2'] = 1, ['3'] = 1,  ['4'] = 1,  ['5'] = 1, ['6'] = 1,
    ['7'] = 1, ['8'] = 1, ['9'] = 1, ['A'] = 1,  ['B'] = 1,  ['C'] = 1, ['D'] = 1,
    ['E'] = 1, ['F'] = 1, ['G'] = 1, ['H'] = 1,  ['I'] = 1,  ['J'] = 1, ['K'] = 1,
    ['L'] = 1, ['M'] = 1, ['N'] = 1, ['O'] = 1,  ['P'] = 1,  ['Q'] = 1, ['R'] = 1,
    ['S'] = 1, ['T'] = 1, ['U'] = 1, ['V'] = 1,  ['W'] = 1,  ['X'] = 1, ['Y'] = 1,
    ['Z'] = 1, ['a'] = 1, ['b'] = 1, ['c'] = 1,  ['d'] = 1,  ['e'] = 1, ['f'] = 1,
    ['g'] = 1, ['h'] = 1, ['i'] = 1, ['j'] = 1,  ['k'] = 1,  ['l'] = 1, ['m'] = 1,
    ['n'] = 1, ['o'] = 1, ['p'] = 1, ['q'] = 1,  ['r'] = 1,  ['s'] = 1, ['t'] = 1,
    ['u'] = 1, ['v'] = 1, ['w'] = 1, ['x'] = 1,  ['y'] = 1,  ['z'] = 1,
};

/* RFC 2045 section 6.8 to the letter: whole groups, padding at the very end only */
static bool
is_clear_base64(const unsigned char *data, size_t len)
{
    size_t digits = 0, padding = 0;

    for (size_t i = 0; i < len; i++) {
        signed char kind = base64_kind[data[i]];

        if (kind == 0 || (kind == 1 && padding > 0))
            return false;
        digits += kind == 1;
        padding += kind == 2;
    }
    return padding <= 2 && (digits + padding) % 4 == 0;
}

static bool
is_hex(unsigned char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
}

/* RFC 2045 section 6.7: each = is followed by two digits, or ends a line */
static bool
is_clear_quoted(const unsigned char *data, size_t len)
{
    const unsigned char *at = data, *end = data + len;

    while ((at = memchr(at, '=', (size_t)(end - at))) != NULL) {
        const unsigned char *next = ++at;

        if (end - at >= 2 && is_hex(at[0]) && is_hex(at[1])) {
            at += 2;
            continue;
        }
        while (next < end && (*next == ' ' || *next == '\t' || *next == '\r'))
            next++;
        if (next < end && *next != '\n')
            return false;
    }
    return true;
}

static unsigned
base64_value(unsigned char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26u;
    if (c >= '0' && c <= '9')
        return c - '0' + 52u;
    return c == '+' ? 62 : 63;
}

/* base64 that readers take differently: what stands behind padding is read as well, as
 * some do, where others stop; other bytes are passed over */
static size_t
decode_unclear(const unsigned char *data, size_t len, char *out)
{
    unsigned bits = 0, group = 0;
    size_t n = 0;

    for (size_t i = 0; i < len; i++) {
        if (base64_kind[data[i]] == 2)
            bits = 0; /* a new group begins behind it */
        if (base64_kind[data[i]] != 1)
            continue;
        group = (group << 6 | base64_value(data[i])) & 0xffffff;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            out[n++] = (char)(group >> bits & 0xff);
        }
    }
    return n;
}

/* one line: the number of its bytes, then four characters for three of them; blanks at
 * its end may have been lost */
static size_t
decode_uu_line(const unsigned char *line, size_t len, char *out)
{
    size_t bytes = (line[0] - 32u) & 63, n = 0;

    for (size_t at = 1; n < bytes && at < len; at += 4) {
        unsigned group = 0;

        for (size_t i = 0; i < 4; i++)
            group = group << 6 | (at + i < len ? (line[at + i] - 32u) & 63 : 0);
        for (int shift = 16; shift >= 0 && n < bytes; shift -= 8)
            out[n++] = (char)(group >> shift & 0xff);
    }
    return n;
}

/* from `begin`, which may be missing, to `end` */
static size_t
decode_uu(const char *data, size_t len, char *out)
{
    size_t n = 0;

    for (size_t at = 0; at < len;) {
        const char *line = data + at, *end = memchr(line, '\n', len - at);
        size_t size = end != NULL ? (size_t)(end - line) : len - at;

        at += size + 1;
        if (size > 0 && line[size - 1] == '\r')
            size--;
        if (size == 3 && memcmp(line, "end", 3) == 0)
            break;
        if (size > 1 && !(size > 6 && memcmp(line, "begin ", 6) == 0))
            n += decode_uu_line((const unsigned char *)line, size, out + n);
    }
    return n;
}

enum og_rc
og_mime_decode(GMimeContentEncoding encoding, const char *data, size_t len, char **own,
               const char **out, size_t *out_len, bool *clear, bool *odd,
               struct og_err *err)
{
    const unsigned char *bytes = (const unsigned char *)data;
    GMimeEncoding state;
    char *memory;
    size_t n;

    *own = NULL;
    *out = data;
    *out_len = len;
    *clear = false;
    if (encoding == GMIME_CONTENT_ENCODING_BASE64) {
        *clear = is_clear_base64(bytes, len);
        *odd = *odd || !*clear;
    } else if (encoding == GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE) {
        *odd = *odd || !is_clear_quoted(bytes, len);
    } else if (encoding == GMIME_CONTENT_ENCODING_UUENCODE) {
        *odd = true;
    } else {
        return OG_OK;
    }
    g_mime_encoding_init_decode(&state, encoding);
    n = g_mime_encoding_outlen(&state, len);
    memory = malloc((n > len ? n : len) + 16);
    if (memory == NULL)
        return og_fail(err, OG_E_NOMEM, "no memory for a part of %zu bytes", len);
    if (encoding == GMIME_CONTENT_ENCODING_BASE64 && !*clear) {
        n = decode_unclear(bytes, len, memory);
    } else if (encoding == GMIME_CONTENT_ENCODING_UUENCODE) {
        n = decode_uu(data, len, memory);
    } else {
        n = g_mime_encoding_step(&state, data, len, memory);
        n += g_mime_encoding_flush(&state, "", 0, memory + n);
    }
    *own = memory;
    *out = memory;
    *out_len = n;
    return OG_OK;
}

/* `begin 644 name` at the begin of a line */
static bool
is_begin(const char *line, size_t len, const char **name, size_t *name_len)
{
    static const char word[] = "begin ";
    size_t at = sizeof word - 1, digits = 0;

    if (len <= at || memcmp(line, word, at) != 0)
        return false;
    while (at < len && line[at] >= '0' && line[at] <= '7') {
        at++;
        digits++;
    }
    if (digits < 3 || digits > 6 || at + 1 >= len || line[at] != ' ')
        return false;
    *name = line + at + 1;
    *name_len = len - at - 1;
    if (line[len - 1] == '\r')
        --*name_len;
    return *name_len > 0;
}

/* the line behind `begin`: its first character counts the bytes that follow; blanks at its
 * end may have been lost, and words of a text have small letters, which are none of it */
static bool
is_line(const char *line, size_t len)
{
    size_t bytes = len > 0 ? ((unsigned char)line[0] - 32u) & 63 : 0;

    if (len > 0 && line[len - 1] == '\r')
        len--;
    if (bytes == 0 || (unsigned char)line[0] < 32 || (unsigned char)line[0] > 96)
        return false;
    for (size_t i = 1; i < len; i++)
        if ((unsigned char)line[i] < 32 || (unsigned char)line[i] > 96)
            return len >= 1 + (bytes * 4 + 2) / 3;
    return len > 1;
}

bool
og_mime_find_uu(const char *text, size_t len, size_t *at, const char **name,
                size_t *name_len, const char **lines, size_t *lines_len)
{
    const char *begin = NULL;

    while (*at < len) {
        const char *line = text + *at, *end = memchr(line, '\n', len - *at);
        size_t n = end != NULL ? (size_t)(end - line) : len - *at;

        *at += n + (end != NULL);
        if (begin == NULL) {
            const char *next = text + *at;
            const char *stop = *at < len ? memchr(next, '\n', len - *at) : NULL;

            if (stop != NULL && is_begin(line, n, name, name_len)
                && is_line(next, (size_t)(stop - next)))
                begin = line;
        } else if (n >= 3 && n <= 4 && memcmp(line, "end", 3) == 0) {
            break;
        }
    }
    *lines = begin;
    *lines_len = begin != NULL ? (size_t)(text + *at - begin) : 0;
    return begin != NULL;
}
