/* SPDX-License-Identifier: BSD-2-Clause */
/* PKWARE's APPNOTE.TXT, sections 4.3.7, 4.3.12, 4.3.16, 4.5.3 and 4.6.9 */
#include "core/macro/zip.h"

#include "core/lib/inflate.h"

enum {
    END_BYTES = 22,
    END_REACH = END_BYTES + 0xffff, /* with the longest comment */
    ENTRY_BYTES = 46,
    LOCAL_BYTES = 30,
    STORED = 0,
    DEFLATED = 8,
    EXTRA_ZIP64 = 1,
    EXTRA_NAME = 0x7075,
    LOCAL_EXTRA = 1024, /* bytes looked at: a million entries may share one header */
};
static const uint32_t LARGE = 0xffffffff; /* the number is in the extra field */

static bool
find_end(const struct og_bytes *file, size_t *end)
{
    size_t at = file->len >= END_BYTES ? file->len - END_BYTES : 0;

    for (size_t steps = 0; steps < END_REACH; steps++, at--) {
        if (og_bytes_at(file, at, "PK\5\6", 4)) {
            *end = at;
            return true;
        }
        if (at == 0)
            break;
    }
    return false;
}

bool
og_zip_open(const struct og_layer *layer, struct og_zip *zip)
{
    const unsigned char *first;
    size_t end, size, from;

    zip->file = og_bytes(layer->data, layer->len);
    if (!og_bytes_at(&zip->file, 0, "PK", 2) || !find_end(&zip->file, &end))
        return false;
    size = og_bytes_32(&zip->file, end + 12);
    from = og_bytes_32(&zip->file, end + 16);
    zip->at = end >= size ? end - size : 0;
    zip->base = zip->at >= from ? zip->at - from : 0;
    if (og_bytes_at(&zip->file, zip->at, "PK\1\2", 4))
        return true;
    /* zip64, or numbers that are wrong: the first entry there is */
    first = memmem(zip->file.data, zip->file.len, "PK\1\2", 4);
    zip->at = first != NULL ? (size_t)(first - zip->file.data) : 0;
    zip->base = 0;
    return first != NULL;
}

/* one field of an extra field's, by its number */
static bool
find_extra(const struct og_bytes *extra, unsigned number, struct og_bytes *field)
{
    size_t at = 0;

    while (og_bytes_has(extra, at, 4)) {
        size_t len = og_bytes_16(extra, at + 2);

        if (og_bytes_16(extra, at) == number) {
            *field = og_bytes_from(extra, at + 4, len);
            return true;
        }
        at += 4 + len;
    }
    return false;
}

/* the numbers that did not fit into the entry stand there in its order */
static void
read_zip64(const struct og_bytes *extra, bool size_too, struct og_zip_member *member)
{
    size_t value = size_too ? 8 : 0;
    struct og_bytes field;

    if (!find_extra(extra, EXTRA_ZIP64, &field))
        return;
    if (member->packed == LARGE) {
        member->packed = og_bytes_64(&field, value);
        value += 8;
    }
    if (member->header == LARGE)
        member->header = og_bytes_64(&field, value);
}

/* a version, a checksum of the name it stands for, and the name; of the local header where
 * there is none in the list */
static void
read_other_name(const struct og_zip *zip, const struct og_bytes *extra,
                struct og_zip_member *member)
{
    size_t at = zip->base + (size_t)member->header;
    struct og_bytes local = { NULL, 0 }, field;

    if (member->header <= zip->file.len && og_bytes_at(&zip->file, at, "PK\3\4", 4)) {
        size_t len = og_bytes_16(&zip->file, at + 28);

        local =
            og_bytes_from(&zip->file, at + LOCAL_BYTES + og_bytes_16(&zip->file, at + 26),
                          len < LOCAL_EXTRA ? len : LOCAL_EXTRA);
    }
    if ((!find_extra(extra, EXTRA_NAME, &field)
         && !find_extra(&local, EXTRA_NAME, &field))
        || field.len <= 5)
        return;
    member->other = (const char *)field.data + 5;
    member->other_len = field.len - 5;
}

bool
og_zip_next(struct og_zip *zip, struct og_zip_member *member)
{
    const struct og_bytes *file = &zip->file;
    size_t at = zip->at, name_len = og_bytes_16(file, at + 28),
           extra_len = og_bytes_16(file, at + 30);
    struct og_bytes extra = og_bytes_from(file, at + ENTRY_BYTES + name_len, extra_len);

    if (!og_bytes_at(file, at, "PK\1\2", 4)
        || !og_bytes_has(file, at, ENTRY_BYTES + name_len))
        return false;
    *member = (struct og_zip_member){
        .name = (const char *)file->data + at + ENTRY_BYTES,
        .name_len = name_len,
        .method = og_bytes_16(file, at + 10),
        .packed = og_bytes_32(file, at + 20),
        .header = og_bytes_32(file, at + 42),
    };
    if (member->packed == LARGE || member->header == LARGE)
        read_zip64(&extra, og_bytes_32(file, at + 24) == LARGE, member);
    read_other_name(zip, &extra, member);
    zip->at = at + ENTRY_BYTES + name_len + extra_len + og_bytes_16(file, at + 32);
    return true;
}

static int
fold(char byte)
{
    return byte >= 'A' && byte <= 'Z' ? byte - 'A' + 'a' : byte == '\\' ? '/' : byte;
}

bool
og_zip_named(const struct og_zip_member *member, const char *name)
{
    size_t i = 0;

    while (i < member->name_len && name[i] != '\0'
           && fold(member->name[i]) == fold(name[i]))
        i++;
    return i == member->name_len && name[i] == '\0';
}

bool
og_zip_is_package(const struct og_layer *layer)
{
    struct og_zip_member member;
    struct og_zip zip;

    if (!og_zip_open(layer, &zip))
        return false;
    while (og_zip_next(&zip, &member))
        if (og_zip_named(&member, "[Content_Types].xml"))
            return true;
    return false;
}

enum og_rc
og_zip_read(const struct og_zip *zip, const struct og_zip_member *member,
            struct og_buf *out, struct og_err *err)
{
    size_t at = zip->base + (size_t)member->header;
    struct og_bytes packed;
    enum og_rc rc;

    if (member->header > zip->file.len || !og_bytes_at(&zip->file, at, "PK\3\4", 4))
        return OG_OK;
    at += LOCAL_BYTES + (size_t)og_bytes_16(&zip->file, at + 26)
          + og_bytes_16(&zip->file, at + 28);
    packed = og_bytes_from(&zip->file, at, (size_t)member->packed);
    if (member->method == STORED)
        return og_buf_add(out, packed.data, packed.len, err);
    if (member->method != DEFLATED)
        return OG_OK;
    rc = og_inflate((const char *)packed.data, packed.len, OG_INFLATE_RAW, out, err);
    return rc == OG_E_SYNTAX ? OG_OK : rc;
}
