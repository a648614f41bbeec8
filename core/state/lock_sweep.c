/* SPDX-License-Identifier: BSD-2-Clause */
/* Records of locks.db that say nothing any more, with their history */
#include "core/state/lock_record.h"

#include <string.h>

#include "core/state/sweep.h"

static const char db[] = OG_LOCKS_DB;

/* no lock for OG_LOCK_CLEAN: such a record means the same as none; one that has ended by
 * timeout without anybody's notice too */
static bool
is_clean(const char *key, const char *value, int64_t now)
{
    struct og_lock_row row;
    struct og_lock view;
    int64_t ended;

    if (og_lock_parse(value, strlen(value), key, &row, NULL) != OG_OK)
        return false;
    og_lock_view(&row, now, &view);
    ended = row.lock.locked ? row.lock.until : row.ended;
    return !view.locked && view.unlocks == 0 && now - ended >= OG_LOCK_CLEAN;
}

static enum og_rc
gather(const char *key, const char *value, void *arg, bool *stop, struct og_err *err)
{
    struct og_buf *keys = arg;

    (void)value;
    *stop = keys->len + 2 * (OG_STORE_MAX_KEY + 1) > keys->max;
    return og_buf_add(keys, key, strlen(key) + 1, err);
}

static enum og_rc
drop_history(struct og_txn *txn, const char *key, struct og_err *err)
{
    struct og_buf prefix = OG_BUF_INIT(OG_STORE_MAX_KEY);
    struct og_buf keys = OG_BUF_INIT((OG_LOCK_HISTORY + 1) * (OG_STORE_MAX_KEY + 1));
    enum og_rc rc = og_buf_printf(&prefix, NULL, OG_LOCK_HISTORY_PREFIX "%s ", key);

    if (rc == OG_OK)
        rc = og_txn_walk(txn, db, prefix.data, "", gather, &keys, err);
    else if (rc == OG_E_LIMIT)
        rc = OG_OK; /* no history has so long a key */
    for (const char *at = og_buf_text(&keys);
         rc == OG_OK && at < og_buf_text(&keys) + keys.len; at += strlen(at) + 1)
        rc = og_txn_delete(txn, db, at, err);
    og_buf_free(&prefix);
    og_buf_free(&keys);
    return rc;
}

/* of a lock whose end nobody has entered */
static enum og_rc
drop_id(struct og_txn *txn, const char *key, struct og_err *err)
{
    struct og_buf value = OG_BUF_INIT(OG_RECORD_MAX_TEXT);
    struct og_lock_row row;
    enum og_rc rc = og_txn_get(txn, db, key, &value, err);

    if (rc == OG_OK)
        rc = og_lock_parse(og_buf_text(&value), value.len, key, &row, err);
    if (rc == OG_OK && row.lock.id[0] != '\0')
        rc = og_lock_forget_id(txn, row.lock.id, err);
    og_buf_free(&value);
    return rc;
}

static enum og_rc
drop_rest(struct og_txn *txn, const char *key, struct og_err *err)
{
    enum og_rc rc = drop_id(txn, key, err);

    return rc == OG_OK ? drop_history(txn, key, err) : rc;
}

enum og_rc
og_lock_sweep(struct og_txn *txn, int64_t now, struct og_err *err)
{
    /* behind the history, which goes with its account */
    static const struct og_sweep sweep = { db, "history~", is_clean, drop_rest };

    return og_sweep(txn, &sweep, now, err);
}
