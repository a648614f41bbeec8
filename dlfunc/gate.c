/* SPDX-License-Identifier: BSD-2-Clause */
#include "dlfunc/gate.h"

#include <string.h>

#include "core/base/time.h"
#include "core/check/from.h"
#include "core/check/gate.h"
#include "core/check/limits.h"
#include "core/check/lock.h"
#include "core/exim/session.h"
#include "core/exim/tripwire.h"
#include "core/state/ledger.h"

/* what this process, that is this session, has seen; a user's name or "" */
static char counted_for[OG_NAME_TEXT];  /* the connection is counted */
static char unlocked_for[OG_NAME_TEXT]; /* MAIL was accepted while there was no lock */
static int64_t fitted_at; /* when MAIL found room for a message to one recipient */

/* recipients of a message up to which each RCPT asks for the limit of different ones: the
 * cost grows with the square. What is above is decided when the message is counted. */
enum { DISTINCT_AT_RCPT = 200 };

struct gate {
    const struct og_state *state;
    enum gate_stage stage;
    const struct og_sender *sender;
    struct og_identity identity; /* as far as it is known before the message */
    int64_t now;
};

static void
remember(char where[OG_NAME_TEXT], const char *user)
{
    memcpy(where, user, strlen(user) + 1);
}

static bool
is_for(const char *where, const struct og_sender *sender)
{
    return strcmp(where, sender->user.name.text) == 0;
}

enum og_rc
gate_connection(const struct og_state *state, const struct og_sender *sender,
                struct og_verdict *verdict, struct og_err *err)
{
    struct og_account account = { sender, "" };
    struct og_charge charge = { .amount = { [OG_UNIT_CONNECTIONS] = 1 } };
    struct og_shortage shortage = { .short_of = false };
    int64_t now = og_time_now();
    enum og_rc rc;

    if ((sender->settings.enable_limits == 0
         && sender->domain_settings.enable_limits == 0)
        || is_for(counted_for, sender) || og_port_client_address()[0] == '\0')
        return OG_OK;
    rc = og_port_pretended()
             ? og_ledger_look(state, &account, &charge, now, &shortage, err)
             : og_ledger_charge(state, &account, &charge, now, &shortage, err);
    og_session_room_set(&account, now, rc == OG_OK && shortage.room);
    if (rc == OG_OK && shortage.short_of) {
        og_limits_check(&sender->settings, &shortage, 0, verdict);
        og_session_short(state, &account, &shortage, now);
    } else if (rc == OG_OK)
        remember(counted_for, sender->user.name.text);
    return rc;
}

/* may this message reach all its recipients so far, lock or not? */
static bool
exempt(const struct gate *gate)
{
    const struct og_settings *set = &gate->sender->settings;
    const char *host = gate->state->hostname;

    if (gate->stage == GATE_RCPT)
        return og_lock_exempt(set, host, og_port_expand("$local_part@$domain"));
    for (int i = 0; i < og_port_recipients(); i++)
        if (!og_lock_exempt(set, host, og_port_recipient(i)))
            return false;
    return true;
}

/*
 * A locked sender may still write to its administrator, so a new session passes MAIL
 * and is refused at RCPT; a session that was open when the lock came is refused at
 * its next MAIL.
 */
static enum og_rc
check_lock(const struct gate *gate, struct og_verdict *verdict, struct og_err *err)
{
    struct og_account account = { gate->sender, gate->identity.text };
    struct og_lock lock = { .locked = false };
    enum og_rc rc = og_session_lock(gate->state, &account, gate->now, &lock, err);

    if (rc != OG_OK)
        return rc;
    if (!lock.locked && gate->stage == GATE_MAIL)
        remember(unlocked_for, gate->sender->user.name.text);
    if (!lock.locked || gate->sender->settings.lock_response == OG_LOCK_DISCARD)
        return OG_OK;
    if (gate->stage == GATE_MAIL ? is_for(unlocked_for, gate->sender) : !exempt(gate))
        og_session_lock_verdict(&account, &lock, verdict);
    return OG_OK;
}

