/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/state/logins.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/state/login_key.h"
#include "core/state/login_record.h"

/* the limits of outgate.conf */
struct rates {
    struct og_rate client, login;
};

static enum og_rc
read_rates(const struct og_state *state, struct rates *rates, struct og_err *err)
{
    enum og_rc rc =
        og_rate_parse(state->server.auth_failures_per_client, &rates->client, err);

    return rc == OG_OK
               ? og_rate_parse(state->server.auth_failures_per_login, &rates->login, err)
               : rc;
}

/* how many failures one network may have */
static uint64_t
most_of(const struct rates *rates, size_t network)
{
    return network == 0 ? rates->client.count : rates->client.count * OG_LOGIN_WIDER;
}

/* and how many one login from where it is known */
static uint64_t
most_of_pair(const struct rates *rates)
{
    uint64_t most = rates->login.count * OG_LOGIN_PAIR;

    return most < OG_RULE_MAX_COUNT ? most : OG_RULE_MAX_COUNT;
}

struct look {
    const struct og_state *state;
    const struct rates *rates;
    struct og_name names[OG_NAME_CANDIDATES];
    size_t names_count;
    int64_t now;
    struct og_login *login;
    struct og_login_row *row; /* scratch */
};

/* the domain whose settings the user inherits; one that is not stored has none */
static enum og_rc
get_domain(struct og_txn *txn, const struct og_user *user, struct og_user *domain,
           struct og_err *err)
{
    struct og_name name = { OG_KIND_DOMAIN, "" };
    const char *text = user->name.kind == OG_KIND_IP
                           ? og_record_get(&user->record, "domain")
                           : og_name_domain(&user->name);
    enum og_rc rc;

    if (user->name.kind == OG_KIND_DOMAIN || text == NULL || text[0] == '\0')
        return OG_OK;
    (void)snprintf(name.text, sizeof name.text, "%s", text);
    rc = og_user_get(txn, &name, false, domain, err);
    return rc == OG_E_NOTFOUND ? OG_OK : rc;
}

/* the two settings that count here, without all the others */
static enum og_rc
get_settings(struct og_txn *txn, const struct look *look, struct og_err *err)
{
    static const enum og_setting_index rows[] = { OG_SETTING_login_spread,
                                                  OG_SETTING_lock_rules };
    struct og_login *login = look->login;
    struct og_settings set = OG_SETTINGS_INIT;
    struct og_user domain = OG_USER_INIT;
    const char *rules;
    enum og_rc rc = get_domain(txn, &login->user, &domain, err);

    set.login_spread = look->state->server.login_spread;
    for (size_t i = 0; i < N_ELEMENTS(rows) && rc == OG_OK; i++) {
        const struct og_setting *row = &og_setting_rows[rows[i]];
        const char *text = og_record_get(&login->user.record, row->name);

        text = text != NULL ? text : og_record_get(&domain.record, row->name);
        if (text != NULL
            && og_settings_set(&set, row, text, OG_SOURCE_USER, NULL) != OG_OK)
            rc = og_fail(err, OG_E_STATE, "users.db: %s of %.200s cannot be read",
                         row->name, login->user.name.text);
    }
    login->spread = set.login_spread;
    rules = set.lock_rules != NULL ? set.lock_rules : look->state->server.lock_rules;
    login->is_incident = strstr(rules, "auth-failure") != NULL;
    og_settings_free(&set);
    og_user_free(&domain);
    return rc;
}

static enum og_rc
find_user(struct og_txn *txn, const struct look *look, struct og_err *err)
{
    struct og_login *login = look->login;
    enum og_rc rc = OG_E_NOTFOUND;

    og_user_free(&login->user); /* a retry starts from nothing */
    for (size_t i = 0; i < look->names_count && rc == OG_E_NOTFOUND; i++)
        rc = og_user_get(txn, &look->names[i], false, &login->user, err);
    if (rc == OG_OK)
        memcpy(login->name, login->user.name.text, sizeof login->name);
    if (rc == OG_OK)
        rc = get_settings(txn, look, err);
    return rc == OG_E_NOTFOUND ? OG_OK : rc;
}

typedef enum og_rc key_maker(const struct og_login *login, struct og_buf *key,
                             struct og_err *err);

/* a record of the login, without what does not count any longer */
static enum og_rc
read_row(struct og_txn *txn, const struct look *look, key_maker *make, struct og_err *err)
{
    struct og_buf key = OG_BUF_INIT(OG_STORE_MAX_KEY);
    enum og_rc rc = make(look->login, &key, err);

    if (rc == OG_OK)
        rc = og_login_row_get(txn, key.data, false, look->row, err);
    if (rc == OG_OK)
        og_login_row_expire(look->row, look->now, look->rates->login.seconds);
    og_buf_free(&key);
    return rc;
}

