/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_TESTS_MACRO_WALK_H
#define OG_TESTS_MACRO_WALK_H

#include <stdio.h>
#include <stdlib.h>

#include "core/macro/macro.h"
#include "core/macro/zip.h"

/*
 * A document and, where it is a zip file, its members, each as a layer to all detectors
 * and openers: what the scanner does with libclamav's help.
 */
enum { WALK_DEPTH = 6 };

static inline enum og_rc walk_layer(const struct og_layer *layer,
                                    struct og_findings *findings, int depth,
                                    struct og_err *err);

struct walk_arg {
    struct og_findings *findings;
    int depth;
};

static inline enum og_rc
walk_inner(const struct og_layer *inner, void *arg, struct og_err *err)
{
    struct walk_arg *walk = arg;

    return walk_layer(inner, walk->findings, walk->depth + 1, err);
}

static inline enum og_rc
walk_members(const struct og_layer *layer, struct og_findings *findings, int depth,
             struct og_err *err)
{
    struct og_zip_member member;
    struct og_zip zip;
    enum og_rc rc = OG_OK;

    if (!og_zip_open(layer, &zip))
        return OG_OK;
    while (rc == OG_OK && og_zip_next(&zip, &member)) {
        struct og_buf content = OG_BUF_INIT(OG_MACRO_MAX_INNER), path = OG_BUF_INIT(4096);
        struct og_layer part = { .parent = layer, .type = "" };

        rc = og_zip_read(&zip, &member, &content, err);
        if (rc == OG_OK)
            rc = og_buf_printf(&path, err, "%s/%.*s", layer->path, (int)member.name_len,
                               member.name);
        if (rc == OG_OK) {
            part.path = path.data;
            part.name = path.data + strlen(layer->path) + 1;
            part.data = content.len > 0 ? content.data : "";
            part.len = part.size = content.len;
            rc = walk_layer(&part, findings, depth + 1, err);
        }
        og_buf_free(&content);
        og_buf_free(&path);
    }
    return rc;
}

static inline enum og_rc
walk_layer(const struct og_layer *layer, struct og_findings *findings, int depth,
           struct og_err *err)
{
    struct walk_arg walk = { findings, depth };
    enum og_rc rc = og_macro_look(layer, findings, err);

    if (rc == OG_OK && depth < WALK_DEPTH)
        rc = og_macro_inner(layer, findings, walk_inner, &walk, err);
    if (rc == OG_OK && depth < WALK_DEPTH)
        rc = walk_members(layer, findings, depth, err);
    return rc;
}

/* the whole file in memory of exactly its size; NULL: cannot be read */
static inline char *
walk_load(const char *path, size_t *len)
{
    FILE *file = fopen(path, "rb");
    char *data;
    long size;

    if (file == NULL)
        return NULL;
    (void)fseek(file, 0, SEEK_END); /* a regular file */
    size = ftell(file);
    rewind(file);
    data = size >= 0 ? malloc(size > 0 ? (size_t)size : 1) : NULL;
    if (data != NULL && fread(data, 1, (size_t)size, file) != (size_t)size) {
        free(data);
        data = NULL;
    }
    (void)fclose(file); /* only read */
    *len = (size_t)size;
    return data;
}

#endif
