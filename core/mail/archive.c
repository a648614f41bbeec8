/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/mail/archive.h"

const char *
og_archive_address(const struct og_settings *set)
{
    return set->archive != 0 ? set->archive_address : "";
}

enum og_rc
og_archive_field(const char *name, const char *address, struct og_buf *out,
                 struct og_err *err)
{
    enum og_rc rc = og_buf_printf(out, err, "%s: <", name);

    for (const char *at = address; *at != '\0' && rc == OG_OK; at++) {
        unsigned char byte = (unsigned char)*at;

        rc = byte >= ' ' && byte < 0x7f ? og_buf_add(out, at, 1, err)
                                        : og_buf_printf(out, err, "%%%02X", byte);
    }
    return rc == OG_OK ? og_buf_add_text(out, ">\n", err) : rc;
}