/* the login is known in the client's network, which has a count of its own there */
static enum og_rc
look_at_pair(struct og_txn *txn, const struct look *look, struct og_err *err)
{
    struct og_login *login = look->login;
    const struct og_rate *rate = &look->rates->login;
    enum og_rc rc = read_row(txn, look, og_login_key_pair, err);

    if (rc != OG_OK)
        return rc;
    login->guessed = look->row->failures_count > 0;
    login->fresh = login->fresh && !login->guessed;
    login->put_off =
        rate->count > 0 && look->row->failures_count >= most_of_pair(look->rates);
    if (login->put_off)
        (void)snprintf(login->why, sizeof login->why,
                       "put off: %zu failures of this login where it is known",
                       look->row->failures_count);
    return OG_OK;
}

static enum og_rc
look_at_login(struct og_txn *txn, const struct look *look, struct og_err *err)
{
    struct og_login *login = look->login;
    const struct og_rate *rate = &look->rates->login;
    const struct og_login_network *known = NULL;
    char network[OG_NET_TEXT] = "";
    enum og_rc rc = read_row(txn, look, og_login_key, err);

    if (rc != OG_OK)
        return rc;
    if (login->networks_count > 0 && login->user.name.text[0] != '\0') {
        og_login_network(login, network);
        known = og_login_row_find(look->row, network);
    }
    login->known = known != NULL;
    login->fresh = known != NULL && known->at <= look->now
                   && look->now - known->at < OG_LOGIN_FRESH && login->spread == 0;
    if (login->known)
        return look_at_pair(txn, look, err);
    login->put_off = rate->count > 0 && look->row->failures_count >= rate->count;
    if (login->put_off)
        (void)snprintf(login->why, sizeof login->why,
                       "put off: %zu failures of this login", look->row->failures_count);
    return OG_OK;
}

static enum og_rc
look_at_client(struct og_txn *txn, const struct look *look, size_t network,
               struct og_err *err)
{
    struct og_login *login = look->login;
    char key[OG_NET_TEXT + 8];
    enum og_rc rc;

    og_login_key_client(&login->networks[network], key);
    rc = og_login_row_get(txn, key, false, look->row, err);
    if (rc != OG_OK)
        return rc;
    og_login_row_expire(look->row, look->now, look->rates->client.seconds);
    if (look->row->failures_count < most_of(look->rates, network))
        return OG_OK;
    login->put_off = true;
    (void)snprintf(login->why, sizeof login->why, "put off: %zu failures from %s",
                   look->row->failures_count, key + 7);
    return OG_OK;
}

static enum og_rc
look_work(struct og_txn *txn, void *arg, struct og_err *err)
{
    const struct look *look = arg;
    struct og_login *login = look->login;
    enum og_rc rc = find_user(txn, look, err);

    if (rc == OG_OK)
        rc = look_at_login(txn, look, err);
    if (login->known || look->rates->client.count == 0)
        return rc;
    for (size_t i = 0; i < login->networks_count && !login->put_off && rc == OG_OK; i++)
        rc = look_at_client(txn, look, i, err);
    return rc;
}

enum og_rc
og_login_look(const struct og_state *state, const char *text, const char *client,
              int64_t now, struct og_login *login, struct og_err *err)
{
    struct rates rates;
    struct look look = { .state = state, .rates = &rates, .now = now, .login = login };
    enum og_rc rc = read_rates(state, &rates, err);

    if (rc != OG_OK)
        return rc;
    rc = og_name_guess(text, state->hostname, look.names, &look.names_count, err);
    if (rc == OG_E_NOMEM)
        return rc;
    if (rc != OG_OK)
        look.names_count = 0; /* no user's */
    og_login_fold(look.names_count > 0 ? look.names[0].text : text, login->name);
    og_login_networks(client, login);
    look.row = malloc(sizeof *look.row);
    if (look.row == NULL)
        return og_fail(err, OG_E_NOMEM, "no memory");
    rc = og_store_run(&state->store, OG_STORE_READ, look_work, &look, err);
    free(look.row);
    return rc;
}

struct write {
    struct rates rates;
    const struct og_login *login;
    int64_t now;
    struct og_login_row *row; /* scratch */
    uint64_t networks;
};

static enum og_rc
fail_one(struct og_txn *txn, const struct write *write, const char *key,
         const struct og_rate *rate, uint64_t most, struct og_err *err)
{
    enum og_rc rc;

    if (rate->count == 0)
        return OG_OK; /* `off` */
    rc = og_login_row_get(txn, key, true, write->row, err);
    if (rc != OG_OK)
        return rc;
    og_login_row_expire(write->row, write->now, rate->seconds);
    og_login_row_fail(write->row, write->now, (size_t)most);
    return og_login_row_put(txn, key, write->row, err);
}

