/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * outgate_locked USER [IDENTITY]: is the sender of this message locked? For a router, so
 * that queued mail waits: the lock's id, or the empty string, which also mail to
 * $local_part@$domain gets that passes in any case (og_lock_exempt). `trouble` when that
 * cannot be found out: the mail then waits as well. A router asks as root.
 */
#include "dlfunc/hook.h"

#include "core/base/time.h"
#include "core/check/lock.h"
#include "core/state/locks.h"

static enum og_rc
look(const struct og_state *state, const struct og_account *account, struct og_lock *lock,
     struct og_err *err)
{
    enum og_rc rc = og_lock_look(state, account, og_time_now(), lock, err);
    struct og_err why = { "" };

    if (rc == OG_OK && lock->unsettled && !og_port_pretended()
        && og_lock_settle(state, account, og_time_now(), &why) != OG_OK)
        og_port_log("locked", "user=%s: the end of a lock is not in the records: %s",
                    account->sender->user.name.text, why.text);
    return rc;
}

static bool
exempt(const struct og_state *state, const struct og_sender *sender)
{
    const char *recipient = og_port_expand("$local_part@$domain");

    return og_lock_exempt(&sender->settings, state->hostname, recipient);
}

HOOK(outgate_locked)
{
    const struct og_state *state = NULL;
    struct og_sender sender = OG_SENDER_INIT;
    struct og_account account = { &sender, "" };
    struct og_lock lock = { .locked = false };
    struct og_err err = { "" };
    const char *user, *id;
    enum og_rc rc;

    if (argc < 1 || argc > 2)
        return og_port_fail(yield, "outgate_locked: expected {USER} or {USER}{IDENTITY}");
    user = (const char *)argv[0];
    if (user[0] == '\0')
        return og_port_yield(yield, ""); /* not from a sender of ours */
    account.identity = argc == 2 ? (const char *)argv[1] : "";
    rc = og_port_state(&state, &err);
    if (rc == OG_OK)
        rc = og_users_sender_or_gone(state, user, &sender, &err);
    if (rc == OG_OK)
        rc = look(state, &account, &lock, &err);
    id = rc != OG_OK ? "trouble" : lock.locked && !exempt(state, &sender) ? lock.id : "";
    if (rc != OG_OK) {
        unsigned char *ignored;

        (void)hook_trouble(&ignored, state, "locked", user, &err); /* the event */
    }
    og_sender_free(&sender);
    return og_port_yield(yield, id);
}
