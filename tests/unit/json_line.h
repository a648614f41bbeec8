/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_TESTS_JSON_LINE_H
#define OG_TESTS_JSON_LINE_H

#include "core/lib/json.h"

/* append a record as one object, its members as og_json_add_field() writes them; on
 * failure out keeps its old value */
static inline enum og_rc
json_line(const struct og_record *rec, struct og_buf *out, struct og_err *err)
{
    size_t start = out->len;
    enum og_rc rc = og_buf_add(out, "{", 1, err);

    for (size_t i = 0; i < rec->count && rc == OG_OK; i++) {
        if (i > 0)
            rc = og_buf_add(out, ",", 1, err);
        if (rc == OG_OK)
            rc = og_json_add_field(out, &rec->fields[i], err);
    }
    if (rc == OG_OK)
        rc = og_buf_add(out, "}", 1, err);
    if (rc != OG_OK)
        og_buf_cut(out, start);
    return rc;
}

#endif
