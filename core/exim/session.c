/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/exim/session.h"

#include <string.h>

#include "core/base/time.h"
#include "core/check/lock.h"
#include "core/exim/port.h"
#include "core/state/keys.h"
#include "core/state/limit_notice.h"
#include "core/state/outbox.h"
#include "core/state/token.h"

static struct og_sender known = OG_SENDER_INIT;
static char known_as[OG_NAME_TEXT];
static uint64_t known_at;    /* og_store_changes() before it was read; 0: nothing known */
static unsigned known_loads; /* og_port_loads() then */
static int64_t room_at;      /* when there was room for a lot more, for known; 0: never */

static char free_user[OG_NAME_TEXT]; /* no lock of these */
static char free_identity[OG_IDENTITY_TEXT];
static uint64_t free_at;

/* what the same run tells beside the sender */
struct beside {
    uint64_t changes;
    bool free, keyless;
};

static void
look_beside(struct og_txn *txn, const struct og_sender *sender, void *arg)
{
    struct beside *beside = arg;
    struct og_account account = { sender, "" };
    struct og_lock lock = { .locked = true };
    struct og_err ignored = { "" };
    bool any = true;

    *beside = (struct beside){ .changes = og_txn_changes(txn) };
    if (og_lock_read(txn, &account, og_time_now(), &lock, &ignored) == OG_OK)
        beside->free = !lock.locked && !lock.unsettled;
    if (sender->settings.dkim_sign != 0 && sender->domain[0] != '\0'
        && og_keys_look(txn, sender->domain, sender->settings.dkim_selector, &any,
                        &ignored)
               == OG_OK)
        beside->keyless = !any;
    if (sender->settings.feedback_token != 0) /* what his messages will need */
        og_token_look(txn);
}

static void
remember(const char *user, const struct beside *beside)
{
    bool fits = strlen(user) < sizeof known_as;

    room_at = 0;
    known_loads = og_port_loads();
    known_at = fits ? beside->changes : 0;
    known.keyless = fits && beside->keyless;
    free_at = fits && beside->free ? beside->changes : 0;
    if (!fits)
        return;
    memcpy(known_as, user, strlen(user) + 1);
    memcpy(free_user, known.user.name.text, sizeof free_user);
    free_identity[0] = '\0';
}

enum og_rc
og_session_sender(const struct og_state *state, const char *user,
                  const struct og_sender **sender, struct og_err *err)
{
    struct beside beside = { .changes = 0 };
    enum og_rc rc;

    if (known_at == 0 || known_at != og_store_changes(&state->store)
        || known_loads != og_port_loads() || strcmp(known_as, user) != 0) {
        known_at = 0;
        rc = og_users_sender_and(state, user, false, look_beside, &beside, &known, err);
        if (rc != OG_OK)
            return rc;
        remember(user, &beside);
    }
    *sender = &known;
    return OG_OK;
}

enum og_rc
og_session_sender_at(const struct og_state *state, const struct og_net *address,
                     const struct og_sender **sender, struct og_err *err)
{
    struct beside beside = { .changes = 0 };
    enum og_rc rc;

    known_at = 0;
    rc = og_users_sender_at(state, address, look_beside, &beside, &known, err);
    if (rc != OG_OK)
        return rc;
    remember(known.user.name.text, &beside);
    *sender = &known;
    return OG_OK;
}

static void
settle(const struct og_state *state, const struct og_account *account, int64_t now)
{
    struct og_err err = { "" };

    if (!og_port_pretended() && og_lock_settle(state, account, now, &err) != OG_OK)
        og_port_log("lock", "%s", err.text); /* the lock has ended all the same */
}

enum og_rc
og_session_lock(const struct og_state *state, const struct og_account *account,
                int64_t now, struct og_lock *lock, struct og_err *err)
{
    const char *user = account->sender->user.name.text;
    uint64_t before = account->sender == &known && known_at != 0
                          ? known_at /* this hook has just compared it */
                          : og_store_changes(&state->store);
    enum og_rc rc;

    if (free_at != 0 && free_at == before && strcmp(free_user, user) == 0
        && strcmp(free_identity, account->identity) == 0) {
        *lock = (struct og_lock){ .locked = false };
        return OG_OK;
    }
    free_at = 0;
    rc = og_lock_look(state, account, now, lock, err);
    if (rc == OG_OK && lock->unsettled)
        settle(state, account, now);
    if (rc == OG_OK && !lock->locked && !lock->unsettled
        && strlen(account->identity) < sizeof free_identity) {
        memcpy(free_user, user, strlen(user) + 1);
        memcpy(free_identity, account->identity, strlen(account->identity) + 1);
        free_at = before;
    }
    return rc;
}

void
og_session_lock_verdict(const struct og_account *account, const struct og_lock *lock,
                        struct og_verdict *verdict)
{
    struct og_lock_facts facts = {
        lock->manual,
        lock->rule,
        lock->until,
        lock->id,
        lock->level == OG_LEVEL_IDENTITY ? account->identity : "",
    };

    og_lock_verdict(&account->sender->settings, &facts, verdict);
}

void
og_session_incident(void)
{
    free_at = 0;
}

bool
og_session_room(const struct og_sender *sender, const char *identity, int64_t now)
{
    return room_at == now && sender == &known && known_at != 0 && identity[0] == '\0';
}

void
og_session_room_set(const struct og_account *account, int64_t now, bool room)
{
    bool ours = account->sender == &known && account->identity[0] == '\0';

    room_at = room && ours ? now : 0;
}

enum og_rc
og_session_identity(const struct og_state *state, const struct og_sender *sender,
                    struct og_headers *headers, struct og_identity *identity,
                    struct og_verdict *verdict, struct og_err *err)
{
    const struct og_settings *set = &sender->settings;
    char login[OG_NAME_TEXT] = "";
    struct og_identity_facts facts = { og_port_envelope_sender(), login, false };
    struct og_headers none = OG_HEADERS_INIT;

    *identity = (struct og_identity){ "" };
    if (set->identification_method == OG_IDENTIFY_NONE
        && (headers == NULL || set->identification_headers[0] == '\0'))
        return OG_OK;
    if (set->identification_method == OG_IDENTIFY_LOGIN || og_port_authenticated())
        og_port_login(state->hostname, login);
    if (headers != NULL)
        facts.headers_count = og_identity_headers_count(
            set, og_sender_is_person(sender, og_port_authenticated() ? login : ""));
    return og_identity_find(set, &facts, headers != NULL ? headers : &none, identity,
                            verdict, err);
}

void
og_session_short(const struct og_state *state, const struct og_account *account,
                 const struct og_shortage *shortage, int64_t now)
{
    struct og_err err = { "" };

    if (shortage->short_of && !og_port_pretended()
        && og_limit_notice(state, account, shortage, now, &err) != OG_OK)
        og_port_log("limits", "no notice: %s", err.text);
}

void
og_session_outbox(const struct og_state *state, int64_t now)
{
    struct og_err err = { "" };

    if (!og_port_pretended() && og_outbox_look(state, now, &err) != OG_OK)
        og_port_log("notice", "%s", err.text);
}
