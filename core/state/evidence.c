/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/state/evidence.h"

#include <string.h>

#include "core/state/lock_record.h"

enum og_rc
og_evidence_note(struct og_record *rec, const char *name, const char *text,
                 struct og_err *err)
{
    struct og_buf out = OG_BUF_INIT(OG_EVIDENCE_TEXT - 1);
    const char *old = og_record_get(rec, name);
    char line[OG_EVIDENCE_MAX_LINE];
    enum og_rc rc;

    og_lock_text(line, sizeof line, text);
    if (line[0] == '\0')
        return OG_OK;
    rc = og_buf_add_text(&out, line, err);
    for (int i = 1;
         old != NULL && *old != '\0' && i < OG_EVIDENCE_LINES && rc == OG_OK;) {
        size_t len = strcspn(old, "\n");

        if (len < sizeof line && (strlen(line) != len || strncmp(old, line, len) != 0)) {
            rc = og_buf_printf(&out, err, "\n%.*s", (int)len, old);
            i++;
        }
        old += len + (old[len] == '\n');
    }
    if (rc == OG_OK)
        rc = og_record_set_text(rec, name, og_buf_text(&out), err);
    og_buf_free(&out);
    return rc;
}
