/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_STATE_DISTINCT_H
#define OG_STATE_DISTINCT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/lib/store.h"

/*
 * The different addresses that each user has written to within the last 24 hours: exact
 * sets in recipients.db, with words as og_key_word() makes them.
 *
 *     of USER               count=2 newest=2026-11-21T18:12:21Z
 *     to USER ADDRESS       last=2026-11-21T18:12:21Z
 *     at USER TIME ADDRESS  (empty) the same by time, oldest first
 *     sweep                 after=USER: whose old addresses are looked for next
 *
 * An address counts until 24 hours have passed since it was last written to, both ends
 * included. When the clock is behind the newest address, that one's time is taken, so
 * that nothing counts shorter than it should. Old addresses leave as new ones come: at
 * most twice as many and some more, the user's own first, then those of one other user.
 */
#define OG_RECIPIENTS_DB "recipients.db"

/* the addresses of one charge against those of its user; inside one transaction */
struct og_distinct {
    struct og_txn *txn;
    struct og_buf user; /* its word */
    struct og_buf text; /* the addresses' words, each with a NUL */
    struct og_distinct_word *words;
    size_t count;    /* of words: each once */
    bool looked;     /* each word's state is known */
    size_t known;    /* words that are stored, once looked */
    uint64_t stored; /* addresses of the user in the database, old ones too */
    int64_t newest;  /* OG_TIME_MIN without any */
};

#define OG_DISTINCT_INIT                                         \
    {                                                            \
        .user = OG_BUF_INIT(1024), .text = OG_BUF_INIT(1u << 28) \
    }

/*
 * og_distinct_open - what is stored about a user
 *
 * user       its name
 * addresses  in key form, count of them; may be none
 * d          to be freed with og_distinct_free(), whatever is returned
 *
 * Returns OG_OK; OG_E_STATE with the key of a record that cannot be read; OG_E_LIMIT;
 * OG_E_NOMEM; the codes of og_txn_get. So do the functions below.
 */
enum og_rc og_distinct_open(struct og_txn *txn, const char *user,
                            const char *const *addresses, size_t count,
                            struct og_distinct *d, struct og_err *err) OG_CHECKED;

/*
 * og_distinct_free_at - when do the addresses fit under a limit, if nothing is added?
 *
 * when  now if they do already; INT64_MAX: never. Where the limit was lowered by more
 *       than 10000 it may be later than the truth, but not after 24 hours.
 */
enum og_rc og_distinct_free_at(struct og_distinct *d, int64_t now, uint64_t limit,
                               int64_t *when, struct og_err *err) OG_CHECKED;

/* og_distinct_used - how many addresses count now */
enum og_rc og_distinct_used(struct og_distinct *d, int64_t now, uint64_t *used,
                            struct og_err *err) OG_CHECKED;

/* og_distinct_add - the addresses are written to now; sweeps */
enum og_rc og_distinct_add(struct og_distinct *d, int64_t now,
                           struct og_err *err) OG_CHECKED;

/* og_distinct_clear - forget all of the user's addresses; *count: how many there were */
enum og_rc og_distinct_clear(struct og_distinct *d, uint64_t *count,
                             struct og_err *err) OG_CHECKED;

void og_distinct_free(struct og_distinct *d);

#endif