/* may lock, which is then answered as any lock */
static enum og_rc
check_tripwire(const struct gate *gate, struct og_verdict *verdict, struct og_err *err)
{
    struct og_account account = { gate->sender, gate->identity.text };
    enum og_rc rc;

    if (gate->stage != GATE_RCPT || gate->state->server.tripwires[0] == '\0'
        || !og_tripwire_at_rcpt(gate->sender))
        return OG_OK;
    rc = og_tripwire_look(gate->state, &account, og_port_expand("$local_part@$domain"),
                          gate->now, err);
    return rc == OG_OK ? check_lock(gate, verdict, err) : rc;
}

static enum og_rc
look(const struct gate *gate, const char *const *addresses, size_t count,
     struct og_verdict *verdict, struct og_err *err)
{
    struct og_account account = { gate->sender, gate->identity.text };
    struct og_charge charge = { .addresses = addresses, .addresses_count = count };
    struct og_shortage shortage = { .short_of = false };
    uint64_t before = gate->stage == GATE_RCPT ? (uint64_t)og_port_recipients() : 0;
    bool asked = gate->stage == GATE_RCPT && fitted_at == gate->now && count == 0;
    enum og_rc rc;

    if (before == 0 && asked)
        return OG_OK; /* MAIL has looked for the same, in this second */
    if (before < OG_ROOM_RECIPIENTS
        && og_session_room(gate->sender, gate->identity.text, gate->now))
        return OG_OK;
    fitted_at = 0;
    charge.amount[OG_UNIT_MESSAGES] = 1;
    charge.amount[OG_UNIT_RECIPIENTS] = before + 1;
    rc = og_ledger_look(gate->state, &account, &charge, gate->now, &shortage, err);
    og_session_room_set(&account, gate->now, rc == OG_OK && shortage.room);
    if (rc == OG_OK && shortage.short_of)
        og_limits_check(&gate->sender->settings, &shortage, before, verdict);
    if (gate->stage == GATE_RCPT)
        charge.amount[OG_UNIT_MESSAGES] = 0; /* of a message one recipient is refused */
    if (gate->stage == GATE_RCPT)
        charge.amount[OG_UNIT_RECIPIENTS] = 1;
    if (rc == OG_OK && shortage.short_of && !og_port_pretended())
        rc = og_ledger_refuse(gate->state, &account, &charge, gate->now, err);
    og_session_short(gate->state, &account, &shortage, gate->now);
    if (rc == OG_OK && !shortage.short_of && before == 0)
        fitted_at = gate->now;
    return rc;
}

static enum og_rc
check_limits(const struct gate *gate, struct og_verdict *verdict, struct og_err *err)
{
    struct og_recipients list = OG_RECIPIENTS_INIT;
    enum og_rc rc = OG_OK;

    if (gate->stage == GATE_PREDATA)
        return OG_OK;
    if (gate->stage == GATE_RCPT && og_port_recipients() < DISTINCT_AT_RCPT
        && gate->sender->settings.maximum_distinct_recipients_per_day > 0)
        rc = og_port_recipients_fold(&list, og_port_expand("$local_part@$domain"), err);
    if (rc == OG_OK)
        rc = look(gate, list.addresses, list.count, verdict, err);
    og_recipients_free(&list);
    return rc;
}

static enum og_rc
judge(struct gate *gate, unsigned long long size_bytes, struct og_verdict *verdict,
      struct og_err *err)
{
    const struct og_settings *set = &gate->sender->settings;
    struct og_verdict ignored = OG_VERDICT_ACCEPT; /* the content stage judges */
    enum og_rc rc = og_session_identity(gate->state, gate->sender, NULL, &gate->identity,
                                        &ignored, err);

