/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_TESTS_CHILD_H
#define OG_TESTS_CHILD_H

/* Other processes of a test: what they return is how they end, 1000 and the number of a
 * signal stand for that signal. */

#include "tests/unit/rows.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static inline int
child_end(pid_t pid)
{
    int status;

    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

/* from its begin to its end */
static inline int
in_child(int (*body)(void))
{
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        (void)signal(SIGSEGV, SIG_DFL); /* cmocka would go on with the other tests */
        (void)signal(SIGBUS, SIG_DFL);
        _exit(body());
    }
    return child_end(pid);
}

static int child_ready[2], child_go[2];

/* for the child's body: says that it is ready, and waits for us */
static inline bool
child_meets_parent(void)
{
    char c;

    return write(child_ready[1], "x", 1) == 1 && read(child_go[0], &c, 1) == 1;
}

/* a child that runs beside us, as soon as it is ready */
static inline pid_t
child_start(int (*body)(void))
{
    pid_t pid;
    char c;

    assert_int_equal(pipe2(child_ready, O_CLOEXEC) | pipe2(child_go, O_CLOEXEC), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        _exit(body());
    (void)(close(child_ready[1]) | close(child_go[0])); /* its death is noticed */
    if (read(child_ready[0], &c, 1) != 1)
        fail_msg("the child ended early");
    return pid;
}

/* lets it go on, or kills it */
static inline int
child_finish(pid_t pid, bool by_kill)
{
    int end;

    if (by_kill)
        assert_int_equal(kill(pid, SIGKILL), 0);
    else
        assert_int_equal(write(child_go[1], "x", 1), 1);
    end = child_end(pid);
    (void)(close(child_ready[0]) | close(child_go[1]));
    return end;
}

#endif
