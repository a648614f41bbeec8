/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_TESTS_LEDGER_ACCOUNT_H
#define OG_TESTS_LEDGER_ACCOUNT_H

/* Accounts for tests of the ledger, and a look at what is stored about them */

#include "tests/unit/state_dir.h"

#include "core/base/time.h"
#include "core/state/ledger.h"

static const int64_t T0 = 1795284741; /* 2026-11-21T18:12:21Z */

enum { MINUTE = 60, HOUR = 3600, DAY = 86400 };

/*
 * settings are `name=value;name=value`; a name with '@' in front is set for the domain,
 * one without for the user. The caller frees sender.
 */
static inline void
account_sender(struct og_sender *sender, const char *name, const char *domain,
               const char *settings)
{
    struct og_err err = { "" };
    char *copy = strdup(settings), *rest = copy, *word;

    assert_non_null(copy);
    *sender = (struct og_sender)OG_SENDER_INIT;
    (void)snprintf(sender->user.name.text, sizeof sender->user.name.text, "%s", name);
    (void)snprintf(sender->domain, sizeof sender->domain, "%s", domain);
    assert_int_equal(og_settings_copy(&sender->settings, &state_of_test.server, &err), 0);
    assert_int_equal(
        og_settings_copy(&sender->domain_settings, &state_of_test.server, &err), 0);
    while ((word = strsep(&rest, ";")) != NULL) {
        bool of_domain = word[0] == '@';
        char *value = strchr(word, '=');

        if (value == NULL)
            continue;
        *value++ = '\0';
        if (og_settings_set(of_domain ? &sender->domain_settings : &sender->settings,
                            og_setting_find(word + of_domain), value,
                            of_domain ? OG_SOURCE_DOMAIN : OG_SOURCE_USER, &err)
            != OG_OK)
            fail_msg("%s", err.text);
    }
    free(copy);
}

/* text of a record, or NULL; or what put_text shall write there */
struct account_record {
    const char *db, *key;
    const char *put; /* NULL: read */
    struct og_buf value;
    bool found;
    size_t count; /* of keys with the prefix `key` */
};

static inline enum og_rc
account_record_work(struct og_txn *txn, void *arg, struct og_err *err)
{
    struct account_record *record = arg;
    enum og_rc rc;

    if (record->put != NULL)
        return og_txn_put(txn, record->db, record->key, record->put, err);
    rc = og_txn_get(txn, record->db, record->key, &record->value, err);
    record->found = rc == OG_OK;
    return rc == OG_E_NOTFOUND ? OG_OK : rc;
}

/* the record's text, "-" without one; to be freed */
static inline char *
account_record(const char *db, const char *key)
{
    struct account_record record = { .db = db,
                                     .key = key,
                                     .value = OG_BUF_INIT(OG_STORE_MAX_VALUE) };
    struct og_err err = { "" };
    char *text;

    if (og_store_run(&state_of_test.store, OG_STORE_READ, account_record_work, &record,
                     &err)
        != OG_OK)
        fail_msg("%s", err.text);
    text = strdup(record.found ? og_buf_text(&record.value) : "-");
    og_buf_free(&record.value);
    assert_non_null(text);
    return text;
}

static inline void
account_record_is(const char *db, const char *key, const char *want)
{
    char *got = account_record(db, key);

    if (strcmp(got, want) != 0)
        fail_msg("%s, %s:\n  got      %s\n  expected %s", db, key, got, want);
    free(got);
}

static inline void
account_record_put(const char *db, const char *key, const char *value)
{
    struct account_record record = { .db = db, .key = key, .put = value };
    struct og_err err = { "" };

    if (og_store_run(&state_of_test.store, OG_STORE_COUNT, account_record_work, &record,
                     &err)
        != OG_OK)
        fail_msg("%s", err.text);
}

static inline enum og_rc
account_count_visit(const char *key, const char *value, void *arg, bool *stop,
                    struct og_err *err)
{
    struct account_record *record = arg;

    (void)key, (void)value, (void)stop, (void)err;
    record->count++;
    return OG_OK;
}

static inline enum og_rc
account_count_work(struct og_txn *txn, void *arg, struct og_err *err)
{
    struct account_record *record = arg;

    record->count = 0;
    return og_txn_walk(txn, record->db, record->key, "", account_count_visit, record,
                       err);
}

/* how many keys have this prefix */
static inline size_t
account_keys(const char *db, const char *prefix)
{
    struct account_record record = { .db = db, .key = prefix };
    struct og_err err = { "" };

    if (og_store_run(&state_of_test.store, OG_STORE_READ, account_count_work, &record,
                     &err)
        != OG_OK)
        fail_msg("%s", err.text);
    return record.count;
}

/* charge so many messages, recipients, connections; must work */
static inline struct og_shortage
account_charge(const struct og_account *account, uint64_t messages, uint64_t recipients,
               uint64_t connections, int64_t now)
{
    struct og_charge charge = { { connections, messages, recipients }, NULL, 0, false };
    struct og_shortage shortage;
    struct og_err err = { "" };

    if (og_ledger_charge(&state_of_test, account, &charge, now, &shortage, &err) != OG_OK)
        fail_msg("%s", err.text);
    return shortage;
}

#endif
