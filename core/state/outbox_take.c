/* SPDX-License-Identifier: BSD-2-Clause */
/* who gets the rows of the outbox, and when */
#include "core/state/outbox_int.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/time.h"
#include "core/state/sweep.h"
#include "core/state/walk.h"

static const char db[] = OG_OUTBOX_DB;

enum {
    HOUR = 3600,
    LOOK = 2000,         /* rows that one call looks at */
    LONGEST_PAUSE = 3600 /* seconds between two tries */
};

struct take {
    uint64_t per_hour;
    int64_t now;
    struct og_outbox_batch *batch;
    struct og_outbox_row *due; /* rows whose time has come, count of them */
    size_t count;
};

/* one row whose time has come; those after the first that is not are not looked at */
struct gather {
    struct take *take;
    struct og_buf *bad; /* keys of what cannot be read, each with its NUL */
};

static enum og_rc
visit_due(const char *key, const char *value, void *arg, bool *stop, struct og_err *err)
{
    struct gather *gather = arg;
    struct take *take = gather->take;
    struct og_outbox_row row;

    if (take->count == LOOK) {
        *stop = true;
        return OG_OK;
    }
    if (og_outbox_parse(key, value, &row, NULL) != OG_OK)
        return og_buf_add(gather->bad, key, strlen(key) + 1, err);
    if (row.due > take->now) {
        *stop = true;
        og_record_free(&row.fields);
        return OG_OK;
    }
    take->due[take->count++] = row;
    return OG_OK;
}

static enum og_rc
read_due(struct og_txn *txn, struct take *take, struct og_err *err)
{
    struct og_buf bad = OG_BUF_INIT(1 << 20);
    struct gather gather = { take, &bad };
    enum og_rc rc = og_txn_walk(txn, db, OG_OUTBOX_ROW, "", visit_due, &gather, err);

    for (const char *at = og_buf_text(&bad);
         rc == OG_OK && at < og_buf_text(&bad) + bad.len; at += strlen(at) + 1)
        rc = og_txn_delete(txn, db, at, err);
    og_buf_free(&bad);
    return rc;
}

/* an hour that is over, or that a wrong clock has made, says nothing */
static bool
is_over(const char *key, const char *value, int64_t now)
{
    struct og_record rec = OG_RECORD_INIT;
    int64_t until = 0;
    bool over = strncmp(key, "contact ", 8) == 0
                && (og_record_parse(value, strlen(value), &rec, NULL) != OG_OK
                    || og_record_get(&rec, "until") == NULL
                    || og_time_parse(og_record_get(&rec, "until"), &until, NULL) != OG_OK
                    || until <= now || until > now + HOUR);

    og_record_free(&rec);
    return over;
}

/* how many mails a mailbox has got within its hour */
struct contact {
    char key[OG_STORE_MAX_KEY + 1];
    int64_t until;
    uint64_t sent;
};

static enum og_rc
read_contact(struct og_txn *txn, const struct og_record *fields, int64_t now,
             struct contact *contact, struct og_err *err)
{
    const char *to = og_record_get(fields, "to"), *purse = og_record_get(fields, "purse");
    struct og_buf key = OG_BUF_INIT(OG_STORE_MAX_KEY);
    struct og_buf value = OG_BUF_INIT(OG_RECORD_MAX_TEXT);
    struct og_record rec = OG_RECORD_INIT;
    enum og_rc rc = og_buf_add_text(&key, "contact ", err);

    *contact = (struct contact){ .until = now + HOUR };
    if (rc == OG_OK)
        rc = og_percent_add(&key, to, strlen(to), err);
    if (rc == OG_OK && purse != NULL)
        rc = og_buf_printf(&key, err, " %.32s", purse);
    if (rc == OG_OK) {
        memcpy(contact->key, key.data, key.len + 1);
        rc = og_txn_get(txn, db, key.data, &value, err);
    }
    if (rc == OG_OK && !is_over(contact->key, og_buf_text(&value), now)) {
        rc = og_record_parse(og_buf_text(&value), value.len, &rec, err);
        if (rc == OG_OK)
            rc = og_time_parse(og_record_get(&rec, "until"), &contact->until, err);
        contact->sent = og_outbox_number(&rec, "sent");
    }
    og_buf_free(&key);
    og_buf_free(&value);
    og_record_free(&rec);
    return rc == OG_E_NOTFOUND ? OG_OK : rc;
}

