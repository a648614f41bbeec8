/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_STATE_LOGIN_RECORD_H
#define OG_STATE_LOGIN_RECORD_H

#include "core/base/rule.h"
#include "core/state/logins.h"

/* Internal to logins.c: the records of auth.db, inside a transaction of the caller's */

#define OG_AUTH_DB "auth.db"

enum {
    OG_LOGIN_MAX_FAILURES = OG_RULE_MAX_COUNT * OG_LOGIN_WIDER,
    OG_LOGIN_MAX_KNOWN = 1001, /* one more than login_spread can be */
};

struct og_login_network {
    char text[OG_NET_TEXT];
    int64_t at; /* the last success */
};

/* one record; 60 KiB */
struct og_login_row {
    size_t failures_count;
    int64_t failures[OG_LOGIN_MAX_FAILURES]; /* oldest first */
    size_t known_count;
    struct og_login_network known[OG_LOGIN_MAX_KNOWN]; /* the latest last */
};

/* og_login_row_get - read a record; an empty one without; OG_E_STATE */
enum og_rc og_login_row_get(struct og_txn *txn, const char *key, bool for_update,
                            struct og_login_row *row, struct og_err *err) OG_CHECKED;

/* og_login_row_parse - the same from a text; OG_E_SYNTAX, OG_E_LIMIT */
enum og_rc og_login_row_parse(const char *text, size_t len, struct og_login_row *row,
                              struct og_err *err) OG_CHECKED;

/* og_login_row_put - store a record; an empty one is deleted */
enum og_rc og_login_row_put(struct og_txn *txn, const char *key,
                            const struct og_login_row *row,
                            struct og_err *err) OG_CHECKED;

/* og_login_row_expire - drop what does not count any longer: failures older than
 * `seconds`, networks older than OG_LOGIN_KNOWN_FOR, and both where a wrong clock has put
 * them that far into the future. Nothing of the order changes. */
void og_login_row_expire(struct og_login_row *row, int64_t now, int64_t seconds);

/* og_login_row_fail - add a failure; the newest `most` stay */
void og_login_row_fail(struct og_login_row *row, int64_t now, size_t most);

/* og_login_row_know - a success from a network; the newest `most` networks stay */
void og_login_row_know(struct og_login_row *row, const char *network, int64_t now,
                       size_t most);

/* og_login_row_find - the entry of a network or NULL */
const struct og_login_network *og_login_row_find(const struct og_login_row *row,
                                                 const char *network);

/* og_login_sweep - look at the next few records and delete those that have become
 * empty; seconds: how long failures of clients and of logins count */
enum og_rc og_login_sweep(struct og_txn *txn, int64_t now, int64_t client_seconds,
                          int64_t login_seconds, struct og_err *err) OG_CHECKED;

#endif
