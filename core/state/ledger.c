/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/state/ledger.h"

#include <string.h>

#include "core/state/ledger_book.h"
#include "core/state/ledger_fit.h"
#include "core/state/ledger_key.h"
#include "core/state/ledger_quota.h"
#include "core/state/ledger_sweep.h"

enum what { LOOK, CHARGE, REFUSE };

/* one decision inside one run of the store */
struct work {
    enum what what;
    const struct og_account *account;
    const struct og_charge *charge;
    int64_t now;
    struct og_quota quota;
    struct og_book books[OG_LEVELS];
    bool ready[OG_LEVELS];  /* its book may be used */
    bool has[OG_LEVELS];    /* the account has this level, and its book was read */
    bool counts[OG_LEVELS]; /* the charge matters to it */
    struct og_distinct distinct;
    struct og_bound bounds[OG_BOUNDS_MAX];
    size_t bounds_count;
    struct og_shortage shortage;
};

static bool
has_limit(const struct work *work, int level, int unit)
{
    for (int span = 0; span < OG_WINDOWS; span++)
        if (work->quota.most[level][unit][span] != OG_UNLIMITED)
            return true;
    return false;
}

/* does this level matter: is there a limit to look at, or something to write? */
static bool
matters(const struct work *work, int level)
{
    for (int unit = 0; unit < OG_UNITS; unit++)
        if (work->charge->amount[unit] > 0
            && (has_limit(work, level, unit)
                || (work->what != LOOK
                    && (level == OG_LEVEL_USER || unit != OG_UNIT_CONNECTIONS))))
            return true;
    return level == OG_LEVEL_USER && work->quota.distinct != OG_UNLIMITED
           && work->charge->addresses_count > 0;
}

/* is there a limit that the next messages could meet? */
static bool
matters_later(const struct work *work, int level)
{
    return work->what != REFUSE
           && (has_limit(work, level, OG_UNIT_MESSAGES)
               || has_limit(work, level, OG_UNIT_RECIPIENTS));
}

static enum og_rc
read_books(struct og_txn *txn, struct work *work, struct og_err *err)
{
    enum og_rc rc = OG_OK;

    for (int level = 0; level < OG_LEVELS && rc == OG_OK; level++) {
        struct og_book *book = &work->books[level];

        work->has[level] = work->counts[level] = false;
        if (!matters(work, level) && !matters_later(work, level))
            continue;
        if (!work->ready[level]) /* it is large, and a page untouched costs nothing */
            og_book_init(book);
        work->ready[level] = true;
        rc = og_ledger_key(work->account, (enum og_level)level, &book->key, err);
        if (rc == OG_E_NOTFOUND) {
            rc = OG_OK;
            continue;
        }
        if (rc == OG_OK)
            rc = og_book_read(txn, work->what != LOOK, book, err);
        work->has[level] = rc == OG_OK;
        work->counts[level] = rc == OG_OK && matters(work, level);
    }
    return rc;
}

/* every limit that an amount meets */
static enum og_rc
list_bounds(struct work *work, const uint64_t amount[OG_UNITS], struct og_err *err)
{
    enum og_rc rc = OG_OK;

    work->bounds_count = 0;
    for (unsigned i = 0; i < OG_LEVELS * OG_UNITS * OG_WINDOWS && rc == OG_OK; i++) {
        enum og_level level = (enum og_level)(i / (OG_UNITS * OG_WINDOWS));
        enum og_unit unit = (enum og_unit)(i / OG_WINDOWS % OG_UNITS);
        enum og_window_span span = (enum og_window_span)(i % OG_WINDOWS);
        uint64_t limit = work->quota.most[level][unit][span];
        struct og_window *window;

        if (!work->has[level] || amount[unit] == 0 || limit == OG_UNLIMITED)
            continue;
        rc = og_book_window(&work->books[level], og_book_index(false, unit, span),
                            &window, err);
        if (rc == OG_OK)
            work->bounds[work->bounds_count++] = (struct og_bound){
                .level = level,
                .unit = unit,
                .span = span,
                .limit = limit,
                .amount = amount[unit],
                .window = window,
                .grants = level == OG_LEVEL_USER ? &work->books[level] : NULL,
            };
    }
    return rc;
}

static enum og_rc
list_distinct(struct og_txn *txn, struct work *work, struct og_err *err)
{
    enum og_rc rc;

    if (work->quota.distinct == OG_UNLIMITED || work->charge->addresses_count == 0)
        return OG_OK;
    rc = og_distinct_open(txn, work->account->sender->user.name.text,
                          work->charge->addresses, work->charge->addresses_count,
                          &work->distinct, err);
    if (rc == OG_OK)
        work->bounds[work->bounds_count++] = (struct og_bound){
            .level = OG_LEVEL_USER,
            .unit = OG_UNIT_RECIPIENTS,
            .span = OG_DAY,
            .limit = work->quota.distinct,
            .amount = work->distinct.count,
            .distinct = &work->distinct,
            .grants = &work->books[OG_LEVEL_USER],
        };
    return rc;
}

/* a unit's amount into the windows of one level that are kept; the others are dropped */
static enum og_rc
count_unit(struct work *work, enum og_level level, enum og_unit unit, bool refused,
           struct og_err *err)
{
    struct og_book *book = &work->books[level];
    enum og_rc rc = OG_OK;

