/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/rows.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/lib/confine.h"

/* a call yields 0 or an errno; every row is tried in a child of its own */
typedef int attempt(const char *inside);

static int
code(long result)
{
    return result >= 0 ? 0 : errno;
}

static int
make_file(const char *directory, const char *name, size_t len)
{
    char path[4096];
    static char zeros[8192];
    int fd, failed;

    (void)snprintf(path, sizeof path, "%s/%s", directory, name);
    fd = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0600);
    if (fd < 0)
        return errno;
    failed = write(fd, zeros, len) == (ssize_t)len ? 0 : EFBIG; /* cut or refused */
    (void)close(fd);
    (void)unlink(path);
    return failed;
}

static int
try_inside(const char *d)
{
    return make_file(d, "a", 4096);
}
static int
try_too_large(const char *d)
{
    return make_file(d, "b", 8192);
}
static int
try_subdirectory(const char *d)
{
    char path[4096];

    (void)snprintf(path, sizeof path, "%s/sub", d);
    return mkdir(path, 0700) == 0 ? code(rmdir(path)) : errno;
}
static int
try_outside(const char *d)
{
    (void)d;
    return make_file("/tmp", "og-outside", 1);
}
static int
try_read_usr(const char *d)
{
    (void)d;
    return code(open("/usr/bin/env", O_RDONLY));
}
static int
try_read_etc(const char *d)
{
    (void)d;
    return code(open("/etc/passwd", O_RDONLY));
}
static int
try_socket(const char *d)
{
    (void)d;
    return code(socket(AF_UNIX, SOCK_STREAM, 0));
}
static int
try_inet(const char *d)
{
    (void)d;
    return code(socket(AF_INET, SOCK_STREAM, 0));
}
static int
try_pair(const char *d)
{
    int fds[2];

    (void)d;
    return code(socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
}
static int
try_fork(const char *d)
{
    pid_t pid = fork();

    (void)d;
    if (pid == 0)
        _exit(0);
    return code(pid);
}
static int
try_exec(const char *d)
{
    char *const argv[] = { (char[]){ "env" }, NULL };

    (void)d;
    return code(execv("/usr/bin/env", argv));
}
static int
try_kill(const char *d)
{
    (void)d;
    return code(kill(getppid(), SIGCONT));
}
static int
try_ptrace(const char *d)
{
    (void)d;
    return code(ptrace(PTRACE_TRACEME, 0, 0, 0));
}
static int
try_uid(const char *d)
{
    (void)d;
    return code(setuid(getuid()));
}
static int
try_memory(const char *d)
{
    void *at = mmap(NULL, 256 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    (void)d;
    return at == MAP_FAILED ? errno : 0;
}
static int
try_some_memory(const char *d)
{
    void *at = mmap(NULL, 16 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    (void)d;
    return at == MAP_FAILED ? errno : 0;
}

static const struct {
    attempt *attempt;
    int want;
    bool landlock; /* the kernel must have it */
    bool memory;   /* not with a sanitizer, which needs all addresses */
} rows[] = {
    { try_inside, 0, false, false },       { try_too_large, EFBIG, false, false },
    { try_subdirectory, 0, false, false }, { try_outside, EACCES, true, false },
    { try_read_usr, 0, false, false },     { try_read_etc, EACCES, true, false },
    { try_socket, EPERM, false, false },   { try_inet, EPERM, false, false },
    { try_pair, EPERM, false, false },     { try_fork, EPERM, false, false },
    { try_exec, EPERM, false, false },     { try_kill, EPERM, false, false },
    { try_ptrace, EPERM, false, false },   { try_uid, EPERM, false, false },
    { try_memory, ENOMEM, false, true },   { try_some_memory, 0, false, true },
};

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

enum { NO_LANDLOCK = 254, TROUBLE = 255 };

static int
run_row(size_t i, const char *inside)
{
    static const char *const readable[] = { "/usr", "/no/such", NULL };
    struct og_confine limits = { inside, readable, 4096,
                                 SANITIZED ? 0 : (unsigned long long)128 << 20 };
    struct og_err err = { "" };
    bool landlock = false;

    if (og_confine(&limits, &landlock, &err) != OG_OK)
        return TROUBLE;
    if (rows[i].landlock && !landlock)
        return NO_LANDLOCK;
    return rows[i].attempt(inside);
}

static void
test_rows(void **state)
{
    char inside[] = "/tmp/og-confine.XXXXXX";

    (void)state;
    assert_non_null(mkdtemp(inside));
    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        int status = 0;
        pid_t pid;

        if (rows[i].memory && SANITIZED)
            continue;
        pid = fork();
        assert_true(pid >= 0);
        if (pid == 0)
            _exit(run_row(i, inside));
        assert_int_equal(waitpid(pid, &status, 0), pid);
        if (WIFEXITED(status) && WEXITSTATUS(status) == NO_LANDLOCK)
            continue; /* this kernel is not able to */
        if (!WIFEXITED(status) || WEXITSTATUS(status) != rows[i].want)
            fail_msg("row %zu: status %x, expected exit %d (%s)", i, (unsigned)status,
                     rows[i].want, strerror(rows[i].want));
    }
    assert_int_equal(rmdir(inside), 0); /* nothing was left behind */
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
