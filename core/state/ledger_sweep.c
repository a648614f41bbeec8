/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/state/ledger_sweep.h"

#include <string.h>

#include "core/base/record.h"
#include "core/state/ledger_book.h"

static const char turn_key[] = "sweep";

enum { AT_ONCE = 4 }; /* records a call looks at */

struct sweep {
    int64_t now;
    size_t seen;
    struct og_buf last;  /* the last key that was seen */
    struct og_buf empty; /* keys to be deleted, each with a NUL */
};

/* nothing but the memory can fail here */
static enum og_rc
visit(const char *key, const char *value, void *arg, bool *stop, struct og_err *err)
{
    struct sweep *sweep = arg;
    struct og_book book;
    bool empty = false;
    enum og_rc rc;

    *stop = ++sweep->seen == AT_ONCE;
    og_buf_reset(&sweep->last);
    rc = og_buf_add_text(&sweep->last, key, err);
    if (rc != OG_OK || strcmp(key, turn_key) == 0)
        return rc;
    og_book_init(&book);
    if (og_book_parse(value, strlen(value), &book, NULL) == OG_OK
        && og_book_is_empty(&book, sweep->now, &empty, NULL) == OG_OK && empty)
        rc = og_buf_add(&sweep->empty, key, strlen(key) + 1, err);
    og_book_free(&book);
    return rc;
}

/* the key to go on behind; "" where a round begins */
static enum og_rc
read_turn(struct og_txn *txn, struct og_record *turn, const char **after,
          struct og_err *err)
{
    struct og_buf value = OG_BUF_INIT(OG_STORE_MAX_VALUE);
    enum og_rc rc = og_txn_get(txn, OG_LEDGER_DB, turn_key, &value, err);
    const struct og_field *field = NULL;

    if (rc == OG_OK
        && og_record_parse(og_buf_text(&value), value.len, turn, NULL) == OG_OK)
        field = og_record_find(turn, "after");
    /* what is no key begins the round anew, which is no harm */
    *after = field != NULL && field->len <= OG_STORE_MAX_KEY ? field->value : "";
    for (size_t i = 0; (*after)[i] != '\0'; i++)
        if ((*after)[i] < ' ' || (*after)[i] > '~') {
            *after = "";
            break;
        }
    og_buf_free(&value);
    return rc == OG_E_NOTFOUND ? OG_OK : rc;
}

static enum og_rc
write_turn(struct og_txn *txn, const struct sweep *sweep, struct og_err *err)
{
    const char *last = sweep->seen < AT_ONCE ? "" : og_buf_text(&sweep->last);
    struct og_buf value = OG_BUF_INIT(OG_STORE_MAX_VALUE);
    enum og_rc rc = og_buf_add_text(&value, "after=", err);

    if (rc == OG_OK)
        rc = og_percent_add(&value, last, strlen(last), err);
    if (rc == OG_OK)
        rc = og_txn_put(txn, OG_LEDGER_DB, turn_key, value.data, err);
    og_buf_free(&value);
    return rc;
}

enum og_rc
og_ledger_sweep(struct og_txn *txn, int64_t now, struct og_err *err)
{
    struct sweep sweep = { .now = now,
                           .last = OG_BUF_INIT(OG_STORE_MAX_KEY),
                           .empty = OG_BUF_INIT(AT_ONCE * (OG_STORE_MAX_KEY + 1)) };
    struct og_record turn = OG_RECORD_INIT;
    const char *after = "";
    enum og_rc rc = read_turn(txn, &turn, &after, err);

    if (rc == OG_OK)
        rc = og_txn_walk(txn, OG_LEDGER_DB, "", after, visit, &sweep, err);
    for (const char *key = og_buf_text(&sweep.empty);
         rc == OG_OK && key < og_buf_text(&sweep.empty) + sweep.empty.len;
         key += strlen(key) + 1)
        rc = og_txn_delete(txn, OG_LEDGER_DB, key, err);
    if (rc == OG_OK)
        rc = write_turn(txn, &sweep, err);
    og_record_free(&turn);
    og_buf_free(&sweep.last);
    og_buf_free(&sweep.empty);
    return rc;
}
