/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/state/unlock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/lib/key.h"
#include "core/lib/mac.h"
#include "core/state/events.h"
#include "core/state/lock_notice.h"
#include "core/state/secret.h"

enum { EXPIRES = 8, ID = OG_LOCK_ID - 1, MAC_AT = ID + 1 + EXPIRES + 1 };

static const char secret_name[] = "unlock";

_Static_assert(MAC_AT + OG_MAC_TEXT == OG_UNLOCK_TOKEN, "the header tells the length");

/* fills in the MAC behind what stands there */
static enum og_rc
sign(const unsigned char secret[OG_SEAL_SECRET], char token[OG_UNLOCK_TOKEN],
     struct og_err *err)
{
    enum og_rc rc;

    token[MAC_AT - 1] = '\0';
    rc = og_mac(secret, token, token + MAC_AT, err);
    token[MAC_AT - 1] = '-';
    return rc;
}

enum og_rc
og_unlock_make(const unsigned char secret[OG_SEAL_SECRET], const char *lock,
               int64_t expires, char token[OG_UNLOCK_TOKEN], struct og_err *err)
{
    if (strlen(lock) != ID || expires < 0 || expires > UINT32_MAX)
        return og_fail(err, OG_E_SYNTAX, "no lock to make a token for");
    (void)snprintf(token, MAC_AT, "%s-%08x", lock, (unsigned)expires);
    return sign(secret, token, err);
}

enum og_rc
og_unlock_read(const unsigned char secret[OG_SEAL_SECRET], const char *text, int64_t now,
               char id[OG_LOCK_ID], struct og_err *err)
{
    char given[OG_UNLOCK_TOKEN], right[OG_UNLOCK_TOKEN];
    size_t n = 0;
    enum og_rc rc;

    id[0] = '\0';
    for (; text[n] != '\0' && n + 1 < sizeof given; n++)
        given[n] =
            text[n] >= 'A' && text[n] <= 'Z' ? (char)(text[n] - 'A' + 'a') : text[n];
    given[n] = '\0';
    if (text[n] != '\0' || n + 1 != sizeof given || given[ID] != '-'
        || given[MAC_AT - 1] != '-' || strspn(given, "bcdfghjkmnpqrstvwxz23456789") != ID
        || strspn(given + ID + 1, "0123456789abcdef") != EXPIRES
        || strspn(given + MAC_AT, "0123456789abcdef") != OG_MAC_TEXT - 1)
        return og_fail(err, OG_E_SYNTAX, "this is no word that unlocks");
    memcpy(right, given, sizeof right);
    rc = sign(secret, right, err);
    if (rc != OG_OK)
        return rc;
    if (!og_mac_same(given + MAC_AT, right + MAC_AT))
        return og_fail(err, OG_E_PERM, "this word is not of this server");
    memcpy(id, given, ID);
    id[ID] = '\0';
    if (strtoll(given + ID + 1, NULL, 16) <= now)
        return og_fail(err, OG_E_RANGE, "this word is too old");
    return OG_OK;
}

enum og_rc
og_unlock_token(const struct og_state *state, const char *lock, int64_t expires,
                char token[OG_UNLOCK_TOKEN], struct og_err *err)
{
    unsigned char secret[OG_SEAL_SECRET];
    enum og_rc rc = og_secret_get(state, secret_name, secret, err);

    if (rc == OG_OK)
        rc = og_unlock_make(secret, lock, expires, token, err);
    explicit_bzero(secret, sizeof secret);
    return rc;
}

/* is it ours, and not too old? id receives the lock's */
static enum og_rc
verify(const struct og_state *state, const char *text, int64_t now, char id[OG_LOCK_ID],
       struct og_err *err)
{
    unsigned char secret[OG_SEAL_SECRET];
    enum og_rc rc = og_secret_get(state, secret_name, secret, err);

    id[0] = '\0';
    if (rc == OG_OK)
        rc = og_unlock_read(secret, text, now, id, err);
    explicit_bzero(secret, sizeof secret);
    return rc;
}

/* a lock on its way: found by its id, then ended */
struct work {
    const char *id, *who;
    int64_t now;
    struct og_lock_entry entry;
    struct og_account account;
    struct og_lock_changes changes;
};

static enum og_rc
gone(struct og_err *err)
{
    return og_fail(err, OG_E_NOTFOUND, "its lock holds no longer");
}

