/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/lib/store_int.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    CACHE_BYTES = 32 << 20,  /* shared; a million senders' upper pages, and the records of
                              * a thousand users and domains that send */
    BUCKET_MUTEXES = 1,      /* of the cache: one process is inside at a time */
    LOG_MAX_BYTES = 1 << 20, /* one log file */
    LOG_BUFFER_BYTES = 64 * 1024,
    LOG_REGION_BYTES = 128 * 1024,
    TXN_MAX = 128,
    PROCESSES = 128, /* expected at a time; more fit */
    TAS_SPINS = 50,  /* given, as Berkeley DB would look up the processors each time */
};

static void
on_message(const DB_ENV *handle, const char *prefix, const char *text)
{
    struct og_env *env = handle->app_private;
    size_t used = strlen(env->said);

    (void)prefix;
    if (strstr(text, strerror(ENOSPC)) != NULL || strstr(text, strerror(EDQUOT)) != NULL)
        env->no_space = true;
    (void)snprintf(env->said + used, sizeof env->said - used, "%s%s",
                   used > 0 ? "; " : "", text);
}

static void
on_event(DB_ENV *handle, u_int32_t event, void *info)
{
    struct og_env *env = handle->app_private;

    (void)info;
    if (event == DB_EVENT_PANIC)
        env->panicked = true;
}

/* it tells of every leftover that it ends, by default on standard output */
static void
on_chat(const DB_ENV *handle, const char *text)
{
    (void)handle;
    (void)text;
}

static void
who_we_are(DB_ENV *handle, pid_t *process, db_threadid_t *thread)
{
    struct og_env *env = handle->app_private;

    if (process != NULL)
        *process = env->member;
    if (thread != NULL)
        memset(thread, 0, sizeof *thread);
}

static int
who_lives(DB_ENV *handle, pid_t process, db_threadid_t thread, u_int32_t flags)
{
    struct og_env *env = handle->app_private;

    (void)thread;
    (void)flags;
    return og_guard_lives(env->guard, (int)process);
}

/* whose fault a refusal is: the first file that is not the owner's, mode 0600 */
static enum og_rc
blame(const struct og_env *env, const char *doing, int error, struct og_err *err)
{
    const char *directory = env->conf->directory;
    DIR *dir = opendir(directory);
    struct dirent *entry;
    enum og_rc rc = og_fail(err, OG_E_PERM, "%s: %s as uid %u: %s", directory, doing,
                            (unsigned)geteuid(), strerror(error));

    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        struct stat st;

        if (fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0
            || !S_ISREG(st.st_mode)
            || (st.st_uid == geteuid() && (st.st_mode & 0600) == 0600))
            continue;
        rc =
            og_fail(err, OG_E_PERM,
                    "%s/%s belongs to uid %u with mode %04o, wanted are uid %u and 0600: "
                    "chown and chmod it",
                    directory, entry->d_name, (unsigned)st.st_uid,
                    (unsigned)st.st_mode & 07777, (unsigned)geteuid());
        break;
    }
    if (dir != NULL)
        (void)closedir(dir);
    return rc;
}

enum og_rc
og_env_fail(struct og_env *env, int ret, const char *doing, struct og_err *err)
{
    const char *directory = env->conf->directory;
    const char *name = env->current != NULL ? env->current : "";
    const char *said = env->said[0] != '\0' ? env->said : db_strerror(ret);

    env->failed = true;
    if (ret == DB_RUNRECOVERY)
        env->panicked = true;
    if (ret == ENOSPC || ret == EDQUOT || env->no_space)
        return og_fail(err, OG_E_IO,
                       "%s: no space left on the file system: nothing acknowledged is "
                       "lost, make room and it works again by itself (%s)",
                       directory, said);
    switch (ret) {
    case EROFS:
        return og_fail(err, OG_E_IO, "%s: the file system is read-only: mount it rw",
                       directory);
    case EACCES:
    case EPERM:
        return blame(env, doing, ret, err);
    case ENOMEM:
        env->full = true;
        return og_fail(err, OG_E_NOMEM, "%s/%s: %s: no memory (%s)", directory, name,
                       doing, said);
    case EIO:
    case EFBIG:
    case EMFILE:
    case ENFILE:
        return og_fail(err, OG_E_IO, "%s/%s: %s: %s (%s)", directory, name, doing,
                       strerror(ret), said);
    case DB_VERSION_MISMATCH:
    case DB_OLD_VERSION:
        return og_fail(err, OG_E_STATE,
                       "%s/%s was made by another version of Berkeley DB than %d.%d: "
                       "export it there and import it here (%s)",
                       directory, name, DB_VERSION_MAJOR, DB_VERSION_MINOR, said);
    case EINVAL:
    case EEXIST: /* a log or region file that is none */
    case DB_RUNRECOVERY:
    case DB_VERIFY_BAD:
    case DB_PAGE_NOTFOUND:
    case DB_CHKSUM_FAIL:
        return og_fail(err, OG_E_STATE,
                       "%s/%s: %s: damaged or no file of Outgate's: run outgatectl "
                       "doctor, restore it from a backup (%s)",
                       directory, name, doing, said);
    default:
        return og_fail(err, OG_E_LIB, "%s/%s: %s: %s", directory, name, doing, said);
    }
}

