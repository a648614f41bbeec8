/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The content stage: Exim calls local_scan() once for each message it has received,
 * before it says 250. Debian's loader wants the two version functions as well.
 */
#include <stdio.h>
#include <string.h>

#include "core/base/time.h"
#include "core/check/gate.h"
#include "core/exim/port.h"
#include "core/exim/session.h"
#include "core/mail/archive.h"
#include "core/mail/release.h"
#include "core/state/token.h"
#include "local_scan/content.h"
#include "local_scan/keep.h"
#include "local_scan/own.h"
#include "local_scan/release.h"
#include "local_scan/scan.h"

OG_EXPORT int local_scan(int fd, unsigned char **return_text);
OG_EXPORT int local_scan_version_major(void);
OG_EXPORT int local_scan_version_minor(void);

int
local_scan_version_major(void)
{
    return og_port_abi_major();
}

int
local_scan_version_minor(void)
{
    return og_port_abi_minor();
}

/* a complaint shall find whoever sent the message, and not who sent one to him */
static void
drop_tokens(struct og_headers *headers)
{
    for (size_t i = 0; i < headers->count; i++)
        if (og_header_is(&headers->rows[i], OG_TOKEN_FIELD))
            headers->rows[i].removed = true;
}

static enum og_rc
load(struct scan *scan, const char *user, struct og_err *err)
{
    enum og_rc rc = og_port_state(&scan->state, err);

    if (rc == OG_OK)
        rc = og_session_sender(scan->state, user, &scan->sender, err);
    if (rc == OG_OK)
        rc = og_port_headers(&scan->headers, err);
    drop_tokens(&scan->headers);
    return rc;
}

enum { SHOWN = 200 }; /* bytes of a header field in an event */

enum og_rc
scan_note_field(const struct og_headers *headers, const char *field, const char *name,
                struct og_record *rec, struct og_err *err)
{
    const struct og_header *found = og_headers_find(headers, field);
    struct og_buf value = OG_BUF_INIT(65536);
    enum og_rc rc = OG_OK;

    if (found != NULL && og_header_value(found, &value, NULL) == OG_OK && value.len > 0)
        rc = og_record_set(rec, name, value.data, value.len > SHOWN ? SHOWN : value.len,
                           err);
    og_buf_free(&value);
    return rc;
}

enum og_rc
scan_note(struct scan *scan, struct og_err *err)
{
    enum og_rc rc =
        og_record_set_text(&scan->facts, "sender", scan->envelope_sender, err);

    if (rc == OG_OK)
        rc = scan_note_field(&scan->headers, "Message-ID", "msgid", &scan->facts, err);

    if (rc == OG_OK && scan->identity.text[0] != '\0')
        rc = og_record_set_text(&scan->facts, "identity", scan->identity.text, err);
    if (rc == OG_OK)
        rc = og_record_set_number(&scan->facts, "recipients", og_port_recipients(), err);
    return rc;
}

/* one header field after the other, the last one first: each goes on top */
static void
add_signatures(struct og_buf *fields)
{
    static const char name[] = "\nDKIM-Signature:";

    while (fields->len > 0) {
        char *last = fields->data;

        for (char *at = last; (at = strstr(at, name)) != NULL; at++)
            last = at + 1;
        og_port_header_first(last);
        fields->len = (size_t)(last - fields->data);
        fields->data[fields->len] = '\0';
    }
}

/* what og_submit() has handed over is signed, and nothing else: a notice has to arrive,
 * whatever is locked or broken */
static int
take_own(int fd)
{
    struct og_buf fields = OG_BUF_INIT(32768);
    struct og_err err = { "" };

    if (own_sign(fd, &fields, &err) == OG_OK)
        add_signatures(&fields);
    else
        og_port_log("scan", "mail of our own goes unsigned: %s", err.text);
    og_buf_free(&fields);
    return og_port_scan_code(OG_ACCEPT);
}

static void
scan_free(struct scan *scan)
{
    og_headers_free(&scan->headers);
    scan_content_free(scan);
    og_buf_free(&scan->signatures);
    og_record_free(&scan->facts);
}

