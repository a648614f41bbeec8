/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/state/lock_record.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/time.h"

static const char db[] = OG_LOCKS_DB;

void
og_lock_text(char *out, size_t size, const char *text)
{
    size_t n = 0;

    for (; text != NULL && *text != '\0' && n + 1 < size; text++)
        out[n++] = (unsigned char)*text < ' ' || *text == 0x7f ? ' ' : *text;
    while (text != NULL && *text != '\0' && n > 0
           && ((unsigned char)*text & 0xc0) == 0x80)
        text = (unsigned char)out[--n] >= 0xc0 ? "" : text; /* no half character */
    out[n] = '\0';
}

static bool
number_of(const struct og_record *rec, const char *name, uint64_t *number)
{
    const char *text = og_record_get(rec, name);
    char *end;

    *number = 0;
    if (text == NULL)
        return true;
    errno = 0;
    *number = strtoull(text, &end, 10);
    return text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0;
}

static bool
time_of(const struct og_record *rec, const char *name, int64_t *at)
{
    const char *text = og_record_get(rec, name);

    *at = 0;
    return text == NULL || og_time_parse(text, at, NULL) == OG_OK;
}

static bool
read_fields(const struct og_record *rec, struct og_lock_row *row)
{
    struct og_lock *lock = &row->lock;
    const char *state = og_record_get(rec, "state"), *kind = og_record_get(rec, "kind");
    const char *id = og_record_get(rec, "id");

    if (state == NULL || (strcmp(state, "locked") != 0 && strcmp(state, "open") != 0))
        return false;
    lock->locked = state[0] == 'l';
    lock->manual = kind != NULL && strcmp(kind, "manual") == 0;
    if (lock->locked
        && (kind == NULL || (!lock->manual && strcmp(kind, "automatic") != 0)))
        return false;
    og_lock_text(lock->id, sizeof lock->id, id);
    og_lock_text(lock->rule, sizeof lock->rule, og_record_get(rec, "rule"));
    og_lock_text(lock->reason, sizeof lock->reason, og_record_get(rec, "reason"));
    og_lock_text(lock->who, sizeof lock->who, og_record_get(rec, "who"));
    return number_of(rec, "unlocks", &lock->unlocks)
           && number_of(rec, "changes", &row->changes)
           && time_of(rec, "since", &lock->since) && time_of(rec, "until", &lock->until)
           && time_of(rec, "ended", &row->ended) && lock->until >= 0
           && (!lock->locked || og_record_get(rec, "since") != NULL)
           && (lock->until == 0 || lock->until >= lock->since);
}

enum og_rc
og_lock_parse(const char *value, size_t len, const char *key, struct og_lock_row *row,
              struct og_err *err)
{
    struct og_record rec = OG_RECORD_INIT;
    struct og_lock_row fresh = { .ended = 0 };
    enum og_rc rc = OG_OK;

    if (og_record_parse(value, len, &rec, NULL) != OG_OK || !read_fields(&rec, &fresh))
        rc = og_fail(err, OG_E_STATE, "%s: the record of %.200s cannot be read", db, key);
    else
        *row = fresh;
    og_record_free(&rec);
    return rc;
}

enum og_rc
og_lock_get(struct og_txn *txn, const struct og_account *account, enum og_level level,
            bool for_update, struct og_lock_row *row, struct og_err *err)
{
    struct og_buf key = OG_BUF_INIT(OG_STORE_MAX_KEY);
    struct og_buf value = OG_BUF_INIT(OG_RECORD_MAX_TEXT);
    enum og_rc rc = og_account_key(account, level, &key, err);

    *row = (struct og_lock_row){ .ended = 0 };
    if (rc != OG_OK)
        goto out;
    rc = for_update ? og_txn_get_for_update(txn, db, key.data, &value, err)
                    : og_txn_get(txn, db, key.data, &value, err);
    if (rc == OG_OK)
        rc = og_lock_parse(og_buf_text(&value), value.len, key.data, row, err);
    else if (rc == OG_E_NOTFOUND)
        rc = OG_OK;
    row->lock.level = level;
out:
    og_buf_free(&key);
    og_buf_free(&value);
    return rc;
}

/* the time it began, as far as the clock can be believed: see locks.h */
static void
view_times(const struct og_lock_row *row, int64_t now, struct og_lock *lock)
{
    int64_t length = row->lock.until - row->lock.since;

    if (row->lock.since <= now)
        return;
    lock->unsettled = true;
    lock->since = now;
    if (lock->until > 0)
        lock->until = now + length;
}

void
og_lock_view(const struct og_lock_row *row, int64_t now, struct og_lock *lock)
{
    int64_t ended = row->ended;

    *lock = row->lock;
    if (lock->locked)
        view_times(row, now, lock);
    if (lock->locked && lock->until > 0 && lock->until <= now) {
        lock->locked = false;
        lock->unsettled = true;
        lock->unlocks++;
        ended = lock->until;
    }
    if (!lock->locked && ended > 0 && now - ended >= OG_LOCK_CLEAN)
        lock->unlocks = 0;
}
