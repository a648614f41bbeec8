/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_TESTS_SHELL_H
#define OG_TESTS_SHELL_H

#include "tests/unit/rows.h"

#include "core/base/program.h"

/* a command line of the test's own, in the folder `in`; anything but exit status 0 fails
 * the test. said receives what it prints, cut to its ceiling. */
static inline void
shell_says(const char *in, const char *command, struct og_buf *said)
{
    static const char *const env[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL };
    const char *argv[] = { "/bin/sh", "-c", "cd \"$1\" && eval \"$2\"", "sh", in,
                           command,   NULL };
    struct og_program program = { argv, env, (uid_t)-1, (gid_t)-1, -1 };
    struct og_err err = { "" };
    int status = -1;

    row_rc((size_t)0, og_program_run(&program, 300 * 1000, &status, said, &err), OG_OK,
           &err);
    if (status != 0)
        fail_msg("%s: %s", command, og_buf_text(said));
}

static inline void
shell(const char *in, const char *command)
{
    struct og_buf said = OG_BUF_INIT(4000);

    shell_says(in, command, &said);
    og_buf_free(&said);
}

#endif
