/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/lib/store_guard.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/*
 * Two bytes of the file `guard` are locked with open file description locks,
 * which the kernel drops with the last descriptor. Waiters queue for TURN, the
 * first of them waits for WORK: who leaves cannot overtake who waits. The file is
 * opened anew each time, as a child shares the locks of a descriptor it inherits.
 */
enum {
    TURN = 0,
    WORK = 1,
};

/* What the guard holds: one line of text of fixed width, written in memory that the
 * processes share, and who waits. A power cut may lose it, and the boot tells. */
struct mark {
    char state[6];         /* "clean " or anything else */
    char pid[11];          /* who was inside last */
    char generation[17];   /* hexadecimal */
    char home[94];         /* boot, device and inode: no copy of this file will do */
    atomic_int waiting;    /* a hint: who is killed while he waits stays counted */
    atomic_ullong changes; /* see og_store_changes() */
};

/* the guard that this process had open last; mapped, it cannot be another's */
static struct {
    struct mark *mark;
    struct og_file_id file;
    char home[sizeof((struct mark *)0)->home];
} mapped;

uint64_t
og_guard_now(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

int
og_guard_lock(int fd, int command, short type, off_t at, off_t len)
{
    struct flock fl = {
        .l_type = type, .l_whence = SEEK_SET, .l_start = at, .l_len = len
    };

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

    if (og_guard_lock(fd, F_OFD_SETLK, F_WRLCK, at, 1) == 0)
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
        rc = og_guard_lock(fd, F_OFD_SETLKW, F_WRLCK, at, 1);
    while (rc != 0 && errno == EINTR && og_guard_now() < until);
    (void)timer_delete(timer); /* a last signal is delivered here, still unblocked */
    (void)pthread_sigmask(SIG_SETMASK, &old_mask, NULL);
    (void)sigaction(SIGRTMAX, &old_act, NULL);
    return rc == 0;
}

/* both bytes at once when nobody is there, else in turn */
static bool
enter_until(int fd, uint64_t until)
{
    bool in = og_guard_lock(fd, F_OFD_SETLK, F_WRLCK, TURN, 2) == 0;

    if (!in) {
        if (mapped.mark != NULL)
            (void)atomic_fetch_add(&mapped.mark->waiting, 1);
        in = lock_until(fd, TURN, until) && lock_until(fd, WORK, until);
        if (mapped.mark != NULL && atomic_fetch_sub(&mapped.mark->waiting, 1) <= 0)
            atomic_store(&mapped.mark->waiting, 0); /* a recovery came between */
    }
    if (in)
        (void)og_guard_lock(fd, F_OFD_SETLK, F_UNLCK, TURN, 1);
    return in;
}

/* a store restored without its guard */
static bool
has_users(const char *directory)
{
    char path[PATH_MAX];
    int error = errno;
    bool found = access(og_file_path(path, directory, "users.db"), F_OK) == 0;

    errno = error;
    return found;
}

static int
make_guard(const char *path)
{
    mode_t mask = umask(077);
    int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_CREAT, 0600);
    int error = errno;

    (void)umask(mask);
    errno = error;
    return fd;
}

static enum og_rc
open_guard(const char *directory, bool create, struct og_guard *guard, struct og_err *err)
{
    char path[PATH_MAX];
    int fd;

    (void)og_file_path(path, directory, "guard");
    fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 && errno == ENOENT && (create || has_users(directory)))
        fd = make_guard(path);
    guard->low = fd >= 0 && fd < 3;
    if (guard->low) {
        int low = fd;

        fd = fcntl(low, F_DUPFD_CLOEXEC, 3);
        (void)close(low);
    }
    guard->fd = fd;
    if (fd >= 0)
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

/* The guard once more: its own descriptor is closed when we leave, and a mapping would
 * keep that one's locks. Below 0: errno says why not. */
int
og_guard_open(const char *directory, const struct og_guard *guard)
{
    char path[PATH_MAX];
    struct stat st;
    int fd =
        open(og_file_path(path, directory, "guard"), O_RDWR | O_CLOEXEC | O_NOFOLLOW);

    if (fd >= 0 && (fstat(fd, &st) != 0 || !og_file_same(og_file_id(&st), guard->file))) {
        (void)close(fd);
        errno = ESTALE;
        fd = -1;
    }
    return fd;
}

/* mapped becomes this guard; a file that is too short first gets its length, and
 * not as a hole, which a full file system could not fill later. 0 or an errno. */
