/* SPDX-License-Identifier: BSD-2-Clause */
/* what outgate_event and outgate_invalid share */
#include "dlfunc/refused.h"

#include <string.h>
#include <strings.h>

#include "core/base/time.h"
#include "core/mail/archive.h"
#include "core/state/invalid.h"

enum { SHOWN = 400 }; /* bytes of a text from outside in an event */

static enum og_rc
put(struct og_record *more, const char *name, const char *text)
{
    return og_record_set(more, name, text, strnlen(text, SHOWN), NULL);
}

static void
tell(const struct og_state *state, const char *module, const struct og_account *account,
     const char *address, const char *reply, const struct og_invalid *found)
{
    struct og_verdict verdict = OG_VERDICT_ACCEPT;
    struct og_record more = OG_RECORD_INIT;
    char id[OG_EVENT_ID];
    enum og_rc rc = put(&more, "recipient", address);

    og_verdict_set(&verdict, OG_REJECT, "550 5.1.1", "invalid-recipient",
                   "recipient refused as unknown");
    if (rc == OG_OK && account->identity[0] != '\0')
        rc = put(&more, "identity", account->identity);
    if (rc == OG_OK && reply[0] != '\0')
        rc = put(&more, "remote", reply);
    if (rc == OG_OK && found->counted)
        rc = og_record_set_number(&more, "invalid", (long long)found->used, NULL);
    if (rc != OG_OK)
        og_record_free(&more); /* the event is worth more than its last fields */
    og_port_event(state, module, account->sender->user.name.text, &verdict, NULL, &more,
                  id);
    og_record_free(&more);
}

void
refused_count(const char *module, const char *address, const char *reply)
{
    const struct og_state *state = NULL;
    const char *user = hook_user();
    struct og_sender sender = OG_SENDER_INIT;
    struct og_account account = { &sender, "" };
    struct og_invalid found = { .counted = false };
    struct og_err err = { "" };
    unsigned char *ignored;
    enum og_rc rc;

    if (user[0] == '\0' || og_port_pretended())
        return;
    account.identity = og_port_expand("$acl_m_outgate_identity");
    rc = og_port_state(&state, &err);
    if (rc == OG_OK)
        rc = og_users_sender(state, user, false, &sender, &err);
    if (rc == OG_OK) {
        rc = og_invalid_add(state, &account, address, og_time_now(), &found, &err);
        tell(state, module, &account, address, reply, &found);
    }
    if (rc != OG_OK && rc != OG_E_NOTFOUND)
        (void)hook_trouble(&ignored, state, module, user, &err); /* the event */
    og_sender_free(&sender);
}

bool
refused_archive(const char *address, const char *reply)
{
    const struct og_state *state = NULL;
    struct og_sender sender = OG_SENDER_INIT;
    struct og_verdict verdict = OG_VERDICT_ACCEPT;
    struct og_record more = OG_RECORD_INIT;
    const char *user = hook_user(), *archive;
    char id[OG_EVENT_ID];
    bool is_archive = false;

    if (user[0] == '\0' || og_port_state(&state, NULL) != OG_OK)
        return false;
    if (og_users_sender(state, user, true, &sender, NULL) == OG_OK) {
        archive = og_archive_address(&sender.settings);
        is_archive = archive[0] != '\0' && strcasecmp(archive, address) == 0;
    }
    if (is_archive) {
        og_verdict_set(&verdict, OG_REJECT, "550 5.0.0", "archive",
                       "the archive has not taken its copy");
        if (put(&more, "recipient", address) != OG_OK
            || put(&more, "remote", reply) != OG_OK)
            og_record_free(&more); /* the event is worth more than its last fields */
        og_port_event(state, "event", user, &verdict, NULL, &more, id);
    }
    og_record_free(&more);
    og_sender_free(&sender);
    return is_archive;
}
