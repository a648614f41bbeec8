/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/state/ledger_fit.h"

#define NEVER INT64_MAX

uint64_t
og_bound_limit(const struct og_bound *bound, int64_t now)
{
    uint64_t more =
        bound->grants != NULL ? og_book_granted(bound->grants, bound->unit, now) : 0;

    return more > UINT64_MAX - bound->limit ? UINT64_MAX : bound->limit + more;
}

/* what counts now */
static enum og_rc
used_now(const struct og_bound *bound, int64_t now, uint64_t *used, struct og_err *err)
{
    if (bound->window == NULL)
        return og_distinct_used(bound->distinct, now, used, err);
    *used = og_window_sum(bound->window, now);
    return OG_OK;
}

/* the same as og_bound_free_at() under one limit that stays */
static enum og_rc
free_under(const struct og_bound *bound, int64_t now, uint64_t limit, int64_t *when,
           struct og_err *err)
{
    if (bound->window == NULL)
        return og_distinct_free_at(bound->distinct, now, limit, when, err);
    if (og_window_free_at(bound->window, now, limit, bound->amount, when, NULL) != OG_OK)
        *when = NEVER;
    return OG_OK;
}

enum og_rc
og_bound_fits(const struct og_bound *bound, int64_t now, bool *fits, struct og_err *err)
{
    uint64_t limit = og_bound_limit(bound, now);
    int64_t when = NEVER;
    enum og_rc rc;

    if (bound->window != NULL) {
        *fits = og_window_fits(bound->window, now, limit, bound->amount);
        return OG_OK;
    }
    rc = free_under(bound, now, limit, &when, err);
    if (rc == OG_OK)
        *fits = when == now;
    return rc;
}

/* grants end one after the other: under each sum of them the time is looked for that
 * comes before the next one ends */
enum og_rc
og_bound_free_at(const struct og_bound *bound, int64_t now, int64_t from, int64_t *when,
                 struct og_err *err)
{
    int64_t begin = from;

    for (;;) {
        int64_t end = bound->grants != NULL
                          ? og_book_next_change(bound->grants, bound->unit, begin)
                          : NEVER;
        int64_t t = NEVER;
        enum og_rc rc = free_under(bound, now, og_bound_limit(bound, begin), &t, err);

        if (rc != OG_OK)
            return rc;
        t = t > begin ? t : begin;
        if (t < end || end == NEVER) {
            *when = t < end ? t : NEVER;
            return OG_OK;
        }
        begin = end;
    }
}

/* The first time at which all fit. Each limit alone moves it on; with grants that end,
 * one that had let it pass may stop it again. */
static enum og_rc
all_free_at(const struct og_bound *bounds, size_t count, int64_t now, int64_t *when,
            struct og_err *err)
{
    int64_t t = now;
    size_t agree = 0;
    enum og_rc rc = OG_OK;

    for (size_t i = 0; agree < count && t != NEVER && rc == OG_OK; i = (i + 1) % count) {
        int64_t at = t;

        rc = og_bound_free_at(&bounds[i], now, t, &at, err);
        agree = at == t ? agree + 1 : 1;
        t = at;
    }
    *when = t;
    return rc;
}

/* how much of a unit fits under every limit of it */
static enum og_rc
room(const struct og_bound *bounds, size_t count, const struct og_bound *shown,
     int64_t now, uint64_t *left, struct og_err *err)
{
    enum og_rc rc = OG_OK;

    *left = UINT64_MAX;
    for (size_t i = 0; i < count && rc == OG_OK; i++) {
        const struct og_bound *bound = &bounds[i];
        uint64_t used = 0, limit = og_bound_limit(bound, now);

        if (bound->unit != shown->unit
            || (bound->window == NULL) != (shown->window == NULL))
            continue;
        rc = used_now(bound, now, &used, err);
        if (limit < used)
            *left = 0;
        else if (limit - used < *left)
            *left = limit - used;
    }
    return rc;
}

enum og_rc
og_bounds_judge(const struct og_bound *bounds, size_t count, int64_t now,
                struct og_shortage *shortage, struct og_err *err)
{
    const struct og_bound *shown = NULL;
    int64_t longest = now, all = now;
    struct og_shortage fresh = { .short_of = false };
    enum og_rc rc = OG_OK;

    for (size_t i = 0; i < count && rc == OG_OK; i++) {
        int64_t when = now;
        bool fits = false;

        rc = og_bound_fits(&bounds[i], now, &fits, err);
        if (rc != OG_OK || fits)
            continue;
        rc = og_bound_free_at(&bounds[i], now, now, &when, err);
        if (rc == OG_OK && (shown == NULL || when > longest)) {
            shown = &bounds[i];
            longest = when;
        }
    }
    if (rc == OG_OK && shown != NULL) {
        fresh = (struct og_shortage){ .short_of = true,
                                      .level = shown->level,
                                      .unit = shown->unit,
                                      .distinct = shown->window == NULL,
                                      .span = shown->span,
                                      .limit = og_bound_limit(shown, now),
                                      .asked = shown->amount };
        rc = all_free_at(bounds, count, now, &all, err);
        fresh.free_at = all == NEVER ? 0 : all;
    }
    if (rc == OG_OK && shown != NULL)
        rc = used_now(shown, now, &fresh.used, err);
    if (rc == OG_OK && shown != NULL)
        rc = room(bounds, count, shown, now, &fresh.left, err);
    if (rc == OG_OK)
        *shortage = fresh;
    return rc;
}