/* Shared memory is files, which Berkeley DB extends by writing their new last byte.
 * A hole that the file system cannot fill when it is touched is a SIGBUS, so fill it
 * at once, where the answer is ENOSPC. The library takes a short write for an error
 * without looking at errno: all or -1. */
static ssize_t
write_without_holes(int fd, const void *data, size_t len)
{
    off_t at = len == 1 ? lseek(fd, 0, SEEK_CUR) : 0;

    if (at > 0 && (errno = posix_fallocate(fd, 0, at + 1)) != 0)
        return -1;
    for (size_t done = 0; done < len;) {
        ssize_t n = write(fd, (const char *)data + done, len - done);

        if (n < 0 && errno != EINTR)
            return -1;
        done += n > 0 ? (size_t)n : 0;
    }
    return (ssize_t)len;
}

static int
configure(struct og_env *env)
{
    DB_ENV *h;
    int ret = db_env_create(&env->handle, 0);

    if (ret != 0)
        return ret;
    h = env->handle;
    h->app_private = env;
    h->set_errcall(h, on_message);
    h->set_msgcall(h, on_chat);
    if ((ret = h->set_event_notify(h, on_event)) == 0
        && (ret = h->set_cachesize(h, 0, CACHE_BYTES, 1)) == 0
        && (ret = h->set_mp_mtxcount(h, BUCKET_MUTEXES)) == 0
        && (ret = h->set_lg_max(h, LOG_MAX_BYTES)) == 0
        && (ret = h->set_lg_bsize(h, LOG_BUFFER_BYTES)) == 0
        && (ret = h->set_lg_regionmax(h, LOG_REGION_BYTES)) == 0
        && (ret = h->set_tx_max(h, TXN_MAX)) == 0
        && (ret = h->set_tmp_dir(h, ".")) == 0 /* not used; else it looks for one */
        && (ret = h->set_thread_id(h, who_we_are)) == 0
        && (ret = h->set_isalive(h, who_lives)) == 0
        && (ret = h->set_thread_count(h, PROCESSES)) == 0
        && (ret = h->mutex_set_tas_spins(h, TAS_SPINS)) == 0
        && (ret = h->log_set_config(h, DB_LOG_AUTO_REMOVE, 1)) == 0)
        ret = h->set_flags(h, DB_NOMMAP, 1); /* a mapped file may be cut under us */
    return ret;
}

void
og_env_begin(struct og_env *env, const struct og_store_conf *conf,
             const struct og_guard *guard)
{
    env->conf = conf;
    env->guard = guard;
    env->current = NULL;
    env->panicked = env->full = env->failed = env->no_space = false;
    env->said[0] = '\0';
    (void)db_env_set_func_write(write_without_holes); /* until og_env_end */
}

/* the first region stands for all: a recovery, ours or another program's, makes
 * them anew together */
static bool
find_region(const char *directory, struct og_file_id *region)
{
    char path[PATH_MAX];
    struct stat st;

    if (stat(og_file_path(path, directory, "__db.001"), &st) != 0)
        return false;
    *region = og_file_id(&st);
    return true;
}

/*
 * No DB_REGISTER: the guard tells more surely that somebody died inside, and no
 * DB_INIT_LOCK: nobody else is inside, and a stopped `db_dump | less` would hold
 * its page locks against every mail.
 */
