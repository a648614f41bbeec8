/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/lib/store_int.h"

#include <stdlib.h>
#include <string.h>

/* every database there is; whoever needs another adds its row */
const char *const og_store_dbs[] = {
    "users.db",  "keys.db",         "ledger.db", "recipients.db",
    "locks.db",  "events-seen.db",  "auth.db",   "quarantine.db",
    "outbox.db", "fingerprints.db", NULL
};

enum { PAGE_BYTES = 4096 }; /* the block of common file systems: no half-written page */

_Static_assert(N_ELEMENTS(og_store_dbs) <= OG_STORE_MAX_DBS, "raise OG_STORE_MAX_DBS");

/* In a transaction of its own, as the handle outlives the one of the run, which may
 * be undone. Nothing is locked, so the two do not meet. */
static enum og_rc
open_handle(struct og_txn *txn, const char *name, bool writing, DB **out,
            struct og_err *err)
{
    struct og_env *env = txn->env;
    DB_ENV *h = env->handle;
    DB_TXN *own = NULL;
    DB *db = NULL;
    enum og_rc rc;
    int ret;

    if (writing && (ret = h->txn_begin(h, NULL, &own, 0)) != 0)
        return og_env_fail(env, ret, "open", err);
    if ((ret = db_create(&db, h, 0)) == 0 && (ret = db->set_pagesize(db, PAGE_BYTES)) == 0
        && (ret = db->set_flags(db, DB_CHKSUM)) == 0)
        ret = db->open(db, own, name, NULL, DB_BTREE, writing ? DB_CREATE : DB_RDONLY,
                       0600);
    if (ret == 0 && own != NULL) {
        ret = own->commit(own, DB_TXN_WRITE_NOSYNC);
        own = NULL;
    }
    if (ret == 0) {
        *out = db;
        return OG_OK;
    }
    rc = og_env_fail(env, ret, "open", err);
    if (db != NULL)
        (void)db->close(db, DB_NOSYNC);
    if (own != NULL && own->abort(own) != 0)
        env->panicked = true;
    return rc;
}

static bool
unchanged(const struct og_file *a, const struct og_file *b)
{
    return og_file_same(a->id, b->id) && a->mtime.tv_sec == b->mtime.tv_sec
           && a->mtime.tv_nsec == b->mtime.tv_nsec;
}

/* Once in a run for each database, before its first use: is the file there and ours?
 * If it is another one, or was written to since, which a checkpoint does and damage
 * does too, it is opened anew, and so is looked at as by a new process. */
static enum og_rc
check_file(struct og_txn *txn, size_t i, bool *found, struct og_err *err)
{
    struct og_env *env = txn->env;
    struct og_file file = { 0 };
    enum og_rc rc;

    *found = true;
    if ((txn->checked & 1u << i) != 0)
        return OG_OK;
    rc = og_env_check_file(env, og_store_dbs[i], found, &file, err);
    if (rc != OG_OK)
        return rc;
    if (!*found || !unchanged(&file, &env->files[i]))
        og_env_close_db(env, i);
    env->files[i] = file;
    if (*found)
        txn->checked |= 1u << i;
    return OG_OK;
}

/* Every store has had these from its first day, others may be younger than it and read as
 * empty. Without them everybody would be a stranger, nobody locked, no mail signed and all
 * of every limit free. */
static bool
is_original(const char *db)
{
    static const char *const names[] = { "users.db", "keys.db", "ledger.db", "locks.db" };

    for (size_t i = 0; i < N_ELEMENTS(names); i++)
        if (strcmp(names[i], db) == 0)
            return true;
    return false;
}

enum og_rc
og_txn_open_db(struct og_txn *txn, const char *db, bool writing, DB **at, DB_TXN **with,
               struct og_err *err)
{
    struct og_env *env = txn->env;
    enum og_rc rc;
    size_t i = 0;
    bool found;
    DB **slot;

