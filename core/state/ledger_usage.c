/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/state/ledger_usage.h"

#include "core/base/time.h"
#include "core/state/ledger_fit.h"
#include "core/state/ledger_key.h"
#include "core/state/ledger_quota.h"

struct look {
    const struct og_account *account;
    enum og_level level;
    int64_t now;
    struct og_quota quota;
    struct og_book book;
    struct og_distinct distinct;
    struct og_usage usage;
};

/* limit and free_at of a window that is filled in so far */
static enum og_rc
look_limit(struct look *look, const struct og_bound *bound, struct og_usage_window *out,
           struct og_err *err)
{
    int64_t when = look->now;
    enum og_rc rc;

    out->limit = bound->limit;
    out->free_at = look->now;
    if (bound->limit == OG_UNLIMITED)
        return OG_OK;
    out->limit = og_bound_limit(bound, look->now);
    rc = og_bound_free_at(bound, look->now, look->now, &when, err);
    out->free_at = when == INT64_MAX ? 0 : when;
    return rc;
}

/* when the newest sub-bucket begins, if that is still to come */
static int64_t
ahead_of(const struct og_window *window, int64_t now)
{
    int64_t begin = OG_TIME_MIN
                    + (window->oldest + (int64_t)window->used - 1)
                          * og_window_span_width(window->span);

    return window->used > 0 && begin > now ? begin : 0;
}

static enum og_rc
look_window(struct look *look, enum og_unit unit, enum og_window_span span,
            struct og_err *err)
{
    struct og_usage_window *out = &look->usage.windows[unit][span];
    const struct og_settings *set;
    struct og_window *window, *refused;
    struct og_bound bound = { .unit = unit, .span = span, .amount = 1 };
    enum og_rc rc =
        og_book_window(&look->book, og_book_index(false, unit, span), &window, err);

    if (rc == OG_OK)
        rc = og_book_window(&look->book, og_book_index(true, unit, span), &refused, err);
    if (rc != OG_OK)
        return rc;
    bound.limit = look->quota.most[look->level][unit][span];
    bound.window = window;
    bound.grants = look->level == OG_LEVEL_USER ? &look->book : NULL;
    out->kept = og_quota_keeps(&look->quota, look->level, unit, span);
    out->accepted = og_window_sum(window, look->now);
    out->refused = og_window_sum(refused, look->now);
    out->ahead = ahead_of(window, look->now);
    out->row = (enum og_setting_index)(
        og_quota_source(look->account, look->level, unit, span, &set) - og_setting_rows);
    out->source = (enum og_source)set->source[out->row];
    return look_limit(look, &bound, out, err);
}

/* one address more, whichever it is */
static enum og_rc
look_distinct(struct og_txn *txn, struct look *look, struct og_err *err)
{
    static const char *const anybody[] = { "" }; /* no address: it is in no set */
    struct og_usage_window *out = &look->usage.distinct;
    struct og_bound bound = { .unit = OG_UNIT_RECIPIENTS,
                              .span = OG_DAY,
                              .amount = 1,
                              .limit = look->quota.distinct,
                              .distinct = &look->distinct,
                              .grants = &look->book };
    enum og_rc rc = OG_OK;

    out->kept = look->level == OG_LEVEL_USER && look->quota.distinct != OG_UNLIMITED;
    out->limit = OG_UNLIMITED;
    if (!out->kept)
        return OG_OK;
    out->row = OG_SETTING_maximum_distinct_recipients_per_day;
    out->source = (enum og_source)look->account->sender->settings.source[out->row];
    rc = og_distinct_open(txn, look->account->sender->user.name.text, anybody, 1,
                          &look->distinct, err);
    if (rc == OG_OK)
        rc = og_distinct_used(&look->distinct, look->now, &out->accepted, err);
    if (look->distinct.stored > 0 && look->distinct.newest > look->now)
        out->ahead = look->distinct.newest;
    return rc == OG_OK ? look_limit(look, &bound, out, err) : rc;
}

static enum og_rc
look_work(struct og_txn *txn, void *arg, struct og_err *err)
{
    struct look *look = arg;
    enum og_rc rc;

    look->usage = (struct og_usage){ .grants_count = 0 };
    rc = og_ledger_key(look->account, look->level, &look->book.key, err);
    if (rc == OG_OK)
        rc = og_book_read(txn, false, &look->book, err);
    for (int unit = 0; unit < OG_UNITS; unit++)
        for (int span = 0; span < OG_WINDOWS && rc == OG_OK; span++)
            rc = look_window(look, (enum og_unit)unit, (enum og_window_span)span, err);
    if (rc == OG_OK)
        rc = look_distinct(txn, look, err);
    og_book_expire(&look->book, look->now);
    for (size_t i = 0; rc == OG_OK && i < look->book.grants_count; i++)
        look->usage.grants[look->usage.grants_count++] = look->book.grants[i];
    return rc;
}

enum og_rc
og_ledger_usage(const struct og_state *state, const struct og_account *account,
                enum og_level level, int64_t now, struct og_usage *usage,
                struct og_err *err)
{
    struct look look = {
        .account = account, .level = level, .now = now, .distinct = OG_DISTINCT_INIT
    };
    enum og_rc rc = og_quota_read(account, &look.quota, err);

    og_book_init(&look.book);
    if (rc == OG_OK)
        rc = og_store_run(&state->store, OG_STORE_READ, look_work, &look, err);
    if (rc == OG_OK)
        *usage = look.usage;
    og_book_free(&look.book);
    og_distinct_free(&look.distinct);
    return rc;
}

struct reset {
    const struct og_account *account;
    enum og_level level;
    enum og_unit unit;
};

static enum og_rc
reset_book(struct og_txn *txn, const struct reset *reset, struct og_err *err)
{
    struct og_book book;
    enum og_rc rc;

    og_book_init(&book);
    rc = og_ledger_key(reset->account, reset->level, &book.key, err);
    if (rc == OG_OK) {
        rc = og_book_read(txn, true, &book, err);
        for (unsigned i = 0; i < OG_BOOK_WINDOWS && rc == OG_OK; i++)
            if (reset->unit == OG_UNITS
                || i / OG_WINDOWS % OG_UNITS == (unsigned)reset->unit)
                og_book_drop(&book, i);
        if (rc == OG_OK)
            rc = og_book_write(txn, &book, err);
        else if (rc == OG_E_STATE && reset->unit == OG_UNITS)
            rc = og_txn_delete(txn, OG_LEDGER_DB, book.key.data, err);
    }
    og_book_free(&book);
    return rc;
}

static enum og_rc
reset_work(struct og_txn *txn, void *arg, struct og_err *err)
{
    const struct reset *reset = arg;
    struct og_distinct distinct = OG_DISTINCT_INIT;
    uint64_t count;
    enum og_rc rc = reset_book(txn, reset, err);

    if (rc != OG_OK || reset->level != OG_LEVEL_USER
        || (reset->unit != OG_UNITS && reset->unit != OG_UNIT_RECIPIENTS))
        return rc;
    rc = og_distinct_open(txn, reset->account->sender->user.name.text, NULL, 0, &distinct,
                          err);
    if (rc == OG_OK || rc == OG_E_STATE) /* a count that cannot be read goes as well */
        rc = og_distinct_clear(&distinct, &count, err);
    og_distinct_free(&distinct);
    return rc;
}

enum og_rc
og_ledger_reset(const struct og_state *state, const struct og_account *account,
                enum og_level level, enum og_unit unit, struct og_err *err)
{
    struct reset reset = { account, level, unit };

    return og_store_run(&state->store, OG_STORE_COMMIT, reset_work, &reset, err);
}
