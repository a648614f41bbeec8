/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/state/sweep.h"

#include <string.h>

#include "core/base/record.h"

static const char turn_key[] = "sweep";

enum { AT_ONCE = 4 }; /* records a call looks at */

struct round {
    const struct og_sweep *sweep;
    int64_t now;
    size_t seen;
    struct og_buf last; /* the last key that was seen */
    struct og_buf old;  /* keys to be deleted, each with a NUL */
};

/* nothing but the memory can fail here */
static enum og_rc
visit(const char *key, const char *value, void *arg, bool *stop, struct og_err *err)
{
    struct round *round = arg;
    enum og_rc rc;

    *stop = ++round->seen == AT_ONCE;
    og_buf_reset(&round->last);
    rc = og_buf_add_text(&round->last, key, err);
    if (rc == OG_OK && strcmp(key, turn_key) != 0
        && round->sweep->is_old(key, value, round->now))
        rc = og_buf_add(&round->old, key, strlen(key) + 1, err);
    return rc;
}

/* the key to go on behind; "" where a round begins */
static enum og_rc
read_turn(struct og_txn *txn, const char *db, struct og_record *turn, const char **after,
          struct og_err *err)
{
    struct og_buf value = OG_BUF_INIT(OG_STORE_MAX_VALUE);
    enum og_rc rc = og_txn_get(txn, db, turn_key, &value, err);
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
write_turn(struct og_txn *txn, const struct round *round, struct og_err *err)
{
    const char *last = round->seen < AT_ONCE ? "" : og_buf_text(&round->last);
    struct og_buf value = OG_BUF_INIT(OG_STORE_MAX_VALUE);
    enum og_rc rc = og_buf_add_text(&value, "after=", err);

    if (rc == OG_OK)
        rc = og_percent_add(&value, last, strlen(last), err);
    if (rc == OG_OK)
        rc = og_txn_put(txn, round->sweep->db, turn_key, value.data, err);
    og_buf_free(&value);
    return rc;
}

/* the old ones of a round, each with what belongs to it */
static enum og_rc
drop_old(struct og_txn *txn, const struct round *round, struct og_err *err)
{
    const char *end = og_buf_text(&round->old) + round->old.len;
    enum og_rc rc = OG_OK;

    for (const char *key = og_buf_text(&round->old); rc == OG_OK && key < end;
         key += strlen(key) + 1) {
        if (round->sweep->drop != NULL)
            rc = round->sweep->drop(txn, key, err);
        if (rc == OG_OK)
            rc = og_txn_delete(txn, round->sweep->db, key, err);
    }
    return rc;
}

enum og_rc
og_sweep(struct og_txn *txn, const struct og_sweep *sweep, int64_t now,
         struct og_err *err)
{
    struct round round = { .sweep = sweep,
                           .now = now,
                           .last = OG_BUF_INIT(OG_STORE_MAX_KEY),
                           .old = OG_BUF_INIT(AT_ONCE * (OG_STORE_MAX_KEY + 1)) };
    struct og_record turn = OG_RECORD_INIT;
    const char *after = "";
    enum og_rc rc = read_turn(txn, sweep->db, &turn, &after, err);

    if (rc == OG_OK)
        rc = og_txn_walk(txn, sweep->db, "", after[0] != '\0' ? after : sweep->from,
                         visit, &round, err);
    if (rc == OG_OK)
        rc = drop_old(txn, &round, err);
    if (rc == OG_OK)
        rc = write_turn(txn, &round, err);
    og_record_free(&turn);
    og_buf_free(&round.last);
    og_buf_free(&round.old);
    return rc;
}
