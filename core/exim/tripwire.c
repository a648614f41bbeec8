/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/exim/tripwire.h"

#include <stdbool.h>
#include <stdio.h>

#include "core/exim/port.h"
#include "core/exim/session.h"
#include "core/state/incidents.h"
#include "core/state/tripwires.h"

enum { SHOWN = 150 }; /* bytes of the address in a lock's reason */

bool
og_tripwire_at_rcpt(const struct og_sender *sender)
{
    return og_port_is_smtp()
           && sender->settings.identification_method != OG_IDENTIFY_HEADER;
}

static enum og_rc
tell(const struct og_state *state, const struct og_account *account, const char *address,
     const struct og_incident_result *result, struct og_err *err)
{
    struct og_verdict verdict = OG_VERDICT_ACCEPT;
    struct og_record more = OG_RECORD_INIT;
    char id[OG_EVENT_ID];
    const struct og_pair rows[] = {
        { "identity", account->identity },
        { "recipient", address },
        { "incident", "tripwire" },
        { "result", result->counted ? "counted" : "ignored" },
        { "lock", result->lock.locked ? result->lock.id : "" },
    };
    enum og_rc rc = og_record_set_pairs(&more, rows, N_ELEMENTS(rows), err);

    og_verdict_set(&verdict, OG_ACCEPT, "", "tripwire", "A tripwire was written to");
    if (rc == OG_OK)
        og_port_event(state, "tripwire", account->sender->user.name.text, &verdict, NULL,
                      &more, id);
    og_record_free(&more);
    return rc;
}

enum og_rc
og_tripwire_look(const struct og_state *state, const struct og_account *account,
                 const char *address, int64_t now, struct og_err *err)
{
    char detail[SHOWN + 40];
    struct og_incident incident = { .class = "tripwire",
                                    .message = "", /* after an unlock it counts again */
                                    .detail = detail,
                                    .client = og_port_client_address() };
    struct og_incident_result result = { .counted = false };
    bool match = false;
    enum og_rc rc = og_tripwire_match(&state->server, address, &match, err);

    if (rc != OG_OK || !match || og_port_pretended())
        return rc;
    (void)snprintf(detail, sizeof detail, "wrote to the tripwire %.*s", SHOWN, address);
    rc = og_incident_count(state, account, &incident, now, &result, err);
    og_session_incident();
    return rc == OG_OK ? tell(state, account, address, &result, err) : rc;
}