enum og_rc
og_env_open(struct og_env *env, const struct og_host *host, struct og_guard *guard,
            bool recover, struct og_err *err)
{
    u_int32_t flags = DB_INIT_TXN | DB_INIT_LOG | DB_INIT_MPOOL;
    const char *directory = env->conf->directory;
    enum og_rc rc;
    int ret;

    env->member = OG_GUARD_NO_MEMBER;
    if (recover) { /* only then: regions made without one miss what the log holds */
        flags |= DB_CREATE | DB_RECOVER;
        og_guard_renew(guard);
    }
    ret = configure(env);
    if (ret == 0)
        ret = env->handle->open(env->handle, directory, flags, 0600);
    if (ret == 0 && !find_region(directory, &env->region))
        ret = EINVAL;
    if (ret != 0) {
        rc = og_env_fail(env, ret, recover ? "recover" : "open the environment", err);
        (void)og_env_close(env);
        return rc;
    }
    (void)snprintf(env->directory, sizeof env->directory, "%s", directory);
    env->home = host->directory;
    env->uid = host->uid;
    env->guard_file = guard->file;
    env->generation = guard->generation;
    (void)og_host_pid(&env->life);
    return OG_OK;
}

bool
og_env_current(const struct og_env *env, const struct og_host *host,
               const struct og_guard *guard)
{
    struct og_file_id region;
    unsigned life;

    (void)og_host_pid(&life);
    return life == env->life && host->uid == env->uid
           && guard->generation == env->generation
           && og_file_same(guard->file, env->guard_file)
           && og_file_same(host->directory, env->home)
           && strcmp(env->conf->directory, env->directory) == 0
           && find_region(env->directory, &region) && og_file_same(region, env->region);
}

void
og_env_abandon(struct og_env *env)
{
    env->handle = NULL;
    memset(env->readers, 0, sizeof env->readers);
    memset(env->writers, 0, sizeof env->writers);
}

void
og_env_close_db(struct og_env *env, size_t i)
{
    if (env->readers[i] != NULL) /* not synced: the log has it all */
        (void)env->readers[i]->close(env->readers[i], DB_NOSYNC);
    if (env->writers[i] != NULL)
        (void)env->writers[i]->close(env->writers[i], DB_NOSYNC);
    env->readers[i] = env->writers[i] = NULL;
}

bool
og_env_close(struct og_env *env)
{
    int ret;

    for (size_t i = 0; i < OG_STORE_MAX_DBS; i++)
        og_env_close_db(env, i);
    ret = env->handle != NULL ? env->handle->close(env->handle, 0) : 0;
    og_env_abandon(env);
    return ret == 0 && !env->panicked;
}

void
og_env_end(void)
{
    (void)db_env_set_func_write(NULL);
}

enum og_rc
og_env_check_file(struct og_env *env, const char *name, bool *found, struct og_file *file,
                  struct og_err *err)
{
    char path[PATH_MAX];
    struct stat st;

    *found = lstat(og_file_path(path, env->conf->directory, name), &st) == 0;
    if (!*found)
        return errno == ENOENT ? OG_OK
                               : og_fail(err, OG_E_IO, "%s: %s", path, strerror(errno));
    *file = (struct og_file){ .id = og_file_id(&st), .mtime = st.st_mtim };
    if (!S_ISREG(st.st_mode))
        return og_fail(err, OG_E_STATE, "%s is no file: remove it", path);
    if (st.st_uid != env->uid || (st.st_mode & 0777) != 0600)
        return og_fail(err, OG_E_PERM,
                       "%s belongs to uid %u with mode %04o, wanted are uid %u and 0600: "
                       "chown and chmod it",
                       path, (unsigned)st.st_uid, (unsigned)st.st_mode & 07777,
                       (unsigned)env->uid);
    return OG_OK;
}

int
og_env_log_state(struct og_env *env, u_int32_t *file, uint64_t *since)
{
    DB_LOG_STAT *stat;
    int ret = env->handle->log_stat(env->handle, &stat, 0);

    if (ret != 0)
        return ret;
    *file = stat->st_cur_file;
    *since = ((uint64_t)stat->st_wc_mbytes << 20) + stat->st_wc_bytes;
    free(stat);
    return 0;
}

/* Who ends without closing (Exim does) leaves an entry for each database it wrote to,
 * which the log then names at every checkpoint. A checkpoint that fails loses nothing:
 * the log has it all. */
void
og_env_tidy(struct og_env *env)
{
    if (env->handle->failchk(env->handle, 0) != 0)
        env->panicked = true;
    else
        (void)env->handle->txn_checkpoint(env->handle, 0, 0, DB_FORCE);
}
