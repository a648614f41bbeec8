/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/lib/store_guard.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/*
 * Two bytes of the file `guard` are locked with open file description locks,
 * which the kernel drops with the last descriptor. Waiters queue for TURN, the
 * first of them waits for WORK: who leaves cannot overtake who waits.
 */
enum { TURN = 0, WORK = 1 };

/* faults that Exim survives by siglongjmp, from a local_scan that crashed */
static const int faults[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL };

static volatile sig_atomic_t inside = -1; /* the guard's descriptor */
static struct og_host *volatile inside_host;

/* Nothing after a fault runs, so let the others in at once: the guard's mark
 * tells them to recover. Returning repeats the fault for the old handler. The
 * owner's identity stays: a root process that survives its faults has to look. */
static void
on_fault(int number, siginfo_t *info, void *context)
{
    struct og_host *host = inside_host;

    (void)context;
    if (inside >= 0)
        (void)close(inside);
    inside = -1;
    for (size_t i = 0; host != NULL && i < N_ELEMENTS(faults); i++)
        (void)sigaction(faults[i], &host->fault[i], NULL);
    inside_host = NULL;
    if (info->si_code <= 0) /* sent, not caused: it would not repeat */
        (void)raise(number);
}

static void
signals_hold(struct og_host *host)
{
    static const int synchronous[] = { SIGSEGV, SIGBUS,  SIGFPE, SIGILL,
                                       SIGTRAP, SIGABRT, SIGSYS };
    struct sigaction act = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };
    sigset_t block;

    (void)sigfillset(&block);
    for (size_t i = 0; i < N_ELEMENTS(synchronous); i++)
        (void)sigdelset(&block, synchronous[i]);
    (void)pthread_sigmask(SIG_BLOCK, &block, &host->mask);
    (void)sigfillset(&act.sa_mask);
    inside_host = host;
    for (size_t i = 0; i < N_ELEMENTS(faults); i++)
        (void)sigaction(faults[i], &act, &host->fault[i]);
}

static enum og_rc
become_owner(const struct og_store_conf *conf, struct og_host *host, struct og_err *err)
{
    struct stat st;

    if (stat(conf->directory, &st) != 0 && errno == ENOENT)
        return og_fail(err, OG_E_STATE, "%s does not exist: run outgatectl init",
                       conf->directory);
    if (stat(conf->directory, &st) != 0)
        return og_fail(err, errno == EACCES ? OG_E_PERM : OG_E_IO, "%s: %s",
                       conf->directory, strerror(errno));
    if (!S_ISDIR(st.st_mode))
        return og_fail(err, OG_E_STATE, "%s is no directory: set state_directory",
                       conf->directory);
    host->uid = conf->uid != (uid_t)-1 ? conf->uid : st.st_uid;
    host->gid = conf->gid != (gid_t)-1 ? conf->gid : st.st_gid;
    if (st.st_uid != host->uid)
        return og_fail(err, OG_E_PERM, "%s belongs to uid %u, wanted is %u: chown -R it",
                       conf->directory, (unsigned)st.st_uid, (unsigned)host->uid);
    if (host->euid == host->uid)
        return OG_OK;
    if (host->euid != 0)
        return og_fail(err, OG_E_PERM,
                       "%s belongs to uid %u and we are uid %u: run this as uid %u or "
                       "root, or set user in outgate.conf",
                       conf->directory, (unsigned)host->uid, (unsigned)host->euid,
                       (unsigned)host->uid);
    if (setegid(host->gid) != 0 || seteuid(host->uid) != 0)
        return og_fail(err, OG_E_PERM, "cannot become uid %u: %s", (unsigned)host->uid,
                       strerror(errno));
    return OG_OK;
}

enum og_rc
og_host_enter(const struct og_store_conf *conf, struct og_host *host, struct og_err *err)
{
    enum og_rc rc;

    if (inside_host != NULL)
        return og_fail(err, OG_E_STATE, "%s: a run inside a run", conf->directory);
    *host =
        (struct og_host){ .euid = geteuid(), .egid = getegid(), .fill = { -1, -1, -1 } };
    signals_hold(host);
    host->umask = umask(077);
    rc = become_owner(conf, host, err);
    for (int i = 0; rc == OG_OK && i < 3; i++)
        if (fcntl(i, F_GETFD) < 0) /* else a stray printf ends up in a database */
            host->fill[i] = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (rc != OG_OK)
        og_host_leave(host);
    return rc;
}

void
og_host_leave(struct og_host *host)
{
    for (size_t i = 0; i < 3; i++)
        if (host->fill[i] >= 0)
            (void)close(host->fill[i]);
    if (geteuid() != host->euid)
        (void)!seteuid(host->euid); /* back to root, which is always allowed */
    if (getegid() != host->egid)
        (void)!setegid(host->egid);
    (void)umask(host->umask);
    for (size_t i = 0; i < N_ELEMENTS(faults); i++)
        (void)sigaction(faults[i], &host->fault[i], NULL);
    inside_host = NULL;
    (void)pthread_sigmask(SIG_SETMASK, &host->mask, NULL);
}

