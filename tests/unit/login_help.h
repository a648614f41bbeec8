/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_TESTS_LOGIN_HELP_H
#define OG_TESTS_LOGIN_HELP_H

/* Logins, right and wrong ones, and what is stored of them. The limits of the test's
 * outgate.conf are 3 in 10m per client and 5 in 1h per login. */

#include "tests/unit/state_users.h"

#include "core/base/time.h"
#include "core/state/login_record.h"
#include "core/state/logins.h"

#define NOW INT64_C(1795284741) /* 2026-11-21T18:12:21Z */

enum { HOUR = 3600, DAY = 24 * HOUR };

static inline void
look(const char *text, const char *client, int64_t now, struct og_login *login)
{
    struct og_err err = { "" };

    if (og_login_look(&state_of_test, text, client, now, login, &err) != OG_OK)
        fail_msg("%s", err.text);
}

/* is this attempt put off? */
static inline bool
put_off(const char *text, const char *client, int64_t now)
{
    struct og_login login = OG_LOGIN_INIT;
    bool answer;

    look(text, client, now, &login);
    answer = login.put_off;
    assert_true(answer == (login.why[0] != '\0'));
    og_login_free(&login);
    return answer;
}

/* one attempt with a wrong password; false when it was put off */
static inline bool
attempt(const char *text, const char *client, int64_t now)
{
    struct og_login login = OG_LOGIN_INIT;
    struct og_err err = { "" };
    bool tried;

    look(text, client, now, &login);
    tried = !login.put_off;
    if (tried && og_login_failed(&state_of_test, &login, now, &err) != OG_OK)
        fail_msg("%s", err.text);
    og_login_free(&login);
    return tried;
}

/* one with the right password; yields what og_login_good says */
static inline uint64_t
enter(const char *text, const char *client, int64_t now)
{
    struct og_login login = OG_LOGIN_INIT;
    struct og_err err = { "" };
    uint64_t networks = 0;

    look(text, client, now, &login);
    assert_false(login.put_off);
    if (og_login_good(&state_of_test, &login, now, &networks, &err) != OG_OK)
        fail_msg("%s", err.text);
    og_login_free(&login);
    return networks;
}

struct dump {
    const char *key;
    struct og_buf value;
    size_t count;
};

static inline enum og_rc
dump_visit(const char *key, const char *value, void *arg, bool *stop, struct og_err *err)
{
    struct dump *dump = arg;

    (void)stop;
    dump->count += strcmp(key, "sweep") != 0;
    return strcmp(key, dump->key) == 0 ? og_buf_add_text(&dump->value, value, err)
                                       : OG_OK;
}

static inline enum og_rc
dump_work(struct og_txn *txn, void *arg, struct og_err *err)
{
    return og_txn_walk(txn, OG_AUTH_DB, "", "", dump_visit, arg, err);
}

/* the value of a key, to be freed, and the number of records */
static inline struct dump
stored(const char *key)
{
    struct dump dump = { key, OG_BUF_INIT(1 << 20), 0 };
    struct og_err err = { "" };

    if (og_store_run(&state_of_test.store, OG_STORE_READ, dump_work, &dump, &err)
        != OG_OK)
        fail_msg("%s", err.text);
    return dump;
}

static inline int
logins_set_up(void **state)
{
    (void)state;
    state_dir_open("auth_failures_per_client = 3 in 10m\n"
                   "auth_failures_per_login = 5 in 1h\n");
    return 0;
}

#endif
