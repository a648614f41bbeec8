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
    ABANDONED_MAX = 16,
};

/* what stays open between runs */
static struct og_env kept;
static unsigned abandoned;

/* One stay inside the environment */
struct stay {
    struct og_host host;
    struct og_guard guard;
    uint64_t until;
    bool recover; /* before anything else */
    bool again;   /* another try may help, and nothing was committed */
    bool clean;   /* the environment is in good order */
    int log_fd;   /* to flush when we are out; -1: none */
};

static enum og_rc
enter(struct stay *stay, const struct og_store_conf *conf, bool create,
      struct og_err *err)
{
    unsigned wait_ms = conf->wait_ms > 0 ? conf->wait_ms : DEFAULT_WAIT_MS;
    enum og_rc rc;

    stay->log_fd = -1;
    stay->again = stay->clean = false;
    stay->until = og_guard_now() + (uint64_t)wait_ms * 1000000u;
    rc = og_host_enter(conf, &stay->host, err);
    if (rc != OG_OK)
        return rc;
    rc = og_guard_enter(conf->directory, stay->until, create, &stay->guard, err);
    if (rc != OG_OK) {
        og_host_leave(&stay->host);
        return rc;
    }
    stay->recover = stay->guard.recover;
    if (stay->guard.low)
        og_host_fill(&stay->host);
    og_env_begin(&kept, conf, &stay->guard);
    if (kept.handle != NULL
        && (stay->guard.recover || !og_env_current(&kept, &stay->host, &stay->guard))) {
        og_env_abandon(&kept);
        abandoned++;
    }
    return OG_OK;
}

static void
leave(struct stay *stay)
{
    og_env_end();
    og_guard_leave(&stay->guard, stay->clean);
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
    if (txn->mode == OG_STORE_COMMIT)
        og_guard_changed();
    ret = og_env_log_state(env, &file, &since);
    if (ret == 0 && txn->mode == OG_STORE_COMMIT) {
        (void)snprintf(path, sizeof path, "%s/log.%010u", env->conf->directory, file);
        *log_fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        if (*log_fd < 0 && errno != ENOENT) /* a new file that is still a buffer only */
            return og_fail(err, OG_E_IO, "committed, but cannot flush %s: %s", path,
                           strerror(errno));
    }
    if (ret == 0 && since >= CHECKPOINT_BYTES)
        og_env_tidy(env);
    return OG_OK;
}

/* one transaction of the work */
static enum og_rc
attempt(struct stay *stay, enum og_store_mode mode, og_store_work *work, void *arg,
        struct og_err *err)
{
    struct og_txn txn = { .env = &kept, .mode = mode };
    DB_ENV *h = kept.handle;
    enum og_rc rc = OG_OK;
    int ret = 0;

    if (mode != OG_STORE_READ)
        ret = h->txn_begin(h, NULL, &txn.handle, 0);
    rc = ret == 0 ? work(&txn, arg, err) : og_env_fail(&kept, ret, "begin", err);
    stay->again = (kept.panicked || kept.full) && !kept.no_space;
    if (rc == OG_OK && kept.panicked)
        rc = og_env_fail(&kept, DB_RUNRECOVERY, "work", err);
    else if (rc == OG_OK && stay->again) /* work passed over the error */
        rc = og_fail(err, OG_E_STATE, "%s: try again", kept.conf->directory);
    else if (rc == OG_OK && txn.handle != NULL)
        rc = commit(&txn, &stay->log_fd, err);
    if (txn.handle != NULL && txn.handle->abort(txn.handle) != 0)
        kept.panicked = true;
    return rc;
}

/* one try, with what is open or with what is opened for it */
static enum og_rc
try_once(struct stay *stay, enum og_store_mode mode, og_store_work *work, void *arg,
         struct og_err *err)
{
    bool keep = abandoned < ABANDONED_MAX;
    enum og_rc rc;

    stay->again = stay->clean = false;
    if (mode != OG_STORE_READ || stay->recover) /* else no file is made */
        og_host_umask(&stay->host);
    if (kept.handle == NULL) {
        rc = og_env_open(&kept, &stay->host, &stay->guard, stay->recover, err);
        if (rc != OG_OK) {
            stay->again = !stay->recover && (rc == OG_E_STATE || rc == OG_E_LIB);
            stay->recover = true;
            return rc;
        }
    }
    if (keep && mode != OG_STORE_READ) {
        kept.member = og_guard_member(kept.conf->directory, &stay->guard);
        keep = kept.member != OG_GUARD_NO_MEMBER;
    }
    rc = attempt(stay, mode, work, arg, err);
    stay->recover = kept.panicked || kept.full;
    stay->clean = !kept.panicked;
    if (!keep || kept.failed || kept.panicked)
        stay->clean = og_env_close(&kept);
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
    enum og_rc rc = enter(&stay, conf, false, err);