static enum og_rc
write_contact(struct og_txn *txn, const struct contact *contact, int64_t now,
              struct og_err *err)
{
    static const struct og_sweep sweep = { db, "", is_over, NULL };
    struct og_buf value = OG_BUF_INIT(200);
    char until[OG_TIME_TEXT];
    enum og_rc rc = og_time_print(contact->until, until, err);

    if (rc == OG_OK)
        rc = og_buf_printf(&value, err, "until=%s sent=%llu", until,
                           (unsigned long long)contact->sent);
    if (rc == OG_OK)
        rc = og_txn_put(txn, db, contact->key, og_buf_text(&value), err);
    og_buf_free(&value);
    return rc == OG_OK ? og_sweep(txn, &sweep, now, err) : rc;
}

/* the row is ours for a while */
static enum og_rc
claim(struct og_txn *txn, struct take *take, struct og_outbox_row *row,
      struct og_err *err)
{
    struct og_outbox_batch *batch = take->batch;
    uint64_t tries = og_outbox_number(&row->fields, "tries") + 1;
    enum og_rc rc = og_record_set_number(&row->fields, "tries", (long long)tries, err);

    if (rc == OG_OK)
        rc = og_outbox_move(txn, row, take->now + OG_OUTBOX_CLAIM, err);
    if (rc != OG_OK)
        return rc;
    batch->rows[batch->count++] = *row;
    row->fields = (struct og_record)OG_RECORD_INIT; /* the batch owns them now */
    return OG_OK;
}

/* do two rows become one mail? */
static bool
belong(const struct og_record *a, const struct og_record *b)
{
    const char *digest_a = og_record_get(a, "digest"), *digest_b;

    digest_b = og_record_get(b, "digest");
    return digest_a != NULL && digest_b != NULL && strcmp(digest_a, digest_b) == 0
           && og_record_get(b, "waits") != NULL
           && strcmp(og_record_get(a, "to"), og_record_get(b, "to")) == 0;
}

/* the first row and those that have waited with it */
static enum og_rc
claim_all(struct og_txn *txn, struct take *take, size_t at, struct og_err *err)
{
    struct og_outbox_row *first = &take->due[at];
    bool waited = og_record_get(&first->fields, "waits") != NULL;
    enum og_rc rc = claim(txn, take, first, err);

    for (at++; rc == OG_OK && waited && at < take->count; at++)
        if (take->batch->count < OG_OUTBOX_DIGEST
            && belong(&take->batch->rows[0].fields, &take->due[at].fields))
            rc = claim(txn, take, &take->due[at], err);
    return rc;
}

/* is the mailbox's budget used up? Then the row waits until its hour is over */
static enum og_rc
spend(struct og_txn *txn, struct take *take, struct og_outbox_row *row, bool *waits,
      struct og_err *err)
{
    uint64_t per_hour = og_outbox_number(&row->fields, "per_hour");
    struct contact contact;
    enum og_rc rc = read_contact(txn, &row->fields, take->now, &contact, err);

    if (per_hour == 0)
        per_hour = take->per_hour;
    *waits = false;
    if (rc != OG_OK || og_outbox_number(&row->fields, "tries") > 0)
        return rc; /* a second try was paid for by the first */
    *waits = contact.sent >= per_hour;
    if (!*waits) {
        contact.sent++;
        return write_contact(txn, &contact, take->now, err);
    }
    rc = og_record_set_text(&row->fields, "waits", "yes", err);
    return rc == OG_OK ? og_outbox_move(txn, row, contact.until, err) : rc;
}

static enum og_rc
take_work(struct og_txn *txn, void *arg, struct og_err *err)
{
    struct take *take = arg;
    bool waits = true;
    enum og_rc rc;

    og_outbox_free(take->batch); /* a second try starts from nothing */
    for (size_t i = 0; i < take->count; i++)
        og_record_free(&take->due[i].fields);
    take->count = 0;
    rc = read_due(txn, take, err);
    for (size_t i = 0; i < take->count && rc == OG_OK && waits; i++) {
        rc = spend(txn, take, &take->due[i], &waits, err);
        if (rc == OG_OK && !waits)
            rc = claim_all(txn, take, i, err);
    }
    return rc == OG_OK ? og_outbox_settle(txn, err) : rc;
}

