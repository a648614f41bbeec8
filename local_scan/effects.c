/* SPDX-License-Identifier: BSD-2-Clause */
/* what follows from a verdict: incidents, and with them locks */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/base/rule.h"
#include "core/exim/port.h"
#include "core/lib/digest.h"
#include "core/state/fan_out.h"
#include "core/state/incidents.h"
#include "local_scan/scan.h"

enum {
    MAX_FIELD = 1 << 24,   /* bytes of a header field; Exim's own ceiling is lower */
    MAX_MESSAGE_ID = 2000, /* bytes that tell one message from another */
};

/* the first field of that name as one line, "" without */
static enum og_rc
field(const struct scan *scan, const char *name, struct og_buf *out, struct og_err *err)
{
    const struct og_header *found = og_headers_find(&scan->headers, name);

    return found != NULL ? og_header_value(found, out, err) : OG_OK;
}

/* the client's own Message-ID; one that Exim has made is new with each try */
static enum og_rc
add_message_id(const struct scan *scan, struct og_buf *out, struct og_err *err)
{
    struct og_buf value = OG_BUF_INIT(MAX_FIELD);
    enum og_rc rc = field(scan, "Message-ID", &value, err);

    if (rc == OG_OK && strstr(og_buf_text(&value), og_port_message_id()) == NULL)
        rc = og_buf_printf(out, err, "%.*s ", MAX_MESSAGE_ID, og_buf_text(&value));
    og_buf_free(&value);
    return rc;
}

static enum og_rc
add_body(const struct scan *scan, struct og_buf *out, struct og_err *err)
{
    struct og_digest digest = OG_DIGEST_INIT;
    char chunk[16384], hex[OG_DIGEST_HEX];
    enum og_rc rc = og_digest_open(&digest, err);
    ssize_t n = 1;

    for (off_t at = scan->body_start; rc == OG_OK && n > 0; at += n) {
        n = pread(scan->fd, chunk, sizeof chunk, at);
        if (n < 0)
            rc = og_fail(err, OG_E_IO, "read body: %s", strerror(errno));
        else
            og_digest_add(&digest, chunk, (size_t)n);
    }
    if (rc == OG_OK) {
        og_digest_end(&digest, hex);
        rc = og_buf_add_text(out, hex, err);
    }
    og_digest_free(&digest);
    return rc;
}

/* message is what makes a retry the same incident, see og_incident */
static enum og_rc
count(struct scan *scan, const char *class, const char *message, const char *detail,
      struct og_err *err)
{
    struct og_account account = { scan->sender, scan->identity.text };
    struct og_incident_result result = { .counted = false };
    struct og_buf subject = OG_BUF_INIT(MAX_FIELD);
    struct og_incident incident = { .class = class,
                                    .message = message,
                                    .detail = detail,
                                    .client = og_port_client_address() };
    enum og_rc rc = field(scan, "Subject", &subject, err);

    incident.subject = og_buf_text(&subject);
    if (rc == OG_OK)
        rc = og_incident_count(scan->state, &account, &incident, scan->now, &result, err);
    if (rc == OG_OK)
        rc = og_record_set_text(&scan->facts, "incident", class, err);
    if (rc == OG_OK)
        rc = og_record_set_text(&scan->facts, "result",
                                result.counted ? "counted"
                                : result.seen  ? "known"
                                               : "ignored",
                                err);
    if (rc == OG_OK && result.lock.locked)
        rc = og_record_set_text(&scan->facts, "lock", result.lock.id, err);
    og_buf_free(&subject);
    return rc;
}

static bool
is_incident(const struct og_verdict *verdict)
{
    return verdict->action == OG_REJECT && og_incident_class(verdict->class);
}

/* once a message, however often it comes */
static enum og_rc
count_verdict(struct scan *scan, const struct og_verdict *verdict, struct og_err *err)
{
    struct og_account account = { scan->sender, scan->identity.text };
    struct og_buf message = OG_BUF_INIT(MAX_MESSAGE_ID + OG_DIGEST_HEX + 1);
    bool wanted = og_incident_may_count(&account, verdict->class);
    enum og_rc rc = wanted ? add_message_id(scan, &message, err) : OG_OK;

    if (rc == OG_OK && wanted)
        rc = add_body(scan, &message, err);
    if (rc == OG_OK)
        rc = count(scan, verdict->class, og_buf_text(&message), verdict->text, err);
    og_buf_free(&message);
    return rc;
}

/* an accepted message meets its recipients */
static enum og_rc
fan_out(struct scan *scan, struct og_err *err)
{
    struct og_account account = { scan->sender, scan->identity.text };
    struct og_recipients list = OG_RECIPIENTS_INIT;
    struct og_fan_out result = { 0, false };
    char detail[100];
    enum og_rc rc = og_port_recipients_fold(&list, NULL, err);

    if (rc == OG_OK)
        rc = og_fan_out_count(scan->state, &account, &scan->findings, list.addresses,
                              list.count, scan->now, &result, err);
    if (rc == OG_OK && result.strangers > 0)
        rc = og_record_set_number(&scan->facts, "strangers", (long long)result.strangers,
                                  err);
    (void)snprintf(detail, sizeof detail, "one text to %zu stranger%s in ten minutes",
                   result.strangers, result.strangers == 1 ? "" : "s");
    if (rc == OG_OK && result.reached)
        rc = count(scan, "fan-out", "", detail, err);
    og_recipients_free(&list);
    return rc;
}

enum og_rc
scan_effects(struct scan *scan, const struct og_verdict *verdict, struct og_err *err)
{
    enum og_rc rc = OG_OK;

    if (og_port_pretended())
        return OG_OK;
    if (is_incident(verdict))
        return count_verdict(scan, verdict, err);
    if (verdict->action != OG_ACCEPT)
        return OG_OK;
    if (is_incident(&scan->observed)) {
        rc = og_record_set_text(&scan->facts, "observed", scan->observed.class, err);
        if (rc == OG_OK) /* one that has left is no retry of another one that has */
            rc = count(scan, scan->observed.class, "", scan->observed.text, err);
    }
    return rc == OG_OK && scan->fan_out ? fan_out(scan, err) : rc;
}