    for (int span = 0; span < OG_WINDOWS && rc == OG_OK; span++) {
        unsigned index = og_book_index(refused, unit, (enum og_window_span)span);
        struct og_window *window;

        if (!og_quota_keeps(&work->quota, level, unit, (enum og_window_span)span)) {
            og_book_drop(book, index);
            continue;
        }
        rc = og_book_window(book, index, &window, err);
        if (rc == OG_OK)
            og_window_add(window, work->now, work->charge->amount[unit]);
    }
    return rc;
}

static enum og_rc
count_all(struct og_txn *txn, struct work *work, bool refused, struct og_err *err)
{
    bool fresh = false;
    enum og_rc rc = OG_OK;

    for (int level = 0; level < OG_LEVELS && rc == OG_OK; level++) {
        struct og_book *book = &work->books[level];

        if (!work->counts[level])
            continue;
        for (int unit = 0; unit < OG_UNITS && rc == OG_OK; unit++)
            if (work->charge->amount[unit] > 0)
                rc = count_unit(work, (enum og_level)level, (enum og_unit)unit, refused,
                                err);
        og_book_expire(book, work->now);
        fresh = fresh || !book->stored;
        if (rc == OG_OK)
            rc = og_book_write(txn, book, err);
    }
    if (rc == OG_OK && work->distinct.count > 0 && !refused)
        rc = og_distinct_add(&work->distinct, work->now, err);
    if (rc == OG_OK && fresh) /* what is added is what has to leave one day */
        rc = og_ledger_sweep(txn, work->now, err);
    return rc;
}

/* what is counted is in the windows already */
static enum og_rc
look_ahead(struct work *work, struct og_err *err)
{
    static const uint64_t amount[OG_UNITS] = {
        [OG_UNIT_MESSAGES] = OG_ROOM_MESSAGES, [OG_UNIT_RECIPIENTS] = OG_ROOM_RECIPIENTS
    };
    bool fits = true;
    enum og_rc rc = list_bounds(work, amount, err);

    for (size_t i = 0; i < work->bounds_count && rc == OG_OK && fits; i++)
        rc = og_bound_fits(&work->bounds[i], work->now, &fits, err);
    work->shortage.room = rc == OG_OK && fits;
    return rc;
}

static enum og_rc
run(struct og_txn *txn, void *arg, struct og_err *err)
{
    struct work *work = arg;
    enum og_rc rc = read_books(txn, work, err);

    work->shortage.short_of = work->shortage.room = false;
    if (rc == OG_OK && work->what != REFUSE)
        rc = list_bounds(work, work->charge->amount, err);
    if (rc == OG_OK && work->what != REFUSE)
        rc = list_distinct(txn, work, err);
    if (rc == OG_OK && work->what != REFUSE && work->bounds_count > 0
        && !work->charge->always)
        rc = og_bounds_judge(work->bounds, work->bounds_count, work->now, &work->shortage,
                             err);
    if (rc == OG_OK && work->what != LOOK)
        rc = count_all(txn, work, work->what == REFUSE || work->shortage.short_of, err);
    if (rc == OG_OK && work->what != REFUSE && !work->shortage.short_of
        && work->quota.distinct == OG_UNLIMITED)
        rc = look_ahead(work, err);
    return rc;
}

/* is there anything to do that needs the store? */
static bool
needed(const struct work *work)
{
    for (int level = 0; level < OG_LEVELS; level++)
        if (matters(work, level))
            return true;
    return false;
}

static enum og_rc
decide(const struct og_state *state, enum what what, const struct og_account *account,
       const struct og_charge *charge, int64_t now, struct og_shortage *shortage,
       struct og_err *err)
{
    struct work work; /* large: what is not set here is set before it is read */
    enum og_rc rc;

    work.what = what;
    work.account = account;
    work.charge = charge;
    work.now = now;
    memset(work.ready, 0, sizeof work.ready);
    work.shortage = (struct og_shortage){ .short_of = false };
    work.distinct = (struct og_distinct)OG_DISTINCT_INIT;
    if (account->sender->user.name.text[0] == '\0') /* never one record for all of them */
        return og_fail(err, OG_E_SYNTAX, "no sender to count on");
    rc = og_quota_read(account, &work.quota, err);
    if (rc == OG_OK && needed(&work)) {
        rc = og_store_run(&state->store, what == LOOK ? OG_STORE_READ : OG_STORE_COUNT,
                          run, &work, err);
        for (int level = 0; level < OG_LEVELS; level++)
            if (work.ready[level])
                og_book_free(&work.books[level]);
    }
    og_distinct_free(&work.distinct);
    if (rc == OG_OK && shortage != NULL)
        *shortage = work.shortage;
    return rc;
}

enum og_rc
og_ledger_look(const struct og_state *state, const struct og_account *account,
               const struct og_charge *charge, int64_t now, struct og_shortage *shortage,
               struct og_err *err)
{
    return decide(state, LOOK, account, charge, now, shortage, err);
}

enum og_rc
og_ledger_charge(const struct og_state *state, const struct og_account *account,
                 const struct og_charge *charge, int64_t now,
                 struct og_shortage *shortage, struct og_err *err)
{
    return decide(state, CHARGE, account, charge, now, shortage, err);
}

enum og_rc
og_ledger_refuse(const struct og_state *state, const struct og_account *account,
                 const struct og_charge *charge, int64_t now, struct og_err *err)
{
    return decide(state, REFUSE, account, charge, now, NULL, err);
}