enum og_rc
og_outbox_take(const struct og_state *state, uint64_t per_hour, int64_t now,
               struct og_outbox_batch *batch, struct og_err *err)
{
    struct take take = { .per_hour = per_hour > 0 ? per_hour : 1,
                         .now = now,
                         .batch = batch };
    enum og_rc rc;

    take.due = calloc(LOOK, sizeof *take.due);
    batch->count = 0;
    if (take.due == NULL)
        return og_fail(err, OG_E_NOMEM, "no memory");
    rc = og_store_run(&state->store, OG_STORE_COMMIT, take_work, &take, err);
    for (size_t i = 0; i < take.count; i++)
        og_record_free(&take.due[i].fields);
    free(take.due);
    if (rc != OG_OK)
        og_outbox_free(batch);
    return rc;
}

struct finish {
    const struct og_outbox_batch *batch;
    int64_t again; /* seconds from now on; 0: the rows go */
    int64_t now;
};

static enum og_rc
finish_row(struct og_txn *txn, const struct finish *finish,
           const struct og_outbox_row *row, struct og_err *err)
{
    struct og_buf key = OG_BUF_INIT(OG_STORE_MAX_KEY);
    struct og_outbox_row moved = *row;
    enum og_rc rc = og_outbox_key(row->id, row->due, &key, err);

    if (rc == OG_OK)
        rc = og_txn_delete(txn, db, key.data, err);
    og_buf_free(&key);
    if (rc == OG_E_NOTFOUND)
        return OG_OK; /* ours took too long, and it is another one's now */
    if (rc != OG_OK || finish->again == 0)
        return rc;
    moved.due = finish->now + finish->again;
    return og_outbox_store(txn, &moved, err);
}

static enum og_rc
finish_work(struct og_txn *txn, void *arg, struct og_err *err)
{
    const struct finish *finish = arg;
    enum og_rc rc = OG_OK;

    for (size_t i = 0; i < finish->batch->count && rc == OG_OK; i++)
        rc = finish_row(txn, finish, &finish->batch->rows[i], err);
    return rc == OG_OK ? og_outbox_settle(txn, err) : rc;
}

enum og_rc
og_outbox_done(const struct og_state *state, const struct og_outbox_batch *batch,
               struct og_err *err)
{
    struct finish finish = { batch, 0, 0 };

    return og_store_run(&state->store, OG_STORE_COMMIT, finish_work, &finish, err);
}

enum og_rc
og_outbox_later(const struct og_state *state, const struct og_outbox_batch *batch,
                int64_t now, struct og_err *err)
{
    struct finish finish = { batch, 60, now };

    for (uint64_t i = 1; i < og_outbox_number(&batch->rows[0].fields, "tries")
                         && finish.again < LONGEST_PAUSE;
         i++)
        finish.again *= 2;
    return og_store_run(&state->store, OG_STORE_COMMIT, finish_work, &finish, err);
}

void
og_outbox_free(struct og_outbox_batch *batch)
{
    for (size_t i = 0; i < batch->count; i++)
        og_record_free(&batch->rows[i].fields);
    batch->count = 0;
}

struct walk {
    og_outbox_visit *visit;
    void *arg;
};

static enum og_rc
visit_row(const char *key, const char *value, void *arg, struct og_err *err)
{
    const struct walk *walk = arg;
    struct og_outbox_row row;
    enum og_rc rc = og_outbox_parse(key, value, &row, err);

    if (rc != OG_OK)
        return rc;
    rc = walk->visit(&row, walk->arg, err);
    og_record_free(&row.fields);
    return rc;
}

enum og_rc
og_outbox_walk(const struct og_state *state, og_outbox_visit *visit, void *arg,
               struct og_err *err)
{
    struct walk walk = { visit, arg };

    return og_state_walk(state, db, OG_OUTBOX_ROW, visit_row, &walk, err);
}
