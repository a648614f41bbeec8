/* SPDX-License-Identifier: BSD-2-Clause */
#include <db.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/lib/store_guard.h"

static const char file[] = "x";

/* a database in a transaction: opened, written, read, also for what is not there */
static int
use(DB_ENV *env, u_int32_t flags)
{
    char text[] = "x";
    DBT key = { .data = text, .size = 1 }, value = key, got = { .flags = DB_DBT_MALLOC };
    DB_TXN *txn = NULL;
    DB *db = NULL;
    int ret = env->txn_begin(env, NULL, &txn, 0);

    if (ret == 0 && (ret = db_create(&db, env, 0)) == 0
        && (ret = db->set_flags(db, DB_CHKSUM)) == 0
        && (ret = db->open(db, txn, file, NULL, DB_BTREE, flags, 0600)) == 0
        && (ret = db->put(db, txn, &key, &value, 0)) == 0
        && (ret = db->get(db, txn, &key, &got, 0)) == 0) {
        free(got.data);
        text[0]++;
        ret = db->get(db, txn, &key, &got, 0) == DB_NOTFOUND ? 0 : EINVAL;
    }
    if (txn != NULL) {
        int end = ret == 0 ? txn->commit(txn, DB_TXN_WRITE_NOSYNC) : txn->abort(txn);

        ret = ret == 0 ? end : ret;
    }
    if (db != NULL)
        (void)db->close(db, DB_NOSYNC);
    return ret;
}

/* an environment of the store's kind, small */
static int
visit(const char *directory, u_int32_t flags)
{
    DB_ENV *env = NULL;
    DB_LOG_STAT *stat;
    int ret = db_env_create(&env, 0), closed;

    if (ret != 0)
        return ret;
    if ((ret = env->set_cachesize(env, 0, 65536, 1)) == 0
        && (ret = env->set_flags(env, DB_NOMMAP, 1)) == 0
        && (ret = env->log_set_config(env, DB_LOG_AUTO_REMOVE, 1)) == 0
        && (ret = env->set_thread_count(env, 1)) == 0
        && (ret = env->open(env, directory,
                            flags | DB_INIT_TXN | DB_INIT_LOG | DB_INIT_MPOOL, 0600))
               == 0
        && (ret = use(env, flags)) == 0 && (ret = env->log_stat(env, &stat, 0)) == 0)
        free(stat);
    closed = env->close(env, 0);
    return ret == 0 ? closed : ret;
}

static bool
empty(const char *directory)
{
    DIR *dir = opendir(directory);
    struct dirent *entry;
    bool ok = dir != NULL;

    while (ok && (entry = readdir(dir)) != NULL)
        ok = entry->d_name[0] == '.' || unlinkat(dirfd(dir), entry->d_name, 0) == 0;
    if (dir != NULL)
        (void)closedir(dir);
    return ok;
}

bool
og_store_warm(const char *below)
{
    char directory[256];
    unsigned life;
    bool ok;

    (void)og_host_boot();
    (void)og_host_pid(&life);
    (void)snprintf(directory, sizeof directory, "%.200s/outgate.XXXXXX", below);
    if (mkdtemp(directory) == NULL)
        return false;
    ok = visit(directory, DB_CREATE) == 0 && visit(directory, 0) == 0;
    return empty(directory) && rmdir(directory) == 0 && ok;
}
