/* SPDX-License-Identifier: BSD-2-Clause */
#include "local_scan/keep.h"

#include <stdlib.h>
#include <string.h>

#include "core/exim/port.h"
#include "core/mail/quarantine.h"

static enum og_rc
describe(const struct scan *scan, const char *user, const char *check,
         const struct og_verdict *verdict, struct og_record *entry, struct og_err *err)
{
    const struct {
        const char *name, *value;
    } rows[] = {
        { "user", user },
        { "identity", scan->identity.text },
        { "client", og_port_client_address() },
        { "check", check },
        { "class", verdict->class },
        { "reason", verdict->text },
        { "exact", scan->findings.exact },
        { "sender", scan->envelope_sender },
        { "message_id", og_port_message_id() },
    };
    enum og_rc rc = OG_OK;

    for (size_t i = 0; i < N_ELEMENTS(rows) && rc == OG_OK; i++)
        if (rows[i].value[0] != '\0')
            rc = og_record_set_text(entry, rows[i].name, rows[i].value, err);
    if (rc == OG_OK)
        rc = scan_note_field(&scan->headers, "Message-ID", "msgid", entry, err);
    if (rc == OG_OK)
        rc = scan_note_field(&scan->headers, "Subject", "subject", entry, err);
    return rc;
}

static enum og_rc
store(const struct scan *scan, const char *id, struct og_record *entry,
      struct og_err *err)
{
    size_t count = (size_t)og_port_recipients();
    const char **recipients = calloc(count > 0 ? count : 1, sizeof *recipients);
    struct og_refused message = { &scan->headers, scan->fd, scan->body_start, recipients,
                                  count };
    const char *domain = scan->sender->domain;
    enum og_rc rc;

    if (recipients == NULL)
        return og_fail(err, OG_E_NOMEM, "no memory for %zu recipients", count);
    for (size_t i = 0; i < count; i++)
        recipients[i] = og_port_recipient((int)i);
    if (domain[0] == '\0' || !og_vault_domain_ok(domain))
        domain = scan->state->hostname; /* an address range that belongs to nobody */
    rc = og_quarantine_store(scan->state, &scan->sender->settings, domain, id, entry,
                             &message, scan->now, err);
    free(recipients);
    return rc;
}

enum og_rc
scan_keep(struct scan *scan, const char *user, const char *check, const char *id,
          struct og_verdict *verdict, struct og_err *err)
{
    const struct og_settings *set = &scan->sender->settings;
    bool accept = set->quarantine_response == OG_QUARANTINE_ACCEPT;
    struct og_record entry = OG_RECORD_INIT;
    enum og_rc rc = OG_OK;

    if (verdict->action != OG_REJECT || !og_quarantine_takes(set, verdict->class))
        return OG_OK;
    if (!og_port_pretended()) {
        rc = describe(scan, user, check, verdict, &entry, err);
        if (rc == OG_OK)
            rc = store(scan, id, &entry, err);
    }
    og_record_free(&entry);
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
