/* SPDX-License-Identifier: BSD-2-Clause */
#include "local_scan/content.h"

#include "core/base/settings_scan.h"
#include "core/scan/any.h"

enum { MAX_HEADERS = 16 << 20 }; /* bytes; Exim's own ceiling is 1 MB by default */

/* the header fields as they came, those that will go among them */
static enum og_rc
join(const struct og_headers *headers, struct og_buf *out, struct og_err *err)
{
    enum og_rc rc = OG_OK;

    for (size_t i = 0; i < headers->count && rc == OG_OK; i++)
        rc = og_buf_add(out, headers->rows[i].text, headers->rows[i].len, err);
    return rc;
}

/* *unseen: nobody has looked into the message, as no scanner was there or free for it */
static enum og_rc
run(struct scan *scan, bool *unseen, struct og_err *err)
{
    struct og_buf headers = OG_BUF_INIT(MAX_HEADERS);
    const char *checks = scan->state->server.checks;
    struct og_scan_request request = {
        .name = "",
        .fd = scan->fd,
        .start = scan->body_start,
        /* the look for macros finds documents that cannot be opened, too */
        .macros =
            og_checks_have(checks, "macros") || og_checks_have(checks, "attachments"),
        .fingerprint = og_checks_have(checks, "fingerprint"),
    };
    enum og_rc rc = og_scan_preload(&scan->state->server, err);

    *unseen = rc != OG_OK;
    if (rc == OG_OK)
        rc = join(&scan->headers, &headers, err);
    request.headers = og_buf_text(&headers);
    request.headers_len = headers.len;
    if (rc == OG_OK) {
        rc = og_scan_any(&scan->state->server, &request, &scan->findings, err);
        *unseen = rc == OG_E_NOTFOUND || rc == OG_E_PERM || rc == OG_E_BUSY;
    }
    og_buf_free(&headers);
    return rc;
}

enum og_rc
scan_content(struct scan *scan, const struct og_findings **findings, struct og_err *err)
{
    bool unseen = false;
    enum og_rc rc = OG_OK;

    if (!scan->scanned)
        rc = run(scan, &unseen, err);
    /* a scan that has failed may have failed because of the message: it never passes */
    if (unseen && scan->state->server.scanner_failure == OG_SCANNER_FAILURE_ACCEPT) {
        og_findings_free(&scan->findings);
        rc = og_record_set_text(&scan->facts, "unscanned", err->text, err);
    }
    scan->scanned = rc == OG_OK;
    *findings = &scan->findings;
    return rc;
}

void
scan_content_free(struct scan *scan)
{
    og_findings_free(&scan->findings);
}
