/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/state/vault.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char db[] = "quarantine.db";

bool
og_vault_id_ok(const char *id)
{
    size_t len = strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789");

    return len == OG_VAULT_ID - 1 && id[len] == '\0';
}

bool
og_vault_domain_ok(const char *domain)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-_.";
    size_t len = strspn(domain, letters);

    return len > 0 && len < OG_VAULT_DOMAIN && domain[len] == '\0' && domain[0] != '.'
           && domain[len - 1] != '.' && strstr(domain, "..") == NULL;
}

/* the keys of one entry */
struct keys {
    struct og_buf entry, domain, expires, bytes;
    uint64_t size;
};

#define KEYS_INIT                                                           \
    {                                                                       \
        OG_BUF_INIT(OG_STORE_MAX_KEY), OG_BUF_INIT(OG_STORE_MAX_KEY),       \
            OG_BUF_INIT(OG_STORE_MAX_KEY), OG_BUF_INIT(OG_STORE_MAX_KEY), 0 \
    }

static void
keys_free(struct keys *keys)
{
    og_buf_free(&keys->entry);
    og_buf_free(&keys->domain);
    og_buf_free(&keys->expires);
    og_buf_free(&keys->bytes);
}

static bool
number_of(const struct og_record *rec, const char *name, uint64_t *number)
{
    const char *text = og_record_get(rec, name);
    char *end = NULL;

    if (text == NULL || text[0] < '0' || text[0] > '9')
        return false;
    errno = 0;
    *number = strtoull(text, &end, 10);
    return *end == '\0' && errno == 0;
}

static bool
time_ok(const char *text)
{
    int64_t t;

    return text != NULL && og_time_parse(text, &t, NULL) == OG_OK
           && strlen(text) == OG_TIME_TEXT - 1;
}

static enum og_rc
make_keys(const char *id, const struct og_record *entry, struct keys *keys,
          struct og_err *err)
{
    const char *domain = og_record_get(entry, "domain"), *at = og_record_get(entry, "at");
    const char *expires = og_record_get(entry, "expires");
    const char *usec = og_record_get(entry, "usec");
    enum og_rc rc;

    usec = usec != NULL && strlen(usec) == 6 && strspn(usec, "0123456789") == 6
               ? usec
               : "000000";
    if (!og_vault_id_ok(id) || domain == NULL || !og_vault_domain_ok(domain)
        || !time_ok(at) || !time_ok(expires) || og_record_get(entry, "file") == NULL
        || !number_of(entry, "bytes", &keys->size))
        return og_fail(err, OG_E_SYNTAX, "%s: no entry: %.20s", db, id);
    rc = og_buf_printf(&keys->entry, err, "entry %s", id);
    if (rc == OG_OK)
        rc =
            og_buf_printf(&keys->domain, err, "domain %s %s %s %s", domain, at, usec, id);
    if (rc == OG_OK)
        rc = og_buf_printf(&keys->expires, err, "expires %s %s", expires, id);
    if (rc == OG_OK)
        rc = og_buf_printf(&keys->bytes, err, "bytes %s", domain);
    return rc;
}

/* what is kept of a domain; a count that cannot be read begins anew */
static enum og_rc
read_bytes(struct og_txn *txn, const char *key, uint64_t *bytes, uint64_t *count,
           struct og_err *err)
{
    struct og_record rec = OG_RECORD_INIT;
    enum og_rc rc = og_txn_get_record(txn, db, key, false, &rec, err);

    *bytes = *count = 0;
    if (rc == OG_OK
        && (!number_of(&rec, "bytes", bytes) || !number_of(&rec, "count", count)))
        *bytes = *count = 0;
    og_record_free(&rec);
    return rc == OG_E_NOTFOUND || rc == OG_E_STATE ? OG_OK : rc;
}

