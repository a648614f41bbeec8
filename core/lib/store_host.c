/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/lib/store_guard.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* faults that Exim survives by siglongjmp, from a local_scan that crashed */
static const int faults[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL };

static volatile sig_atomic_t inside = -1; /* the guard's descriptor */
static struct og_host *volatile inside_host;

struct og_file_id
og_file_id(const struct stat *st)
{
    return (struct og_file_id){ .dev = st->st_dev, .ino = st->st_ino };
}

bool
og_file_same(struct og_file_id a, struct og_file_id b)
{
    return a.dev == b.dev && a.ino == b.ino;
}

const char *
og_file_path(char *path, const char *directory, const char *name)
{
    size_t dir_len = strnlen(directory, PATH_MAX - 2);
    size_t len = strnlen(name, PATH_MAX - 2 - dir_len);

    memcpy(path, directory, dir_len);
    path[dir_len] = '/';
    memcpy(path + dir_len + 1, name, len);
    path[dir_len + 1 + len] = '\0';
    return path;
}

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

/* Who does not catch SIGSEGV ends with a fault, and the kernel lets the others in;
 * only who does catch it (Exim, during local_scan, all four) needs us in front. A handler
 * for one time only (Exim's at all other times) says a last word before the end. */
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
    (void)sigaction(SIGSEGV, NULL, &host->fault[0]);
    host->catches = host->fault[0].sa_handler != SIG_DFL
                    && host->fault[0].sa_handler != SIG_IGN
                    && ((unsigned)host->fault[0].sa_flags & (unsigned)SA_RESETHAND) == 0;
    for (size_t i = 0; host->catches && i < N_ELEMENTS(faults); i++)
        (void)sigaction(faults[i], &act, &host->fault[i]);
}

static enum og_rc
become_owner(const struct og_store_conf *conf, struct og_host *host, struct og_err *err)
{
    struct stat st;

    if (stat(conf->directory, &st) != 0)
        return errno == ENOENT
                   ? og_fail(err, OG_E_STATE, "%s does not exist: run outgatectl init",
                             conf->directory)
                   : og_fail(err, errno == EACCES ? OG_E_PERM : OG_E_IO, "%s: %s",
                             conf->directory, strerror(errno));
    if (!S_ISDIR(st.st_mode))
        return og_fail(err, OG_E_STATE, "%s is no directory: set state_directory",
                       conf->directory);
    host->directory = og_file_id(&st);
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
    host->egid = getegid();
    host->changed = true;
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
    *host = (struct og_host){ .euid = geteuid(), .fill = { -1, -1, -1 } };
    signals_hold(host);
    rc = become_owner(conf, host, err);
    if (rc != OG_OK)
        og_host_leave(host);
    return rc;
}

void
og_host_umask(struct og_host *host)
{
    if (!host->masked)
        host->umask = umask(077);
    host->masked = true;
}

/* else a stray printf ends up in a database */
void
og_host_fill(struct og_host *host)
{
    for (int i = 0; i < 3; i++)
        if (host->fill[i] < 0 && fcntl(i, F_GETFD) < 0)
            host->fill[i] = open("/dev/null", O_RDWR | O_CLOEXEC);
}

void
og_host_leave(struct og_host *host)
{
    for (size_t i = 0; i < 3; i++)
        if (host->fill[i] >= 0)
            (void)close(host->fill[i]);
    if (host->changed) {
        (void)!seteuid(host->euid); /* back to root, which is always allowed */
        (void)!setegid(host->egid);
    }
    if (host->masked)
        (void)umask(host->umask);
    for (size_t i = 0; host->catches && i < N_ELEMENTS(faults); i++)
        (void)sigaction(faults[i], &host->fault[i], NULL);
    inside_host = NULL;
    (void)pthread_sigmask(SIG_SETMASK, &host->mask, NULL);
}

void
og_host_inside(int fd)
{
    inside = fd;
}

/* A page that the kernel empties in every child, however that was made */
static pid_t *
page_of_ours(void)
{
    static pid_t *page;
    static bool tried;

    if (!tried) {
        void *map = mmap(NULL, sizeof *page, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        tried = true;
        if (map != MAP_FAILED && madvise(map, sizeof *page, MADV_WIPEONFORK) == 0)
            page = map;
        else if (map != MAP_FAILED)
            (void)munmap(map, sizeof *page);
    }
    return page;
}

pid_t
og_host_pid(unsigned *life)
{
    static unsigned lives;
    static pid_t pid;
    pid_t *page = page_of_ours();

    if (page == NULL || *page == 0) {
        pid_t now = getpid();

        if (page != NULL)
            *page = now;
        if (page != NULL || pid != now)
            lives++;
        pid = now;
    }
    *life = lives;
    return pid;
}

const char *
og_host_boot(void)
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
