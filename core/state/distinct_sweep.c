/* SPDX-License-Identifier: BSD-2-Clause */
/* Addresses that do not count any more, out of recipients.db */
#include "core/state/distinct_int.h"

#include <string.h>

#include "core/base/record.h"

static const char db[] = OG_RECIPIENTS_DB;
static const char turn_key[] = "sweep";

enum { KEYS_BYTES = 16 << 20, CHUNK = 1000 };

/* keys that are to be deleted once the walk is over */
struct gather {
    struct og_buf keys; /* each with a NUL */
    size_t count, most;
    size_t skip; /* bytes before a key's time; 0: keys without one */
    int64_t now;
};

static enum og_rc
gather_visit(const char *key, const char *value, void *arg, bool *stop,
             struct og_err *err)
{
    struct gather *gather = arg;
    const char *word;
    int64_t time;
    enum og_rc rc = OG_OK;

    (void)value;
    *stop = gather->count == gather->most;
    if (!*stop && gather->skip > 0) {
        rc = og_distinct_key_read(key, gather->skip, &time, &word, err);
        if (rc == OG_OK)
            *stop = time + OG_DISTINCT_SECONDS >= gather->now;
    }
    if (rc != OG_OK || *stop)
        return rc;
    gather->count++;
    return og_buf_add(&gather->keys, key, strlen(key) + 1, err);
}

/* one key of `at USER TIME WORD` and its `to USER WORD` */
static enum og_rc
delete_both(struct og_txn *txn, const char *user, const char *at, size_t skip,
            struct og_err *err)
{
    struct og_buf key = OG_BUF_INIT(OG_STORE_MAX_KEY);
    const char *word = NULL;
    int64_t time;
    enum og_rc rc = og_distinct_key_read(at, skip, &time, &word, err);

    if (rc == OG_OK)
        rc = og_distinct_key(&key, user, NULL, word, err);
    if (rc == OG_OK)
        rc = og_txn_delete(txn, db, key.data, err);
    if (rc == OG_OK || rc == OG_E_NOTFOUND) /* it is old: nothing is lost with it */
        rc = og_txn_delete(txn, db, at, err);
    og_buf_free(&key);
    return rc;
}

enum og_rc
og_distinct_sweep(struct og_txn *txn, const char *user, int64_t now, size_t budget,
                  size_t *removed, struct og_err *err)
{
    struct gather gather = { .keys = OG_BUF_INIT(KEYS_BYTES),
                             .most = budget,
                             .now = now };
    struct og_buf prefix = OG_BUF_INIT(OG_STORE_MAX_KEY);
    const char *at;
    enum og_rc rc = og_buf_printf(&prefix, err, "at %s ", user);

    gather.skip = prefix.len;
    if (rc == OG_OK)
        rc = og_txn_walk(txn, db, prefix.data, "", gather_visit, &gather, err);
    at = og_buf_text(&gather.keys);
    for (size_t i = 0; i < gather.count && rc == OG_OK; i++, at += strlen(at) + 1)
        rc = delete_both(txn, user, at, prefix.len, err);
    if (rc == OG_OK)
        *removed = gather.count;
    og_buf_free(&gather.keys);
    og_buf_free(&prefix);
    return rc;
}

/* the user behind the one that had its turn last */
struct turn {
    struct og_buf user;
};

static enum og_rc
turn_visit(const char *key, const char *value, void *arg, bool *stop, struct og_err *err)
{
    struct turn *turn = arg;
    const char *user = strchr(key, ' ') + 1; /* the prefix has one */

    (void)value;
    *stop = true;
    og_buf_reset(&turn->user);
    return og_buf_add(&turn->user, user, strcspn(user, " "), err);
}

/* who had its turn last; "" at the begin of a round, and where that cannot be read: a
 * round lost is no harm */
