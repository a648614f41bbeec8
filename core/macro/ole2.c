/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/macro/ole2.h"

#include <stdlib.h>

#include "core/macro/bytes.h"

enum {
    HEADER_BYTES = 512,
    HEADER_FATS = 109, /* FAT sectors named in the header itself */
    ENTRY_BYTES = 128,
    TREE_NONE = -1, /* as 0xffffffff: no such entry */
    MINI_SHIFT = 6,
    READ_TIMES = 4,
};
static const uint32_t LAST_SECTOR = 0xfffffffa; /* above it are marks, no sectors */
static const char MAGIC[] = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";

struct og_ole2 {
    struct og_bytes file;
    unsigned shift; /* of a sector */
    uint32_t sectors;
    uint32_t *fats; /* sectors of the FAT, in order */
    size_t fat_count;
    struct og_buf mini_fat;
    struct og_buf mini;   /* the stream that small streams are parts of */
    uint32_t mini_cutoff; /* bytes from which a stream has sectors of its own */
    struct og_ole2_entry *entries;
    int count;
    uint64_t budget; /* bytes that may still be read */
};

bool
og_ole2_is(const struct og_layer *layer)
{
    return layer->len >= HEADER_BYTES
           && memcmp(layer->data, MAGIC, sizeof MAGIC - 1) == 0;
}

static size_t
sector_at(const struct og_ole2 *ole, uint32_t sector)
{
    return ((size_t)sector + 1) << ole->shift;
}

static uint32_t
fat_next(const struct og_ole2 *ole, uint32_t sector)
{
    uint32_t each = 1U << (ole->shift - 2);

    if (sector / each >= ole->fat_count)
        return LAST_SECTOR + 1;
    return og_bytes_32(&ole->file, sector_at(ole, ole->fats[sector / each])
                                       + (size_t)(sector % each) * 4);
}

/* sectors of a chain, one after the other, until max bytes */
static enum og_rc
read_chain(const struct og_ole2 *ole, uint32_t sector, uint64_t max, struct og_buf *out,
           struct og_err *err)
{
    uint32_t steps = 0;
    enum og_rc rc = OG_OK;

    while (rc == OG_OK && max > 0 && sector < LAST_SECTOR && steps++ < ole->sectors) {
        size_t want = (size_t)1 << ole->shift;
        struct og_bytes part;

        if (want > max)
            want = (size_t)max;
        part = og_bytes_from(&ole->file, sector_at(ole, sector), want);
        if (part.len == 0)
            break;
        rc = og_buf_add(out, part.data, part.len, err);
        max -= part.len;
        sector = fat_next(ole, sector);
    }
    return rc;
}

static enum og_rc
read_mini_chain(const struct og_ole2 *ole, uint32_t sector, uint64_t max,
                struct og_buf *out, struct og_err *err)
{
    struct og_bytes fat = og_bytes(ole->mini_fat.data, ole->mini_fat.len),
                    mini = og_bytes(ole->mini.data, ole->mini.len);
    size_t steps = 0;
    enum og_rc rc = OG_OK;

    while (rc == OG_OK && max > 0 && sector < LAST_SECTOR && steps++ <= fat.len / 4) {
        size_t want = max < 1 << MINI_SHIFT ? (size_t)max : 1 << MINI_SHIFT;
        struct og_bytes part = og_bytes_from(&mini, (size_t)sector << MINI_SHIFT, want);

        if (part.len == 0)
            break;
        rc = og_buf_add(out, part.data, part.len, err);
        max -= part.len;
        if (!og_bytes_has(&fat, (size_t)sector * 4, 4))
            break;
        sector = og_bytes_32(&fat, (size_t)sector * 4);
    }
    return rc;
}

