/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/state/ledger_sweep.h"

#include <string.h>

#include "core/state/ledger_book.h"
#include "core/state/sweep.h"

static bool
is_empty(const char *key, const char *value, int64_t now)
{
    struct og_book book;
    bool empty = false;

    (void)key;
    og_book_init(&book);
    if (og_book_parse(value, strlen(value), &book, NULL) != OG_OK
        || og_book_is_empty(&book, now, &empty, NULL) != OG_OK)
        empty = false;
    og_book_free(&book);
    return empty;
}

enum og_rc
og_ledger_sweep(struct og_txn *txn, int64_t now, struct og_err *err)
{
    static const struct og_sweep sweep = { OG_LEDGER_DB, "", is_empty, NULL };

    return og_sweep(txn, &sweep, now, err);
}
