/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/scan/tnef.h"

#include <string.h>

#include "core/macro/bytes.h"

enum {
    HEAD = 6, /* the signature and a key */
    ATTRIBUTE = 9,
    CHECKSUM = 2,
    ATTACH_TITLE = 0x8010,
    ATTACHMENT = 0x9005, /* MAPI properties of a file */

    PROPERTY = 4,
    NAMED = 0x8000, /* properties from here on have a name */
    GUID = 16,

    TRANSPORT_NAME = 0x370c,
    DISPLAY_NAME = 0x3001,
    DATA = 0x3701,
    FILENAME = 0x3704,
    LONG_FILENAME = 0x3707,

    OBJECT = 0x0d,
    STRING8 = 0x1e,
    UNICODE = 0x1f,
    BINARY = 0x102,
    MANY = 0x1000, /* a flag beside the type */
};

struct walk {
    og_tnef_take *take;
    void *arg;
    bool ended; /* by take */
};

static void
tell_name(struct walk *walk, struct og_bytes text)
{
    char name[OG_TNEF_MAX_NAME + 1];
    size_t len = strnlen((const char *)text.data, text.len), skip;

    if (len == 0)
        return;
    skip = len > OG_TNEF_MAX_NAME ? len - OG_TNEF_MAX_NAME : 0;
    memcpy(name, text.data + skip, len - skip);
    name[len - skip] = '\0';
    walk->ended = !walk->take(&(struct og_tnef_item){ .name = name }, walk->arg);
}

/* one unit of UTF-16 in UTF-8; halves of a pair one by one, as no ending has any */
static size_t
print_unit(uint32_t unit, char *out)
{
    if (unit < 0x80) {
        out[0] = (char)unit;
        return 1;
    }
    if (unit < 0x800) {
        out[0] = (char)(0xc0 | unit >> 6);
        out[1] = (char)(0x80 | (unit & 0x3f));
        return 2;
    }
    out[0] = (char)(0xe0 | unit >> 12);
    out[1] = (char)(0x80 | (unit >> 6 & 0x3f));
    out[2] = (char)(0x80 | (unit & 0x3f));
    return 3;
}

static void
tell_wide_name(struct walk *walk, struct og_bytes text)
{
    char name[OG_TNEF_MAX_NAME + 1];
    size_t units = 0, most = OG_TNEF_MAX_NAME / 3, len = 0;

    while (units < text.len / 2 && og_bytes_16(&text, 2 * units) != 0)
        units++;
    for (size_t i = units > most ? units - most : 0; i < units; i++)
        len += print_unit(og_bytes_16(&text, 2 * i), name + len);
    name[len] = '\0';
    if (len > 0)
        walk->ended = !walk->take(&(struct og_tnef_item){ .name = name }, walk->arg);
}

/* an object has the identifier of its interface in front; a message goes on as TNEF */
static void
tell_content(struct walk *walk, struct og_bytes value, uint32_t type)
{
    struct og_tnef_item item = { .name = NULL };

    if (type == OBJECT)
        value = og_bytes_from(&value, GUID, value.len);
    item.content = (const char *)value.data;
    item.len = value.len;
    if (value.len > 0)
        walk->ended = !walk->take(&item, walk->arg);
}

static void
take_value(struct walk *walk, uint32_t id, uint32_t type, struct og_bytes value)
{
    switch (id) {
    case LONG_FILENAME:
    case FILENAME:
    case DISPLAY_NAME:
    case TRANSPORT_NAME:
        if (type == UNICODE)
            tell_wide_name(walk, value);
        else
            tell_name(walk, value);
        break;
    case DATA:
        tell_content(walk, value, type);
        break;
    default:
        break;
    }
}

/* bytes of a value that is always as long, with what it is filled up to; 0: it is not */
static size_t
fixed_bytes(uint32_t type)
{
    switch (type) {
    case 0x02: /* a short one */
    case 0x03: /* a number */
    case 0x04:
    case 0x0a: /* an error */
    case 0x0b: /* yes or no */
        return 4;
    case 0x05:
    case 0x06:
    case 0x07:
    case 0x14:
    case 0x40: /* times */
        return 8;
    case 0x48:
        return GUID;
    default:
        return 0;
    }
}

static size_t
filled_up(size_t len)
{
    return len + (4 - len % 4) % 4;
}

/* the name of a property that has one: a number, or text */
static bool
skip_name(const struct og_bytes *in, size_t *at)
{
    size_t len;

    if (!og_bytes_has(in, *at, GUID + 8))
        return false;
    *at += GUID + 8;
    if (og_bytes_32(in, *at - 8) == 0)
        return true;
    len = og_bytes_32(in, *at - 4);
    if (!og_bytes_has(in, *at, len))
        return false;
    *at += filled_up(len);
    return true;
}

/* false: of a kind that is not known, so what follows cannot be found */
static bool
take_property(struct walk *walk, const struct og_bytes *in, size_t *at)
{
    uint32_t type = og_bytes_16(in, *at), id = og_bytes_16(in, *at + 2), count = 1;
    size_t fixed = fixed_bytes(type & ~(uint32_t)MANY);
    bool varies = (type & ~(uint32_t)MANY) == STRING8
                  || (type & ~(uint32_t)MANY) == UNICODE || type == OBJECT
                  || (type & ~(uint32_t)MANY) == BINARY;

    *at += PROPERTY;
    if (id >= NAMED && !skip_name(in, at))
        return false;
    if (varies || (type & MANY) != 0) {
        count = og_bytes_32(in, *at);
        *at += 4;
    }
    if (!varies && fixed == 0)
        return type == 0 || type == 1; /* none, and NULL */
    for (; count > 0 && *at < in->len && !walk->ended; count--) {
        size_t len = varies ? og_bytes_32(in, *at) : fixed;

        *at += varies ? 4 : 0;
        take_value(walk, id, type & ~(uint32_t)MANY, og_bytes_from(in, *at, len));
        *at += len < in->len ? filled_up(len) : in->len;
    }
    return true;
}

static bool
take_properties(struct walk *walk, struct og_bytes in)
{
    uint32_t count = og_bytes_32(&in, 0);
    size_t at = 4;

    for (; count > 0 && og_bytes_has(&in, at, PROPERTY) && !walk->ended; count--)
        if (!take_property(walk, &in, &at))
            return false;
    return true;
}

bool
og_tnef_walk(const char *data, size_t len, og_tnef_take *take, void *arg)
{
    struct walk walk = { take, arg, false };
    struct og_bytes in = og_bytes(data, len);
    bool known = true;

    for (size_t at = HEAD; og_bytes_has(&in, at, ATTRIBUTE) && !walk.ended;) {
        uint32_t id = og_bytes_16(&in, at + 1);
        size_t size = og_bytes_32(&in, at + 5);
        struct og_bytes value = og_bytes_from(&in, at + ATTRIBUTE, size);

        if (id == ATTACH_TITLE)
            tell_name(&walk, value);
        else if (id == ATTACHMENT)
            known = take_properties(&walk, value) && known;
        at += ATTRIBUTE + CHECKSUM + value.len;
    }
    return known;
}
