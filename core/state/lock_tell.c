/* SPDX-License-Identifier: BSD-2-Clause */
/* the events of locks */
#include "core/state/lock_record.h"

#include "core/base/time.h"
#include "core/lib/key.h"
#include "core/state/events.h"
#include "core/state/outbox.h"

/* the fields that only this module puts are known not to stand twice */
static enum og_rc
fill_event(struct og_record *event, const struct og_account *account,
           const struct og_lock_change *change, struct og_err *err)
{
    const struct og_lock *lock = &change->lock;
    bool is_identity = lock->level == OG_LEVEL_IDENTITY;
    char id[OG_LOCK_ID] = "", until[OG_TIME_TEXT] = "";
    enum og_rc rc = og_key_random_id(id, OG_LOCK_ID - 1, err);

    if (rc == OG_OK && change->what == OG_LOCK_MADE && lock->until > 0)
        rc = og_time_print(lock->until, until, err);
    if (rc == OG_OK) {
        const char *class = change->what == OG_LOCK_MADE ? "lock" : "unlock";
        const char *reason = change->what == OG_LOCK_RESET
                                 ? "the count of unlocks by timeout is 0 again"
                             : change->note[0] != '\0'       ? change->note
                             : change->what == OG_LOCK_ENDED ? change->who
                             : lock->reason[0] != '\0'       ? lock->reason
                                                             : lock->rule;
        const struct og_pair rows[] = {
            { "id", change->what == OG_LOCK_MADE ? lock->id : id },
            { "user", account->sender->user.name.text },
            { "identity", is_identity ? account->identity : "" },
            { "check", "lock" },
            { "class", class },
            { "lock", lock->id },
            { "scope", og_level_text(lock->level) },
            { "kind", lock->manual ? "manual" : "automatic" },
            { "rule", lock->rule },
            { "until", until },
            { "who", change->who },
            { "reason", reason },
            { "clients", change->clients },
            { "subjects", change->subjects },
        };

        rc = og_record_set_pairs(event, rows, N_ELEMENTS(rows), err);
    }
    if (rc == OG_OK)
        rc = og_record_set_number(event, "unlocks", (long long)lock->unlocks, err);
    return rc;
}

/* a lock that nobody hears of is worth a word to whoever reads the events */
static enum og_rc
tell_nobody(const struct og_state *state, const struct og_account *account,
            struct og_err *err)
{
    struct og_record event = OG_RECORD_INIT;
    char id[OG_LOCK_ID] = "";
    enum og_rc rc = og_key_random_id(id, OG_LOCK_ID - 1, err);

    if (rc == OG_OK)
        rc = og_record_set_some(&event, "id", id, err);
    if (rc == OG_OK)
        rc = og_record_set_some(&event, "user", account->sender->user.name.text, err);
    if (rc == OG_OK)
        rc = og_record_set_some(&event, "check", "notice", err);
    if (rc == OG_OK)
        rc = og_record_set_some(&event, "class", "no-contact", err);
    if (rc == OG_OK)
        rc = og_record_set_some(&event, "reason",
                                "nobody is told of this lock: no admin_contact", err);
    if (rc == OG_OK)
        rc = og_events_write(state, &event, err);
    og_record_free(&event);
    return rc;
}

enum og_rc
og_lock_tell(const struct og_state *state, const struct og_account *account,
             const struct og_lock_changes *changes, struct og_err *err)
{
    enum og_rc first = OG_OK;

    if (changes->notices)
        first = og_outbox_kick(state, err);
    if (changes->nobody)
        first = tell_nobody(state, account, err);
    for (size_t i = 0; i < changes->count; i++) {
        struct og_record event = OG_RECORD_INIT;
        enum og_rc rc = fill_event(&event, account, &changes->rows[i], err);

        if (rc == OG_OK)
            rc = og_events_write(state, &event, err);
        if (first == OG_OK)
            first = rc;
        og_record_free(&event);
    }
    return first;
}