uint64_t
og_guard_now(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static int
lock(int fd, int command, short type, off_t at)
{
    struct flock fl = { .l_type = type, .l_whence = SEEK_SET, .l_start = at, .l_len = 1 };

    return fcntl(fd, command, &fl);
}

static void
on_deadline(int number)
{
    (void)number; /* only to interrupt fcntl */
}

/* wait for one byte; false after the deadline. A timer's signal, private to this
 * thread and repeated in case it comes before fcntl sleeps, ends the wait. */
static bool
lock_until(int fd, off_t at, uint64_t until)
{
    struct sigaction act = { .sa_handler = on_deadline }, old_act;
    struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGRTMAX };
    struct itimerspec when = { .it_interval = { 0, 10000000 } };
    sigset_t open_mask, old_mask;
    timer_t timer;
    int rc = -1;

    if (lock(fd, F_OFD_SETLK, F_WRLCK, at) == 0)
        return true;
    event._sigev_un._tid = gettid(); /* glibc 2.36 has no sigev_notify_thread_id */
    if (timer_create(CLOCK_MONOTONIC, &event, &timer) != 0)
        return false;
    (void)sigaction(SIGRTMAX, &act, &old_act);
    (void)sigemptyset(&open_mask);
    (void)sigaddset(&open_mask, SIGRTMAX);
    (void)pthread_sigmask(SIG_UNBLOCK, &open_mask, &old_mask);
    when.it_value.tv_sec = (time_t)(until / 1000000000u);
    when.it_value.tv_nsec = (long)(until % 1000000000u);
    (void)timer_settime(timer, TIMER_ABSTIME, &when, NULL);
    do
        rc = lock(fd, F_OFD_SETLKW, F_WRLCK, at);
    while (rc != 0 && errno == EINTR && og_guard_now() < until);
    (void)timer_delete(timer); /* a last signal is delivered here, still unblocked */
    (void)pthread_sigmask(SIG_SETMASK, &old_mask, NULL);
    (void)sigaction(SIGRTMAX, &old_act, NULL);
    return rc == 0;
}

/* the machine's current life: after a power cut the regions on disk are stale,
 * whatever the mark says. Read once per process. */
static const char *
boot_id(void)
{
    static char id[40];

    if (id[0] == '\0') {
        int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
        ssize_t n = fd >= 0 ? read(fd, id, 36) : -1;

        if (fd >= 0)
            (void)close(fd);
        if (n != 36)
            (void)snprintf(id, sizeof id, "unknown");
    }
    return id;
}

/* a store restored without its guard */
static bool
has_users(const char *directory)
{
    char path[PATH_MAX];
    int error = errno;
    bool found;

    (void)snprintf(path, sizeof path, "%s/users.db", directory);
    found = access(path, F_OK) == 0;
    errno = error;
    return found;
}

static enum og_rc
open_guard(const char *directory, bool create, int *fd, struct og_err *err)
{
    char path[PATH_MAX];

    (void)snprintf(path, sizeof path, "%s/guard", directory);
    *fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (*fd < 0 && errno == ENOENT && (create || has_users(directory)))
        *fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_CREAT, 0600);
    if (*fd >= 0)
        return OG_OK;
    switch (errno) {
    case ENOENT:
        return og_fail(err, OG_E_STATE, "%s holds no store: run outgatectl init",
                       directory);
    case EACCES:
    case EPERM:
        return og_fail(err, OG_E_PERM,
                       "%s cannot be opened by uid %u: give it and all beside it to the "
                       "owner of the directory, mode 0600",
                       path, (unsigned)geteuid());
    case EROFS:
        return og_fail(err, OG_E_IO, "%s: the file system is read-only: mount it rw",
                       path);
    default:
        return og_fail(err, OG_E_IO, "%s: %s", path, strerror(errno));
    }
}

/* the mark of a clean store in this boot, in this file and no copy of it */
static enum og_rc
read_mark(struct og_guard *guard, const char *directory, struct og_err *err)
{
    char old[sizeof guard->mark] = "";
    struct stat st;

    if (fstat(guard->fd, &st) != 0 || pread(guard->fd, old, sizeof old - 1, 0) < 0)
        return og_fail(err, OG_E_IO, "%s/guard: %s", directory, strerror(errno));
    (void)snprintf(guard->mark, sizeof guard->mark, "clean %10ld %s %lu:%lu\n",
                   (long)getpid(), boot_id(), (unsigned long)st.st_dev,
                   (unsigned long)st.st_ino);
    guard->recover = strncmp(old, guard->mark, 6) != 0
                     || strcmp(old + strnlen(old, 16), guard->mark + 16) != 0;
    return OG_OK;
}

static bool
write_mark(struct og_guard *guard, const char *state)
{
    memcpy(guard->mark, state, 5);
    return pwrite(guard->fd, guard->mark, strlen(guard->mark), 0)
           == (ssize_t)strlen(guard->mark);
}

enum og_rc
og_guard_enter(const char *directory, uint64_t until, bool create, struct og_guard *guard,
               struct og_err *err)
{
    char old[32] = "";
    enum og_rc rc = open_guard(directory, create, &guard->fd, err);

    if (rc != OG_OK)
        return rc;
    if (!lock_until(guard->fd, TURN, until) || !lock_until(guard->fd, WORK, until)) {
        if (pread(guard->fd, old, 16, 0) < 0)
            old[0] = '\0';
        rc = og_fail(err, OG_E_BUSY,
                     "%s is in use, last by process%s: nothing was done, try again; if "
                     "that process hangs, kill -9 is safe",
                     directory, old[0] != '\0' ? old + 5 : " ?");
        goto out;
    }
    (void)lock(guard->fd, F_OFD_SETLK, F_UNLCK, TURN);
    rc = read_mark(guard, directory, err);
    if (rc == OG_OK && !write_mark(guard, "dirty"))
        rc = og_fail(err, OG_E_IO, "%s/guard: %s", directory, strerror(errno));
out:
    if (rc != OG_OK)
        (void)close(guard->fd);
    else
        inside = guard->fd;
    return rc;
}

void
og_guard_leave(struct og_guard *guard, bool clean)
{
    if (clean)
        (void)write_mark(guard, "clean"); /* not written: the next one recovers */
    inside = -1;
    (void)close(guard->fd); /* and with it the lock */
    (void)sched_yield();    /* lets who waits wake up first: halves the worst wait */
}
