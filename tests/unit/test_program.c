/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/rows.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/base/program.h"

static const char *const env[] = { "ONE=1", NULL };

static enum og_rc
shell(const char *script, int input, unsigned wait_ms, int *status, struct og_buf *said,
      struct og_err *err)
{
    const char *const argv[] = { "/bin/sh", "-c", script, NULL };
    struct og_program program = { argv, env, (uid_t)-1, (gid_t)-1, input };

    return og_program_run(&program, wait_ms, status, said, err);
}

static void
test_run(void **state)
{
    static const struct {
        const char *script;
        int status;
        const char *said;
    } rows[] = {
        { "exit 0", 0, "" },
        { "exit 7", 7, "" },
        { "echo out; echo err >&2; pwd; exit 1", 1, "out\nerr\n/\n" },
        { "kill -9 $$", 137, "" },
        { "kill -15 $$", 143, "" }, /* signals are at their defaults */
        { "echo $ONE$TWO", 0, "1\n" },
        { "echo 0123456789012345678901234567890", 0, "01234567890123456789" }, /* cut */
        { "cat", 0, "" },
        { "ls /proc/self/fd | wc -l", 0, "4\n" }, /* 0, 1, 2 and that of ls */
    };

    (void)state;
    (void)signal(SIGTERM, SIG_IGN);
    (void)setenv("TWO", "2", 1);
    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        struct og_buf said = OG_BUF_INIT(20);
        struct og_err err = { "" };
        int status = -1;

        row_rc(i, shell(rows[i].script, -1, 60000, &status, &said, &err), OG_OK, &err);
        if (status != rows[i].status)
            fail_msg("row %zu: status %d", i, status);
        row_text(i, og_buf_text(&said), rows[i].said);
        og_buf_free(&said);
    }
    (void)signal(SIGTERM, SIG_DFL);
}

static void
test_input_from_where_it_stands(void **state)
{
    struct og_buf said = OG_BUF_INIT(20);
    struct og_err err = { "" };
    FILE *f = tmpfile();
    int status;

    (void)state;
    assert_non_null(f);
    assert_int_equal(write(fileno(f), "abcdef", 6), 6);
    assert_int_equal(lseek(fileno(f), 3, SEEK_SET), 3);
    row_rc(0, shell("cat", fileno(f), 60000, &status, &said, &err), OG_OK, &err);
    assert_string_equal(og_buf_text(&said), "def");
    og_buf_free(&said);
    assert_int_equal(fclose(f), 0);
}

/* whatever Exim does with SIGCHLD, its children stay its own */
static void
test_children_of_the_caller(void **state)
{
    struct og_buf said = OG_BUF_INIT(20);
    struct og_err err = { "" };
    int status = -1;
    pid_t other = fork();

    (void)state;
    if (other == 0)
        _exit(3);
    row_rc(0, shell("exit 2", -1, 60000, &status, &said, &err), OG_OK, &err);
    assert_int_equal(status, 2);
    assert_int_equal(waitpid(-1, &status, 0), other);
    assert_int_equal(WEXITSTATUS(status), 3);
    (void)signal(SIGCHLD, SIG_IGN);
    row_rc(1, shell("exit 2", -1, 60000, &status, &said, &err), OG_OK, &err);
    assert_int_equal(status, 2);
    assert_ptr_equal(signal(SIGCHLD, SIG_DFL), SIG_IGN);
    og_buf_free(&said);
}

static void
test_deadline_ends_all_of_it(void **state)
{
    struct og_buf said = OG_BUF_INIT(20);
    struct og_err err = { "" };
    int ends[2], status = -1;
    char byte;

    (void)state;
    assert_int_equal(pipe(ends), 0);
    row_rc(0, shell("sleep 1000 & sleep 1000", ends[1], 100, &status, &said, &err),
           OG_E_BUSY, &err);
    assert_int_equal(close(ends[1]), 0);
    assert_int_equal(read(ends[0], &byte, 1), 0); /* nobody has its other end */
    assert_int_equal(close(ends[0]), 0);
    og_buf_free(&said);
}

static void
test_what_cannot_be_executed(void **state)
{
    const char *const argv[] = { "/does/not/exist", NULL };
    struct og_program program = { argv, env, (uid_t)-1, (gid_t)-1, -1 };
    struct og_buf said = OG_BUF_INIT(20);
    struct og_err err = { "" };
    int status = -1;

    (void)state;
    row_rc(0, og_program_run(&program, 60000, &status, &said, &err), OG_OK, &err);
    assert_int_equal(status, 127);
    row_rc(1, og_program_start(&program, &err), OG_OK, &err);
    assert_int_equal(waitpid(-1, NULL, 0), -1); /* and no child is left */
}

static void
test_start_goes_on_by_itself(void **state)
{
    int ends[2];
    FILE *f;
    char name[40];
    const char *const script[] = { "/bin/sh", "-c", "read x; echo $x >$0", name, NULL };
    struct og_program program = { script, env, (uid_t)-1, (gid_t)-1, -1 };
    struct og_err err = { "" };
    char line[20] = "";

    (void)state;
    assert_int_equal(pipe(ends), 0);
    (void)snprintf(name, sizeof name, "/tmp/og-program-%d", getpid());
    (void)unlink(name); /* of a run that was killed */
    program.input = ends[0];
    row_rc(0, og_program_start(&program, &err), OG_OK, &err);
    assert_int_equal(access(name, F_OK), -1); /* it waits, we do not */
    assert_int_equal(write(ends[1], "here\n", 5), 5);
    for (int i = 0; i < 6000 && line[0] == '\0'; i++) {
        const struct timespec moment = { 0, 10000000 };

        (void)nanosleep(&moment, NULL);
        f = fopen(name, "r");
        if (f != NULL && fgets(line, sizeof line, f) == NULL)
            line[0] = '\0';
        if (f != NULL)
            assert_int_equal(fclose(f), 0);
    }
    assert_string_equal(line, "here\n");
    assert_int_equal(unlink(name), 0);
    assert_int_equal(close(ends[0]) + close(ends[1]), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_run),
        cmocka_unit_test(test_input_from_where_it_stands),
        cmocka_unit_test(test_children_of_the_caller),
        cmocka_unit_test(test_deadline_ends_all_of_it),
        cmocka_unit_test(test_what_cannot_be_executed),
        cmocka_unit_test(test_start_goes_on_by_itself),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
