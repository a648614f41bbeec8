/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/lib/store_int.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    DEFAULT_WAIT_MS = 5000,
    CHECKPOINT_BYTES =
        256 * 1024, /* of log: bounds both recovery's time and the log's size */
};

/* One stay inside the environment */
struct stay {
    struct og_env env;
    struct og_host host;
    struct og_guard guard;
    uint64_t until;
};

static enum og_rc
enter(struct stay *stay, const struct og_store_conf *conf, bool create,
      struct og_err *err)
{
    unsigned wait_ms = conf->wait_ms > 0 ? conf->wait_ms : DEFAULT_WAIT_MS;
    enum og_rc rc;

    *stay = (struct stay){ .env.conf = conf };
    stay->until = og_guard_now() + (uint64_t)wait_ms * 1000000u;
    rc = og_host_enter(conf, &stay->host, err);
    if (rc != OG_OK)
        return rc;
    rc = og_guard_enter(conf->directory, stay->until, create, &stay->guard, err);
    if (rc != OG_OK)
        og_host_leave(&stay->host);
    return rc;
}

static void
leave(struct stay *stay, bool clean)
{
    og_guard_leave(&stay->guard, clean);
    og_host_leave(&stay->host);
}

/* The log goes to the disk after the guard is left, so that a slow disk delays
 * this caller only; *log_fd is the file to flush. An older log file was flushed
 * when Berkeley DB changed to the next one. */
static enum og_rc
commit(struct og_txn *txn, int *log_fd, struct og_err *err)
{
    struct og_env *env = txn->env;
    char path[PATH_MAX];
    uint64_t since = 0;
    u_int32_t file = 0;
    int ret;

    env->current = NULL;
    ret = txn->handle->commit(txn->handle, DB_TXN_WRITE_NOSYNC);
    txn->handle = NULL;
    if (ret != 0)
        return og_env_fail(env, ret, "commit", err);
    ret = og_env_log_state(env, &file, &since);
    if (ret == 0 && txn->mode == OG_STORE_COMMIT) {
        (void)snprintf(path, sizeof path, "%s/log.%010u", env->conf->directory, file);
        *log_fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        if (*log_fd < 0 && errno != ENOENT) /* a new file that is still a buffer only */
            return og_fail(err, OG_E_IO, "committed, but cannot flush %s: %s", path,
                           strerror(errno));
    }
    /* a checkpoint that fails loses nothing: the log has it all */
    if (ret == 0 && since >= CHECKPOINT_BYTES)
        (void)env->handle->txn_checkpoint(env->handle, 0, 0, DB_FORCE);
    return OG_OK;
}

/* one try of the work; *again: a recovery may help and nothing was committed */
static enum og_rc
attempt(struct og_env *env, enum og_store_mode mode, og_store_work *work, void *arg,
        int *log_fd, bool *again, struct og_err *err)
{
    struct og_txn txn = { .env = env, .mode = mode };
    DB_ENV *h = env->handle;
    enum og_rc rc = OG_OK;
    int ret = 0;

    if (mode != OG_STORE_READ)
        ret = h->txn_begin(h, NULL, &txn.handle, 0);
    rc = ret == 0 ? work(&txn, arg, err) : og_env_fail(env, ret, "begin", err);
    *again = env->panicked && !env->no_space;
    if (rc == OG_OK && !env->panicked && txn.handle != NULL)
        rc = commit(&txn, log_fd, err);
    else if (rc == OG_OK && env->panicked)
        rc = og_env_fail(env, DB_RUNRECOVERY, "work", err);
    if (txn.handle != NULL && (ret = txn.handle->abort(txn.handle)) != 0)
        env->panicked = true;
    og_txn_close_dbs(&txn);
    env->current = NULL;
    return rc;
}

static enum og_rc
flush(const struct og_store_conf *conf, int log_fd, struct og_err *err)
{
    enum og_rc rc = OG_OK;

    if (fdatasync(log_fd) != 0)
        rc = og_fail(err, OG_E_IO,
                     "%s: committed, but the flush to the disk failed: %s: look at the "
                     "disk; the change may be lost if the machine goes down",
                     conf->directory, strerror(errno));
    (void)close(log_fd);
    return rc;
}

