/* SPDX-License-Identifier: BSD-2-Clause */
/* The index of the quarantine as a whole: its list, and what is to go */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/state/vault.h"

static const char db[] = "quarantine.db";

struct search {
    struct og_vault_due *due;
    const char *domain;
    uint64_t max;
    char until[OG_TIME_TEXT]; /* what expires before it is to go */
    uint64_t over;            /* bytes that are still too many */
    struct og_txn *txn;
};

static void
put(struct og_vault_due *due, const char *id)
{
    for (size_t i = 0; i < due->count; i++)
        if (strcmp(due->ids[i], id) == 0)
            return;
    if (og_vault_id_ok(id))
        memcpy(due->ids[due->count++], id, OG_VAULT_ID);
}

/* the key ends in a time, a blank and the id */
static enum og_rc
visit_expires(const char *key, const char *value, void *arg, bool *stop,
              struct og_err *err)
{
    struct search *search = arg;
    const char *time = key + strlen("expires "), *id = strchr(time, ' ');

    (void)value, (void)err;
    *stop = id == NULL || strncmp(time, search->until, OG_TIME_TEXT - 1) > 0
            || search->due->count == OG_VAULT_DUE;
    if (!*stop)
        put(search->due, id + 1);
    return OG_OK;
}

static uint64_t
bytes_of(struct og_txn *txn, const char *key)
{
    struct og_record rec = OG_RECORD_INIT;
    const char *text = NULL;
    uint64_t bytes;

    if (og_txn_get_record(txn, db, key, false, &rec, NULL) == OG_OK)
        text = og_record_get(&rec, "bytes");
    bytes = text != NULL ? strtoull(text, NULL, 10) : 0; /* damaged: 0 */
    og_record_free(&rec);
    return bytes;
}

static enum og_rc
visit_domain(const char *key, const char *value, void *arg, bool *stop,
             struct og_err *err)
{
    struct search *search = arg;
    const char *id = strrchr(key, ' ');
    char entry[sizeof "entry " + OG_VAULT_ID];
    uint64_t bytes;

    (void)value, (void)err;
    *stop = id == NULL || search->over == 0 || search->due->count == OG_VAULT_DUE;
    if (*stop)
        return OG_OK;
    (void)snprintf(entry, sizeof entry, "entry %.*s", OG_VAULT_ID, id + 1);
    bytes = bytes_of(search->txn, entry);
    search->over = search->over > bytes ? search->over - bytes : 0;
    put(search->due, id + 1);
    return OG_OK;
}

static enum og_rc
due_work(struct og_txn *txn, void *arg, struct og_err *err)
{
    struct search *search = arg;
    struct og_buf key = OG_BUF_INIT(OG_STORE_MAX_KEY);
    uint64_t bytes = 0;
    enum og_rc rc;

    search->due->count = 0;
    search->txn = txn;
    rc = og_txn_walk(txn, db, "expires ", "", visit_expires, search, err);
    if (rc == OG_OK && search->domain != NULL && search->max > 0) {
        rc = og_buf_printf(&key, err, "bytes %s", search->domain);
        if (rc == OG_OK)
            bytes = bytes_of(txn, key.data);
        search->over = bytes > search->max ? bytes - search->max : 0;
        og_buf_reset(&key);
        if (rc == OG_OK)
            rc = og_buf_printf(&key, err, "domain %s ", search->domain);
        if (rc == OG_OK && search->over > 0)
            rc = og_txn_walk(txn, db, key.data, "", visit_domain, search, err);
    }
    og_buf_free(&key);
    return rc;
}

enum og_rc
og_vault_due(const struct og_state *state, int64_t now, const char *domain, uint64_t max,
             struct og_vault_due *due, struct og_err *err)
{
    struct search search = { .due = due, .domain = domain, .max = max };
    enum og_rc rc = og_time_print(now, search.until, err);

    return rc == OG_OK
               ? og_store_run(&state->store, OG_STORE_READ, due_work, &search, err)
               : rc;
}

struct walk {
    og_vault_visit *visit;
    void *arg;
};

static enum og_rc
visit_entry(const char *key, const char *value, void *arg, struct og_err *err)
{
    const struct walk *walk = arg;
    struct og_record entry = OG_RECORD_INIT;
    enum og_rc rc = og_record_parse(value, strlen(value), &entry, NULL);

    if (rc == OG_OK)
        rc = walk->visit(key + strlen("entry "), &entry, walk->arg, err);
    else
        rc = og_fail(err, OG_E_STATE, "%s: the record of %.200s cannot be read", db, key);
    og_record_free(&entry);
    return rc;
}

enum og_rc
og_vault_walk(const struct og_state *state, og_vault_visit *visit, void *arg,
              struct og_err *err)
{
    struct walk walk = { visit, arg };

    return og_state_walk(state, db, "entry ", visit_entry, &walk, err);
}