/* the mark by which a complaint finds its sender; a message without it is better than
 * none */
static void
add_token(const struct scan *scan)
{
    char text[OG_TOKEN_TEXT], field[OG_TOKEN_TEXT + 32];
    struct og_err err = { "" };

    if (scan->sender == NULL || scan->sender->settings.feedback_token == 0
        || og_port_pretended())
        return;
    if (og_token_make(scan->state, scan->sender->user.name.text, scan->identity.text,
                      scan->now, text, &err)
        == OG_OK) {
        (void)snprintf(field, sizeof field, OG_TOKEN_FIELD ": %s\n", text);
        og_port_header_first(field);
    } else
        og_port_log("scan", "a message goes without token: %s", err.text);
}

void
scan_act(struct scan *scan, struct og_verdict *verdict)
{
    switch (verdict->action) {
    case OG_ACCEPT:
        og_port_headers_apply(&scan->headers);
        add_token(scan);
        add_signatures(&scan->signatures);
        if (scan->sender != NULL
            && og_archive_address(&scan->sender->settings)[0] != '\0')
            og_port_recipient_add(OG_ARCHIVE_RECIPIENT);
        break;
    case OG_DISCARD:
        og_port_discard();
        break;
    case OG_REJECT: /* the codes that Exim itself puts in front */
        memcpy(verdict->code, "550", 3);
        break;
    case OG_DEFER:
        memcpy(verdict->code, "451", 3);
        break;
    }
}

int
local_scan(int fd, unsigned char **return_text)
{
    struct scan scan = { .headers = OG_HEADERS_INIT,
                         .findings = OG_FINDINGS_INIT,
                         .signatures = OG_BUF_INIT(32768),
                         .facts = OG_RECORD_INIT,
                         .fd = fd,
                         .body_start = og_port_body_start() };
    const char *user = og_port_expand("$acl_c_outgate_user"), *module = "scan";
    struct og_verdict verdict = OG_VERDICT_ACCEPT;
    char id[OG_EVENT_ID], reply[OG_REPLY_TEXT];
    struct og_err err = { "" };
    bool known;
    enum og_rc rc;

    if (own_mail())
        return take_own(fd);
    if (own_protocol(OG_RELEASE_PROTOCOL)) {
        int code = release_mail(&scan);

        scan_free(&scan);
        return code;
    }
    if (user[0] == '\0')
        return og_port_scan_code(OG_ACCEPT); /* not from a sender of ours */
    og_port_event_id(id);
    scan.now = og_time_now();
    scan.envelope_sender = og_port_envelope_sender();
    rc = load(&scan, user, &err);
    known = rc != OG_E_NOTFOUND;
    if (rc == OG_OK)
        og_gate_check(&scan.sender->settings, 0, &verdict);
    if (rc == OG_OK && verdict.action == OG_ACCEPT)
        rc = scan_run(&scan, &verdict, &module, &err);
    if (rc == OG_OK)
        rc = scan_note(&scan, &err);
    if (!known)
        og_gate_unknown(&verdict);
    else if (rc != OG_OK)
        og_verdict_trouble(&verdict);
    if (rc == OG_OK && scan_effects(&scan, &verdict, &err) != OG_OK
        && og_record_set_text(&scan.facts, "uncounted", err.text, NULL) != OG_OK)
        og_port_log(module, "%s is not counted: %s", id, err.text);
    if (rc == OG_OK && scan_keep(&scan, user, module, id, &verdict, &err) != OG_OK
        && verdict.action == OG_DEFER)
        rc = OG_E_IO; /* the event tells why it is put off */
    scan_act(&scan, &verdict);
    og_port_event_as(scan.state, module, user, &verdict, rc != OG_OK ? err.text : NULL,
                     &scan.facts, id);
    og_port_reply(&verdict, id, reply);
    if (reply[0] != '\0')
        og_port_scan_text(return_text, reply + 4);
    scan_free(&scan);
    return og_port_scan_code(verdict.action);
}