enum og_rc
og_store_run(const struct og_store_conf *conf, enum og_store_mode mode,
             og_store_work *work, void *arg, struct og_err *err)
{
    struct stay stay;
    bool again = true, clean = false, recover;
    int log_fd = -1;
    enum og_rc rc = enter(&stay, conf, false, err);

    if (rc != OG_OK)
        return rc;
    recover = stay.guard.recover;
    for (int tries = 0; again && tries < 2; tries++) {
        stay.env = (struct og_env){ .conf = conf };
        again = false;
        rc = og_env_open(&stay.env, recover, err);
        if (rc != OG_OK) {
            again = !recover && (rc == OG_E_STATE || rc == OG_E_LIB);
        } else {
            rc = attempt(&stay.env, mode, work, arg, &log_fd, &again, err);
            clean = og_env_close(&stay.env);
        }
        recover = true;
        again = again && og_guard_now() < stay.until;
    }
    og_guard_leave(&stay.guard, clean);
    if (log_fd >= 0) {
        enum og_rc flushed = flush(conf, log_fd, err);

        rc = rc == OG_OK ? flushed : rc;
    }
    og_host_leave(&stay.host);
    return rc;
}

static enum og_rc
touch_all(struct og_txn *txn, void *arg, struct og_err *err)
{
    enum og_rc rc = OG_OK;
    DB *db;

    (void)arg;
    for (size_t i = 0; og_store_dbs[i] != NULL && rc == OG_OK; i++)
        rc = og_txn_open_db(txn, og_store_dbs[i], &db, err);
    return rc;
}

static enum og_rc
make_directory(const struct og_store_conf *conf, struct og_err *err)
{
    uid_t uid = geteuid() == 0 ? conf->uid : (uid_t)-1;
    gid_t gid = geteuid() == 0 ? conf->gid : (gid_t)-1;

    if (mkdir(conf->directory, 0700) != 0)
        return errno == EEXIST
                   ? OG_OK
                   : og_fail(err, errno == EACCES ? OG_E_PERM : OG_E_IO,
                             "cannot make %s: %s", conf->directory, strerror(errno));
    if (chmod(conf->directory, 0700) != 0 || chown(conf->directory, uid, gid) != 0)
        return og_fail(err, OG_E_PERM, "%s: cannot give it to uid %u: %s",
                       conf->directory, (unsigned)uid, strerror(errno));
    return OG_OK;
}

enum og_rc
og_store_create(const struct og_store_conf *conf, struct og_err *err)
{
    struct stay stay;
    enum og_rc rc = make_directory(conf, err);

    if (rc == OG_OK)
        rc = enter(&stay, conf, true, err); /* makes the guard */
    if (rc != OG_OK)
        return rc;
    leave(&stay, !stay.guard.recover);
    return og_store_run(conf, OG_STORE_COMMIT, touch_all, NULL, err);
}

static enum og_rc
verify_one(struct og_env *env, const char *name, struct og_err *err)
{
    DB *db;
    bool found;
    enum og_rc rc = og_env_check_file(env, name, &found, err);
    int ret;

    if (rc != OG_OK || !found)
        return rc;
    env->current = name;
    env->said[0] = '\0';
    if ((ret = db_create(&db, env->handle, 0)) != 0)
        return og_env_fail(env, ret, "verify", err);
    ret = db->verify(db, name, NULL, NULL, 0); /* closes the handle */
    return ret == 0 ? OG_OK : og_env_fail(env, ret, "verify", err);
}

enum og_rc
og_store_verify(const struct og_store_conf *conf, og_store_report *report, void *arg,
                struct og_err *err)
{
    struct stay stay;
    enum og_rc rc = enter(&stay, conf, false, err);
    bool clean = false, recover;

    if (rc != OG_OK)
        return rc;
    recover = stay.guard.recover;
    for (size_t i = 0; og_store_dbs[i] != NULL; i++) {
        struct og_err one = { "" };
        char path[PATH_MAX];
        enum og_rc got;

        stay.env = (struct og_env){ .conf = conf }; /* damage may have ended the last */
        got = og_env_open(&stay.env, recover, &one);
        if (got == OG_OK) {
            got = verify_one(&stay.env, og_store_dbs[i], &one);
            clean = og_env_close(&stay.env);
            recover = !clean;
        }
        if (got != OG_OK && rc == OG_OK)
            rc = og_fail(err, got, "%s", one.text);
        (void)snprintf(path, sizeof path, "%s/%s", conf->directory, og_store_dbs[i]);
        report(path, got, got == OG_OK ? "" : one.text, arg);
    }
    leave(&stay, clean);
    return rc;
}