    if (rc == OG_OK)
        og_gate_check(set, size_bytes, verdict);
    if (rc == OG_OK && verdict->action == OG_ACCEPT && gate->stage == GATE_MAIL)
        rc = og_from_check_envelope(set, gate->sender->domain, og_port_envelope_sender(),
                                    verdict, err);
    if (rc == OG_OK && verdict->action == OG_ACCEPT && gate->stage == GATE_RCPT)
        og_from_check_recipients(og_port_envelope_sender(),
                                 (size_t)og_port_recipients() + 1, verdict);
    if (rc == OG_OK && verdict->action == OG_ACCEPT && gate->stage == GATE_MAIL)
        rc = gate_connection(gate->state, gate->sender, verdict, err);
    if (rc == OG_OK && verdict->action == OG_ACCEPT)
        rc = check_lock(gate, verdict, err);
    if (rc == OG_OK && verdict->action == OG_ACCEPT)
        rc = check_tripwire(gate, verdict, err);
    if (rc == OG_OK && verdict->action == OG_ACCEPT)
        rc = check_limits(gate, verdict, err);
    return rc;
}

/* whom it hit: the identity as far as it is known, of nobody that we know what he calls
 * himself, and at RCPT the recipient */
static int
decide(unsigned char **yield, const struct gate *gate, const char *module,
       const struct og_verdict *verdict, const char *reason)
{
    struct og_record whom = OG_RECORD_INIT;
    char id[OG_EVENT_ID] = "", reply[OG_REPLY_TEXT], login[OG_NAME_TEXT] = "";
    enum og_rc rc = OG_OK;

    if (verdict->action == OG_ACCEPT)
        return og_port_yield(yield, "");
    if (hook_user()[0] == '\0' && gate->state != NULL)
        og_port_login(gate->state->hostname, login);
    if (login[0] != '\0')
        rc = og_record_set_text(&whom, "login", login, NULL);
    if (rc == OG_OK && gate->identity.text[0] != '\0')
        rc = og_record_set_text(&whom, "identity", gate->identity.text, NULL);
    if (rc == OG_OK && gate->stage == GATE_RCPT)
        rc = og_record_set_text(&whom, "recipient", og_port_expand("$local_part@$domain"),
                                NULL);
    og_port_event(gate->state, module, hook_user(), verdict, reason,
                  rc == OG_OK ? &whom : NULL, id);
    og_record_free(&whom);
    og_port_reply(verdict, id, reply);
    return og_port_yield(yield, reply);
}

int
hook_gate(unsigned char **yield, const char *module, enum gate_stage stage,
          unsigned long long size_bytes)
{
    const char *user = hook_user();
    struct og_verdict verdict = OG_VERDICT_ACCEPT;
    struct gate gate = { .stage = stage, .now = og_time_now() };
    struct og_err err = { "" };
    bool ours = og_port_authenticated() || og_port_client_address()[0] == '\0';
    bool known = false;
    enum og_rc rc;

    if (user[0] == '\0' && !ours)
        return og_port_yield(yield, ""); /* mail from outside to this server */
    rc = stage == GATE_MAIL ? og_port_state(&gate.state, &err)
                            : og_port_state_kept(&gate.state, &err);
    if (rc == OG_OK)
        rc = user[0] != '\0'
                 ? og_session_sender(gate.state, user, &gate.sender, &err)
                 : og_fail(&err, OG_E_NOTFOUND, "no outgoing user for this login");
    known = rc != OG_E_NOTFOUND;
    if (rc == OG_OK && stage == GATE_MAIL)
        og_session_outbox(gate.state, gate.now);
    if (rc == OG_OK)
        rc = judge(&gate, size_bytes, &verdict, &err);
    if (!known)
        og_gate_unknown(&verdict);
    else if (rc != OG_OK)
        og_verdict_trouble(&verdict);
    return decide(yield, &gate, module, &verdict, rc != OG_OK ? err.text : NULL);
}
