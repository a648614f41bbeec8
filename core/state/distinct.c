/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/state/distinct_int.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/record.h"
#include "core/base/time.h"
#include "core/state/ledger_key.h"

static const char db[] = OG_RECIPIENTS_DB;

enum {
    SWEEP_MORE = 16, /* old addresses a charge deletes besides two for each new one */
    WALK_ENTRIES = 10000, /* looked at before the answer is "within 24 hours" */
};

enum og_rc
og_distinct_key(struct og_buf *key, const char *user, const int64_t *time,
                const char *word, struct og_err *err)
{
    char text[OG_TIME_TEXT + 1] = "";
    enum og_rc rc = OG_OK;

    og_buf_reset(key);
    if (time != NULL)
        rc = og_time_print(*time, text, err);
    if (rc == OG_OK)
        rc = og_buf_add_text(key, time != NULL ? "at " : "to ", err);
    if (rc == OG_OK)
        rc = og_buf_add_text(key, user, err);
    if (rc == OG_OK)
        rc = og_buf_add(key, " ", 1, err);
    if (time != NULL)
        text[OG_TIME_TEXT - 1] = ' ';
    if (rc == OG_OK)
        rc = og_buf_add_text(key, text, err);
    return rc == OG_OK ? og_buf_add_text(key, word, err) : rc;
}

static enum og_rc
damaged(const char *key, struct og_err *err)
{
    return og_fail(
        err, OG_E_STATE,
        "%s: the record of %.300s cannot be read; see outgatectl usage --reset", db, key);
}

enum og_rc
og_distinct_key_read(const char *key, size_t skip, int64_t *time, const char **word,
                     struct og_err *err)
{
    char text[OG_TIME_TEXT] = "";
    size_t len = strlen(key) > skip ? strlen(key + skip) : 0;

    if (len >= sizeof text)
        memcpy(text, key + skip, sizeof text - 1);
    if (len < sizeof text || key[skip + sizeof text - 1] != ' '
        || og_time_parse(text, time, NULL) != OG_OK)
        return damaged(key, err);
    *word = key + skip + sizeof text;
    return OG_OK;
}

/* a record of recipients.db: OG_OK and the field, or OG_E_NOTFOUND */
static enum og_rc
get(struct og_txn *txn, const char *key, struct og_record *rec, struct og_err *err)
{
    struct og_buf value = OG_BUF_INIT(OG_STORE_MAX_VALUE);
    enum og_rc rc = og_txn_get(txn, db, key, &value, err);

    if (rc == OG_OK
        && og_record_parse(og_buf_text(&value), value.len, rec, NULL) != OG_OK)
        rc = damaged(key, err);
    og_buf_free(&value);
    return rc;
}

enum og_rc
og_distinct_head_read(struct og_txn *txn, const char *user, uint64_t *count,
                      int64_t *newest, struct og_err *err)
{
    struct og_buf key = OG_BUF_INIT(OG_STORE_MAX_KEY);
    struct og_record rec = OG_RECORD_INIT;
    const char *text, *time;
    char *end = NULL;
    enum og_rc rc = og_buf_printf(&key, err, "of %s", user);

    *count = 0;
    *newest = OG_TIME_MIN;
    if (rc == OG_OK)
        rc = get(txn, key.data, &rec, err);
    if (rc == OG_OK) {
        text = og_record_get(&rec, "count");
        time = og_record_get(&rec, "newest");
        if (text != NULL && text[0] >= '1' && text[0] <= '9')
            *count = strtoull(text, &end, 10);
        if (end == NULL || *end != '\0' || *count > UINT32_MAX || time == NULL
            || og_time_parse(time, newest, NULL) != OG_OK)
            rc = damaged(key.data, err);
    }
    og_buf_free(&key);
    og_record_free(&rec);
    return rc == OG_E_NOTFOUND ? OG_OK : rc;
}

enum og_rc
og_distinct_head_write(struct og_txn *txn, const char *user, uint64_t count,
                       int64_t newest, struct og_err *err)
{
    struct og_buf key = OG_BUF_INIT(OG_STORE_MAX_KEY), value = OG_BUF_INIT(200);
    char time[OG_TIME_TEXT];
    enum og_rc rc = og_buf_printf(&key, err, "of %s", user);

    if (rc == OG_OK && count == 0) {
        rc = og_txn_delete(txn, db, key.data, err);
        rc = rc == OG_E_NOTFOUND ? OG_OK : rc;
    } else if (rc == OG_OK) {
        rc = og_time_print(newest, time, err);
        if (rc == OG_OK)
            rc = og_buf_printf(&value, err, "count=%" PRIu64 " newest=%s", count, time);
        if (rc == OG_OK)
            rc = og_txn_put(txn, db, key.data, value.data, err);
    }
    og_buf_free(&key);
    og_buf_free(&value);
    return rc;
}

