/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_STATE_OUTBOX_H
#define OG_STATE_OUTBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/record.h"
#include "core/state/state.h"

/*
 * What is to be told, in outbox.db: a row is put in the transaction that gives cause, and
 * goes when its mail has been handed to Exim. So whoever is killed in between, the mail
 * goes out later: at least once, always with the same Message-ID.
 *
 *     row 2026-11-21T18:12:21Z lock.k2m4pxxxxx.admin
 *     kind=lock to=admin@example.com digest=digest tries=0 made=... user=...
 *
 * The time in the key is when it is due. Fields that every row has:
 *
 *     kind    what renders it: `lock`, `unlocked`, `limit` ...
 *     to      the mailbox it goes to
 *     digest  rows of one mailbox with the same word become one mail when they have
 *             had to wait for its budget; without this field a row waits alone
 *     purse, per_hour
 *             a word and a number: the mailbox has a budget of its own for rows with
 *             this word, so that many of one kind do not keep others waiting
 *     tries   how often it was taken; set here, as `made` and `waits` are
 *
 * The record `contact ADDRESS` has how many mails a mailbox has got within its hour:
 * `until=... sent=3`; with a purse it is `contact ADDRESS PURSE`.
 *
 * The file outbox.due beside the databases is there while rows are; its time is that of
 * the first one: so a hook sees with one stat() that somebody has to be started.
 */
enum {
    OG_OUTBOX_ID = 128,         /* bytes of a row's name with its NUL */
    OG_OUTBOX_CLAIM = 600,      /* seconds; who has taken a row has that long */
    OG_OUTBOX_DIGEST = 100,     /* rows in one mail at most */
    OG_OUTBOX_KICK = 60,        /* seconds between two starts by hooks */
    OG_OUTBOX_LIFE = 5 * 86400, /* seconds; a row that cannot be sent for so long goes */
};

struct og_outbox_row {
    char id[OG_OUTBOX_ID];
    int64_t due;
    struct og_record fields;
};

/* rows that become one mail */
struct og_outbox_batch {
    struct og_outbox_row rows[OG_OUTBOX_DIGEST];
    size_t count;
};

/*
 * og_outbox_put - put a row, in a transaction of the caller's
 *
 * id      printable, without blanks, the same for the same cause: the local part of its
 *         Message-ID; a row that has it and the same due time is replaced
 * fields  `kind` and `to` at least; receives the others
 *
 * Returns OG_OK; OG_E_SYNTAX, OG_E_LIMIT for an id; the codes of og_txn_put. Under
 * `exim -bh` nothing may be put.
 */
enum og_rc og_outbox_put(struct og_txn *txn, const char *id, int64_t due, int64_t now,
                         struct og_record *fields, struct og_err *err) OG_CHECKED;

/*
 * og_outbox_take - claim what is due and within its mailbox's budget
 *
 * per_hour  mails a mailbox gets within an hour; what is above waits until it is over
 * batch     receives one row, or several of one mailbox that had to wait; empty when
 *           nothing is due. Free it with og_outbox_free().
 *
 * Nobody else gets the rows for OG_OUTBOX_CLAIM. The codes of og_store_run; a row that
 * cannot be read is deleted.
 */
enum og_rc og_outbox_take(const struct og_state *state, uint64_t per_hour, int64_t now,
                          struct og_outbox_batch *batch, struct og_err *err) OG_CHECKED;

/* og_outbox_done - the rows of a batch are sent, or given up; those that somebody else
 * has claimed meanwhile are left alone */
enum og_rc og_outbox_done(const struct og_state *state,
                          const struct og_outbox_batch *batch,
                          struct og_err *err) OG_CHECKED;

/* og_outbox_later - they could not be sent: try again, later each time */
enum og_rc og_outbox_later(const struct og_state *state,
                           const struct og_outbox_batch *batch, int64_t now,
                           struct og_err *err) OG_CHECKED;

/* og_outbox_free - release what a batch holds; an empty one is fine */
void og_outbox_free(struct og_outbox_batch *batch);

/* og_outbox_walk - call visit for all rows, those due first, outside any run */
typedef enum og_rc og_outbox_visit(const struct og_outbox_row *row, void *arg,
                                   struct og_err *err);
enum og_rc og_outbox_walk(const struct og_state *state, og_outbox_visit *visit, void *arg,
                          struct og_err *err) OG_CHECKED;

/*
 * og_outbox_kick - start `outgatectl notices send`, setting notice_program, in a process
 * of its own; nothing where the configuration has no file
 *
 * og_outbox_look - the same when a row is due and nobody else has seen to it within
 * OG_OUTBOX_KICK: one stat() otherwise. For hooks; not under `exim -bh`.
 */
enum og_rc og_outbox_kick(const struct og_state *state, struct og_err *err) OG_CHECKED;
enum og_rc og_outbox_look(const struct og_state *state, int64_t now,
                          struct og_err *err) OG_CHECKED;

#endif
