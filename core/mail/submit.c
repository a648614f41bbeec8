/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/mail/submit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/base/addr.h"
#include "core/base/program.h"

enum { WAIT_MS = 60000, SAID = 300, MAX_WORDS = 32 };

/* Exim reads a word of its command line as a list of addresses: what is one address by
 * our rules is one there, too */
static enum og_rc
check_address(const char *text, struct og_err *err)
{
    struct og_addr addr;

    return og_addr_split(text, strlen(text), &addr, err);
}

static enum og_rc
run(const struct og_state *state, const char *const *argv, int fd, struct og_err *err)
{
    struct og_buf said = OG_BUF_INIT(SAID), conf = OG_BUF_INIT(4096);
    const char *env[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", NULL, NULL };
    struct og_program program = { argv, env, state->store.uid, state->store.gid, fd };
    int status = 0;
    enum og_rc rc = OG_OK;

    if (state->conf[0] != '\0') {
        rc = og_buf_printf(&conf, err, "OUTGATE_CONF=%s", state->conf);
        env[2] = og_buf_text(&conf);
    }
    if (rc == OG_OK)
        rc = og_program_run(&program, WAIT_MS, &status, &said, err);
    if (rc == OG_OK && status != 0) {
        for (size_t i = 0; i < said.len; i++)
            if ((unsigned char)said.data[i] < ' ')
                said.data[i] = ' ';
        rc = og_fail(err, OG_E_IO, "%s: status %d: %s", argv[0], status,
                     og_buf_text(&said));
    }
    og_buf_free(&said);
    og_buf_free(&conf);
    return rc;
}

static enum og_rc
check(const struct og_submission *mail, struct og_err *err)
{
    enum og_rc rc = OG_OK;

    if (mail->count == 0 || mail->count > OG_SUBMIT_MAX_RECIPIENTS)
        rc = og_fail(err, OG_E_LIMIT, "%zu recipients, wanted 1 to %d", mail->count,
                     OG_SUBMIT_MAX_RECIPIENTS);
    if (rc == OG_OK && mail->sender[0] != '\0')
        rc = check_address(mail->sender, err);
    for (size_t i = 0; i < mail->count && rc == OG_OK; i++)
        rc = check_address(mail->recipients[i], err);
    return rc;
}

enum og_rc
og_submit_mail(const struct og_state *state, const struct og_submission *mail, int fd,
               struct og_err *err)
{
    char *command = strdup(state->server.exim_command);
    const char **argv = calloc(MAX_WORDS + 10 + mail->count, sizeof *argv);
    size_t n = 0;
    enum og_rc rc = command != NULL && argv != NULL
                        ? check(mail, err)
                        : og_fail(err, OG_E_NOMEM, "no memory");

    if (rc == OG_OK)
        rc = og_program_words(command, "exim_command", argv, MAX_WORDS, &n, err);
    if (rc == OG_OK) {
        argv[n++] = "-i";
        argv[n++] = "-oep";
        argv[n++] = "-oMr";
        argv[n++] = mail->protocol;
        if (mail->login != NULL) {
            argv[n++] = "-oMai";
            argv[n++] = mail->login;
        }
        argv[n++] = "-f";
        argv[n++] = mail->sender[0] != '\0' ? mail->sender : "<>";
        argv[n++] = "--";
        for (size_t i = 0; i < mail->count; i++)
            argv[n++] = mail->recipients[i];
        rc = run(state, argv, fd, err);
    }
    free(command);
    free(argv);
    return rc;
}

enum og_rc
og_submit_fd(const struct og_state *state, const char *sender,
             const char *const *recipients, size_t count, int fd, struct og_err *err)
{
    struct og_submission mail = { OG_SUBMIT_PROTOCOL, NULL, sender, recipients, count };

    return og_submit_mail(state, &mail, fd, err);
}

enum og_rc
og_submit(const struct og_state *state, const char *sender, const char *const *recipients,
          size_t count, const char *message, size_t len, struct og_err *err)
{
    int fd = memfd_create("message", MFD_CLOEXEC);
    size_t done = 0;
    enum og_rc rc = OG_OK;

    while (fd >= 0 && done < len) {
        ssize_t n = write(fd, message + done, len - done);

        if (n < 0 && errno != EINTR)
            break;
        done += n > 0 ? (size_t)n : 0;
    }
    if (fd < 0 || done < len || lseek(fd, 0, SEEK_SET) != 0)
        rc = og_fail(err, OG_E_IO, "a file in memory: %s", strerror(errno));
    if (rc == OG_OK)
        rc = og_submit_fd(state, sender, recipients, count, fd, err);
    if (fd >= 0)
        (void)close(fd);
    return rc;
}
