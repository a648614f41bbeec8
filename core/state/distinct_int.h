/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_STATE_DISTINCT_INT_H
#define OG_STATE_DISTINCT_INT_H

#include "core/state/distinct.h"

/* Internal to core/state/distinct*.c; user and word are words of keys */

enum { OG_DISTINCT_SECONDS = 86400 }; /* how long an address counts */

struct og_distinct_word {
    const char *text;
    bool stored;
    int64_t last; /* when stored */
};

/* og_distinct_key - `to USER WORD` or, with a time, `at USER TIME WORD` into key */
enum og_rc og_distinct_key(struct og_buf *key, const char *user, const int64_t *time,
                           const char *word, struct og_err *err) OG_CHECKED;

/* og_distinct_key_read - time and word of such a key: what stands behind `at USER `,
 * whose length is skip; word points into key */
enum og_rc og_distinct_key_read(const char *key, size_t skip, int64_t *time,
                                const char **word, struct og_err *err) OG_CHECKED;

/* og_distinct_head_read, og_distinct_head_write - `of USER`; without one count is 0, and
 * a count of 0 deletes it */
enum og_rc og_distinct_head_read(struct og_txn *txn, const char *user, uint64_t *count,
                                 int64_t *newest, struct og_err *err) OG_CHECKED;
enum og_rc og_distinct_head_write(struct og_txn *txn, const char *user, uint64_t count,
                                  int64_t newest, struct og_err *err) OG_CHECKED;

/* og_distinct_sweep - delete at most budget old addresses of a user, oldest first */
enum og_rc og_distinct_sweep(struct og_txn *txn, const char *user, int64_t now,
                             size_t budget, size_t *removed,
                             struct og_err *err) OG_CHECKED;

/* og_distinct_sweep_other - the same for the user whose turn it is, but not for user */
enum og_rc og_distinct_sweep_other(struct og_txn *txn, const char *user, int64_t now,
                                   size_t budget, struct og_err *err) OG_CHECKED;

/* og_distinct_delete_all - delete the keys with a prefix; *count: how many */
enum og_rc og_distinct_delete_all(struct og_txn *txn, const char *prefix, uint64_t *count,
                                  struct og_err *err) OG_CHECKED;

#endif
