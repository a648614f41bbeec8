/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/state/ledger_grant.h"

#include "core/base/time.h"
#include "core/state/ledger_key.h"

static const uint64_t most = (uint64_t)1 << 40; /* as a limit's */

struct change {
    const struct og_account *account;
    const struct og_grant *grant; /* NULL: revoke */
    enum og_unit unit;
    int64_t now;
    size_t count;
};

static enum og_rc
add(struct og_book *book, const struct og_grant *grant, struct og_err *err)
{
    if (book->grants_count == OG_GRANTS_MAX)
        return og_fail(err, OG_E_LIMIT, "more than %d grants at a time", OG_GRANTS_MAX);
    book->grants[book->grants_count++] = *grant;
    return OG_OK;
}

static size_t
drop(struct og_book *book, enum og_unit unit)
{
    size_t kept = 0, dropped;

    for (size_t i = 0; i < book->grants_count; i++)
        if (unit != OG_UNITS && book->grants[i].unit != unit)
            book->grants[kept++] = book->grants[i];
    dropped = book->grants_count - kept;
    book->grants_count = kept;
    return dropped;
}

static enum og_rc
work(struct og_txn *txn, void *arg, struct og_err *err)
{
    struct change *change = arg;
    struct og_book book;
    enum og_rc rc;

    og_book_init(&book);
    rc = og_ledger_key(change->account, OG_LEVEL_USER, &book.key, err);
    if (rc == OG_OK)
        rc = og_book_read(txn, true, &book, err);
    if (rc == OG_OK)
        og_book_expire(&book, change->now);
    if (rc == OG_OK && change->grant != NULL)
        rc = add(&book, change->grant, err);
    else if (rc == OG_OK)
        change->count = drop(&book, change->unit);
    if (rc == OG_OK)
        rc = og_book_write(txn, &book, err);
    og_book_free(&book);
    return rc;
}

enum og_rc
og_ledger_grant(const struct og_state *state, const struct og_account *account,
                const struct og_grant *grant, struct og_err *err)
{
    struct change change = { account, grant, grant->unit, grant->given, 0 };

    if (grant->amount == 0 || grant->amount > most)
        return og_fail(err, OG_E_RANGE, "a grant is 1 to %llu", (unsigned long long)most);
    if (grant->until <= grant->given)
        return og_fail(err, OG_E_RANGE, "a grant that is over already");
    if (grant->given < OG_TIME_MIN || grant->until > OG_TIME_MAX)
        return og_fail(err, OG_E_RANGE, "a grant beyond the year 9999");
    return og_store_run(&state->store, OG_STORE_COMMIT, work, &change, err);
}

enum og_rc
og_ledger_revoke(const struct og_state *state, const struct og_account *account,
                 enum og_unit unit, int64_t now, size_t *count, struct og_err *err)
{
    struct change change = { account, NULL, unit, now, 0 };
    enum og_rc rc = og_store_run(&state->store, OG_STORE_COMMIT, work, &change, err);

    if (rc == OG_OK)
        *count = change.count;
    return rc;
}
