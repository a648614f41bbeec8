/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * outgate_auth LOGIN PASSWORD: `yes` or `no` for server_condition; a text that begins
 * with 4.7.0 when too many logins have failed, which makes Exim answer 435. An ip user's
 * password counts only from an address inside its range.
 */
#include "dlfunc/hook.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/base/net.h"
#include "core/base/rule.h"
#include "core/base/time.h"
#include "core/lib/crypt.h"
#include "core/state/incidents.h"
#include "core/state/logins.h"

/* one attempt */
struct attempt {
    const struct og_state *state;
    const char *text, *password; /* what the client gave */
    struct og_login login;
    bool match;
    const char *reason; /* why not, for the event */
    int64_t now;
};

/* is the client inside the range that is this ip user's name? */
static bool
inside(const struct og_user *user)
{
    struct og_net range, client;

    return og_net_parse(user->name.text, &range, NULL) == OG_OK
           && og_net_parse(og_port_client_address(), &client, NULL) == OG_OK
           && og_net_contains(&range, &client);
}

/* OG_OK and match, or a trouble of our own */
static enum og_rc
check_password(struct attempt *at, struct og_err *err)
{
    const struct og_user *user = &at->login.user;
    const char *hash = og_record_get(&user->record, "password");
    size_t len = strlen(at->password);
    enum og_rc rc;

    if (hash == NULL) {
        og_crypt_dummy(at->password, len); /* unknown takes as long as known */
        at->reason =
            user->name.text[0] != '\0' ? "login without a password" : "unknown login";
        return OG_OK;
    }
    at->reason = "wrong password";
    if (len == 0 || len > OG_CRYPT_MAX_PASSWORD) {
        og_crypt_dummy(at->password, len); /* as for an unknown login */
        return OG_OK;
    }
    rc = og_crypt_verify(at->password, len, hash, &at->match, err);
    if (rc == OG_OK && !at->match && strncmp(hash, "$y$", 3) != 0)
        og_crypt_dummy(at->password, len); /* an imported scheme may be a quick one */
    if (rc == OG_OK && at->match && user->name.kind == OG_KIND_IP && !inside(user)) {
        at->match = false;
        at->reason = "right password from an address outside the range";
    }
    return rc;
}

/* the event of the attempt; id receives its id */
static void
tell(const struct attempt *at, char id[OG_EVENT_ID])
{
    struct og_verdict verdict = OG_VERDICT_ACCEPT;
    struct og_record more = OG_RECORD_INIT;
    size_t len = strlen(at->text) < 200 ? strlen(at->text) : 200;

    if (at->match)
        og_verdict_set(&verdict, OG_ACCEPT, "", "auth", "logged in");
    else if (at->login.put_off)
        og_verdict_set(&verdict, OG_DEFER, "435 4.7.0", "auth-failure", "%s",
                       at->login.why);
    else
        og_verdict_set(&verdict, OG_REJECT, "535 5.7.8", "auth-failure", "%s",
                       at->reason);
    if (og_record_set(&more, "login", at->text, len, NULL) != OG_OK)
        og_record_free(&more); /* the event is worth more than its last field */
    og_port_event(at->state, "auth", at->login.user.name.text, &verdict, NULL, &more, id);
    og_record_free(&more);
}

/* login_spread without a rule for its class is one incident, one lock; `off` is off */
static enum og_rc
add_rule(struct og_settings *set, struct og_err *err)
{
    static const char rule[] = "login-spread 1 in 1h";
    struct og_rule rules[OG_RULES_MAX];
    struct og_buf text = OG_BUF_INIT(8192);
    size_t count = 0;
    enum og_rc rc = og_rules_parse(set->lock_rules, rules, &count, err);

    for (size_t i = 0; i < count && rc == OG_OK; i++)
        if (strcmp(rules[i].class, "login-spread") == 0)
            return OG_OK;
    if (rc != OG_OK || count == 0)
        return rc;
    if (count == OG_RULES_MAX)
        count--; /* of 16 rules the last one has to wait: this incident is no other's */
    rc = og_rules_print(rules, count, &text, err);
    if (rc == OG_OK)
        rc = og_buf_printf(&text, err, ", %s", rule);
    if (rc == OG_OK)
        rc = og_settings_set(set, &og_setting_rows[OG_SETTING_lock_rules], text.data,
                             (enum og_source)set->source[OG_SETTING_lock_rules], err);
    og_buf_free(&text);
    return rc;
}

