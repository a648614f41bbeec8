/* SPDX-License-Identifier: BSD-2-Clause */
#include "local_scan/release.h"

#include <stdio.h>

#include "core/base/time.h"
#include "core/exim/port.h"
#include "core/exim/session.h"
#include "core/mail/release.h"

/* the field that tells whose it is goes; rec receives what it says */
static enum og_rc
read_field(struct og_headers *headers, struct og_record *rec, struct og_err *err)
{
    struct og_buf value = OG_BUF_INIT(OG_RECORD_MAX_TEXT);
    enum og_rc rc = OG_E_NOTFOUND;

    for (size_t i = 0; i < headers->count; i++) {
        if (!og_header_is(&headers->rows[i], OG_RELEASE_FIELD))
            continue;
        headers->rows[i].removed = true;
        if (rc == OG_E_NOTFOUND) { /* ours is the first */
            rc = og_header_value(&headers->rows[i], &value, err);
            if (rc == OG_OK)
                rc = og_record_parse(og_buf_text(&value), value.len, rec, err);
        }
    }
    og_buf_free(&value);
    if (rc == OG_E_NOTFOUND)
        og_err_set(err, "a released message without " OG_RELEASE_FIELD);
    return rc;
}

static enum og_rc
take(struct scan *scan, const struct og_record *rec, struct og_verdict *verdict,
     const char **module, struct og_err *err)
{
    enum og_rc rc =
        og_session_sender(scan->state, og_record_text(rec, "user"), &scan->sender, err);

    (void)snprintf(scan->identity.text, sizeof scan->identity.text, "%s",
                   og_record_text(rec, "identity"));
    if (rc == OG_OK)
        rc = scan_run(scan, verdict, module, err);
    else if (rc == OG_E_NOTFOUND) /* the user has gone: nobody to count it on */
        rc = OG_OK;
    if (rc == OG_OK)
        rc = og_record_set_text(&scan->facts, "quarantine", og_record_text(rec, "id"),
                                err);
    return rc == OG_OK ? scan_note(scan, err) : rc;
}

int
release_mail(struct scan *scan)
{
    struct og_record rec = OG_RECORD_INIT;
    struct og_verdict verdict = OG_VERDICT_ACCEPT;
    const char *module = "release";
    char id[OG_EVENT_ID];
    struct og_err err = { "" };
    enum og_rc rc = og_port_state(&scan->state, &err);

    scan->released = true;
    scan->now = og_time_now();
    scan->envelope_sender = og_port_envelope_sender();
    if (rc == OG_OK)
        rc = og_port_headers(&scan->headers, &err);
    if (rc == OG_OK)
        rc = read_field(&scan->headers, &rec, &err);
    if (rc == OG_OK)
        rc = take(scan, &rec, &verdict, &module, &err);
    if (rc != OG_OK)
        og_verdict_trouble(&verdict);
    else
        og_verdict_set(&verdict, OG_ACCEPT, "", "released", "released from quarantine");
    scan_act(scan, &verdict);
    og_port_event(scan->state, "release", og_record_text(&rec, "user"), &verdict,
                  rc != OG_OK ? err.text : NULL, &scan->facts, id);
    og_record_free(&rec);
    return og_port_scan_code(verdict.action);
}
