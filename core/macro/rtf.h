/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_MACRO_RTF_H
#define OG_MACRO_RTF_H

#include "core/base/buf.h"
#include "core/macro/bytes.h"

/*
 * Objects in RTF: `\objdata`, hex digits with anything between them that readers leave
 * out. How they do that differs and is not written down, so an object is decoded in
 * several ways, and each result is judged.
 */
struct og_rtf_object {
    struct og_bytes data;   /* decoded: an OLE 1.0 object */
    struct og_bytes class;  /* the parts of its head, [MS-OLEDS] section 2.2 */
    struct og_bytes native; /* what its program stored */
    bool linked;
    bool updates; /* a link that is renewed when the document is opened */
};

typedef enum og_rc og_rtf_take(const struct og_rtf_object *object, void *arg,
                               struct og_err *err);

/*
 * og_rtf_objects - call take for each object in the document, in each way once
 *
 * capped  set when there are more bytes in objects than a document without tricks has
 * Returns what take returns; OG_OK for what is no RTF; OG_E_NOMEM.
 */
enum og_rc og_rtf_objects(const struct og_bytes *rtf, og_rtf_take *take, void *arg,
                          bool *capped, struct og_err *err) OG_CHECKED;

/* og_rtf_has - does this control word stand in the document, as more than text? */
bool og_rtf_has(const struct og_bytes *rtf, const char *word);

/* og_rtf_package - the file in a Package's native data and its name; false without one */
bool og_rtf_package(const struct og_bytes *native, struct og_bytes *name,
                    struct og_bytes *file);

#endif