static enum og_rc
count_bytes(struct og_txn *txn, const struct keys *keys, bool add, struct og_err *err)
{
    struct og_record rec = OG_RECORD_INIT;
    uint64_t bytes, count;
    enum og_rc rc = read_bytes(txn, keys->bytes.data, &bytes, &count, err);

    if (rc != OG_OK)
        return rc;
    if (!add && count <= 1) {
        rc = og_txn_delete(txn, db, keys->bytes.data, err);
        return rc == OG_E_NOTFOUND ? OG_OK : rc;
    }
    count = add ? count + 1 : count - 1;
    bytes = add ? bytes + keys->size : bytes > keys->size ? bytes - keys->size : 0;
    rc = og_record_set_number(&rec, "bytes", (long long)bytes, err);
    if (rc == OG_OK)
        rc = og_record_set_number(&rec, "count", (long long)count, err);
    if (rc == OG_OK)
        rc = og_txn_put_record(txn, db, keys->bytes.data, &rec, err);
    og_record_free(&rec);
    return rc;
}

struct work {
    const char *id;
    const struct og_record *entry; /* to be added */
    struct og_outbox_row *report;
    struct og_record *found;
    const struct keys *keys;
    bool again;
    const char *who, *how;
    int64_t now;
};

static enum og_rc
add_work(struct og_txn *txn, void *arg, struct og_err *err)
{
    const struct work *work = arg;
    const struct keys *keys = work->keys;
    struct og_record old = OG_RECORD_INIT;
    enum og_rc rc = og_txn_get_record(txn, db, keys->entry.data, false, &old, err);

    og_record_free(&old);
    if (rc != OG_E_NOTFOUND)
        return rc == OG_OK ? OG_E_EXISTS : rc;
    rc = og_txn_put_record(txn, db, keys->entry.data, work->entry, err);
    if (rc == OG_OK)
        rc = og_txn_put(txn, db, keys->domain.data, "", err);
    if (rc == OG_OK)
        rc = og_txn_put(txn, db, keys->expires.data, "", err);
    if (rc == OG_OK && work->report != NULL)
        rc = og_outbox_put(txn, work->report->id, work->report->due, work->report->due,
                           &work->report->fields, err);
    return rc == OG_OK ? count_bytes(txn, keys, true, err) : rc;
}

enum og_rc
og_vault_add(const struct og_state *state, const char *id, const struct og_record *entry,
             struct og_outbox_row *report, struct og_err *err)
{
    struct keys keys = KEYS_INIT;
    struct work work = { .id = id, .entry = entry, .report = report, .keys = &keys };
    enum og_rc rc = make_keys(id, entry, &keys, err);

    if (rc == OG_OK)
        rc = og_store_run(&state->store, OG_STORE_COMMIT, add_work, &work, err);
    keys_free(&keys);
    return rc;
}

static enum og_rc
get_work(struct og_txn *txn, void *arg, struct og_err *err)
{
    const struct work *work = arg;
    char key[sizeof "entry " + OG_VAULT_ID];

    (void)snprintf(key, sizeof key, "entry %s", work->id);
    return og_txn_get_record(txn, db, key, false, work->found, err);
}

enum og_rc
og_vault_get(const struct og_state *state, const char *id, struct og_record *entry,
             struct og_err *err)
{
    struct work work = { .id = id, .found = entry };

    if (!og_vault_id_ok(id))
        return OG_E_NOTFOUND;
    return og_store_run(&state->store, OG_STORE_READ, get_work, &work, err);
}

static enum og_rc
delete_key(struct og_txn *txn, const struct og_buf *key, struct og_err *err)
{
    enum og_rc rc = og_txn_delete(txn, db, key->data, err);

    return rc == OG_E_NOTFOUND ? OG_OK : rc;
}

