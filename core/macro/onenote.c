/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files in OneNote's sections. A double click on one runs it, and a picture over it hides
 * what it is.
 *
 * `onenote-embedded`  a file that runs, by its first bytes or by the name it was embedded
 *                     under
 *
 * libclamav hands the files on, too, but without their names. Sources: [MS-ONESTORE]
 * sections 2.3.1, 2.6.6, 2.6.13 and 2.8.4; [MS-ONE] section 2.1.12.
 */
#include <string.h>

#include "core/macro/bytes.h"
#include "core/macro/report.h"
#include "core/macro/rows.h"
#include "core/macro/runs.h"

enum {
    HEAD = 36,      /* bytes before a file's own: its mark, length and reserved ones */
    MAX_NAME = 520, /* bytes; Windows has 260 characters */
    MAX_PROPERTIES = 128,
    MAX_FILES = 256,
    MAX_NAMES = 1000, /* places that may be a name */
};

static const char file_mark[] =
    "\xe7\x16\xe3\xbd\x65\x26\x11\x45\xa4\xc4\x8d\x4d\x0b\x7a\x9e\xac";

static bool
is_onenote(const struct og_bytes *in)
{
    /* a section, a table of contents, and the form in which it comes from the network */
    static const char *const marks[] = {
        "\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d\xae\xb1\x53\x78\xd0\x29\x96\xd3",
        "\xa1\x2f\xff\x43\xd9\xef\x76\x4c\x9e\xe2\x10\xea\x57\x22\x76\x5f",
        "\x3f\xdd\x9a\x10\x1b\x91\xf5\x49\xa5\xd0\x17\x91\xed\xc8\xae\xd8",
    };

    for (size_t i = 0; i < N_ELEMENTS(marks); i++)
        if (og_bytes_at(in, 0, marks[i], 16))
            return true;
    return false;
}

static size_t
find(const struct og_bytes *in, size_t from, const char *bytes, size_t n)
{
    struct og_bytes rest = og_bytes_from(in, from, in->len);
    const unsigned char *hit = memmem(rest.data, rest.len, bytes, n);

    return hit != NULL ? (size_t)(hit - in->data) : in->len;
}

/* the next embedded file; false behind the last one */
static bool
next_file(const struct og_bytes *in, size_t *at, struct og_bytes *file)
{
    size_t hit = find(in, *at, file_mark, sizeof file_mark - 1);
    uint64_t len = og_bytes_64(in, hit + 16);

    if (!og_bytes_has(in, hit, HEAD))
        return false;
    *file = og_bytes_from(in, hit + HEAD, len < in->len ? (size_t)len : in->len);
    *at = hit + HEAD; /* not behind it: its length may lie */
    return true;
}

/* bytes of a property's value, SIZE_MAX for kinds that hold others */
static size_t
value_bytes(const struct og_bytes *in, size_t at, uint32_t id)
{
    switch (id >> 26 & 0x1f) {
    case 0x1: /* none */
    case 0x2: /* a flag, in the identifier */
    case 0x8: /* one reference to an object, a space or a context */
    case 0xa:
    case 0xc:
        return 0;
    case 0x3:
        return 1;
    case 0x4:
        return 2;
    case 0x5:
    case 0x9: /* how many references */
    case 0xb:
    case 0xd:
        return 4;
    case 0x6:
        return 8;
    case 0x7:
        return 4 + (size_t)og_bytes_32(in, at);
    default:
        return SIZE_MAX;
    }
}

/* the value of the property whose identifier is number `index` of `count` from `ids` on */
static bool
value_of(const struct og_bytes *in, size_t ids, size_t count, size_t index,
         struct og_bytes *value)
{
    size_t at = ids + 4 * count;

    for (size_t i = 0; i < index; i++) {
        size_t bytes = value_bytes(in, at, og_bytes_32(in, ids + 4 * i));

        if (bytes > in->len)
            return false;
        at += bytes;
    }
    if (!og_bytes_has(in, at, 4) || !og_bytes_has(in, at + 4, og_bytes_32(in, at)))
        return false;
    *value = og_bytes_from(in, at + 4, og_bytes_32(in, at));
    return true;
}

/* UTF-16; what is no ASCII matters in no extension */
static bool
name_runs(const struct og_bytes *value)
{
    char name[MAX_NAME / 2];
    size_t n = 0;

    if (value->len < 2 || value->len > MAX_NAME || value->len % 2 != 0)
        return false;
    for (size_t at = 0; at < value->len; at += 2) {
        uint32_t unit = og_bytes_16(value, at);

        if (unit == 0)
            break;
        name[n++] = unit < 0x7f ? (char)unit : '?';
    }
    return og_runs_named(name, n);
}

/* is there an embedded file's name that runs, or more of them than anybody embeds? Its property stands in a list of unknown
 * beginning: a count before the identifiers that fits tells where */
static bool
has_name_that_runs(const struct og_bytes *in)
{
    static const char id[] = "\x9c\x1d\0\x1c"; /* EmbeddedFileName */
    unsigned names = 0;

    for (size_t at = find(in, 0, id, 4); at < in->len && names++ < MAX_NAMES;
         at = find(in, at + 1, id, 4))
        for (size_t index = 0; index < MAX_PROPERTIES && at >= 4 * index + 2; index++) {
            size_t ids = at - 4 * index, count = og_bytes_16(in, ids - 2);
            struct og_bytes value;

            if (count > index && count <= MAX_PROPERTIES
                && value_of(in, ids, count, index, &value) && name_runs(&value))
                return true;
        }
    return names > MAX_NAMES;
}

enum og_rc
og_detect_onenote(const struct og_layer *layer, struct og_findings *findings,
                  struct og_err *err)
{
    struct og_bytes in = og_bytes(layer->data, layer->len), file;
    unsigned files = 0;
    bool found = false;

    if (!is_onenote(&in))
        return OG_OK;
    for (size_t at = 0; !found && files++ < MAX_FILES && next_file(&in, &at, &file);)
        found = og_runs((const char *)file.data, file.len);
    if (!found && !has_name_that_runs(&in))
        return OG_OK;
    return og_report_macro(layer, "onenote-embedded", findings, err);
}

enum og_rc
og_open_onenote(const struct og_layer *layer, struct og_findings *findings,
                og_macro_take *take, void *arg, struct og_err *err)
{
    struct og_bytes in = og_bytes(layer->data, layer->len), file;
    unsigned files = 0;
    enum og_rc rc = OG_OK;

    if (!is_onenote(&in))
        return OG_OK;
    for (size_t at = 0; rc == OG_OK && next_file(&in, &at, &file);) {
        if (++files > MAX_FILES)
            return og_report_limit(layer, "files", MAX_FILES, findings, err);
        if (file.len > OG_MACRO_MAX_INNER)
            rc = og_report_limit(layer, "size", OG_MACRO_MAX_INNER, findings, err);
        else if (file.len > 0)
            rc = og_report_inner(layer, "", (const char *)file.data, file.len, take, arg,
                                 err);
    }
    return rc;
}