static enum og_rc
last_turn(struct og_txn *txn, struct og_buf *user, struct og_err *err)
{
    struct og_buf value = OG_BUF_INIT(OG_STORE_MAX_VALUE);
    enum og_rc rc = og_txn_get(txn, db, turn_key, &value, err);

    if (rc == OG_OK && value.len > 6 && value.len < OG_STORE_MAX_KEY / 2 + 6
        && memcmp(value.data, "after=", 6) == 0)
        rc = og_buf_add(user, value.data + 6, value.len - 6, err);
    og_buf_free(&value);
    return rc == OG_E_NOTFOUND ? OG_OK : rc;
}

static enum og_rc
set_turn(struct og_txn *txn, const struct og_buf *user, struct og_err *err)
{
    struct og_buf value = OG_BUF_INIT(OG_STORE_MAX_VALUE);
    enum og_rc rc = og_buf_printf(&value, err, "after=%s", og_buf_text(user));

    if (rc == OG_OK)
        rc = og_txn_put(txn, db, turn_key, value.data, err);
    og_buf_free(&value);
    return rc;
}

/* Old addresses of somebody else, and its count. What cannot be read stays: that is for
 * its owner's next charge to say. */
static enum og_rc
sweep_counted(struct og_txn *txn, const char *user, int64_t now, size_t budget,
              size_t *removed, struct og_err *err)
{
    struct og_err ignored = { "" };
    uint64_t count = 0;
    int64_t newest = 0;
    enum og_rc rc = og_distinct_head_read(txn, user, &count, &newest, &ignored);

    if (rc == OG_OK)
        rc = og_distinct_sweep(txn, user, now, budget, removed, &ignored);
    if (rc == OG_E_STATE)
        return OG_OK;
    if (rc == OG_OK && *removed > 0)
        return og_distinct_head_write(txn, user, count > *removed ? count - *removed : 0,
                                      newest, err);
    return rc == OG_OK ? rc : og_fail(err, rc, "%s", ignored.text);
}

enum og_rc
og_distinct_sweep_other(struct og_txn *txn, const char *user, int64_t now, size_t budget,
                        struct og_err *err)
{
    struct og_buf last = OG_BUF_INIT(OG_STORE_MAX_KEY);
    struct og_buf after = OG_BUF_INIT(OG_STORE_MAX_KEY);
    struct turn turn = { OG_BUF_INIT(OG_STORE_MAX_KEY) };
    size_t removed = 0;
    enum og_rc rc = last_turn(txn, &last, err);

    if (rc == OG_OK && last.len > 0) /* '~' is behind every time */
        rc = og_buf_printf(&after, err, "at %s ~", last.data);
    if (rc == OG_OK)
        rc = og_txn_walk(txn, db, "at ", og_buf_text(&after), turn_visit, &turn, err);
    if (rc == OG_OK && turn.user.len > 0 && strcmp(turn.user.data, user) != 0)
        rc = sweep_counted(txn, turn.user.data, now, budget, &removed, err);
    if (rc == OG_OK && removed < budget && (turn.user.len > 0 || last.len > 0))
        rc = set_turn(txn, &turn.user, err); /* else it gets another one */
    og_buf_free(&last);
    og_buf_free(&after);
    og_buf_free(&turn.user);
    return rc;
}

enum og_rc
og_distinct_delete_all(struct og_txn *txn, const char *prefix, uint64_t *count,
                       struct og_err *err)
{
    uint64_t total = 0;
    enum og_rc rc = OG_OK;
    bool more = true;

    while (rc == OG_OK && more) {
        struct gather gather = { .keys = OG_BUF_INIT(KEYS_BYTES), .most = CHUNK };
        const char *at;

        rc = og_txn_walk(txn, db, prefix, "", gather_visit, &gather, err);
        at = og_buf_text(&gather.keys);
        for (size_t i = 0; i < gather.count && rc == OG_OK; i++, at += strlen(at) + 1)
            rc = og_txn_delete(txn, db, at, err);
        total += gather.count;
        more = gather.count == CHUNK;
        og_buf_free(&gather.keys);
    }
    if (rc == OG_OK)
        *count = total;
    return rc;
}
