/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_TOOLS_WHOSE_H
#define OG_TOOLS_WHOSE_H

#include "core/check/identity.h"
#include "core/state/lock_list.h"
#include "tools/tool.h"

/* what the verbs about locks share */

struct tool_account {
    struct og_sender sender;
    struct og_identity identity;
    struct og_account account; /* points into the two */
    bool stored;               /* false: no such sender any more, only its name */
};

#define TOOL_ACCOUNT_INIT                           \
    {                                               \
        OG_SENDER_INIT, { "" }, { NULL, "" }, false \
    }

/*
 * tool_account - the sender that a word means, with its settings, and an identity of it
 *
 * identity  as `outgatectl identities` prints it; without `header:`, `sender:` or
 *           `login:` in front that of the sender's identification_method; NULL: none
 * gone      a sender that is not stored is no error: locks outlive it
 *
 * The state must be there. The caller frees account with tool_account_free().
 */
int tool_account(struct tool *tool, const char *text, const char *identity, bool gone,
                 struct tool_account *account);
void tool_account_free(struct tool_account *account);

/* tool_who - the account that runs this; to be asked before tool_state(), which changes
 * to the state's owner */
void tool_who(char who[OG_LOCK_WHO]);

/* tool_account_name - the name of an account, `uid1234` where it has none */
void tool_account_name(uid_t uid, char who[OG_LOCK_WHO]);

/* tool_lock_json - a lock as `locks` prints it, without whose it is */
json_t *tool_lock_json(const struct og_lock *lock);

/* tool_time_json - a time as a string, null for 0 */
json_t *tool_time_json(int64_t at);

/* tool_time - a time as text, "-" for 0 */
const char *tool_time(int64_t at, char text[32]);

/* tool_locked - say what has been done to a lock, like tool_done() */
int tool_locked(struct tool *tool, const char *done, const struct og_account *account,
                const struct og_lock *lock);

#endif
