/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/exim/port.h"

#include <stdio.h>
#include <string.h>

#include "core/lib/key.h"
#include "core/state/events.h"

static enum og_rc
fill(struct og_record *event, const char *id, const char *module, const char *user,
     const struct og_verdict *verdict, const char *reason, struct og_err *err)
{
    const struct og_pair rows[] = {
        { "id", id },
        { "message_id", og_port_message_id() },
        { "user", user },
        { "client", og_port_client_address() },
        { "sender", og_port_envelope_sender() },
        { "check", module },
        { "class", verdict->class },
        { "verdict", og_action_text(verdict->action) },
        { "reply", verdict->code },
        { "reason", reason != NULL && reason[0] != '\0' ? reason : verdict->text },
    };

    return og_record_set_pairs(event, rows, N_ELEMENTS(rows), err);
}

/* the verdict's own facts, then those of the caller */
static enum og_rc
fill_more(struct og_record *event, const struct og_verdict *verdict,
          const struct og_record *more, struct og_err *err)
{
    struct og_record facts = OG_RECORD_INIT;
    enum og_rc rc = og_record_parse(verdict->facts, strlen(verdict->facts), &facts, err);

    for (size_t i = 0; i < facts.count && rc == OG_OK; i++)
        rc = og_record_set_field(event, &facts.fields[i], err);
    for (size_t i = 0; more != NULL && i < more->count && rc == OG_OK; i++)
        rc = og_record_set_field(event, &more->fields[i], err);
    og_record_free(&facts);
    return rc;
}

void
og_port_event_id(char id[OG_EVENT_ID])
{
    if (og_key_random_id(id, OG_EVENT_ID - 1, NULL) != OG_OK)
        (void)snprintf(id, OG_EVENT_ID, "none");
}

void
og_port_event(const struct og_state *state, const char *module, const char *user,
              const struct og_verdict *verdict, const char *reason,
              const struct og_record *more, char id[OG_EVENT_ID])
{
    og_port_event_id(id);
    og_port_event_as(state, module, user, verdict, reason, more, id);
}

void
og_port_event_as(const struct og_state *state, const char *module, const char *user,
                 const struct og_verdict *verdict, const char *reason,
                 const struct og_record *more, const char *id)
{
    struct og_record event = OG_RECORD_INIT;
    struct og_err err = { "" };
    enum og_rc rc;

    if (og_port_pretended())
        return;
    rc = fill(&event, id, module, user, verdict, reason, &err);
    if (rc == OG_OK)
        rc = fill_more(&event, verdict, more, &err);
    if (rc == OG_OK && state != NULL)
        rc = og_events_write(state, &event, &err);
    if (rc != OG_OK || state == NULL)
        og_port_log(module, "%s (%s) id=%s user=%s: %s%s%s",
                    og_action_text(verdict->action), verdict->class, id, user,
                    reason != NULL ? reason : "", err.text[0] != '\0' ? "; " : "",
                    err.text);
    og_record_free(&event);
}

void
og_port_reply(const struct og_verdict *verdict, const char *id, char text[OG_REPLY_TEXT])
{
    text[0] = '\0';
    if (verdict->action != OG_ACCEPT && verdict->action != OG_DISCARD)
        (void)snprintf(text, OG_REPLY_TEXT, "%s %s (%s)", verdict->code, verdict->text,
                       id);
}
