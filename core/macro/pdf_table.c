/* SPDX-License-Identifier: BSD-2-Clause */
/* Tables of a PDF tell where its objects stand: readers go there, even where the bytes
 * are those of a stream or a text. */
#include "core/macro/pdf_file.h"

#include <string.h>

static bool
is_digit(unsigned char byte)
{
    return byte >= '0' && byte <= '9';
}

/* an object that a table names and that was passed over as part of a stream */
static enum og_rc
read_hidden(struct og_pdf_file *file, size_t known, size_t at)
{
    const struct og_pdf_node *nodes;
    struct og_pdf_place place;
    size_t low = 0, high = known, end;
    enum og_rc rc;

    if (at >= file->bytes.len || !is_digit(file->bytes.data[at]))
        return OG_OK;
    rc = og_pdf_read(&file->side, &file->bytes, at, file->err);
    nodes = file->side.nodes;
    if (rc != OG_OK || file->side.count != 2 || nodes[1].kind != OG_PDF_NUMBER)
        return rc;
    place.number = nodes[1].number;
    rc = og_pdf_read(&file->side, &file->bytes, file->side.end, file->err);
    nodes = file->side.nodes;
    if (rc != OG_OK || file->side.count != 2 || nodes[1].kind != OG_PDF_NUMBER)
        return rc;
    place.generation = nodes[1].number;
    place.at = og_pdf_skip(&file->bytes, file->side.end);
    if (!og_bytes_at(&file->bytes, place.at, "obj", 3))
        return OG_OK;
    place.at += 3;
    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (file->objects.list[mid].at < place.at)
            low = mid + 1;
        else
            high = mid;
    }
    if (low < known && file->objects.list[low].at == place.at)
        return OG_OK;
    return og_pdf_read_object(file, place, &end);
}

/* the lines of a table: `0000000015 00000 n` */
static enum og_rc
read_table(struct og_pdf_file *file, size_t known, size_t at)
{
    enum og_rc rc = OG_OK;

    for (;;) {
        uint64_t first = 0;

        at = og_pdf_skip(&file->bytes, at);
        if (at >= file->bytes.len || !is_digit(file->bytes.data[at]))
            return rc;
        for (; at < file->bytes.len && is_digit(file->bytes.data[at]); at++)
            first = first < UINT32_MAX
                        ? first * 10 + (uint64_t)(file->bytes.data[at] - '0')
                        : first;
        at = og_pdf_skip(&file->bytes, at);
        while (at < file->bytes.len && is_digit(file->bytes.data[at]))
            at++;
        at = og_pdf_skip(&file->bytes, at);
        if (og_bytes_at(&file->bytes, at, "n", 1) && og_pdf_busy(file))
            rc = read_hidden(file, known, (size_t)first);
        at += og_bytes_at(&file->bytes, at, "n", 1)
              || og_bytes_at(&file->bytes, at, "f", 1);
        if (rc != OG_OK)
            return rc;
    }
}

/* a table in a stream: rows of three numbers of so many bytes, ISO 32000-1 section 7.5.8 */
static enum og_rc
read_packed_table(struct og_pdf_file *file, size_t known,
                  const struct og_pdf_place *place)
{
    struct og_buf plain = OG_BUF_INIT(0);
    size_t width[3] = { 0, 0, 0 }, n = 0, row;
    const unsigned char *data;
    uint32_t at;
    enum og_rc rc = og_pdf_read(&file->tree, &file->bytes, place->at, file->err);

    if (rc != OG_OK)
        return rc;
    at = file->tree.nodes[og_pdf_get(&file->tree, 1, "W")].child;
    for (; at != 0 && n < 3; at = file->tree.nodes[at].next)
        width[n++] = og_pdf_number(&file->tree, at, 0) & 0xf;
    row = width[0] + width[1] + width[2];
    rc = og_pdf_stream(file, place, false, &plain);
    data = (const unsigned char *)plain.data;
    for (size_t i = 0;
         row > 0 && plain.len - i >= row && rc == OG_OK && og_pdf_busy(file); i += row) {
        uint64_t type = width[0] == 0, offset = 0;

        for (size_t k = 0; k < width[0]; k++)
            type = type << 8 | data[i + k];
        for (size_t k = width[0]; k < width[0] + width[1]; k++)
            offset = offset << 8 | data[i + k];
        if (type == 1)
            rc = read_hidden(file, known, offset);
    }
    og_buf_free(&plain);
    return rc;
}

enum og_rc
og_pdf_read_tables(struct og_pdf_file *file)
{
    size_t known = file->objects.count;
    enum og_rc rc = OG_OK;

    for (size_t at = og_pdf_find(&file->bytes, 0, "xref");
         at < file->bytes.len && rc == OG_OK && og_pdf_busy(file);
         at = og_pdf_find(&file->bytes, at + 1, "xref"))
        rc = read_table(file, known, at + strlen("xref"));
    for (size_t i = 0; i < file->tables.count && rc == OG_OK && og_pdf_busy(file); i++) {
        struct og_pdf_place place = file->tables.list[i]; /* the list may grow */

        rc = read_packed_table(file, known, &place);
    }
    return rc;
}