    while (og_store_dbs[i] != NULL && strcmp(og_store_dbs[i], db) != 0)
        i++;
    if (og_store_dbs[i] == NULL)
        return og_fail(err, OG_E_STATE, "%s is no database of the store", db);
    env->current = og_store_dbs[i];
    rc = check_file(txn, i, &found, err);
    writing = writing || env->writers[i] != NULL; /* one handle serves both */
    slot = writing ? &env->writers[i] : &env->readers[i];
    if (rc == OG_OK && !found && !txn->making && is_original(db))
        rc = og_fail(err, OG_E_STATE,
                     "%s/%s is gone: restore it from a backup, or `outgatectl init "
                     "--anew` makes an empty one",
                     env->conf->directory, db);
    if (rc == OG_OK && *slot == NULL && (found || writing))
        rc = open_handle(txn, og_store_dbs[i], writing, slot, err);
    if (rc == OG_OK && !found && *slot != NULL) { /* made just now */
        rc = og_env_check_file(env, og_store_dbs[i], &found, &env->files[i], err);
        txn->checked |= 1u << i;
    }
    if (rc != OG_OK)
        return rc;
    *at = *slot;
    *with = writing ? txn->handle : NULL;
    return OG_OK;
}

static enum og_rc
check_text(const char *what, const char *text, size_t max, DBT *out, struct og_err *err)
{
    size_t len = strnlen(text, max + 1);

    if (len > max)
        return og_fail(err, OG_E_LIMIT, "%s of more than %zu bytes", what, max);
    for (size_t i = 0; i < len; i++)
        if (text[i] < ' ' || text[i] > '~')
            return og_fail(err, OG_E_SYNTAX, "%s with a non-printable byte at %zu", what,
                           i);
    *out = (DBT){ .size = (u_int32_t)len };
    memcpy(&out->data, &text, sizeof text); /* Berkeley DB only reads it */
    return OG_OK;
}

static enum og_rc
check_key(const char *text, DBT *out, struct og_err *err)
{
    if (text[0] == '\0')
        return og_fail(err, OG_E_SYNTAX, "an empty key");
    return check_text("key", text, OG_STORE_MAX_KEY, out, err);
}

static enum og_rc
get(struct og_txn *txn, const char *name, const char *key, bool writing,
    struct og_buf *value, struct og_err *err)
{
    DBT k, v = { .flags = DB_DBT_MALLOC };
    DB *db = NULL;
    DB_TXN *with = NULL;
    enum og_rc rc = check_key(key, &k, err);
    int ret;

    if (rc == OG_OK)
        rc = og_txn_open_db(txn, name, writing, &db, &with, err);
    if (rc != OG_OK)
        return rc;
    ret = db != NULL ? db->get(db, with, &k, &v, 0) : DB_NOTFOUND;
    if (ret == DB_NOTFOUND)
        return OG_E_NOTFOUND;
    if (ret != 0)
        return og_env_fail(txn->env, ret, "read", err);
    if (v.size > value->max) {
        rc = og_fail(err, OG_E_LIMIT, "%s: value of %u bytes, the ceiling is %zu", name,
                     v.size, value->max);
    } else {
        struct og_buf fresh = OG_BUF_INIT(value->max);

        rc = og_buf_add(&fresh, v.data, v.size, err);
        if (rc == OG_OK)
            og_buf_move(value, &fresh);
        og_buf_free(&fresh);
    }
    free(v.data);
    return rc;
}

const char *
og_txn_directory(const struct og_txn *txn)
{
    return txn->env->conf->directory;
}

static enum og_rc
writable(const struct og_txn *txn, const char *name, struct og_err *err)
{
    if (txn->mode == OG_STORE_READ)
        return og_fail(err, OG_E_STATE, "%s: a change in a reading run", name);
    return OG_OK;
}

enum og_rc
og_txn_get(struct og_txn *txn, const char *db, const char *key, struct og_buf *value,
           struct og_err *err)
{
    return get(txn, db, key, false, value, err);
}

enum og_rc
og_txn_get_for_update(struct og_txn *txn, const char *db, const char *key,
                      struct og_buf *value, struct og_err *err)
{
    enum og_rc rc = writable(txn, db, err);

    return rc == OG_OK ? get(txn, db, key, true, value, err) : rc;
}

static enum og_rc
put(struct og_txn *txn, const char *name, const char *key, const char *value,
    u_int32_t flags, struct og_err *err)
{
    DBT k, v;
    DB *db = NULL;
    DB_TXN *with = NULL;
    enum og_rc rc = writable(txn, name, err);
    int ret;

    if (rc == OG_OK)
        rc = check_key(key, &k, err);
    if (rc == OG_OK)
        rc = check_text("value", value, OG_STORE_MAX_VALUE, &v, err);
    if (rc == OG_OK)
        rc = og_txn_open_db(txn, name, true, &db, &with, err);
    if (rc != OG_OK)
        return rc;
    ret = db->put(db, with, &k, &v, flags);
    if (ret == DB_KEYEXIST)
        return OG_E_EXISTS;
    return ret == 0 ? OG_OK : og_env_fail(txn->env, ret, "write", err);
}

