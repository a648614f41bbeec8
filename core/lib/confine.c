/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/lib/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* rights that are younger than Debian 12's header, linux/landlock.h */
#define RIGHT_TRUNCATE (UINT64_C(1) << 14)  /* version 3 */
#define RIGHT_IOCTL_DEV (UINT64_C(1) << 15) /* version 5 */

#define RIGHTS_READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define RIGHTS_FILE                                                 \
    (LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR  \
     | LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR \
     | LANDLOCK_ACCESS_FS_MAKE_REG)
#define RIGHTS_NEVER                                               \
    (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_MAKE_CHAR     \
     | LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO \
     | LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM)

/* what reading a message, unpacking it and sending the answer need; sockets can be used,
 * not made */
static const char calls[] =
    "read write readv writev pread64 pwrite64 lseek _llseek close close_range fstat "
    "fstat64 stat stat64 lstat lstat64 newfstatat fstatat64 statx statfs fstatfs "
    "access faccessat faccessat2 open openat unlink unlinkat mkdir mkdirat rmdir "
    "rename renameat renameat2 getdents getdents64 ftruncate ftruncate64 fallocate "
    "fadvise64 readahead copy_file_range sendfile dup dup2 dup3 fcntl fcntl64 fsync "
    "fdatasync flock readlink readlinkat getcwd umask chmod fchmod fchmodat "
    "utimensat mmap mmap2 munmap mremap mprotect madvise msync brk memfd_create "
    "rt_sigaction rt_sigprocmask rt_sigreturn sigreturn sigaltstack poll ppoll "
    "select pselect6 _newselect recvmsg sendmsg recvfrom sendto recv send shutdown "
    "getsockopt clock_gettime clock_gettime64 clock_getres gettimeofday time times "
    "getrusage getpid gettid getppid getuid getuid32 geteuid geteuid32 getgid "
    "getgid32 getegid getegid32 futex futex_time64 sched_yield sched_getaffinity "
    "getrlimit ugetrlimit getrandom uname sysinfo nanosleep clock_nanosleep "
    "restart_syscall rseq set_robust_list get_robust_list membarrier exit "
    "exit_group";

static enum og_rc
limit(int what, unsigned long long most, struct og_err *err)
{
    struct rlimit now;

    if (getrlimit(what, &now) != 0)
        return og_fail(err, OG_E_LIB, "getrlimit: %s", strerror(errno));
    if (now.rlim_max > most)
        now.rlim_max = most;
    now.rlim_cur = now.rlim_max;
    if (setrlimit(what, &now) != 0)
        return og_fail(err, OG_E_LIB, "setrlimit: %s", strerror(errno));
    return OG_OK;
}

/* bytes of address space that this process has */
static unsigned long long
address_space(void)
{
    FILE *f = fopen("/proc/self/statm", "re");
    unsigned long long pages = 0;
    char text[64] = "";

    if (f == NULL)
        return 0;
    if (fgets(text, sizeof text, f) != NULL)
        for (const char *at = text; *at >= '0' && *at <= '9'; at++)
            pages = pages * 10 + (unsigned long long)(*at - '0');
    (void)fclose(f); /* only read */
    return pages * (unsigned long long)sysconf(_SC_PAGESIZE);
}

static enum og_rc
set_limits(const struct og_confine *limits, struct og_err *err)
{
    unsigned long long space = address_space();
    enum og_rc rc = limit(RLIMIT_CORE, 0, err);

    (void)signal(SIGXFSZ, SIG_IGN); /* too large a file is an error of write() */
    if (rc == OG_OK)
        rc = limit(RLIMIT_FSIZE, limits->file_bytes, err);
    if (rc == OG_OK && limits->memory_bytes > 0 && space > 0)
        rc = limit(RLIMIT_AS, space + limits->memory_bytes, err);
    return rc;
}

