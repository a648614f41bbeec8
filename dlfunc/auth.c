/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * outgate_auth LOGIN PASSWORD: `yes` or `no` for server_condition. An ip user's
 * password counts only from an address inside its range.
 */
#include "dlfunc/hook.h"

#include <string.h>

#include "core/base/net.h"
#include "core/lib/crypt.h"

/* is the client inside the range that is this ip user's name? */
static bool
inside(const struct og_user *user)
{
    struct og_net range, client;

    return og_net_parse(user->name.text, &range, NULL) == OG_OK
           && og_net_parse(og_port_client_address(), &client, NULL) == OG_OK
           && og_net_contains(&range, &client);
}

/* OG_OK and *match, or a trouble of our own; reason says why not */
static enum og_rc
check(const struct og_state *state, const char *login, const char *password,
      struct og_user *user, bool *match, const char **reason, struct og_err *err)
{
    size_t len = strlen(password);
    enum og_rc rc = og_users_find(state, login, user, err);
    const char *hash = rc == OG_OK ? og_record_get(&user->record, "password") : NULL;

    *match = false;
    if (rc != OG_OK && rc != OG_E_NOTFOUND && rc != OG_E_SYNTAX && rc != OG_E_LIMIT
        && rc != OG_E_RANGE)
        return rc;
    if (rc != OG_OK || hash == NULL) {
        og_crypt_dummy(password, len); /* an unknown login takes as long as a known one */
        *reason = rc != OG_OK ? "unknown login" : "login without a password";
        return OG_OK;
    }
    *reason = "wrong password";
    if (len == 0 || len > OG_CRYPT_MAX_PASSWORD)
        return OG_OK;
    rc = og_crypt_verify(password, len, hash, match, err);
    if (rc == OG_OK && *match && user->name.kind == OG_KIND_IP && !inside(user)) {
        *match = false;
        *reason = "right password from an address outside the range";
    }
    return rc;
}

static void
tell(const struct og_state *state, const char *login, const struct og_user *user,
     bool match, const char *reason)
{
    struct og_verdict verdict = OG_VERDICT_ACCEPT;
    struct og_record more = OG_RECORD_INIT;
    size_t len = strlen(login) < 200 ? strlen(login) : 200;
    char id[OG_EVENT_ID];

    if (match)
        og_verdict_set(&verdict, OG_ACCEPT, "", "auth", "logged in");
    else
        og_verdict_set(&verdict, OG_REJECT, "535 5.7.8", "auth-failure", "%s", reason);
    if (og_record_set(&more, "login", login, len, NULL) != OG_OK)
        og_record_free(&more); /* the event is worth more than its last field */
    og_port_event(state, "auth", user->name.text, &verdict, NULL, &more, id);
    og_record_free(&more);
}

HOOK(outgate_auth)
{
    const struct og_state *state = NULL;
    const char *login, *reason = "";
    struct og_user user = OG_USER_INIT;
    struct og_err err = { "" };
    bool match = false;
    enum og_rc rc;
    int code;

    if (argc != 2)
        return og_port_fail(yield, "outgate_auth: expected {LOGIN}{PASSWORD}");
    login = (const char *)argv[0];
    rc = og_port_state(&state, &err);
    if (rc == OG_OK)
        rc = check(state, login, (const char *)argv[1], &user, &match, &reason, &err);
    if (rc == OG_OK) {
        tell(state, login, &user, match, reason);
        code = og_port_yield(yield, match ? "yes" : "no");
    } else {
        unsigned char *ignored;

        (void)hook_trouble(&ignored, state, "auth", user.name.text, &err); /* the event */
        code = og_port_fail(yield, "temporary problem with the list of senders");
    }
    og_user_free(&user);
    return code;
}
