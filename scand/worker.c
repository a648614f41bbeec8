/* SPDX-License-Identifier: BSD-2-Clause */
#include "scand/worker.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/lib/confine.h"
#include "core/scan/wire.h"
#include "scand/log.h"
#include "scand/note.h"

enum {
    MEMORY = 512 << 20, /* bytes beside what is unpacked */
    ONE_PIECE = 16384,  /* bytes of an answer that is sent at once */
};

/* where libraries, character sets and time zones are */
static const char *const readable[] = { "/usr", "/lib", "/lib64", NULL };

static void
shut_in(const struct og_scanner_conf *conf, const char *directory, pid_t parent)
{
    struct og_confine limits = { directory, readable, conf->max_bytes,
                                 2 * conf->max_bytes + MEMORY };
    struct og_err err = { "" };
    bool landlock = false;

#if defined(__SANITIZE_ADDRESS__)
    limits.memory_bytes = 0; /* it reserves all addresses */
#endif
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent
        || chdir(directory) != 0)
        _exit(EXIT_FAILURE); /* it died before we could hear of it */
    if (og_confine(&limits, &landlock, &err) == OG_OK)
        return;
    log_line("worker: %s", err.text);
    _exit(EXIT_FAILURE);
}

/* the header fields; the caller frees. Not mapped: their file may be cut under us. */
static enum og_rc
read_headers(int fd, size_t len, char **headers, struct og_err *err)
{
    char *text = malloc(len + 1);
    size_t have = 0;
    ssize_t n = 1;

    if (text == NULL)
        return og_fail(err, OG_E_NOMEM, "no memory for %zu bytes of headers", len);
    while (have < len && n > 0) {
        n = pread(fd, text + have, len - have, (off_t)have);
        have += n > 0 ? (size_t)n : 0;
        if (n < 0 && errno == EINTR)
            n = 1;
    }
    if (have == len) {
        *headers = text;
        return OG_OK;
    }
    free(text);
    return n < 0 ? og_fail(err, OG_E_IO, "headers: %s", strerror(errno))
                 : og_fail(err, OG_E_IO, "fewer header bytes than announced");
}

static enum og_rc
scan(struct og_scanner *scanner, const struct job *job, const int *fds,
     struct og_findings *findings, struct og_err *err)
{
    const struct og_protocol_request *asked = &job->request;
    struct og_scan_request request = {
        .headers_len = asked->headers_len,
        .name = asked->name,
        .fd = fds[1],
        .start = asked->start,
        .timeout_ms = (unsigned)og_wire_left(job->deadline),
        .macros = asked->macros,
        .fingerprint = asked->fingerprint,
    };
    char *headers = NULL;
    enum og_rc rc = OG_OK;

    if (asked->has_headers)
        rc = read_headers(fds[2], asked->headers_len, &headers, err);
    request.headers = headers;
    if (rc == OG_OK)
        rc = og_scanner_scan(scanner, &request, findings, err);
    free(headers);
    return rc;
}

/* the whole answer; an answer that cannot be given is the client's trouble, it will see
 * that the end is missing */
static void
answer(int client, int64_t until, enum og_rc rc, const struct og_findings *findings,
       const struct og_err *why)
{
    struct og_protocol_reply reply = { .status = OG_REPLIED_OK };
    struct og_buf head = OG_BUF_INIT(OG_PROTOCOL_MAX_HEAD + ONE_PIECE),
                  body = OG_BUF_INIT(OG_FINDINGS_MAX_TEXT);
    struct og_err err = *why;

    if (rc == OG_OK)
        rc = og_findings_print(findings, &body, &err);
    if (rc != OG_OK) {
        og_buf_reset(&body);
        reply.status = OG_REPLIED_FAILED;
        (void)snprintf(reply.text, sizeof reply.text, "%.399s", err.text);
    }
    reply.length = body.len;
    rc = og_protocol_reply_print(&reply, &head, &err);
    if (rc == OG_OK && body.len <= ONE_PIECE) { /* whoever waits wakes once */
        rc = og_buf_add(&head, og_buf_text(&body), body.len, &err);
        og_buf_reset(&body);
    }
    if (rc == OG_OK)
        rc = og_wire_send(client, og_buf_text(&head), head.len, NULL, 0, until, &err);
    if (rc == OG_OK)
        rc = og_wire_send(client, og_buf_text(&body), body.len, NULL, 0, until, &err);
    if (rc == OG_OK)
        (void)shutdown(client, SHUT_RDWR); /* the end, whoever else holds it */
    og_buf_free(&head);
    og_buf_free(&body);
}

static void
serve(struct og_scanner *scanner, atomic_bool *answers, const struct job *job,
      const int *fds)
{
    struct og_findings findings = OG_FINDINGS_INIT;
    struct og_err err = { "" };
    enum og_rc rc = scan(scanner, job, fds, &findings, &err);

    atomic_store(answers, true); /* the supervisor adds nothing to it from here on */
    answer(fds[0], job->until, rc, &findings, &err);
    og_findings_free(&findings);
}

_Noreturn void
worker_run(struct og_scanner *scanner, const struct og_scanner_conf *conf, int fd,
           atomic_bool *answers, const char *directory, pid_t parent)
{
    static const char done = WORKER_DONE;

    (void)prctl(PR_SET_NAME, "scand-worker"); /* for ps and top */
    shut_in(conf, directory, parent);
    for (;;) {
        struct job job = { 0 };
        int fds[OG_WIRE_MAX_FDS];
        size_t count = 0;
        long n = og_wire_take(fd, &job, sizeof job, 0, fds, &count);

        if (n != (long)sizeof job || count < (job.request.has_headers ? 3 : 2))
            break; /* the supervisor needs us no longer */
        serve(scanner, answers, &job, fds);
        for (size_t k = 0; k < count; k++)
            (void)close(fds[k]); /* all is said */
        if (og_wire_give(fd, &done, 1, 0, NULL, 0) != 1)
            break;
    }
    _exit(EXIT_SUCCESS); /* nothing of the loader's is ours to clean up */
}
