/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/macro/rtf.h"

#include <ctype.h>
#include <string.h>

enum {
    READS = 16,       /* times the document's length, in all objects together */
    MAX_CLASS = 1024, /* bytes */
    LINKED = 1,
    EMBEDDED = 2,
    UPDATE_ALWAYS = 1,
    /* the ways to decode */
    LEAVE_GROUPS = 1, /* what stands in a group inside is none of the object's */
    DROP_HALVES = 2,  /* a digit without its partner before a control word is lost */
    WAYS = 4,
};

static bool
is_letter(unsigned char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

static bool
is_digit(unsigned char byte)
{
    return byte >= '0' && byte <= '9';
}

/* the next place of a control word, behind it; the document's length without one. An even
 * number of backslashes before its own are text. */
static size_t
find_word(const struct og_bytes *rtf, size_t from, const char *word)
{
    size_t n = strlen(word);

    for (;;) {
        struct og_bytes rest = og_bytes_from(rtf, from, rtf->len);
        const unsigned char *hit = memmem(rest.data, rest.len, word, n);
        size_t at, slash;

        if (hit == NULL)
            return rtf->len;
        at = (size_t)(hit - rtf->data);
        from = at + n;
        for (slash = at; slash > 0 && rtf->data[slash - 1] == '\\';)
            slash--;
        if ((at - slash) % 2 == 1 && !(from < rtf->len && is_letter(rtf->data[from])))
            return from;
    }
}

bool
og_rtf_has(const struct og_bytes *rtf, const char *word)
{
    return find_word(rtf, 0, word) < rtf->len;
}

/* a control word or symbol at `at`, behind its backslash; bytes of \bin go to out */
static enum og_rc
read_control(const struct og_bytes *rtf, size_t *at, struct og_buf *out,
             struct og_err *err)
{
    size_t from = *at, to = from, number = 0;
    struct og_bytes raw;

    if (from >= rtf->len)
        return OG_OK;
    if (!is_letter(rtf->data[from])) {
        *at = from + (rtf->data[from] == '\'' ? 3 : 1);
        return OG_OK;
    }
    while (to < rtf->len && is_letter(rtf->data[to]))
        to++;
    *at = to + (to < rtf->len && rtf->data[to] == '-');
    for (; *at < rtf->len && is_digit(rtf->data[*at]); ++*at)
        if (number < rtf->len)
            number = number * 10 + (size_t)(rtf->data[*at] - '0');
    if (*at < rtf->len && rtf->data[*at] == ' ')
        ++*at;
    if (to - from != 3 || memcmp(rtf->data + from, "bin", 3) != 0)
        return OG_OK;
    raw = og_bytes_from(rtf, *at, number);
    *at += raw.len;
    return og_buf_add(out, raw.data, raw.len, err);
}

/* from behind \objdata to the end of its group */
static enum og_rc
decode(const struct og_bytes *rtf, size_t from, unsigned way, struct og_buf *out,
       size_t *work, struct og_err *err)
{
    unsigned deep = 1;
    size_t at = from;
    int high = -1;
    enum og_rc rc = OG_OK;

    while (at < rtf->len && deep > 0 && rc == OG_OK) {
        unsigned char byte = rtf->data[at++];
        int digit = og_hex_digit(byte);

        if (byte == '{') {
            deep++;
        } else if (byte == '}') {
            deep--;
        } else if (byte == '\\') {
            rc = read_control(rtf, &at, out, err);
            high = way & DROP_HALVES ? -1 : high;
        } else if (digit >= 0 && (deep == 1 || !(way & LEAVE_GROUPS))) {
            if (high >= 0)
                rc = og_buf_add(out, &(char){ (char)(high * 16 + digit) }, 1, err);
            high = high >= 0 ? -1 : digit;
        }
    }
    *work += at - from;
    return rc;
}

/* a text with its length in front; false where it leaves the object */
static bool
read_text(const struct og_bytes *data, size_t *at, struct og_bytes *text)
{
    size_t len = og_bytes_32(data, *at);

    if (!og_bytes_has(data, *at, 4) || !og_bytes_has(data, *at + 4, len))
        return false;
    *text = og_bytes_from(data, *at + 4, len);
    *at += 4 + len;
    while (text->len > 0 && text->data[text->len - 1] == '\0')
        text->len--;
    return true;
}

/* the head; programs that make objects to do harm lie in it, so what cannot be read is
 * the native data */
static void
read_head(struct og_rtf_object *object)
{
    const struct og_bytes *data = &object->data;
    uint32_t kind = og_bytes_32(data, 4) & 0xff;
    struct og_bytes topic, item;
    size_t at = 8;

    object->native = og_bytes_from(data, at, data->len);
    if ((kind != LINKED && kind != EMBEDDED) || !read_text(data, &at, &object->class)
        || object->class.len > MAX_CLASS)
        return;
    object->native = og_bytes_from(data, at, data->len);
    if (!read_text(data, &at, &topic) || !read_text(data, &at, &item))
        return;
    object->linked = kind == LINKED;
    if (object->linked) {
        struct og_bytes network;

        object->updates =
            read_text(data, &at, &network) && og_bytes_32(data, at + 4) == UPDATE_ALWAYS;
        object->native = og_bytes_from(data, data->len, 0);
        return;
    }
    object->native = og_bytes_from(data, at + 4, og_bytes_32(data, at));
}

static bool
is_rtf(const struct og_bytes *rtf)
{
    size_t at = 0;

    while (at < rtf->len && isspace(rtf->data[at]))
        at++;
    return og_bytes_at(rtf, at, "{\\rt", 4); /* Word asks for no more */
}

/* one object; ways that lead to what the first did, and nearly all do, are not told */
static enum og_rc
read_object(const struct og_bytes *rtf, size_t at, og_rtf_take *take, void *arg,
            size_t *work, struct og_err *err)
{
    struct og_buf first = OG_BUF_INIT(rtf->len);
    enum og_rc rc = OG_OK;

    for (unsigned way = 0; way < WAYS && rc == OG_OK; way++) {
        struct og_buf plain = OG_BUF_INIT(rtf->len);
        struct og_rtf_object object = { .linked = false };

        rc = decode(rtf, at, way, &plain, work, err);
        object.data = og_bytes(og_buf_text(&plain), plain.len);
        read_head(&object);
        if (rc == OG_OK
            && (way == 0 || plain.len != first.len
                || memcmp(object.data.data, og_buf_text(&first), plain.len) != 0))
            rc = take(&object, arg, err);
        if (way == 0)
            og_buf_move(&first, &plain);
        og_buf_free(&plain);
    }
    og_buf_free(&first);
    return rc;
}

enum og_rc
og_rtf_objects(const struct og_bytes *rtf, og_rtf_take *take, void *arg, bool *capped,
               struct og_err *err)
{
    size_t work = 0, at = 0;
    enum og_rc rc = OG_OK;

    if (!is_rtf(rtf))
        return OG_OK;
    while (rc == OG_OK && (at = find_word(rtf, at, "objdata")) < rtf->len) {
        if (work > READS * rtf->len) {
            *capped = true;
            break;
        }
        rc = read_object(rtf, at, take, arg, &work, err);
    }
    return rc;
}

static bool
read_z(const struct og_bytes *in, size_t *at, struct og_bytes *text)
{
    struct og_bytes rest = og_bytes_from(in, *at, in->len);
    const unsigned char *end = memchr(rest.data, '\0', rest.len);

    if (end == NULL)
        return false;
    *text = og_bytes_from(&rest, 0, (size_t)(end - rest.data));
    *at += text->len + 1;
    return true;
}

bool
og_rtf_package(const struct og_bytes *native, struct og_bytes *name,
               struct og_bytes *file)
{
    struct og_bytes path, copy;
    size_t at = 2, len;

    if (og_bytes_16(native, 0) != 2 || !read_z(native, &at, name)
        || !read_z(native, &at, &path) || og_bytes_16(native, at + 2) != 3)
        return false; /* not embedded, or no package */
    at += 4;
    if (!read_text(native, &at, &copy))
        return false;
    len = og_bytes_32(native, at);
    *file = og_bytes_from(native, at + 4, len);
    return true;
}
