/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PowerPoint keeps embedded objects, and its own VBA project as one of them, packed in its
 * document stream: [MS-PPT] 2.10.34, 2.10.40. libclamav opens the first of them at most.
 */
#include "core/lib/inflate.h"
#include "core/macro/bytes.h"
#include "core/macro/ole2.h"
#include "core/macro/report.h"
#include "core/macro/rows.h"

enum {
    HEADER = 8,
    CONTAINER = 0xf,
    STORAGE = 0x1011, /* RT_ExternalOleObjectStg */
    PACKED = 1,       /* its instance: a length, then deflated */
    MAX_OBJECTS = 1000,
};

static enum og_rc
give_object(const struct og_layer *layer, size_t number, struct og_bytes content,
            bool packed, size_t *left, og_macro_take *take, void *arg, struct og_err *err)
{
    struct og_buf object = OG_BUF_INIT(*left), path = OG_BUF_INIT(SIZE_MAX / 2);
    struct og_layer made = { .parent = layer, .name = "object", .type = "" };
    enum og_rc rc;

    rc = og_buf_printf(&path, err, "%s/object%zu", layer->path, number);
    if (rc == OG_OK && packed)
        rc = og_inflate((const char *)content.data + 4, content.len - 4, OG_INFLATE_ZLIB,
                        &object, err);
    else if (rc == OG_OK)
        rc = og_buf_add(&object, content.data, content.len, err);
    if (rc == OG_E_SYNTAX)
        rc = OG_OK;
    if (rc == OG_OK && object.len > 0) {
        made.path = path.data;
        made.data = object.data;
        made.len = made.size = object.len;
        *left -= object.len;
        rc = take(&made, arg, err);
    }
    og_buf_free(&object);
    og_buf_free(&path);
    return rc;
}

static enum og_rc
walk(const struct og_layer *layer, const struct og_bytes *stream,
     struct og_findings *findings, og_macro_take *take, void *arg, struct og_err *err)
{
    size_t objects = 0, left = OG_MACRO_MAX_INNER; /* bytes of all of them */
    enum og_rc rc = OG_OK;

    for (size_t at = 0; rc == OG_OK && og_bytes_has(stream, at, HEADER);) {
        unsigned version = og_bytes_16(stream, at), type = og_bytes_16(stream, at + 2);
        size_t len = og_bytes_32(stream, at + 4);

        at += HEADER;
        if ((version & 0xf) == CONTAINER) /* its records are next */
            continue;
        if (type == STORAGE && objects++ == MAX_OBJECTS)
            return og_report_limit(layer, "files", MAX_OBJECTS, findings, err);
        if (type == STORAGE && len > 4)
            rc = give_object(layer, objects, og_bytes_from(stream, at, len),
                             version >> 4 == PACKED, &left, take, arg, err);
        at += len;
    }
    return rc;
}

enum og_rc
og_open_powerpoint(const struct og_layer *layer, struct og_findings *findings,
                   og_macro_take *take, void *arg, struct og_err *err)
{
    struct og_buf stream = OG_BUF_INIT(SIZE_MAX / 2);
    struct og_ole2 *ole = NULL;
    struct og_bytes bytes;
    int i;
    enum og_rc rc;

    if (!og_ole2_is(layer))
        return OG_OK;
    rc = og_ole2_open(layer->data, layer->len, &ole, err);
    if (rc == OG_E_SYNTAX)
        return OG_OK;
    i = rc == OG_OK ? og_ole2_find(ole, 0, "PowerPoint Document") : -1;
    if (i > 0)
        rc = og_ole2_read(ole, i, &stream, err);
    og_ole2_close(ole);
    bytes = og_bytes(stream.data, stream.len);
    if (rc == OG_OK)
        rc = walk(layer, &bytes, findings, take, arg, err);
    og_buf_free(&stream);
    if (rc == OG_E_LIMIT)
        rc = og_report_limit(layer, "size", OG_MACRO_MAX_INNER, findings, err);
    return rc;
}
