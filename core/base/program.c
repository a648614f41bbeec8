/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/base/program.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    NOT_EXECUTED = 127,
    TOO_FAR = 10
}; /* descriptors from 10 on are in nobody's way */

static void
default_signals(void)
{
    struct sigaction usual;
    sigset_t none;

    memset(&usual, 0, sizeof usual);
    usual.sa_handler = SIG_DFL;
    for (int i = 1; i < NSIG; i++)
        (void)sigaction(i, &usual, NULL); /* two of them refuse, and are at it anyway */
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static bool
become(const struct og_program *program)
{
    if (program->uid == (uid_t)-1 || geteuid() != 0)
        return true;
    return setgroups(1, &program->gid) == 0
           && setresgid(program->gid, program->gid, program->gid) == 0
           && setresuid(program->uid, program->uid, program->uid) == 0;
}

/* In the child: the rest of its life. output is -1 for /dev/null. */
static void
execute(const struct og_program *program, int output)
{
    char *const *argv, *const *env;
    int null = open("/dev/null", O_RDWR);
    int in = fcntl(program->input >= 0 ? program->input : null, F_DUPFD, TOO_FAR);
    int out = fcntl(output >= 0 ? output : null, F_DUPFD, TOO_FAR);

    default_signals();
    if (null >= 0 && in >= 0 && out >= 0 && dup2(in, 0) == 0 && dup2(out, 1) == 1
        && dup2(out, 2) == 2 && close_range(3, ~0U, 0) == 0 && chdir("/") == 0
        && become(program)) {
        (void)umask(077);
        memcpy(&argv, &program->argv, sizeof argv); /* execve() only reads them */
        memcpy(&env, &program->env, sizeof env);
        (void)execve(argv[0], argv, env);
    }
    _exit(NOT_EXECUTED);
}

static int
wait_for(pid_t pid)
{
    int status = 0;

    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return NOT_EXECUTED; /* Exim ignores SIGCHLD in some places: no status */
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* A child between us and the program: waits for it as it has to be done, and says by a
 * pipe how it ended. Its own group, so that a deadline ends all of it. */
static void
supervise(const struct og_program *program, int tell, int output)
{
    unsigned char status;
    pid_t pid;

    default_signals();
    (void)setpgid(0, 0);
    pid = fork();
    if (pid == 0)
        execute(program, output);
    status = (unsigned char)(pid > 0 ? wait_for(pid) : NOT_EXECUTED);
    while (write(tell, &status, 1) < 0 && errno == EINTR)
        ;
    _exit(0);
}

static int64_t
now_ms(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t); /* cannot fail */
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static enum og_rc
hear(int fd, unsigned wait_ms, int *status, struct og_err *err)
{
    int64_t until = now_ms() + wait_ms;
    unsigned char byte;

    for (;;) {
        struct pollfd one = { fd, POLLIN, 0 };
        int64_t left = until - now_ms();
        int ready = poll(&one, 1, left > 0 ? (int)left : 0);
        ssize_t n;

        if (ready == 0)
            return og_fail(err, OG_E_BUSY, "not done within %u s", wait_ms / 1000);
        if (ready < 0 && errno == EINTR)
            continue;
        n = ready > 0 ? read(fd, &byte, 1) : -1;
        if (n < 0 && errno == EINTR)
            continue;
        if (n != 1)
            return og_fail(err, OG_E_IO, "its end is not known");
        *status = byte;
        return OG_OK;
    }
}

/* what stands in a file in memory, from its beginning */
static enum og_rc
take(int fd, struct og_buf *said, struct og_err *err)
{
    char chunk[4096];
    enum og_rc rc = OG_OK;

    for (off_t at = 0; rc == OG_OK && said->len < said->max;) {
        size_t room = said->max - said->len;
        ssize_t n = pread(fd, chunk, room < sizeof chunk ? room : sizeof chunk, at);

        if (n <= 0)
            break;
        rc = og_buf_add(said, chunk, (size_t)n, err);
        at += n;
    }
    return rc;
}

enum og_rc
og_program_words(char *text, const char *name, const char **words, size_t max,
                 size_t *count, struct og_err *err)
{
    char *word;

    *count = 0;
    while ((word = strsep(&text, " \t")) != NULL) {
        if (word[0] == '\0')
            continue;
        if (*count == max)
            return og_fail(err, OG_E_LIMIT, "%s: more than %zu words", name, max);
        words[(*count)++] = word;
    }
    if (*count == 0 || words[0][0] != '/')
        return og_fail(err, OG_E_SYNTAX, "%s: no path that begins with /", name);
    if (*count < max)
        words[*count] = NULL;
    return OG_OK;
}

enum og_rc
og_program_run(const struct og_program *program, unsigned wait_ms, int *status,
               struct og_buf *said, struct og_err *err)
{
    int ends[2] = { -1, -1 }, output = memfd_create("output", MFD_CLOEXEC);
    enum og_rc rc = OG_OK;
    pid_t pid = -1;

    if (output >= 0 && pipe2(ends, O_CLOEXEC) == 0)
        pid = fork();
    if (pid == 0)
        supervise(program, ends[1], output);
    if (pid < 0)
        rc = og_fail(err, OG_E_IO, "%s: cannot be started: %s", program->argv[0],
                     strerror(errno));
    if (ends[1] >= 0)
        (void)close(ends[1]);
    if (rc == OG_OK) {
        struct og_err why = { "" };

        rc = hear(ends[0], wait_ms, status, &why);
        if (rc != OG_OK) {
            (void)og_fail(err, rc, "%s: %s", program->argv[0], why.text);
            if (kill(-pid, SIGKILL) != 0)
                (void)kill(pid, SIGKILL); /* it has not made its group yet */
        }
        (void)wait_for(pid);
    }
    if (rc == OG_OK)
        rc = take(output, said, err);
    if (ends[0] >= 0)
        (void)close(ends[0]);
    if (output >= 0)
        (void)close(output);
    return rc;
}

enum og_rc
og_program_start(const struct og_program *program, struct og_err *err)
{
    pid_t pid = fork();

    if (pid == 0) {
        (void)setsid();
        if (fork() == 0)
            execute(program, -1);
        _exit(0);
    }
    if (pid < 0)
        return og_fail(err, OG_E_IO, "%s: cannot be started: %s", program->argv[0],
                       strerror(errno));
    (void)wait_for(pid); /* it ends at once, and nobody else shall hear of it */
    return OG_OK;
}