static int
compare(const void *a, const void *b)
{
    return strcmp(((const struct og_distinct_word *)a)->text,
                  ((const struct og_distinct_word *)b)->text);
}

/* the words, sorted, each once */
static enum og_rc
take(struct og_distinct *d, const char *const *addresses, size_t count,
     struct og_err *err)
{
    const char *at;
    size_t kept = 0;
    enum og_rc rc = OG_OK;

    for (size_t i = 0; i < count && rc == OG_OK; i++) {
        rc = og_key_word(&d->text, addresses[i], err);
        if (rc == OG_OK)
            rc = og_buf_add(&d->text, "", 1, err);
    }
    if (rc != OG_OK || count == 0)
        return rc;
    d->words = calloc(count, sizeof *d->words);
    if (d->words == NULL)
        return og_fail(err, OG_E_NOMEM, "no memory for %zu recipients", count);
    at = d->text.data;
    for (size_t i = 0; i < count; i++, at += strlen(at) + 1)
        d->words[i].text = at;
    qsort(d->words, count, sizeof *d->words, compare);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || compare(&d->words[kept - 1], &d->words[i]) != 0)
            d->words[kept++] = d->words[i];
    d->count = kept;
    return OG_OK;
}

enum og_rc
og_distinct_open(struct og_txn *txn, const char *user, const char *const *addresses,
                 size_t count, struct og_distinct *d, struct og_err *err)
{
    enum og_rc rc;

    og_distinct_free(d);
    d->txn = txn;
    rc = og_key_word(&d->user, user, err);
    if (rc == OG_OK)
        rc = take(d, addresses, count, err);
    if (rc == OG_OK)
        rc = og_distinct_head_read(txn, d->user.data, &d->stored, &d->newest, err);
    return rc;
}

/* which of the words are stored, and since when */
static enum og_rc
look(struct og_distinct *d, struct og_err *err)
{
    struct og_buf key = OG_BUF_INIT(OG_STORE_MAX_KEY);
    enum og_rc rc = OG_OK;

    for (size_t i = 0; i < d->count && rc == OG_OK && !d->looked; i++) {
        struct og_distinct_word *word = &d->words[i];
        struct og_record rec = OG_RECORD_INIT;
        const char *last;

        rc = og_distinct_key(&key, d->user.data, NULL, word->text, err);
        if (rc == OG_OK)
            rc = get(d->txn, key.data, &rec, err);
        if (rc == OG_OK) {
            last = og_record_get(&rec, "last");
            if (last == NULL || og_time_parse(last, &word->last, NULL) != OG_OK)
                rc = damaged(key.data, err);
            word->stored = true;
            d->known++;
        }
        if (rc == OG_E_NOTFOUND)
            rc = OG_OK;
        og_record_free(&rec);
    }
    d->looked = true;
    og_buf_free(&key);
    return rc;
}

/* from the oldest address on: how many must leave, or how many have left */
struct walk {
    const struct og_distinct *d;
    size_t skip; /* bytes before a key's time */
    int64_t now;
    uint64_t excess; /* other addresses still in the way */
    uint64_t old;    /* addresses that do not count any more */
    size_t visited;
    int64_t when;
    bool cut; /* there are more than WALK_ENTRIES */
};

static enum og_rc
visit(const char *key, const char *value, void *arg, bool *stop, struct og_err *err)
{
    struct walk *walk = arg;
    struct og_distinct_word word = { NULL, false, 0 };
    int64_t time;
    enum og_rc rc = og_distinct_key_read(key, walk->skip, &time, &word.text, err);

    (void)value;
    if (rc != OG_OK)
        return rc;
    walk->cut = ++walk->visited > WALK_ENTRIES;
    *stop = walk->cut || (walk->excess == 0 && time + OG_DISTINCT_SECONDS >= walk->now);
    if (*stop)
        return OG_OK;
    if (time + OG_DISTINCT_SECONDS < walk->now)
        walk->old++;
    if (walk->excess > 0
        && (walk->d->count == 0
            || bsearch(&word, walk->d->words, walk->d->count, sizeof word, compare)
                   == NULL)) {
        walk->when = time + OG_DISTINCT_SECONDS + 1;
        *stop = --walk->excess == 0;
    }
    return OG_OK;
}

static enum og_rc
walk_from_oldest(struct walk *walk, struct og_err *err)
{
    struct og_buf prefix = OG_BUF_INIT(OG_STORE_MAX_KEY);
    enum og_rc rc = og_buf_printf(&prefix, err, "at %s ", walk->d->user.data);

    walk->skip = prefix.len;
    if (rc == OG_OK)
        rc = og_txn_walk(walk->d->txn, db, prefix.data, "", visit, walk, err);
    og_buf_free(&prefix);
    return rc;
}