/* one directory and what may be done below it; one that is not there is no harm */
static enum og_rc
allow_below(int ruleset, const char *path, uint64_t rights, struct og_err *err)
{
    struct landlock_path_beneath_attr rule = {
        .allowed_access = rights,
        .parent_fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC)
    };
    long failed;

    if (rule.parent_fd < 0)
        return OG_OK;
    failed =
        syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    (void)close(rule.parent_fd); /* only a handle */
    return failed == 0
               ? OG_OK
               : og_fail(err, OG_E_LIB, "landlock, %s: %s", path, strerror(errno));
}

/* 0 or below: an older kernel, or switched off */
static long
landlock_version(void)
{
    return syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
}

void
og_confine_kernel(bool *landlock, bool *seccomp)
{
    *landlock = landlock_version() > 0;
    /* seccomp(2): a filter that is not there is EFAULT where filters are known */
    *seccomp =
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, NULL, 0, 0) != 0 && errno == EFAULT;
}

static enum og_rc
lock_files(const struct og_confine *limits, bool *locked, struct og_err *err)
{
    long version = landlock_version();
    struct landlock_ruleset_attr attr = { .handled_access_fs =
                                              RIGHTS_READ | RIGHTS_FILE | RIGHTS_NEVER };
    uint64_t write = RIGHTS_READ | RIGHTS_FILE;
    long ruleset;
    enum og_rc rc;

    *locked = version > 0;
    if (version <= 0)
        return OG_OK;
    if (version >= 3) {
        attr.handled_access_fs |= RIGHT_TRUNCATE;
        write |= RIGHT_TRUNCATE;
    }
    if (version >= 5)
        attr.handled_access_fs |= RIGHT_IOCTL_DEV;
    ruleset = syscall(SYS_landlock_create_ruleset, &attr, sizeof attr, 0);
    if (ruleset < 0)
        return og_fail(err, OG_E_LIB, "landlock: %s", strerror(errno));
    rc = allow_below((int)ruleset, limits->writable, write, err);
    for (size_t i = 0; limits->readable[i] != NULL && rc == OG_OK; i++)
        rc = allow_below((int)ruleset, limits->readable[i], RIGHTS_READ, err);
    if (rc == OG_OK && syscall(SYS_landlock_restrict_self, (int)ruleset, 0) != 0)
        rc = og_fail(err, OG_E_LIB, "landlock: %s", strerror(errno));
    (void)close((int)ruleset); /* it holds from now on */
    return rc;
}

static enum og_rc
filter_calls(struct og_err *err)
{
    /* prlimit(2): this process, and no new limit */
    static const struct scmp_arg_cmp itself[] = { { 0, SCMP_CMP_EQ, 0, 0 },
                                                  { 2, SCMP_CMP_EQ, 0, 0 } };
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    int failed = filter == NULL ? -ENOMEM : 0;

    for (const char *at = calls; *at != '\0' && failed == 0; at += strspn(at, " ")) {
        size_t len = strcspn(at, " ");
        char name[32];
        int number;

        (void)snprintf(name, sizeof name, "%.*s", (int)len, at);
        number = seccomp_syscall_resolve_name(name);
        if (number >= 0) /* other architectures have others */
            failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 0);
        at += len;
    }
    if (failed == 0) /* glibc asks for its own limits */
        failed = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64),
                                        N_ELEMENTS(itself), itself);
    if (failed == 0)
        failed = seccomp_load(filter);
    seccomp_release(filter);
    return failed == 0 ? OG_OK : og_fail(err, OG_E_LIB, "seccomp: %s", strerror(-failed));
}

enum og_rc
og_confine(const struct og_confine *limits, bool *landlock, struct og_err *err)
{
    enum og_rc rc = set_limits(limits, err);

    if (rc == OG_OK && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        rc = og_fail(err, OG_E_LIB, "no_new_privs: %s", strerror(errno));
    if (rc == OG_OK)
        rc = lock_files(limits, landlock, err);
    return rc == OG_OK ? filter_calls(err) : rc;
}
