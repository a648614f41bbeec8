/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_TESTS_LOCK_HELP_H
#define OG_TESTS_LOCK_HELP_H

/* Accounts against a real store, and a look at what is stored about them */

#include "tests/unit/state_dir.h"

#include "core/base/time.h"
#include "core/state/incidents.h"
#include "core/state/lock_list.h"

#define T0 INT64_C(1795284741) /* 2026-11-21T18:12:21Z */
#define MINUTE 60
#define DAY 86400

/* an account that needs no record in users.db; settings are `name=value` words */
static inline struct og_sender
sender_of(enum og_user_kind kind, const char *name, const char *settings)
{
    struct og_sender sender = OG_SENDER_INIT;
    struct og_record rec = OG_RECORD_INIT;
    struct og_err err = { "" };

    sender.user.name.kind = kind;
    (void)snprintf(sender.user.name.text, sizeof sender.user.name.text, "%s", name);
    if (og_settings_copy(&sender.settings, &state_of_test.server, &err) != OG_OK
        || og_record_parse(settings, strlen(settings), &rec, &err) != OG_OK
        || og_settings_apply(&sender.settings, &rec, OG_SOURCE_USER, &err) != OG_OK)
        fail_msg("%s", err.text);
    og_record_free(&rec);
    return sender;
}

struct dump {
    const char *prefix;
    size_t count;
    struct og_buf text; /* KEY LF VALUE LF ... */
    const char *db;
};

static inline enum og_rc
dump_visit(const char *key, const char *value, void *arg, bool *stop, struct og_err *err)
{
    struct dump *dump = arg;

    (void)stop;
    dump->count++;
    return og_buf_printf(&dump->text, err, "%s\n%s\n", key, value);
}

static inline enum og_rc
dump_work(struct og_txn *txn, void *arg, struct og_err *err)
{
    struct dump *dump = arg;

    dump->count = 0;
    og_buf_reset(&dump->text);
    return og_txn_walk(txn, dump->db, dump->prefix, "", dump_visit, dump, err);
}

/* what a database holds behind a prefix; the caller frees text */
static inline struct dump
dump_of(const char *db, const char *prefix)
{
    struct dump dump = { prefix, 0, OG_BUF_INIT(1 << 22), db };
    struct og_err err = { "" };

    if (og_store_run(&state_of_test.store, OG_STORE_READ, dump_work, &dump, &err)
        != OG_OK)
        fail_msg("%s", err.text);
    return dump;
}

static inline size_t
count_of(const char *db, const char *prefix)
{
    struct dump dump = dump_of(db, prefix);

    og_buf_free(&dump.text);
    return dump.count;
}

struct put {
    const char *db, *key, *value;
};

static inline enum og_rc
put_work(struct og_txn *txn, void *arg, struct og_err *err)
{
    const struct put *put = arg;

    return og_txn_put(txn, put->db, put->key, put->value, err);
}

/* write a record behind the back of the code */
static inline void
put_raw(const char *db, const char *key, const char *value)
{
    struct put put = { db, key, value };
    struct og_err err = { "" };

    if (og_store_run(&state_of_test.store, OG_STORE_COMMIT, put_work, &put, &err)
        != OG_OK)
        fail_msg("%s", err.text);
}

static inline struct og_lock
look(const struct og_account *account, int64_t now)
{
    struct og_lock lock;
    struct og_err err = { "" };

    if (og_lock_look(&state_of_test, account, now, &lock, &err) != OG_OK)
        fail_msg("%s", err.text);
    return lock;
}

#define must(call)                                       \
    do {                                                 \
        if ((call) != OG_OK)                             \
            fail_msg("line %d: %s", __LINE__, err.text); \
    } while (0)

#endif