/* where the FAT is: the header names its first sectors, a chain the others */
static enum og_rc
read_fats(struct og_ole2 *ole, struct og_err *err)
{
    size_t most = ole->sectors; /* a file has no more of anything */
    uint32_t each = (1U << (ole->shift - 2)) - 1, next = og_bytes_32(&ole->file, 68);

    ole->fats = calloc(most + 1, sizeof *ole->fats);
    if (ole->fats == NULL)
        return og_fail(err, OG_E_NOMEM, "no memory for a compound file");
    for (size_t i = 0; i < HEADER_FATS && ole->fat_count < most; i++) {
        uint32_t sector = og_bytes_32(&ole->file, 76 + i * 4);

        if (sector < ole->sectors)
            ole->fats[ole->fat_count++] = sector;
    }
    for (uint32_t steps = 0; next < ole->sectors && steps < ole->sectors; steps++) {
        size_t at = sector_at(ole, next);

        for (uint32_t i = 0; i < each && ole->fat_count < most; i++) {
            uint32_t sector = og_bytes_32(&ole->file, at + (size_t)i * 4);

            if (sector < ole->sectors)
                ole->fats[ole->fat_count++] = sector;
        }
        next = og_bytes_32(&ole->file, at + (size_t)each * 4);
    }
    return OG_OK;
}

/* siblings and children hang in binary trees; whoever is met twice stays where it was */
static enum og_rc
find_parents(struct og_ole2 *ole, const struct og_bytes *directory, struct og_err *err)
{
    int *stack = calloc((size_t)ole->count + 1, sizeof *stack), depth = 0;

    if (stack == NULL)
        return og_fail(err, OG_E_NOMEM, "no memory for a compound file");
    stack[depth++] = 0;
    while (depth > 0) {
        int i = stack[--depth];
        size_t at = (size_t)i * ENTRY_BYTES;

        for (size_t field = i == 0 ? 2 : 0; field < 3; field++) {
            uint32_t other = og_bytes_32(directory, at + 68 + field * 4);
            int parent = field == 2 ? i : ole->entries[i].parent;

            if (other == 0 || other >= (uint32_t)ole->count
                || ole->entries[other].parent != TREE_NONE)
                continue;
            ole->entries[other].parent = parent;
            stack[depth++] = (int)other;
        }
    }
    free(stack);
    return OG_OK;
}

static void
read_entry(const struct og_ole2 *ole, const struct og_bytes *directory, int i)
{
    struct og_ole2_entry *entry = &ole->entries[i];
    size_t at = (size_t)i * ENTRY_BYTES;
    uint32_t type = og_bytes_8(directory, at + 66);

    for (size_t unit = 0; unit < OG_OLE2_NAME; unit++) {
        entry->name[unit] = (uint16_t)og_bytes_16(directory, at + unit * 2);
        if (entry->name[unit] == 0)
            break;
    }
    entry->type = type == 1 || type == 5 ? OG_OLE2_STORAGE
                  : type == 2            ? OG_OLE2_STREAM
                                         : OG_OLE2_NONE;
    entry->parent = TREE_NONE;
    entry->start = og_bytes_32(directory, at + 116);
    entry->size = ole->shift > 9 ? og_bytes_64(directory, at + 120)
                                 : og_bytes_32(directory, at + 120);
}

static enum og_rc
read_directory(struct og_ole2 *ole, struct og_err *err)
{
    struct og_buf all = OG_BUF_INIT(ole->mini.max);
    struct og_bytes directory;
    enum og_rc rc;

    rc = read_chain(ole, og_bytes_32(&ole->file, 48), (uint64_t)OG_OLE2_MAX * ENTRY_BYTES,
                    &all, err);
    if (rc != OG_OK)
        goto out;
    ole->count = (int)(all.len / ENTRY_BYTES);
    if (ole->count == 0) {
        rc = og_fail(err, OG_E_SYNTAX, "a compound file without directory");
        goto out;
    }
    ole->entries = calloc((size_t)ole->count, sizeof *ole->entries);
    if (ole->entries == NULL) {
        rc = og_fail(err, OG_E_NOMEM, "no memory for a compound file");
        goto out;
    }
    directory = og_bytes(all.data, all.len);
    for (int i = 0; i < ole->count; i++)
        read_entry(ole, &directory, i);
    rc = find_parents(ole, &directory, err);
out:
    og_buf_free(&all);
    return rc;
}

