/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/macro/pdf_file.h"

#include <stdlib.h>
#include <string.h>

#include "core/macro/pdf_filter.h"

enum { MAX_FILTERS = 8, READS = 16 };

enum og_rc
og_pdf_add_place(struct og_pdf_places *places, struct og_pdf_place place,
                 struct og_err *err)
{
    size_t cap = places->cap > 0 ? places->cap * 2 : 64;

    if (places->count == places->cap) {
        struct og_pdf_place *more = reallocarray(places->list, cap, sizeof *more);

        if (more == NULL)
            return og_fail(err, OG_E_NOMEM, "no memory for a PDF's objects");
        places->list = more;
        places->cap = cap;
    }
    places->list[places->count++] = place;
    return OG_OK;
}

bool
og_pdf_busy(struct og_pdf_file *file)
{
    size_t most = READS * (file->bytes.len + file->unpacked) + (1 << 20);

    file->capped = file->capped || file->tree.work + file->side.work > most
                   || file->tree.capped || file->unpacked >= OG_PDF_MAX_UNPACKED;
    return file->tree.work + file->side.work <= most
           && file->unpacked < OG_PDF_MAX_UNPACKED;
}

enum og_rc
og_pdf_object(struct og_pdf_file *file, uint32_t number, struct og_pdf_tree *tree,
              bool *found)
{
    for (size_t i = file->objects.count; i > 0; i--) {
        file->tree.work++; /* few are looked for, unless to keep us busy */
        if (file->objects.list[i - 1].number != number)
            continue;
        *found = true;
        return og_pdf_read(tree, &file->bytes, file->objects.list[i - 1].at, file->err);
    }
    *found = false;
    return OG_OK;
}

size_t
og_pdf_stream_at(const struct og_pdf_file *file)
{
    static const char word[] = "stream";
    size_t at;

    if (file->tree.count < 2 || file->tree.nodes[1].kind != OG_PDF_DICT)
        return 0;
    at = og_pdf_skip(&file->bytes, file->tree.end);
    if (!og_bytes_at(&file->bytes, at, word, sizeof word - 1))
        return 0;
    at += sizeof word - 1;
    if (og_bytes_at(&file->bytes, at, "\r\n", 2))
        return at + 2;
    return at
           + (og_bytes_at(&file->bytes, at, "\n", 1)
              || og_bytes_at(&file->bytes, at, "\r", 1));
}

enum og_rc
og_pdf_value(struct og_pdf_file *file, const char *key, const struct og_pdf_tree **in,
             uint32_t *value)
{
    bool found = false;
    enum og_rc rc = OG_OK;

    *in = &file->tree;
    *value = og_pdf_get(&file->tree, 1, key);
    if (file->tree.nodes[*value].kind != OG_PDF_REF)
        return OG_OK;
    rc = og_pdf_object(file, file->tree.nodes[*value].number, &file->side, &found);
    *value = 0;
    if (rc == OG_OK && found && file->side.count > 1) {
        *in = &file->side;
        *value = 1;
    }
    return rc;
}

static void
read_parameters(const struct og_pdf_tree *in, uint32_t dict,
                struct og_pdf_packing *packing)
{
    packing->predictor = og_pdf_number(in, og_pdf_get(in, dict, "Predictor"), 1);
    packing->colors = og_pdf_number(in, og_pdf_get(in, dict, "Colors"), 1);
    packing->bits = og_pdf_number(in, og_pdf_get(in, dict, "BitsPerComponent"), 8);
    packing->columns = og_pdf_number(in, og_pdf_get(in, dict, "Columns"), 1);
    packing->late = og_pdf_number(in, og_pdf_get(in, dict, "EarlyChange"), 1) == 0;
}

/* one filter or an array of them, with their parameters in the same order */
static enum og_rc
read_filters(struct og_pdf_file *file, struct og_pdf_packing *list, size_t *count)
{
    const struct og_pdf_tree *in;
    uint32_t value;
    enum og_rc rc = og_pdf_value(file, "Filter", &in, &value);
    bool many = rc == OG_OK && in->nodes[value].kind == OG_PDF_ARRAY;
    size_t n = 0;

    if (rc != OG_OK)
        return rc;
    for (uint32_t at = many ? in->nodes[value].child : value; at != 0 && n < MAX_FILTERS;
         at = many ? in->nodes[at].next : 0)
        list[n++] = (struct og_pdf_packing){ .filter = og_pdf_filter_named(in, at) };
    *count = n;
    rc = og_pdf_value(file, "DecodeParms", &in, &value);
    if (rc == OG_OK && value == 0)
        rc = og_pdf_value(file, "DP", &in, &value);
    if (rc != OG_OK)
        return rc;
    many = in->nodes[value].kind == OG_PDF_ARRAY;
    value = many ? in->nodes[value].child : value;
    for (size_t i = 0; i < n; i++) {
        read_parameters(in, value, &list[i]);
        value = many && value != 0 ? in->nodes[value].next : 0;
    }
    return OG_OK;
}

/* the raw bytes: /Length is often wrong or elsewhere, the word at the end is not */
static struct og_bytes
raw_bytes(const struct og_pdf_file *file, size_t at)
{
    struct og_bytes rest = og_bytes_from(&file->bytes, at, file->bytes.len);
    size_t len = og_pdf_number(&file->tree, og_pdf_get(&file->tree, 1, "Length"), 0);
    const unsigned char *end;

    if (len > 0 && len < rest.len
        && og_bytes_at(&rest, og_pdf_skip(&rest, len), "endstream", 9))
        return og_bytes_from(&rest, 0, len);
    end = memmem(rest.data, rest.len, "endstream", 9);
    return og_bytes_from(&rest, 0, end != NULL ? (size_t)(end - rest.data) : rest.len);
}

enum og_rc
og_pdf_stream(struct og_pdf_file *file, const struct og_pdf_place *place, bool encrypted,
              struct og_buf *out)
{
    struct og_pdf_packing filters[MAX_FILTERS];
    size_t count = 0, at = og_pdf_stream_at(file);
    size_t room = OG_PDF_MAX_UNPACKED - file->unpacked;
    struct og_bytes data;
    enum og_rc rc = read_filters(file, filters, &count);

    if (rc != OG_OK || at == 0)
        return rc;
    data = raw_bytes(file, at);
    file->tree.work += data.len;
    out->max = data.len > room ? data.len : room;
    rc = encrypted ? og_pdf_decrypt(&file->crypt, place->number, place->generation, &data,
                                    out, file->err)
                   : og_buf_add(out, data.data, data.len, file->err);
    for (size_t i = 0; i < count && rc == OG_OK; i++) {
        struct og_buf next = OG_BUF_INIT(room);
        struct og_bytes packed = og_bytes(og_buf_text(out), out->len);

        rc = og_pdf_unpack(&filters[i], &packed, &next, file->err);
        file->unpacked += next.len;
        room -= next.len < room ? next.len : room;
        if (rc == OG_E_LIMIT) {
            file->capped = true;
            rc = OG_OK;
        }
        og_buf_free(out);
        og_buf_move(out, &next);
    }
    return rc;
}