static enum og_rc
incident(const struct attempt *at, const char *class, const char *detail,
         struct og_err *err)
{
    struct og_sender sender = OG_SENDER_INIT;
    struct og_account account = { &sender, "" };
    struct og_incident what = { .class = class,
                                .message = "",
                                .detail = detail,
                                .client = og_port_client_address() };
    struct og_lock lock;
    enum og_rc rc =
        og_users_sender(at->state, at->login.user.name.text, false, &sender, err);

    if (rc == OG_OK && strcmp(class, "login-spread") == 0)
        rc = add_rule(&sender.settings, err);
    if (rc == OG_OK)
        rc = og_incident_add(at->state, &account, &what, at->now, &lock, err);
    og_sender_free(&sender);
    return rc;
}

static enum og_rc
after_failure(const struct attempt *at, struct og_err *err)
{
    char detail[100];
    enum og_rc rc = og_login_failed(at->state, &at->login, at->now, err);

    if (rc != OG_OK || !at->login.is_incident || at->login.user.name.text[0] == '\0')
        return rc;
    (void)snprintf(detail, sizeof detail, "failed login from %s",
                   og_port_client_address());
    return incident(at, "auth-failure", detail, err);
}

static enum og_rc
after_success(const struct attempt *at, struct og_err *err)
{
    struct og_verdict verdict = OG_VERDICT_ACCEPT;
    uint64_t networks = 0;
    char id[OG_EVENT_ID];
    enum og_rc rc = og_login_good(at->state, &at->login, at->now, &networks, err);

    if (rc != OG_OK || networks == 0)
        return rc;
    og_verdict_set(&verdict, OG_ACCEPT, "", "login-spread",
                   "%" PRIu64 " networks logged in within an hour, %" PRIu64 " allowed",
                   networks, at->login.spread);
    og_port_event(at->state, "auth", at->login.user.name.text, &verdict, NULL, NULL, id);
    return incident(at, "login-spread", verdict.text, err);
}

/* the bookkeeping: what fails to be written of a right password must not keep its owner
 * out; a wrong one that cannot be counted is no answer at all */
static enum og_rc
settle(const struct attempt *at, struct og_err *err)
{
    unsigned char *ignored;
    enum og_rc rc;

    if (og_port_pretended() || at->login.put_off)
        return OG_OK;
    rc = at->match ? after_success(at, err) : after_failure(at, err);
    if (rc == OG_OK || !at->match)
        return rc;
    (void)hook_trouble(&ignored, at->state, "auth", at->login.user.name.text, err);
    return OG_OK;
}

static int
answer(unsigned char **yield, const struct attempt *at)
{
    char id[OG_EVENT_ID], text[120];

    tell(at, id);
    if (!at->login.put_off)
        return og_port_yield(yield, at->match ? "yes" : "no");
    (void)snprintf(text, sizeof text,
                   "4.7.0 too many failed logins, please try again later (%s)", id);
    return og_port_yield(yield, text);
}

HOOK(outgate_auth)
{
    struct attempt at = { .login = OG_LOGIN_INIT, .reason = "" };
    struct og_err err = { "" };
    enum og_rc rc;
    int code;

    if (argc != 2)
        return og_port_fail(yield, "outgate_auth: expected {LOGIN}{PASSWORD}");
    at.text = (const char *)argv[0];
    at.password = (const char *)argv[1];
    at.now = og_time_now();
    rc = og_port_state(&at.state, &err);
    if (rc == OG_OK)
        rc = og_login_look(at.state, at.text, og_port_client_address(), at.now, &at.login,
                           &err);
    if (rc == OG_OK && !at.login.put_off)
        rc = check_password(&at, &err);
    if (rc == OG_OK)
        rc = settle(&at, &err);
    if (rc == OG_OK)
        code = answer(yield, &at);
    else {
        unsigned char *ignored;

        (void)hook_trouble(&ignored, at.state, "auth", at.login.user.name.text, &err);
        code = og_port_fail(yield, "temporary problem with the list of senders");
    }
    og_login_free(&at.login);
    return code;
}
