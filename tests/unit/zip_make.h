/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_TESTS_ZIP_MAKE_H
#define OG_TESTS_ZIP_MAKE_H

#include <zlib.h>

#include "core/base/buf.h"

static inline void
zip_number(struct og_buf *out, unsigned long number, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        assert_int_equal(og_buf_add(out, &(char){ (char)(number >> 8 * i) }, 1, NULL),
                         OG_OK);
}

/* what both heads of a member share, from the version it needs to the length of extras */
static inline void
zip_head(struct og_buf *out, const char *name, const char *data, size_t len)
{
    zip_number(out, 20, 2);
    zip_number(out, 0, 2 + 2 + 2 + 2); /* flags, stored, a time */
    zip_number(out, crc32(0, (const Bytef *)data, (uInt)len), 4);
    zip_number(out, len, 4);
    zip_number(out, len, 4);
    zip_number(out, strlen(name), 2);
    zip_number(out, 0, 2);
}

/* a zip file with one stored member */
static inline void
zip_make(const char *name, const char *data, size_t len, struct og_buf *out)
{
    size_t list;

    zip_number(out, 0x04034b50, 4);
    zip_head(out, name, data, len);
    assert_int_equal(og_buf_add_text(out, name, NULL), OG_OK);
    assert_int_equal(og_buf_add(out, data, len, NULL), OG_OK);
    list = out->len;
    zip_number(out, 0x02014b50, 4);
    zip_number(out, 20, 2);
    zip_head(out, name, data, len);
    zip_number(out, 0, 2 + 2 + 2);
    zip_number(out, 0, 4 + 4); /* attributes, and where its head is */
    assert_int_equal(og_buf_add_text(out, name, NULL), OG_OK);
    zip_number(out, 0x06054b50, 4);
    zip_number(out, 0, 2 + 2);
    zip_number(out, 1, 2);
    zip_number(out, 1, 2);
    zip_number(out, 46 + strlen(name), 4);
    zip_number(out, list, 4);
    zip_number(out, 0, 2);
}

#endif