enum og_rc
og_txn_put(struct og_txn *txn, const char *db, const char *key, const char *value,
           struct og_err *err)
{
    return put(txn, db, key, value, 0, err);
}

enum og_rc
og_txn_add(struct og_txn *txn, const char *db, const char *key, const char *value,
           struct og_err *err)
{
    return put(txn, db, key, value, DB_NOOVERWRITE, err);
}

enum og_rc
og_txn_delete(struct og_txn *txn, const char *name, const char *key, struct og_err *err)
{
    DBT k;
    DB *db = NULL;
    DB_TXN *with = NULL;
    enum og_rc rc = writable(txn, name, err);
    int ret;

    if (rc == OG_OK)
        rc = check_key(key, &k, err);
    if (rc == OG_OK)
        rc = og_txn_open_db(txn, name, true, &db, &with, err);
    if (rc != OG_OK)
        return rc;
    ret = db->del(db, with, &k, 0);
    if (ret == DB_NOTFOUND)
        return OG_E_NOTFOUND;
    return ret == 0 ? OG_OK : og_env_fail(txn->env, ret, "delete", err);
}

/* hand one entry to the visitor; *stop also when the prefix is over */
static enum og_rc
visit_one(const DBT *k, const DBT *v, const char *prefix, og_txn_visit *visit, void *arg,
          bool *stop, struct og_err *err)
{
    struct og_buf key = OG_BUF_INIT(OG_STORE_MAX_KEY);
    struct og_buf value = OG_BUF_INIT(OG_STORE_MAX_VALUE);
    size_t len = strlen(prefix);
    enum og_rc rc;

    if (k->size < len || memcmp(k->data, prefix, len) != 0) {
        *stop = true;
        return OG_OK;
    }
    rc = og_buf_add(&key, k->data, k->size, err);
    if (rc == OG_OK)
        rc = og_buf_add(&value, v->data, v->size, err);
    if (rc == OG_OK)
        rc = visit(og_buf_text(&key), og_buf_text(&value), arg, stop, err);
    og_buf_free(&key);
    og_buf_free(&value);
    return rc;
}

enum og_rc
og_txn_walk(struct og_txn *txn, const char *name, const char *prefix, const char *after,
            og_txn_visit *visit, void *arg, struct og_err *err)
{
    const char *from = strcmp(after, prefix) > 0 ? after : prefix;
    DBT k, v = { .flags = DB_DBT_REALLOC };
    DBC *cursor = NULL;
    DB *db = NULL;
    DB_TXN *with = NULL;
    bool stop = false;
    enum og_rc rc = check_text("prefix", prefix, OG_STORE_MAX_KEY, &k, err);
    int ret = 0;

    if (rc == OG_OK)
        rc = check_text("key", from, OG_STORE_MAX_KEY, &k, err);
    if (rc == OG_OK)
        rc = og_txn_open_db(txn, name, txn->handle != NULL, &db, &with, err);
    if (rc != OG_OK || db == NULL)
        return rc;
    k.flags = DB_DBT_REALLOC;
    k.data = strdup(from); /* a search key of its own: replaced by what is found */
    if (k.data == NULL)
        return og_fail(err, OG_E_NOMEM, "no memory for a walk");
    ret = db->cursor(db, with, &cursor, 0);
    if (ret == 0)
        ret = cursor->get(cursor, &k, &v, DB_SET_RANGE);
    if (ret == 0 && after[0] != '\0' && k.size == strlen(after)
        && memcmp(k.data, after, k.size) == 0)
        ret = cursor->get(cursor, &k, &v, DB_NEXT);
    while (ret == 0 && rc == OG_OK && !stop) {
        rc = visit_one(&k, &v, prefix, visit, arg, &stop, err);
        if (rc == OG_OK && !stop)
            ret = cursor->get(cursor, &k, &v, DB_NEXT);
    }
    if (ret != 0 && ret != DB_NOTFOUND)
        rc = og_env_fail(txn->env, ret, "walk", err);
    if (cursor != NULL && (ret = cursor->close(cursor)) != 0 && rc == OG_OK)
        rc = og_env_fail(txn->env, ret, "walk", err);
    free(k.data);
    free(v.data);
    return rc;
}
