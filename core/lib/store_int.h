/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_LIB_STORE_INT_H
#define OG_LIB_STORE_INT_H

#include <db.h>
#include <limits.h>
#include <time.h>

#include "core/lib/store_guard.h"

/* Internal to core/lib/store*.c: the environment and its databases */

enum { OG_STORE_MAX_DBS = 16 };

extern const char *const og_store_dbs[]; /* file names, ended by NULL */

/* A database's file when it was opened or looked at last */
struct og_file {
    struct og_file_id id;
    struct timespec mtime;
};

/* What a process has open. It stays open between runs, in which it is not touched,
 * and is used again only while all of it is what it was opened on. */
struct og_env {
    DB_ENV *handle;
    DB *readers[OG_STORE_MAX_DBS]; /* opened read-only: leave nothing in the log */
    DB *writers[OG_STORE_MAX_DBS];
    struct og_file files[OG_STORE_MAX_DBS]; /* of readers and writers */

    /* whose, and which environment */
    char directory[PATH_MAX];
    struct og_file_id home, guard_file, region;
    uint64_t generation;
    unsigned life;
    uid_t uid;

    /* this run */
    const struct og_store_conf *conf;
    const struct og_guard *guard;
    int member;          /* our number in Berkeley DB's tables */
    const char *current; /* the database in hand, for messages; may be NULL */
    bool panicked;       /* Berkeley DB wants a recovery */
    bool full;           /* shared memory is used up: a recovery makes it anew */
    bool failed;         /* something went wrong: open all anew next time */
    bool no_space;       /* it met ENOSPC, whatever it returned */
    char said[256];      /* its own messages */
};

struct og_txn {
    struct og_env *env;
    enum og_store_mode mode;
    DB_TXN *handle;   /* NULL in OG_STORE_READ */
    unsigned checked; /* a bit for each database whose file was looked at */
    bool making;      /* og_store_create(): what is not there is made */
};

/* og_env_begin - a run on env, which is open or not */
void og_env_begin(struct og_env *env, const struct og_store_conf *conf,
                  const struct og_guard *guard);

/* og_env_open - join the environment; recover: remove what an earlier boot or a
 * dead process left in shared memory, and bring the databases to the log's end.
 * On failure it is closed already. */
enum og_rc og_env_open(struct og_env *env, const struct og_host *host,
                       struct og_guard *guard, bool recover,
                       struct og_err *err) OG_CHECKED;

/* og_env_close - databases too; true when all went in order. Harmless when closed. */
bool og_env_close(struct og_env *env);

void og_env_close_db(struct og_env *env, size_t i);

/* og_env_end - Berkeley DB is the host's again, who may use it himself */
void og_env_end(void);

/* og_env_current - what is open is ours, and all files are those it was opened on */
bool og_env_current(const struct og_env *env, const struct og_host *host,
                    const struct og_guard *guard);

/* og_env_abandon - forget what is open without touching it: to close it could write
 * something stale over what is there now. Its memory and descriptors are lost. */
void og_env_abandon(struct og_env *env);

/* og_env_fail - what a code of Berkeley DB means, with path and remedy */
enum og_rc og_env_fail(struct og_env *env, int ret, const char *doing,
                       struct og_err *err) OG_CHECKED;

/* og_env_check_file - *found: the file is there, and is *file; OG_E_PERM, OG_E_STATE
 * when it is not ours to use */
enum og_rc og_env_check_file(struct og_env *env, const char *name, bool *found,
                             struct og_file *file, struct og_err *err) OG_CHECKED;

/* og_env_log_state - *file: number of the log file that holds the last record;
 * *since: bytes of log since the last checkpoint. A code of Berkeley DB. */
int og_env_log_state(struct og_env *env, u_int32_t *file, uint64_t *since);

/* og_env_tidy - end what dead processes left in shared memory, then a checkpoint */
void og_env_tidy(struct og_env *env);

/* og_txn_open_db - *at is the database for reading or writing, opened when it is used
 * first, and *with the transaction to use it with; *at NULL: it does not exist and
 * writing is false */
enum og_rc og_txn_open_db(struct og_txn *txn, const char *db, bool writing, DB **at,
                          DB_TXN **with, struct og_err *err) OG_CHECKED;

#endif
