/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_LIB_STORE_INT_H
#define OG_LIB_STORE_INT_H

#include <db.h>

#include "core/lib/store_guard.h"

/* Internal to core/lib/store*.c: one open environment */

enum { OG_STORE_MAX_DBS = 16 };

extern const char *const og_store_dbs[]; /* file names, ended by NULL */

struct og_env {
    const struct og_store_conf *conf;
    DB_ENV *handle;
    const char *current; /* the database in hand, for messages; may be NULL */
    bool panicked;       /* Berkeley DB wants a recovery */
    bool no_space;       /* it met ENOSPC, whatever it returned */
    char said[256];      /* its own messages */
};

struct og_txn {
    struct og_env *env;
    enum og_store_mode mode;
    DB_TXN *handle; /* NULL in OG_STORE_READ */
    DB *dbs[OG_STORE_MAX_DBS];
};

/* og_env_open - join the environment; recover: remove what an earlier boot or a
 * dead process left in shared memory, and bring the databases to the log's end.
 * On failure it is closed already. */
enum og_rc og_env_open(struct og_env *env, bool recover, struct og_err *err) OG_CHECKED;

/* og_env_close - true when all went in order */
bool og_env_close(struct og_env *env);

/* og_env_fail - what a code of Berkeley DB means, with path and remedy */
enum og_rc og_env_fail(struct og_env *env, int ret, const char *doing,
                       struct og_err *err) OG_CHECKED;

/* og_env_check_file - *found: the file is there; OG_E_PERM, OG_E_STATE when it
 * is not ours to use */
enum og_rc og_env_check_file(struct og_env *env, const char *name, bool *found,
                             struct og_err *err) OG_CHECKED;

/* og_env_log_state - *file: number of the log file that holds the last record;
 * *since: bytes of log since the last checkpoint. A code of Berkeley DB. */
int og_env_log_state(struct og_env *env, u_int32_t *file, uint64_t *since);

/* og_txn_open_db - *at is the handle's place in txn->dbs, opened when it is used
 * first; *at NULL: it does not exist and the mode is OG_STORE_READ */
enum og_rc og_txn_open_db(struct og_txn *txn, const char *db, DB **at,
                          struct og_err *err) OG_CHECKED;
void og_txn_close_dbs(struct og_txn *txn);

#endif