static enum og_rc
read_all(struct og_ole2 *ole, struct og_err *err)
{
    enum og_rc rc = read_fats(ole, err);

    if (rc == OG_OK)
        rc = read_directory(ole, err);
    if (rc == OG_OK)
        rc =
            read_chain(ole, og_bytes_32(&ole->file, 60), UINT64_MAX, &ole->mini_fat, err);
    if (rc == OG_OK)
        rc = read_chain(ole, ole->entries[0].start, UINT64_MAX, &ole->mini, err);
    return rc;
}

enum og_rc
og_ole2_open(const char *data, size_t len, struct og_ole2 **ole, struct og_err *err)
{
    struct og_layer layer = { .data = data, .len = len };
    struct og_ole2 *new;
    enum og_rc rc;

    if (!og_ole2_is(&layer))
        return og_fail(err, OG_E_SYNTAX, "no compound file");
    new = calloc(1, sizeof *new);
    if (new == NULL)
        return og_fail(err, OG_E_NOMEM, "no memory for a compound file");
    new->file = og_bytes(data, len);
    new->shift = og_bytes_16(&new->file, 30);
    if (new->shift < 7
        || new->shift > 16) /* 9 and 12 are written; others are read, too */
        new->shift = 9;
    new->sectors =
        (uint32_t)((len >> new->shift) + 1 < LAST_SECTOR ? (len >> new->shift) + 1
                                                         : LAST_SECTOR);
    new->mini_cutoff = og_bytes_32(&new->file, 56);
    /* a chain that turns in a circle has as many sectors as the file */
    new->mini_fat.max = new->mini.max = ((size_t) new->sectors + 1) << new->shift;
    new->budget = (uint64_t)len *READ_TIMES;
    rc = read_all(new, err);
    if (rc == OG_OK)
        *ole = new;
    else
        og_ole2_close(new);
    return rc;
}

void
og_ole2_close(struct og_ole2 *ole)
{
    if (ole == NULL)
        return;
    og_buf_free(&ole->mini_fat);
    og_buf_free(&ole->mini);
    free(ole->fats);
    free(ole->entries);
    free(ole);
}

int
og_ole2_count(const struct og_ole2 *ole)
{
    return ole->count;
}

const struct og_ole2_entry *
og_ole2_entry(const struct og_ole2 *ole, int i)
{
    return &ole->entries[i];
}

static int
lower(int byte)
{
    return byte >= 'A' && byte <= 'Z' ? byte - 'A' + 'a' : byte;
}

bool
og_ole2_named(const struct og_ole2_entry *entry, const char *name)
{
    size_t i = 0;

    while (i < OG_OLE2_NAME && entry->name[i] != 0 && name[i] != '\0'
           && lower(entry->name[i]) == lower((unsigned char)name[i]))
        i++;
    return name[i] == '\0' && (i == OG_OLE2_NAME || entry->name[i] == 0);
}

int
og_ole2_find(const struct og_ole2 *ole, int parent, const char *name)
{
    for (int i = 1; i < ole->count; i++)
        if (ole->entries[i].parent == parent && og_ole2_named(&ole->entries[i], name))
            return i;
    return -1;
}

enum og_rc
og_ole2_read(struct og_ole2 *ole, int i, struct og_buf *out, struct og_err *err)
{
    const struct og_ole2_entry *entry = &ole->entries[i];
    size_t before = out->len, got;
    enum og_rc rc;

    if (entry->size < ole->mini_cutoff)
        rc = read_mini_chain(ole, entry->start, entry->size, out, err);
    else
        rc = read_chain(ole, entry->start, entry->size, out, err);
    got = out->len - before;
    if (rc == OG_OK && got > ole->budget)
        return og_fail(err, OG_E_LIMIT, "streams of %d times their file", READ_TIMES);
    ole->budget -= got < ole->budget ? got : ole->budget;
    return rc;
}
