/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/check/filename.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "core/base/findings.h"

enum { MAX_NAME = OG_FINDING_MAX_NAME + 1 };

/* a name on its way to the form that is judged */
struct folded {
    char text[MAX_NAME];
    size_t len;
    bool reversed;
};

/* the code point at the begin of text; a byte that is no UTF-8 yields itself */
static uint32_t
decode(const unsigned char *text, size_t *used)
{
    unsigned more = text[0] < 0xc2   ? 0
                    : text[0] < 0xe0 ? 1
                    : text[0] < 0xf0 ? 2
                    : text[0] < 0xf5 ? 3
                                     : 0;
    uint32_t point = more == 0 ? text[0] : text[0] & (0x3fu >> more);

    *used = 1;
    for (unsigned i = 1; i <= more; i++) {
        if ((text[i] & 0xc0) != 0x80)
            return text[0];
        point = point << 6 | (text[i] & 0x3f);
    }
    if ((more == 2 && point < 0x800) || (more == 3 && point < 0x10000))
        return text[0]; /* overlong, RFC 3629 section 3 */
    *used = more + 1;
    return point;
}

/* Unicode's Cc, Cf and other code points without a picture */
static bool
is_invisible(uint32_t c, size_t used)
{
    return c < 0x20 || c == 0x7f || (used > 1 && c >= 0x80 && c < 0xa0) || c == 0xad
           || c == 0x34f || c == 0x61c || c == 0x115f || c == 0x1160 || c == 0x180e
           || (c >= 0x200b && c <= 0x200f) || (c >= 0x202a && c <= 0x202e)
           || (c >= 0x2060 && c <= 0x206f) || (c >= 0xfe00 && c <= 0xfe0f) || c == 0xfeff
           || (c >= 0xe0000 && c <= 0xe0fff);
}

static bool
is_blank(uint32_t c, size_t used)
{
    return c == ' ' || (used > 1 && c == 0xa0) || c == 0x1680
           || (c >= 0x2000 && c <= 0x200a) || c == 0x202f || c == 0x205f || c == 0x3000
           || c == 0x2800;
}

