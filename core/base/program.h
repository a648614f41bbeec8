/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_BASE_PROGRAM_H
#define OG_BASE_PROGRAM_H

#include <sys/types.h>

#include "core/base/buf.h"
#include "core/base/err.h"

/*
 * Other programs, started without a shell, from any process, Exim's too: it finds its
 * signals, its children and its descriptors as they were. The program gets no
 * descriptor but 0, 1 and 2, every signal at its default, the working directory /, and
 * the environment that is given.
 */
struct og_program {
    const char *const *argv; /* the first is the path, NULL at the end */
    const char *const *env;  /* `NAME=value`, NULL at the end */
    uid_t uid;               /* whom it runs as, where root calls; (uid_t)-1: as we do */
    gid_t gid;
    int input; /* becomes standard input, read from where it stands; -1: /dev/null */
};

/*
 * og_program_words - a setting that names a program into the words of its command line
 *
 * text   cut up: the words point into it
 * name   the setting's, for err
 * words  receives at most max of them, and a NULL behind them where one fits
 *
 * No quotes, no shell. OG_E_SYNTAX when the first is no absolute path; OG_E_LIMIT.
 */
enum og_rc og_program_words(char *text, const char *name, const char **words, size_t max,
                            size_t *count, struct og_err *err) OG_CHECKED;

/*
 * og_program_run - run a program and wait for its end
 *
 * wait_ms  deadline; the program and those it has started in its group are killed then
 * status   receives its exit status, 128 + N when signal N has ended it, 127 when it
 *          cannot be executed
 * said     receives what it has written to standard output and error, cut to said->max
 *
 * Returns OG_OK, whatever the status is; OG_E_BUSY at the deadline; OG_E_IO;
 * OG_E_NOMEM.
 */
enum og_rc og_program_run(const struct og_program *program, unsigned wait_ms, int *status,
                          struct og_buf *said, struct og_err *err) OG_CHECKED;

/*
 * og_program_start - start a program that goes on by itself, in a session of its own
 *
 * Nobody has to wait for it, and nobody learns how it ends, nor whether it could be
 * executed. Takes the time of a fork. Returns OG_OK; OG_E_IO.
 */
enum og_rc og_program_start(const struct og_program *program,
                            struct og_err *err) OG_CHECKED;

#endif
