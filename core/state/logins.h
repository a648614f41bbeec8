/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_STATE_LOGINS_H
#define OG_STATE_LOGINS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/net.h"
#include "core/state/users.h"

/*
 * Failed logins, and where logins have succeeded, in auth.db:
 *
 *     client 192.0.2.0/24    failures=2026-11-21T18:12:21Z,2026-11-21T18:12:25Z
 *     login bob@example.com  failures=... known=192.0.2.0/24@2026-11-21T18:12:21Z,...
 *     pair bob@example.com 192.0.2.0/24  failures=...
 *     sweep                  after=KEY: which records are looked through next
 *
 * A client is counted by its /24, or by its /64 and, four times as many, its /48. A
 * login is counted by the user's name; one that is no user's by its own text, so that
 * the answer does not tell which is which. Lists hold exact times, oldest first, and
 * no more than decide: as many failures as the setting's count; OG_LOGIN_KNOWN networks,
 * the newest, or what login_spread needs. What has become old leaves as new failures
 * and logins come.
 *
 * A network from which a login has succeeded within OG_LOGIN_KNOWN_FOR is known: there
 * neither limit stops that login, so that nobody can shut the owner out from elsewhere.
 * Such a pair of login and network has a count of its own, which stops whoever guesses
 * from the same network: OG_LOGIN_PAIR times that of a login, at most OG_RULE_MAX_COUNT.
 * A login that succeeds there empties it.
 */
enum {
    OG_LOGIN_KNOWN = 32,
    OG_LOGIN_KNOWN_FOR = 90 * 86400, /* seconds */
    OG_LOGIN_FRESH = 3600,           /* seconds in which a known network is not written */
    OG_LOGIN_SPREAD = 3600,          /* seconds of the setting login_spread */
    OG_LOGIN_WIDER = 4,              /* the limit of a /48, in limits of a /64 */
    OG_LOGIN_PAIR = 2,               /* that of a known pair, in limits of a login */
    OG_LOGIN_NETWORKS = 2,
    OG_LOGIN_TEXT = 200, /* bytes of a login that is no user's */
};

/* what is known about an attempt to log in before its password is looked at */
struct og_login {
    struct og_user user; /* name.text is "" for a login that is no user's */
    char name[OG_NAME_TEXT];
    struct og_net networks[OG_LOGIN_NETWORKS]; /* of the client, the narrowest first */
    size_t networks_count; /* 0: a local client, nothing is counted on it */
    bool known, fresh;     /* about networks[0]; fresh: no need to write */
    bool guessed;          /* known, and failures count there */
    bool put_off;          /* too many failures: the password is not to be looked at */
    char why[160];         /* then: which count, for the event */
    uint64_t spread;       /* the user's login_spread */
    bool is_incident;      /* the user's lock_rules name auth-failure */
};

#define OG_LOGIN_INIT        \
    {                        \
        .user = OG_USER_INIT \
    }

/*
 * og_login_look - find the user of a login, and whether it may try now; reads only
 *
 * text    the login as the client gave it, content may be hostile
 * client  its address, "" for a local one
 * login   to be freed with og_login_free(), whatever is returned
 *
 * Returns OG_OK, also for a login that is no user's; OG_E_STATE for a record that cannot
 * be read; the codes of og_store_run.
 */
enum og_rc og_login_look(const struct og_state *state, const char *text,
                         const char *client, int64_t now, struct og_login *login,
                         struct og_err *err) OG_CHECKED;

/* og_login_failed - count a wrong password on client and login, in one run; not for
 * those that were put off. The codes of og_store_run. */
enum og_rc og_login_failed(const struct og_state *state, const struct og_login *login,
                           int64_t now, struct og_err *err) OG_CHECKED;

/*
 * og_login_good - remember where a login has succeeded; its
 * failures there are forgotten; nothing is written where that is known and fresh
 *
 * networks  0, or the number of networks within the last hour when this one is new
 *           among them and they are more than login_spread allows
 */
enum og_rc og_login_good(const struct og_state *state, const struct og_login *login,
                         int64_t now, uint64_t *networks, struct og_err *err) OG_CHECKED;

void og_login_free(struct og_login *login);

#endif