static enum og_rc
failed_work(struct og_txn *txn, void *arg, struct og_err *err)
{
    const struct write *write = arg;
    const struct rates *rates = &write->rates;
    struct og_buf key = OG_BUF_INIT(OG_STORE_MAX_KEY);
    enum og_rc rc = og_login_key(write->login, &key, err);

    if (rc == OG_OK)
        rc = fail_one(txn, write, key.data, &rates->login, rates->login.count, err);
    if (rc == OG_OK && write->login->known)
        rc = og_login_key_pair(write->login, &key, err);
    if (rc == OG_OK && write->login->known)
        rc = fail_one(txn, write, key.data, &rates->login, most_of_pair(rates), err);
    for (size_t i = 0; i < write->login->networks_count && rc == OG_OK; i++) {
        char client[OG_NET_TEXT + 8];

        og_login_key_client(&write->login->networks[i], client);
        rc = fail_one(txn, write, client, &rates->client, most_of(rates, i), err);
    }
    og_buf_free(&key);
    if (rc == OG_OK)
        rc = og_login_sweep(txn, write->now, rates->client.seconds, rates->login.seconds,
                            err);
    return rc;
}

static size_t
known_most(uint64_t spread)
{
    return spread < OG_LOGIN_KNOWN ? OG_LOGIN_KNOWN : (size_t)spread + 1;
}

/* networks of the last hour, this one just entered */
static uint64_t
within_the_hour(const struct og_login_row *row, int64_t now)
{
    uint64_t count = 0;

    for (size_t i = 0; i < row->known_count; i++)
        count += row->known[i].at > now - OG_LOGIN_SPREAD;
    return count;
}

static enum og_rc
good_work(struct og_txn *txn, void *arg, struct og_err *err)
{
    struct write *write = arg;
    const struct og_login *login = write->login;
    const struct rates *rates = &write->rates;
    struct og_buf key = OG_BUF_INIT(OG_STORE_MAX_KEY);
    const struct og_login_network *before;
    char network[OG_NET_TEXT];
    bool is_new;
    enum og_rc rc = og_login_key(login, &key, err);

    if (rc == OG_OK)
        rc = og_login_row_get(txn, key.data, true, write->row, err);
    if (rc != OG_OK)
        goto out;
    og_login_network(login, network);
    og_login_row_expire(write->row, write->now, rates->login.seconds);
    before = og_login_row_find(write->row, network);
    is_new = before == NULL || before->at <= write->now - OG_LOGIN_SPREAD;
    og_login_row_know(write->row, network, write->now, known_most(login->spread));
    write->networks = within_the_hour(write->row, write->now);
    if (!is_new || login->spread == 0 || write->networks <= login->spread)
        write->networks = 0;
    rc = og_login_row_put(txn, key.data, write->row, err);
    write->row->failures_count = write->row->known_count = 0;
    if (rc == OG_OK && login->guessed)
        rc = og_login_key_pair(login, &key, err);
    if (rc == OG_OK && login->guessed)
        rc = og_login_row_put(txn, key.data, write->row, err);
    if (rc == OG_OK)
        rc = og_login_sweep(txn, write->now, rates->client.seconds, rates->login.seconds,
                            err);
out:
    og_buf_free(&key);
    return rc;
}

static enum og_rc
run(const struct og_state *state, og_store_work *work, struct write *write,
    struct og_err *err)
{
    enum og_rc rc = read_rates(state, &write->rates, err);

    if (rc != OG_OK)
        return rc;
    write->row = malloc(sizeof *write->row);
    if (write->row == NULL)
        return og_fail(err, OG_E_NOMEM, "no memory");
    rc = og_store_run(&state->store, OG_STORE_COUNT, work, write, err);
    free(write->row);
    write->row = NULL;
    return rc;
}

enum og_rc
og_login_failed(const struct og_state *state, const struct og_login *login, int64_t now,
                struct og_err *err)
{
    struct write write = { .login = login, .now = now };

    return run(state, failed_work, &write, err);
}

enum og_rc
og_login_good(const struct og_state *state, const struct og_login *login, int64_t now,
              uint64_t *networks, struct og_err *err)
{
    struct write write = { .login = login, .now = now };
    enum og_rc rc = OG_OK;

    if (login->networks_count > 0 && !login->fresh)
        rc = run(state, good_work, &write, err);
    if (rc == OG_OK)
        *networks = write.networks;
    return rc;
}

void
og_login_free(struct og_login *login)
{
    og_user_free(&login->user);
    *login = (struct og_login)OG_LOGIN_INIT;
}
