/* SPDX-License-Identifier: BSD-2-Clause */
#include "local_scan/keep.h"

#include <stdlib.h>

#include "core/exim/port.h"
#include "core/mail/arf.h"
#include "core/mail/quarantine.h"

static enum og_rc
describe(const struct scan *scan, const char *user, const char *check,
         const struct og_verdict *verdict, struct og_record *entry, struct og_err *err)
{
    /* which may not be what it was refused for */
    const struct og_finding *virus = og_findings_first(&scan->findings, OG_FOUND_VIRUS);
    const struct og_pair rows[] = {
        { "user", user },
        { "identity", scan->identity.text },
        { "client", og_port_client_address() },
        { "login", og_port_authenticated() ? user : "" },
        { "check", check },
        { "class", verdict->class },
        { "reason", verdict->text },
        { "virus", virus != NULL ? virus->name : "" },
        { "exact", scan->findings.exact },
        { "sender", scan->envelope_sender },
        { "message_id", og_port_message_id() },
    };
    enum og_rc rc = og_record_set_pairs(entry, rows, N_ELEMENTS(rows), err);

    if (rc == OG_OK)
        rc = scan_note_field(&scan->headers, "Message-ID", "msgid", entry, err);
    if (rc == OG_OK)
        rc = scan_note_field(&scan->headers, "Subject", "subject", entry, err);
    return rc;
}

/* the report of what is not kept: its header stands in the row */
static enum og_rc
report(const struct scan *scan, const struct og_refused *message, struct og_record *about,
       struct og_err *err)
{
    struct og_outbox_row row = { .fields = OG_RECORD_INIT };
    enum og_rc rc = og_quarantine_describe(message, about, err);

    if (rc == OG_OK)
        rc = og_arf_row(scan->state, message->id, about, message->headers,
                        message->report_to, message->now, &row, err);
    if (rc == OG_OK)
        rc = og_arf_put(scan->state, &row, err);
    og_record_free(&row.fields);
    return rc;
}

static enum og_rc
keep(struct scan *scan, const struct og_refused *message, bool kept,
     struct og_record *about, struct og_err *err)
{
    struct og_err why = { "" };
    enum og_rc rc = OG_OK, told = OG_OK;

    if (kept)
        rc = og_quarantine_store(scan->state, &scan->sender->settings, message, about,
                                 err);
    if ((!kept || rc != OG_OK) && message->report_to != NULL)
        told = report(scan, message, about, &why);
    if (told == OG_OK && message->report_to != NULL)
        told = og_outbox_look(scan->state, scan->now, &why);
    if (told != OG_OK) /* the event of the refusal itself is there in any case */
        og_port_log("quarantine", "%s: no report: %s", message->id, why.text);
    return rc;
}

static enum og_rc
act(struct scan *scan, const char *id, bool kept, const char *report_to,
    struct og_record *about, struct og_err *err)
{
    size_t count = (size_t)og_port_recipients();
    const char **recipients = calloc(count > 0 ? count : 1, sizeof *recipients);
    struct og_refused message = { .id = id,
                                  .domain = scan->sender->domain,
                                  .headers = &scan->headers,
                                  .fd = scan->fd,
                                  .body_start = scan->body_start,
                                  .recipients = recipients,
                                  .recipients_count = count,
                                  .report_to = report_to,
                                  .now = scan->now };
    enum og_rc rc;

    if (recipients == NULL)
        return og_fail(err, OG_E_NOMEM, "no memory for %zu recipients", count);
    for (size_t i = 0; i < count; i++)
        recipients[i] = og_port_recipient((int)i);
    if (message.domain[0] == '\0' || !og_vault_domain_ok(message.domain))
        message.domain = scan->state->hostname; /* a range that belongs to nobody */
    rc = keep(scan, &message, kept, about, err);
    free(recipients);
    return rc;
}

enum og_rc
scan_keep(struct scan *scan, const char *user, const char *check, const char *id,
          struct og_verdict *verdict, struct og_err *err)
{
    const struct og_settings *set = &scan->sender->settings;
    bool accept = set->quarantine_response == OG_QUARANTINE_ACCEPT;
    bool kept = og_quarantine_takes(set, verdict->class);
    const char *report_to = og_arf_wanted(set, verdict->class);
    struct og_record about = OG_RECORD_INIT;
    enum og_rc rc = OG_OK;

    if (verdict->action != OG_REJECT || (!kept && report_to == NULL))
        return OG_OK;
    if (!og_port_pretended()) {
        rc = describe(scan, user, check, verdict, &about, err);
        if (rc == OG_OK)
            rc = act(scan, id, kept, report_to, &about, err);
    }
    og_record_free(&about);
    if (!kept)
        return OG_OK;
    if (og_record_set_text(&scan->facts, "quarantine", rc == OG_OK ? "kept" : err->text,
                           NULL)
        != OG_OK)
        og_port_log("quarantine", "%s %s", id, rc == OG_OK ? "kept" : err->text);
    if (rc == OG_OK && accept) {
        verdict->action = OG_DISCARD; /* the client is not told */
        verdict->code[0] = '\0';
    } else if (rc != OG_OK && rc != OG_E_LIMIT && accept)
        og_verdict_trouble(verdict); /* it comes again; what never fits is refused */
    return rc;
}
