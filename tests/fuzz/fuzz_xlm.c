/* SPDX-License-Identifier: BSD-2-Clause */
/* Packages: as they are, and with the input as a macro sheet of one. */
#undef NDEBUG
#include <assert.h>

#include "tests/unit/macro_walk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
add(struct og_buf *out, const void *data, size_t len)
{
    enum og_rc rc = og_buf_add(out, data, len, NULL);

    assert(rc == OG_OK);
}

static void
add_number(struct og_buf *out, size_t number, size_t bytes)
{
    for (; bytes > 0; bytes--, number >>= 8)
        add(out, &(unsigned char){ (unsigned char)number }, 1);
}

/* a member that is stored, and its entry in the directory */
static void
add_member(struct og_buf *zip, struct og_buf *directory, const char *name,
           const void *data, size_t size)
{
    size_t at = zip->len, name_len = strlen(name);

    add(zip, "PK\3\4\x14\0\0\0\0\0\0\0\0\0\0\0\0\0", 18);
    add_number(zip, size, 4);
    add_number(zip, size, 4);
    add_number(zip, name_len, 4);
    add(zip, name, name_len);
    add(zip, data, size);
    add(directory, "PK\1\2\x14\0\x14\0\0\0\0\0\0\0\0\0\0\0\0\0", 20);
    add_number(directory, size, 4);
    add_number(directory, size, 4);
    add_number(directory, name_len, 2);
    add(directory, "\0\0\0\0\0\0\0\0\0\0\0\0", 12);
    add_number(directory, at, 4);
    add(directory, name, name_len);
}

static void
look(const char *data, size_t size)
{
    struct og_layer layer = {
        .path = "a", .name = "a", .type = "", .data = data, .len = size, .size = size
    };
    struct og_findings findings = OG_FINDINGS_INIT;
    enum og_rc rc = walk_layer(&layer, &findings, 0, NULL);

    assert(rc == OG_OK || rc == OG_E_LIMIT);
    og_findings_free(&findings);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char types[] =
        "<Types><Override PartName=\"/a\" ContentType=\"macrosheet\"/></Types>";
    struct og_buf zip = OG_BUF_INIT(SIZE_MAX / 2), directory = OG_BUF_INIT(SIZE_MAX / 2);
    size_t at;

    look((const char *)data, size);
    add_member(&zip, &directory, "[Content_Types].xml", types, sizeof types - 1);
    add_member(&zip, &directory, "a", data, size);
    at = zip.len;
    add(&zip, directory.data, directory.len);
    add(&zip, "PK\5\6\0\0\0\0\2\0\2\0", 12);
    add_number(&zip, directory.len, 4);
    add_number(&zip, at, 4);
    add_number(&zip, 0, 2);
    look(zip.data, zip.len);
    og_buf_free(&zip);
    og_buf_free(&directory);
    return 0;
}