enum og_rc
og_distinct_free_at(struct og_distinct *d, int64_t now, uint64_t limit, int64_t *when,
                    struct og_err *err)
{
    struct walk walk = { .d = d, .now = now, .when = now };
    enum og_rc rc;

    if (d->count > limit) {
        *when = INT64_MAX;
        return OG_OK;
    }
    *when = now;
    if (d->stored <= limit - d->count)
        return OG_OK;
    rc = look(d, err);
    if (rc != OG_OK || d->stored - d->known <= limit - d->count)
        return rc;
    walk.excess = d->stored - d->known - (limit - d->count);
    rc = walk_from_oldest(&walk, err);
    if (rc == OG_OK && walk.excess > 0 && !walk.cut)
        return og_fail(
            err, OG_E_STATE,
            "%s: the count of %.200s is too high; see outgatectl usage --reset", db,
            d->user.data);
    if (rc == OG_OK && walk.cut)
        walk.when = (now > d->newest ? now : d->newest) + OG_DISTINCT_SECONDS + 1;
    if (rc == OG_OK)
        *when = walk.when > now ? walk.when : now;
    return rc;
}

enum og_rc
og_distinct_used(struct og_distinct *d, int64_t now, uint64_t *used, struct og_err *err)
{
    struct walk walk = { .d = d, .now = now };
    enum og_rc rc = d->stored > 0 ? walk_from_oldest(&walk, err) : OG_OK;

    if (rc == OG_OK)
        *used = d->stored > walk.old ? d->stored - walk.old : 0;
    return rc;
}

/* one address is written to at this time */
static enum og_rc
put(struct og_distinct *d, struct og_distinct_word *word, int64_t now, struct og_err *err)
{
    struct og_buf key = OG_BUF_INIT(OG_STORE_MAX_KEY);
    char value[5 + OG_TIME_TEXT] = "last=";
    enum og_rc rc = og_time_print(now, value + 5, err);

    if (rc == OG_OK && word->stored) {
        rc = og_distinct_key(&key, d->user.data, &word->last, word->text, err);
        if (rc == OG_OK)
            rc = og_txn_delete(d->txn, db, key.data, err);
        if (rc == OG_E_NOTFOUND)
            rc = damaged(key.data, err);
    }
    if (rc == OG_OK)
        rc = og_distinct_key(&key, d->user.data, &now, word->text, err);
    if (rc == OG_OK)
        rc = og_txn_put(d->txn, db, key.data, "", err);
    if (rc == OG_OK)
        rc = og_distinct_key(&key, d->user.data, NULL, word->text, err);
    if (rc == OG_OK)
        rc = og_txn_put(d->txn, db, key.data, value, err);
    og_buf_free(&key);
    return rc;
}

enum og_rc
og_distinct_add(struct og_distinct *d, int64_t now, struct og_err *err)
{
    int64_t stamp = now > d->newest ? now : d->newest;
    size_t added, removed = 0, budget;
    enum og_rc rc = look(d, err);

    for (size_t i = 0; i < d->count && rc == OG_OK; i++)
        if (!d->words[i].stored || d->words[i].last != stamp)
            rc = put(d, &d->words[i], stamp, err);
    added = d->count - d->known;
    budget = 2 * added + SWEEP_MORE;
    if (rc == OG_OK)
        rc = og_distinct_sweep(d->txn, d->user.data, now, budget, &removed, err);
    if (rc == OG_OK && d->stored + added < removed)
        rc = damaged(d->user.data, err);
    if (rc == OG_OK && d->count > 0)
        rc = og_distinct_head_write(d->txn, d->user.data, d->stored + added - removed,
                                    stamp, err);
    if (rc == OG_OK && added > 0 && removed < budget)
        rc = og_distinct_sweep_other(d->txn, d->user.data, now, budget - removed, err);
    return rc;
}

enum og_rc
og_distinct_clear(struct og_distinct *d, uint64_t *count, struct og_err *err)
{
    static const char *const kinds[] = { "at", "to" };
    struct og_buf prefix = OG_BUF_INIT(OG_STORE_MAX_KEY);
    enum og_rc rc = OG_OK;

    for (size_t i = 0; i < N_ELEMENTS(kinds) && rc == OG_OK; i++) {
        og_buf_reset(&prefix);
        rc = og_buf_printf(&prefix, err, "%s %s ", kinds[i], d->user.data);
        if (rc == OG_OK)
            rc = og_distinct_delete_all(d->txn, prefix.data, count, err);
    }
    if (rc == OG_OK)
        rc = og_distinct_head_write(d->txn, d->user.data, 0, 0, err);
    og_buf_free(&prefix);
    return rc;
}

void
og_distinct_free(struct og_distinct *d)
{
    og_buf_free(&d->user);
    og_buf_free(&d->text);
    free(d->words);
    *d = (struct og_distinct)OG_DISTINCT_INIT;
}