static int
map_guard(const char *directory, struct og_guard *guard, bool lengthen)
{
    static const struct mark none;
    struct stat st;
    void *map;
    int fd, error;

    if (fstat(guard->fd, &st) != 0)
        return errno;
    guard->file = og_file_id(&st);
    if (mapped.mark != NULL
        && (!og_file_same(mapped.file, guard->file)
            || st.st_size < (off_t)sizeof *mapped.mark)) {
        (void)munmap(mapped.mark, sizeof *mapped.mark);
        mapped.mark = NULL;
    }
    if (mapped.mark != NULL || (st.st_size < (off_t)sizeof none && !lengthen))
        return 0;
    if (st.st_size < (off_t)sizeof none
        && pwrite(guard->fd, &none, sizeof none, 0) != (ssize_t)sizeof none)
        return errno;
    if ((fd = og_guard_open(directory, guard)) < 0)
        return errno;
    map = mmap(NULL, sizeof none, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    error = errno;
    (void)close(fd);
    if (map == MAP_FAILED)
        return error;
    mapped.mark = map;
    mapped.file = guard->file;
    (void)snprintf(mapped.home, sizeof mapped.home, "%s %lu:%lu\n", og_host_boot(),
                   (unsigned long)st.st_dev, (unsigned long)st.st_ino);
    return 0;
}

/* the mark of a clean store in this boot, in this file and no copy of it */
static void
read_mark(struct og_guard *guard)
{
    const struct mark *mark = mapped.mark;
    char text[sizeof mark->generation + 1] = "";

    guard->recover = true;
    if (mark == NULL)
        return; /* not reached: map_guard() came before */
    memcpy(text, mark->generation, sizeof mark->generation);
    guard->generation = strtoull(text, NULL, 16);
    guard->recover = memcmp(mark->state, "clean ", sizeof mark->state) != 0
                     || memcmp(mark->home, mapped.home, sizeof mark->home) != 0;
}

/* The lock and its end order what two processes see; the fence keeps the compiler
 * from moving it over the work. */
static void
write_state(const char *state)
{
    atomic_thread_fence(memory_order_seq_cst);
    memcpy(mapped.mark->state, state, sizeof mapped.mark->state);
    atomic_thread_fence(memory_order_seq_cst);
}

static void
write_pid(void)
{
    static char text[sizeof mapped.mark->pid + 2];
    static unsigned whose;
    unsigned life;
    pid_t pid = og_host_pid(&life);

    if (life != whose)
        (void)snprintf(text, sizeof text, "%10d ", (int)pid);
    whose = life;
    memcpy(mapped.mark->pid, text, sizeof mapped.mark->pid);
}

enum og_rc
og_guard_enter(const char *directory, uint64_t until, bool create, struct og_guard *guard,
               struct og_err *err)
{
    char old[17] = "";
    enum og_rc rc = open_guard(directory, create, guard, err);
    int error = 0;

    if (rc != OG_OK)
        return rc;
    error = map_guard(directory, guard, false);
    if (error == 0 && !enter_until(guard->fd, until)) {
        if (pread(guard->fd, old, sizeof old - 1, 0) < 0)
            old[0] = '\0';
        rc = og_fail(err, OG_E_BUSY,
                     "%s is in use, last by process%s: nothing was done, try again; if "
                     "that process hangs, kill -9 is safe",
                     directory, old[0] != '\0' ? old + 5 : " ?");
        goto out;
    }
    if (error == 0 && mapped.mark == NULL)
        error = map_guard(directory, guard, true);
    if (error != 0) {
        rc = og_fail(err, OG_E_IO, "%s/guard: %s", directory, strerror(error));
        goto out;
    }
    read_mark(guard);
    write_state("dirty ");
    write_pid();
out:
    if (rc != OG_OK)
        (void)close(guard->fd);
    else
        og_host_inside(guard->fd);
    return rc;
}

void
og_guard_renew(struct og_guard *guard)
{
    char text[sizeof mapped.mark->generation + 1];
    struct timespec now = { 0 };
    uint64_t next;

    (void)clock_gettime(CLOCK_BOOTTIME, &now); /* new even when the old one is lost */
    next = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
    guard->generation = next > guard->generation ? next : guard->generation + 1;
    (void)snprintf(text, sizeof text, "%016llx ", (unsigned long long)guard->generation);
    memcpy(mapped.mark->generation, text, sizeof mapped.mark->generation);
    memcpy(mapped.mark->home, mapped.home, sizeof mapped.mark->home);
    atomic_store(&mapped.mark->waiting, 0);
    og_guard_changed(); /* whatever a dead process has done */
}

void
og_guard_changed(void)
{
    (void)atomic_fetch_add(&mapped.mark->changes, 1);
}

uint64_t
og_guard_changes(const char *directory)
{
    char path[PATH_MAX];
    struct stat st;

    if (mapped.mark == NULL || stat(og_file_path(path, directory, "guard"), &st) != 0
        || !og_file_same(og_file_id(&st), mapped.file)
        || memcmp(mapped.mark->home, mapped.home, sizeof mapped.home) != 0)
        return 0;
    return atomic_load(&mapped.mark->changes) + 1;
}

uint64_t
og_guard_changes_inside(void)
{
    return atomic_load(&mapped.mark->changes) + 1;
}

void
og_guard_leave(struct og_guard *guard, bool clean)
{
    bool waited_for = atomic_load(&mapped.mark->waiting) > 0;

    if (clean)
        write_state("clean ");
    og_host_inside(-1);
    (void)close(guard->fd); /* and with it the lock */
    if (waited_for)
        (void)sched_yield(); /* lets him wake up first: halves the worst wait */
}