    if (rc != OG_OK)
        return rc;
    for (int tries = 0; tries == 0 || (stay.again && tries < 2); tries++) {
        if (tries > 0)
            og_env_begin(&kept, conf, &stay.guard);
        rc = try_once(&stay, mode, work, arg, err);
        stay.again = stay.again && og_guard_now() < stay.until;
    }
    leave(&stay);
    if (stay.log_fd >= 0) {
        enum og_rc flushed = flush(conf, stay.log_fd, err);

        rc = rc == OG_OK ? flushed : rc;
    }
    og_host_leave(&stay.host);
    return rc;
}

uint64_t
og_store_changes(const struct og_store_conf *conf)
{
    char path[PATH_MAX];
    struct stat st;

    if (stat(og_file_path(path, conf->directory, "users.db"), &st) != 0
        || (st.st_mode & 0777) != 0600
        || (conf->uid != (uid_t)-1 && st.st_uid != conf->uid))
        return 0;
    return og_guard_changes(conf->directory);
}

uint64_t
og_txn_changes(const struct og_txn *txn)
{
    (void)txn;
    return og_guard_changes_inside();
}

/* arg: may what is gone be made anew? Otherwise only in a store without any database */
static enum og_rc
touch_all(struct og_txn *txn, void *arg, struct og_err *err)
{
    const bool *anew = arg;
    bool any = false, found;
    enum og_rc rc = OG_OK;
    struct og_file file;
    DB_TXN *with;
    DB *db;

    for (size_t i = 0; og_store_dbs[i] != NULL && rc == OG_OK; i++) {
        rc = og_env_check_file(txn->env, og_store_dbs[i], &found, &file, err);
        any = any || found;
    }
    txn->making = *anew || !any;
    for (size_t i = 0; og_store_dbs[i] != NULL && rc == OG_OK; i++)
        rc = og_txn_open_db(txn, og_store_dbs[i], true, &db, &with, err);
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
og_store_create(const struct og_store_conf *conf, bool anew, struct og_err *err)
{
    struct stay stay;
    enum og_rc rc = make_directory(conf, err);

    if (rc == OG_OK)
        rc = enter(&stay, conf, true, err); /* makes the guard */
    if (rc != OG_OK)
        return rc;
    stay.clean = !stay.recover;
    leave(&stay);
    og_host_leave(&stay.host);
    return og_store_run(conf, OG_STORE_COMMIT, touch_all, &anew, err);
}

static enum og_rc
verify_one(struct og_env *env, const char *name, struct og_err *err)
{
    struct og_file file;
    DB *db;
    bool found;
    enum og_rc rc = og_env_check_file(env, name, &found, &file, err);
    int ret;

    if (rc == OG_OK && !found)
        return og_fail(err, OG_E_STATE,
                       "not there: restore it from a backup; after "
                       "an upgrade `outgatectl init` makes what is new");
    if (rc != OG_OK)
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

    if (rc != OG_OK)
        return rc;
    og_host_umask(&stay.host);
    if (!og_env_close(&kept)) /* a file is verified while we do not have it open */
        stay.recover = true;
    for (size_t i = 0; og_store_dbs[i] != NULL; i++) {
        struct og_err one = { "" };
        char path[PATH_MAX];
        enum og_rc got;

        og_env_begin(&kept, conf, &stay.guard); /* damage may have ended the last */
        got = og_env_open(&kept, &stay.host, &stay.guard, stay.recover, &one);
        stay.clean = false;
        if (got == OG_OK) {
            got = verify_one(&kept, og_store_dbs[i], &one);
            stay.clean = og_env_close(&kept);
            stay.recover = !stay.clean;
        }
        if (got != OG_OK && rc == OG_OK)
            rc = og_fail(err, got, "%s", one.text);
        (void)og_file_path(path, conf->directory, og_store_dbs[i]);
        report(path, got, got == OG_OK ? "" : one.text, arg);
    }
    leave(&stay);
    og_host_leave(&stay.host);
    return rc;
}

enum og_rc
og_store_close(const struct og_store_conf *conf, struct og_err *err)
{
    struct stay stay;
    enum og_rc rc;

    if (kept.handle == NULL)
        return OG_OK;
    rc = enter(&stay, conf, false, err);
    if (rc != OG_OK)
        return rc;
    stay.clean = og_env_close(&kept) && !stay.recover;
    leave(&stay);
    og_host_leave(&stay.host);
    return OG_OK;
}