/* the ASCII character that a code point shows, else itself */
static uint32_t
to_ascii(uint32_t c, size_t used)
{
    if (is_blank(c, used))
        return ' ';
    if (c >= 0xff01 && c <= 0xff5e)
        c -= 0xfee0;
    if (c == 0x2024 || c == 0xfe52)
        return '.';
    if (c == 0x2215 || c == 0x2044)
        return '/';
    return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

static void
fold_add(struct folded *out, const char *bytes, size_t len)
{
    if (out->len + len >= sizeof out->text) { /* the end is what counts */
        memmove(out->text, out->text + sizeof out->text / 2,
                out->len - sizeof out->text / 2);
        out->len -= sizeof out->text / 2;
    }
    memcpy(out->text + out->len, bytes, len);
    out->len += len;
}

static void
fold(const char *name, struct folded *out)
{
    size_t used;

    out->len = 0;
    out->reversed = false;
    for (const char *at = name; *at != '\0'; at += used) {
        uint32_t c = decode((const unsigned char *)at, &used);
        uint32_t shown = to_ascii(c, used);
        char byte = (char)shown;

        out->reversed = out->reversed || c == 0x202d || c == 0x202e;
        if (is_invisible(c, used))
            continue;
        if (shown == '\\')
            byte = '/';
        if (shown < 0x80)
            fold_add(out, &byte, 1);
        else
            fold_add(out, at, used);
    }
}

static size_t
trim(const char *text, size_t len)
{
    while (len > 0 && strchr(" .\"'`", text[len - 1]) != NULL)
        len--;
    return len;
}

/* the last part of a path that is more than dots and blanks */
static const char *
last_part(struct folded *folded)
{
    for (;;) {
        const char *slash = memrchr(folded->text, '/', folded->len);
        const char *part = slash != NULL ? slash + 1 : folded->text;

        if (slash == NULL || trim(part, folded->len - (size_t)(part - folded->text)) > 0)
            return part;
        folded->len = (size_t)(slash - folded->text);
    }
}

/* length of the longest extension of the list that text ends in, behind a dot; 0: none */
static size_t
match(const char *text, size_t len, const char *extensions)
{
    size_t best = 0;

    while (*extensions != '\0') {
        size_t n = strcspn(extensions, " ");

        if (n > best && n < len && text[len - n - 1] == '.'
            && memcmp(text + len - n, extensions, n) == 0)
            best = n;
        extensions += n;
        extensions += strspn(extensions, " ");
    }
    return best;
}

/* what stands in front of the ending and looks like one: 2 to 4 letters and digits behind
 * a dot, no mere number */
static void
find_before(const char *text, size_t len, char before[8])
{
    size_t n = 0;
    bool letter = false;

    len = trim(text, len);
    while (n < len && n < 5) {
        char c = text[len - 1 - n];

        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9'))
            break;
        letter = letter || c >= 'a';
        n++;
    }
    if (n < 2 || n > 4 || !letter || n + 1 >= len || text[len - n - 1] != '.')
        return;
    memcpy(before, text + len - n, n);
    before[n] = '\0';
}

/* does the name end in it as it is written, but for the case of its letters? */
static bool
shows(const char *name, const char *ending)
{
    size_t len = strlen(name), n = strlen(ending);

    return n < len && name[len - n - 1] == '.' && strcasecmp(name + len - n, ending) == 0;
}

static void
look_segment(const char *text, size_t len, const char *extensions,
             struct og_filename *result)
{
    size_t n;

    len = trim(text, len);
    n = match(text, len, extensions);
    if (n >= sizeof result->ending)
        n = sizeof result->ending - 1;
    if (n > 0 && result->ending[0] == '\0') {
        memcpy(result->ending, text + len - n, n);
        result->ending[n] = '\0';
        find_before(text, len - n, result->before);
    }
    if (len > 3 && text[len - 1] == '}' && memrchr(text, '{', len) != NULL) {
        const char *brace = memrchr(text, '{', len);

        result->class_id = result->class_id || (brace > text && brace[-1] == '.');
    }
}

void
og_filename_look(const char *name, const char *extensions, struct og_filename *result)
{
    struct folded folded;
    const char *at, *end;

    *result = (struct og_filename){ .ending = "" };
    fold(name, &folded);
    result->reversed = folded.reversed;
    at = last_part(&folded);
    end = folded.text + folded.len;
    while (at < end) {
        const char *colon = memchr(at, ':', (size_t)(end - at));
        const char *stop = colon != NULL ? colon : end;

        look_segment(at, (size_t)(stop - at), extensions, result);
        at = stop + (colon != NULL ? 1 : 0);
    }
    result->hidden =
        result->ending[0] != '\0' && (result->reversed || !shows(name, result->ending));
}

void
og_filename_print(const char *name, char *out, size_t size)
{
    static const char gap[] = "...";
    size_t len = 0, used, room = size - 1, head, tail;

    for (const char *at = name; *at != '\0'; at += used) {
        uint32_t c = decode((const unsigned char *)at, &used);

        (void)c;
        len++;
    }
    head = len <= room ? len : (room - (sizeof gap - 1)) / 2;
    tail = len <= room ? 0 : room - (sizeof gap - 1) - head;
    for (size_t i = 0; *name != '\0'; name += used, i++) {
        uint32_t c = decode((const unsigned char *)name, &used);

        if (i == head && tail > 0) {
            memcpy(out, gap, sizeof gap - 1);
            out += sizeof gap - 1;
        }
        if (i < head || i >= len - tail)
            *out++ = c >= ' ' && c <= '~' && c != '"' && c != '\\' ? (char)c : '?';
    }
    *out = '\0';
}
