/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_BASE_LAYER_H
#define OG_BASE_LAYER_H

#include <stddef.h>

/*
 * One layer of a message: a MIME part, a member of an archive, a stream of a document.
 * The content is hostile and may be cut off anywhere.
 */
struct og_layer {
    const struct og_layer *parent; /* what it was found in; NULL for the outermost */
    const char *path;              /* names from the outside in, `a.zip/b.docm` */
    const char *name;              /* the last of them, "" when it has none */
    const char *type; /* by content, as libclamav calls it: `CL_TYPE_MSOLE2` */
    const char *data; /* len bytes */
    size_t len;
    size_t size; /* bytes of the whole layer, where data is only its beginning */
};

#endif
