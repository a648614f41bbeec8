/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_MACRO_ZIP_H
#define OG_MACRO_ZIP_H

#include <stdbool.h>

#include "core/base/buf.h"
#include "core/base/layer.h"
#include "core/macro/bytes.h"

/* Members of a zip file by its central directory, as Office finds them. Hostile. */
struct og_zip {
    struct og_bytes file;
    size_t at;   /* of the next entry */
    size_t base; /* bytes before the archive */
};

struct og_zip_member {
    const char *name; /* name_len bytes */
    size_t name_len;
    const char *other; /* the name in UTF-8 that some unpack it by; NULL: none */
    size_t other_len;
    unsigned method;
    uint64_t packed; /* bytes */
    uint64_t header; /* where its local header is */
};

/* og_zip_open - false where there is no central directory; owns nothing */
bool og_zip_open(const struct og_layer *layer, struct og_zip *zip);

/* og_zip_next - the next member; false behind the last one */
bool og_zip_next(struct og_zip *zip, struct og_zip_member *member);

/* og_zip_named - is that its name? ASCII letters in any case, a `\` is a `/` */
bool og_zip_named(const struct og_zip_member *member, const char *name);

/* og_zip_is_package - does it list the types of its parts, as OOXML does? */
bool og_zip_is_package(const struct og_layer *layer);

/*
 * og_zip_read - unpack one member
 *
 * out  receives it, also what can be unpacked of a damaged one; nothing for a method that
 *      Office does not read
 *
 * Returns OG_OK; OG_E_LIMIT above out->max; OG_E_NOMEM.
 */
enum og_rc og_zip_read(const struct og_zip *zip, const struct og_zip_member *member,
                       struct og_buf *out, struct og_err *err) OG_CHECKED;

#endif
