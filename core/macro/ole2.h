/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_MACRO_OLE2_H
#define OG_MACRO_OLE2_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/layer.h"

/*
 * Reads compound files, [MS-CFB]: directory, FAT and mini FAT. The file is hostile: chains
 * end where they leave it or turn in a circle, and all streams that are read may together
 * have some times the bytes of the file, as many may claim the same sectors.
 */
enum { OG_OLE2_NAME = 32 };     /* UTF-16 units of a name */
enum { OG_OLE2_MAX = 1 << 16 }; /* entries of a directory; the others are not seen */

enum og_ole2_type { OG_OLE2_NONE = 0, OG_OLE2_STORAGE = 1, OG_OLE2_STREAM = 2 };

struct og_ole2_entry {
    uint16_t name[OG_OLE2_NAME]; /* as it stands there, 0 behind its end */
    enum og_ole2_type type;
    int parent; /* the storage it is in, 0 for the root, -1 where nothing leads to it */
    uint32_t start;
    uint64_t size;
};

struct og_ole2;

/* og_ole2_is - does this layer begin as a compound file does? */
bool og_ole2_is(const struct og_layer *layer);

/*
 * og_ole2_open - read the directory
 *
 * data  lives at least as long as the reader
 *
 * Returns OG_OK; OG_E_SYNTAX where there is no directory to read; OG_E_NOMEM.
 * Owner: the caller frees with og_ole2_close().
 */
enum og_rc og_ole2_open(const char *data, size_t len, struct og_ole2 **ole,
                        struct og_err *err) OG_CHECKED;
void og_ole2_close(struct og_ole2 *ole);

/* og_ole2_count - entries, entry 0 is the root; og_ole2_entry - one of them */
int og_ole2_count(const struct og_ole2 *ole);
const struct og_ole2_entry *og_ole2_entry(const struct og_ole2 *ole, int i);

/* og_ole2_named - is that its name? ASCII letters in any case, as Windows compares */
bool og_ole2_named(const struct og_ole2_entry *entry, const char *name);

/* og_ole2_find - the entry of that name in a storage (0: the root), or -1 */
int og_ole2_find(const struct og_ole2 *ole, int parent, const char *name);

/*
 * og_ole2_read - the content of a stream
 *
 * out    receives it, also what can be read of a damaged one
 *
 * Returns OG_OK, also for a stream that ends too early; OG_E_LIMIT above out->max,
 * or where the file was read too often; OG_E_NOMEM.
 */
enum og_rc og_ole2_read(struct og_ole2 *ole, int i, struct og_buf *out,
                        struct og_err *err) OG_CHECKED;

#endif
