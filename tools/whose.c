/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/whose.h"

#include <pwd.h>
#include <string.h>
#include <unistd.h>

#include "core/base/time.h"

/* the canonical name may be that of a domain or an address range, which @ and a mask
 * tell apart */
static int
load(struct tool *tool, const char *text, bool gone, struct tool_account *account)
{
    struct og_name names[OG_NAME_CANDIDATES];
    struct og_user user = OG_USER_INIT;
    struct og_err err = { "" };
    char word[OG_NAME_TEXT + 1];
    size_t count = 0;
    int code = tool_names(tool, text, names, &count);
    enum og_rc rc;

    if (code != TOOL_DONE)
        return code;
    rc = tool_get(tool, names, count, &user, &err);
    account->stored = rc == OG_OK;
    if (rc == OG_OK) {
        (void)snprintf(word, sizeof word, "%s%s",
                       user.name.kind == OG_KIND_DOMAIN ? "@" : "", user.name.text);
        rc = og_users_sender(&tool->state, word, false, &account->sender, &err);
    } else if (rc == OG_E_NOTFOUND && gone) {
        account->sender.user.name = names[0];
        rc = og_settings_copy(&account->sender.settings, &tool->state.server, &err);
        if (rc == OG_OK)
            rc = og_settings_copy(&account->sender.domain_settings, &tool->state.server,
                                  &err);
    } else if (rc == OG_E_NOTFOUND)
        rc = og_fail(&err, rc, "no sender %.300s", text);
    og_user_free(&user);
    return tool_rc(tool, rc, &err);
}

static bool
has_method(const char *text)
{
    static const char *const methods[] = { "header:", "sender:", "login:" };

    for (size_t i = 0; i < N_ELEMENTS(methods); i++)
        if (strncmp(text, methods[i], strlen(methods[i])) == 0)
            return true;
    return false;
}

static const char *
method_of(const struct og_settings *set)
{
    switch ((enum og_identification_method)set->identification_method) {
    case OG_IDENTIFY_NONE:
        return NULL;
    case OG_IDENTIFY_SENDER:
        return "sender:";
    case OG_IDENTIFY_LOGIN:
        return "login:";
    case OG_IDENTIFY_HEADER:
        return "header:";
    }
    return NULL;
}

static int
put_identity(struct tool *tool, const char *text, struct tool_account *account)
{
    const char *method = has_method(text) ? "" : method_of(&account->sender.settings);
    struct og_buf whole = OG_BUF_INIT(sizeof account->identity.text - 1);

    if (method == NULL)
        return tool_fail(tool, TOOL_USAGE,
                         "'%s': the sender has no identification_method, so say "
                         "header:%s, sender:%s or login:%s",
                         text, text, text, text);
    if (text[0] == '\0' || og_buf_printf(&whole, NULL, "%s%s", method, text) != OG_OK)
        return tool_fail(tool, TOOL_USAGE, "'%s' is no identity", text);
    memcpy(account->identity.text, whole.data, whole.len + 1);
    og_buf_free(&whole);
    for (char *at = account->identity.text; *at != '\0'; at++)
        if (*at >= 'A' && *at <= 'Z')
            *at = (char)(*at - 'A' + 'a');
    return TOOL_DONE;
}

int
tool_account(struct tool *tool, const char *text, const char *identity, bool gone,
             struct tool_account *account)
{
    int code = load(tool, text, gone, account);

    if (code == TOOL_DONE && identity != NULL)
        code = put_identity(tool, identity, account);
    account->account = (struct og_account){ &account->sender, account->identity.text };
    return code;
}

void
tool_account_free(struct tool_account *account)
{
    og_sender_free(&account->sender);
    *account = (struct tool_account)TOOL_ACCOUNT_INIT;
}

void
tool_account_name(uid_t uid, char who[OG_LOCK_WHO])
{
    const struct passwd *entry = getpwuid(uid);

    if (entry != NULL)
        (void)snprintf(who, OG_LOCK_WHO, "%s", entry->pw_name);
    else
        (void)snprintf(who, OG_LOCK_WHO, "uid%u", (unsigned)uid);
}

void
tool_who(char who[OG_LOCK_WHO])
{
    tool_account_name(getuid(), who);
}

const char *
tool_time(int64_t at, char text[32])
{
    if (at == 0 || og_time_print(at, text, NULL) != OG_OK)
        memcpy(text, "-", 2);
    return text;
}

json_t *
tool_time_json(int64_t at)
{
    char text[32];

    return at != 0 ? json_string(tool_time(at, text)) : json_null();
}

static json_t *
text_json(const char *text)
{
    return text[0] != '\0' ? tool_string(text) : json_null();
}

json_t *
tool_lock_json(const struct og_lock *lock)
{
    return json_pack("{s:o, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:I}", "id",
                     text_json(lock->id), "scope", og_level_text(lock->level), "kind",
                     lock->manual ? "manual" : "automatic", "since",
                     tool_time_json(lock->since), "until", tool_time_json(lock->until),
                     "rule", text_json(lock->rule), "reason", text_json(lock->reason),
                     "who", text_json(lock->who), "unlocks", (json_int_t)lock->unlocks);
}

int
tool_locked(struct tool *tool, const char *done, const struct og_account *account,
            const struct og_lock *lock)
{
    const struct og_name *name = &account->sender->user.name;
    bool is_identity = lock->level == OG_LEVEL_IDENTITY;
    char until[32];

    if (tool->json)
        return tool_json(
            tool,
            json_pack("{s:s, s:s, s:o, s:o, s:o}", "done", done, "kind",
                      og_user_kind_text(name->kind), "name", tool_string(name->text),
                      "identity",
                      is_identity ? tool_string(account->identity) : json_null(), "lock",
                      lock->id[0] != '\0' ? tool_lock_json(lock) : json_null()));
    printf("%s %s ", done, og_user_kind_text(name->kind));
    (void)tool_put(stdout, name->text);
    if (is_identity) {
        fputs(" identity ", stdout);
        (void)tool_put(stdout, account->identity);
    }
    if (lock->id[0] != '\0')
        printf(" (%s)", lock->id);
    if (lock->locked)
        printf(lock->until != 0 ? " until %s" : " until it is unlocked by hand",
               tool_time(lock->until, until));
    putchar('\n');
    return TOOL_DONE;
}