static enum og_rc
drop_work(struct og_txn *txn, void *arg, struct og_err *err)
{
    const struct work *work = arg;
    struct og_record entry = OG_RECORD_INIT;
    struct keys keys = KEYS_INIT;
    enum og_rc rc;

    rc = og_buf_printf(&keys.entry, err, "entry %s", work->id);
    if (rc == OG_OK)
        rc = og_txn_get_record(txn, db, keys.entry.data, false, &entry, err);
    og_buf_reset(&keys.entry);
    if (rc == OG_OK)
        rc = make_keys(work->id, &entry, &keys, err);
    if (rc == OG_OK)
        rc = delete_key(txn, &keys.entry, err);
    if (rc == OG_OK)
        rc = delete_key(txn, &keys.domain, err);
    if (rc == OG_OK)
        rc = delete_key(txn, &keys.expires, err);
    if (rc == OG_OK)
        rc = count_bytes(txn, &keys, false, err);
    og_record_free(&entry);
    keys_free(&keys);
    return rc;
}

enum og_rc
og_vault_drop(const struct og_state *state, const char *id, struct og_err *err)
{
    struct work work = { .id = id };

    if (!og_vault_id_ok(id))
        return OG_E_NOTFOUND;
    return og_store_run(&state->store, OG_STORE_COMMIT, drop_work, &work, err);
}

static enum og_rc
begin_work(struct og_txn *txn, void *arg, struct og_err *err)
{
    const struct work *work = arg;
    struct og_record entry = OG_RECORD_INIT;
    char key[sizeof "entry " + OG_VAULT_ID], now[OG_TIME_TEXT];
    enum og_rc rc = get_work(txn, arg, err);

    if (rc != OG_OK)
        return rc;
    if (og_record_get(work->found, "release") != NULL && !work->again)
        return OG_E_EXISTS;
    (void)snprintf(key, sizeof key, "entry %s", work->id);
    for (size_t i = 0; i < work->found->count && rc == OG_OK; i++)
        rc = og_record_set_field(&entry, &work->found->fields[i], err);
    if (rc == OG_OK)
        rc = og_time_print(work->now, now, err);
    if (rc == OG_OK)
        rc = og_record_set_text(&entry, "release", "begun", err);
    if (rc == OG_OK)
        rc = og_record_set_text(&entry, "released", now, err);
    if (rc == OG_OK)
        rc = og_record_set_text(&entry, "released_by", work->who, err);
    if (rc == OG_OK)
        rc = og_txn_put_record(txn, db, key, &entry, err);
    og_record_free(&entry);
    return rc;
}

enum og_rc
og_vault_begin(const struct og_state *state, const char *id, bool again, const char *who,
               int64_t now, struct og_record *entry, struct og_err *err)
{
    struct work work = {
        .id = id, .found = entry, .again = again, .who = who, .now = now
    };

    if (!og_vault_id_ok(id))
        return OG_E_NOTFOUND;
    return og_store_run(&state->store, OG_STORE_COMMIT, begin_work, &work, err);
}

static enum og_rc
end_work(struct og_txn *txn, void *arg, struct og_err *err)
{
    const struct work *work = arg;
    char key[sizeof "entry " + OG_VAULT_ID];
    enum og_rc rc = get_work(txn, arg, err);

    (void)snprintf(key, sizeof key, "entry %s", work->id);
    if (rc == OG_OK && work->how != NULL)
        rc = og_record_set_text(work->found, "release", work->how, err);
    else if (rc == OG_OK) {
        (void)og_record_unset(work->found, "release");
        (void)og_record_unset(work->found, "released");
        (void)og_record_unset(work->found, "released_by");
    }
    return rc == OG_OK ? og_txn_put_record(txn, db, key, work->found, err) : rc;
}

enum og_rc
og_vault_end(const struct og_state *state, const char *id, const char *how,
             struct og_err *err)
{
    struct og_record entry = OG_RECORD_INIT;
    struct work work = { .id = id, .found = &entry, .how = how };
    enum og_rc rc = OG_E_NOTFOUND;

    if (og_vault_id_ok(id))
        rc = og_store_run(&state->store, OG_STORE_COMMIT, end_work, &work, err);
    og_record_free(&entry);
    return rc;
}
