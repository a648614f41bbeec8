/* SPDX-License-Identifier: BSD-2-Clause */
/* values that are records */
#include "core/lib/store.h"

enum og_rc
og_txn_get_record(struct og_txn *txn, const char *db, const char *key, bool for_update,
                  struct og_record *rec, struct og_err *err)
{
    struct og_buf value = OG_BUF_INIT(OG_STORE_MAX_VALUE);
    enum og_rc rc = for_update ? og_txn_get_for_update(txn, db, key, &value, err)
                               : og_txn_get(txn, db, key, &value, err);

    if (rc == OG_OK) {
        rc = og_record_parse(og_buf_text(&value), value.len, rec, err);
        if (rc != OG_OK && rc != OG_E_NOMEM)
            rc = og_fail(err, OG_E_STATE, "%s: the record of %.200s cannot be read", db,
                         key);
    }
    og_buf_free(&value);
    return rc;
}

enum og_rc
og_txn_put_record(struct og_txn *txn, const char *db, const char *key,
                  const struct og_record *rec, struct og_err *err)
{
    struct og_buf value = OG_BUF_INIT(OG_STORE_MAX_VALUE);
    enum og_rc rc = og_record_print(rec, &value, err);

    if (rc == OG_OK)
        rc = og_txn_put(txn, db, key, og_buf_text(&value), err);
    og_buf_free(&value);
    return rc;
}
