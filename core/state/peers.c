/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/state/peers.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/marks.h"
#include "core/base/record.h"
#include "core/lib/digest.h"
#include "core/state/fingerprints.h"

static const char db[] = OG_FINGERPRINTS_DB;

enum { REFRESH = 7 * 86400 }; /* a peer's time is written anew at most that often */

static int
compare(const void *a, const void *b)
{
    const struct og_peer *x = a, *y = b;

    if (x->record != y->record)
        return x->record < y->record ? -1 : 1;
    return x->who < y->who ? -1 : x->who > y->who;
}

enum og_rc
og_peers_hash(const char *const *addresses, size_t *count, struct og_peer **peers,
              struct og_err *err)
{
    struct og_peer *list = calloc(*count > 0 ? *count : 1, sizeof *list);
    size_t kept = 0;

    if (list == NULL)
        return og_fail(err, OG_E_NOMEM, "no memory for %zu recipients", *count);
    for (size_t i = 0; i < *count; i++) {
        unsigned char hash[OG_DIGEST_BYTES];

        og_digest_of(addresses[i], strlen(addresses[i]), hash);
        list[i].record = hash[4];
        list[i].who = (uint32_t)hash[0] << 24 | (uint32_t)hash[1] << 16
                      | (uint32_t)hash[2] << 8 | hash[3];
        if (list[i].who == 0)
            list[i].who = 1;
    }
    qsort(list, *count, sizeof *list, compare);
    for (size_t i = 0; i < *count; i++)
        if (kept == 0 || compare(&list[kept - 1], &list[i]) != 0)
            list[kept++] = list[i];
    *count = kept;
    *peers = list;
    return OG_OK;
}

static enum og_rc
parse(const char *text, size_t len, struct og_marks *marks)
{
    struct og_record rec = OG_RECORD_INIT;
    const char *seen = NULL;
    enum og_rc rc = og_record_parse(text, len, &rec, NULL);

    if (rc == OG_OK)
        seen = og_record_get(&rec, "seen");
    rc = seen != NULL ? og_marks_parse(seen, marks, NULL) : OG_E_SYNTAX;
    og_record_free(&rec);
    return rc;
}

static enum og_rc
load(struct og_txn *txn, const char *key, struct og_marks *marks, bool *found,
     struct og_err *err)
{
    struct og_buf value = OG_BUF_INIT(OG_STORE_MAX_VALUE);
    enum og_rc rc = og_txn_get_for_update(txn, db, key, &value, err);

    marks->count = 0;
    *found = rc == OG_OK;
    if (rc == OG_OK && parse(og_buf_text(&value), value.len, marks) != OG_OK)
        rc = og_fail(err, OG_E_STATE, "%s: the record of %.200s cannot be read", db, key);
    og_buf_free(&value);
    return rc == OG_E_NOTFOUND ? OG_OK : rc;
}

static enum og_rc
store(struct og_txn *txn, const char *key, const struct og_marks *marks,
      struct og_err *err)
{
    struct og_buf seen = OG_BUF_INIT(OG_RECORD_MAX_TEXT);
    struct og_record rec = OG_RECORD_INIT;
    enum og_rc rc = og_marks_print(marks, &seen, err);

    if (rc == OG_OK)
        rc = og_record_set_text(&rec, "seen", og_buf_text(&seen), err);
    if (rc == OG_OK)
        rc = og_txn_put_record(txn, db, key, &rec, err);
    og_record_free(&rec);
    og_buf_free(&seen);
    return rc;
}

/* a peer that is known is written to again: as of the last moment at which it would have
 * been a stranger, so that it stays known; times stay in order */
static void
refresh(struct og_marks *marks, size_t at, int64_t now)
{
    struct og_mark mark = { now - OG_PEER_NEW, marks->rows[at].who };

    for (; at + 1 < marks->count && marks->rows[at + 1].at <= mark.at; at++)
        marks->rows[at] = marks->rows[at + 1];
    marks->rows[at] = mark;
}

/* yields whether the record changes */
static bool
meet(struct og_marks *marks, struct og_peer *peer, int64_t now)
{
    size_t at = 0;

    while (at < marks->count && marks->rows[at].who != peer->who)
        at++;
    if (at == marks->count) {
        peer->stranger = true;
        og_marks_add(marks, now, peer->who);
        return true;
    }
    peer->stranger = marks->rows[at].at > now - OG_PEER_NEW;
    if (peer->stranger || marks->rows[at].at > now - OG_PEER_NEW - REFRESH)
        return false;
    refresh(marks, at, now);
    return true;
}

enum og_rc
og_peers_meet(struct og_txn *txn, const char *account, struct og_peer *peers,
              size_t count, int64_t now, bool *added, struct og_err *err)
{
    struct og_buf key = OG_BUF_INIT(OG_STORE_MAX_KEY);
    struct og_marks marks;
    enum og_rc rc = OG_OK;

    *added = false;
    for (size_t i = 0; i < count && rc == OG_OK;) {
        unsigned record = peers[i].record;
        bool found, changed = false;

        og_buf_reset(&key);
        rc = og_buf_printf(&key, err, "peer %s %02x", account, record);
        if (rc == OG_OK)
            rc = load(txn, key.data, &marks, &found, err);
        if (rc != OG_OK)
            break;
        og_marks_settle(&marks, now, OG_PEER_SECONDS);
        for (; i < count && peers[i].record == record; i++)
            changed = meet(&marks, &peers[i], now) || changed;
        if (changed)
            rc = store(txn, key.data, &marks, err);
        *added = *added || !found;
    }
    og_buf_free(&key);
    return rc;
}

bool
og_peers_is_old(const char *value, int64_t now)
{
    struct og_marks marks;

    if (parse(value, strlen(value), &marks) != OG_OK)
        return false;
    og_marks_settle(&marks, now, OG_PEER_SECONDS);
    return marks.count == 0;
}