static enum og_rc
find_work(struct og_txn *txn, void *arg, struct og_err *err)
{
    struct work *work = arg;
    struct og_buf key = OG_BUF_INIT(OG_STORE_MAX_KEY);
    struct og_buf value = OG_BUF_INIT(OG_RECORD_MAX_TEXT);
    struct og_lock_row row;
    enum og_rc rc = og_lock_find(txn, work->id, &key, err);

    if (rc == OG_OK)
        rc = og_txn_get(txn, OG_LOCKS_DB, key.data, &value, err);
    if (rc == OG_OK)
        rc = og_lock_parse(og_buf_text(&value), value.len, key.data, &row, err);
    if (rc == OG_OK)
        rc = og_lock_names(key.data, &work->entry, err);
    if (rc == OG_OK)
        og_lock_view(&row, work->now, &work->entry.lock);
    if (rc == OG_E_NOTFOUND
        || (rc == OG_OK
            && (!work->entry.lock.locked || strcmp(row.lock.id, work->id) != 0)))
        rc = gone(err);
    work->entry.lock.level =
        work->entry.identity[0] != '\0' ? OG_LEVEL_IDENTITY : OG_LEVEL_USER;
    og_buf_free(&key);
    og_buf_free(&value);
    return rc;
}

static enum og_rc
end_work(struct og_txn *txn, void *arg, struct og_err *err)
{
    struct work *work = arg;
    struct og_lock_row row;
    enum og_rc rc;

    work->changes = (struct og_lock_changes){ .count = 0 };
    rc = og_lock_open(txn, &work->account, work->entry.lock.level, work->now, &row,
                      &work->changes, err);
    if (rc == OG_OK && (!row.lock.locked || strcmp(row.lock.id, work->id) != 0))
        return gone(err); /* somebody was faster */
    if (rc == OG_OK)
        rc = og_lock_end(txn, &work->account, &row, work->who, "by the notice", work->now,
                         &work->changes, err);
    if (rc == OG_OK)
        rc = og_unlock_notice(txn, &work->account, &row.lock, work->who, work->now,
                              &work->changes, err);
    if (rc == OG_OK)
        work->entry.lock = row.lock;
    return rc;
}

static enum og_rc
use(const struct og_state *state, struct work *work, struct og_err *err)
{
    struct og_sender sender = OG_SENDER_INIT;
    enum og_rc rc = og_store_run(&state->store, OG_STORE_READ, find_work, work, err);

    if (rc == OG_OK)
        rc = og_users_sender_or_gone(state, work->entry.user, &sender, err);
    if (rc == OG_OK) {
        work->account = (struct og_account){ &sender, work->entry.identity };
        rc = og_store_run(&state->store, OG_STORE_COMMIT, end_work, work, err);
    }
    if (rc == OG_OK)
        rc = og_lock_tell(state, &work->account, &work->changes, err);
    og_sender_free(&sender);
    return rc;
}

/* the event of a refusal; that of an unlock is the lock's own */
static void
tell_refused(const struct og_state *state, const struct work *work, const char *why)
{
    struct og_record event = OG_RECORD_INIT;
    char id[OG_LOCK_ID] = "";
    enum og_rc rc = og_key_random_id(id, OG_LOCK_ID - 1, NULL);
    const struct og_pair rows[] = {
        { "id", id },         { "check", "unlock" }, { "class", "unlock-refused" },
        { "lock", work->id }, { "who", work->who },  { "user", work->entry.user },
        { "reason", why },
    };

    if (rc == OG_OK)
        rc = og_record_set_pairs(&event, rows, N_ELEMENTS(rows), NULL);
    if (rc == OG_OK)
        rc = og_events_write(state, &event, NULL);
    (void)rc; /* the refusal stands, and the caller tells of it, too */
    og_record_free(&event);
}

enum og_rc
og_unlock_check(const struct og_state *state, const char *text, int64_t now,
                struct og_lock_entry *entry, struct og_err *err)
{
    char id[OG_LOCK_ID];
    struct work work = { .id = id, .now = now };
    enum og_rc rc = verify(state, text, now, id, err);

    if (rc == OG_OK)
        rc = og_store_run(&state->store, OG_STORE_READ, find_work, &work, err);
    if (rc == OG_OK)
        *entry = work.entry;
    return rc;
}

enum og_rc
og_unlock_use(const struct og_state *state, const char *text, const char *who,
              int64_t now, struct og_lock_entry *entry, struct og_err *err)
{
    char id[OG_LOCK_ID], by[OG_LOCK_WHO];
    struct work work = { .id = id, .who = by, .now = now };
    struct og_err why = { "" };
    enum og_rc rc = verify(state, text, now, id, &why);

    og_lock_text(by, sizeof by, who);
    if (rc == OG_OK)
        rc = use(state, &work, &why);
    if (rc == OG_OK)
        *entry = work.entry;
    else
        tell_refused(state, &work, why.text);
    return rc == OG_OK ? rc : og_fail(err, rc, "%s", why.text);
}
