/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/scan/client.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/scan/protocol.h"
#include "core/scan/wire.h"

static const char service[] = "outgate-scand";

/* Exim holds its spool file for writing too, which is not for others to have */
static enum og_rc
open_to_read(int fd, int *copy, struct og_err *err)
{
    char path[64];

    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    *copy = open(path, O_RDONLY | O_CLOEXEC);
    if (*copy < 0)
        return og_fail(err, OG_E_IO, "open the message for %s: %s", service,
                       strerror(errno));
    return OG_OK;
}

static enum og_rc
put_headers(const char *headers, size_t len, int *file, struct og_err *err)
{
    int fd = memfd_create("outgate headers", MFD_CLOEXEC);
    enum og_rc rc = OG_OK;

    if (fd < 0)
        return og_fail(err, OG_E_IO, "memory file for headers: %s", strerror(errno));
    for (size_t at = 0; at < len && rc == OG_OK;) {
        ssize_t n = write(fd, headers + at, len - at);

        if (n >= 0)
            at += (size_t)n;
        else if (errno != EINTR)
            rc = og_fail(err, OG_E_IO, "memory file for headers: %s", strerror(errno));
    }
    *file = fd;
    return rc;
}

static enum og_rc
replied(const char *socket, const struct og_protocol_reply *reply, struct og_err *err)
{
    switch (reply->status) {
    case OG_REPLIED_OK:
        return OG_OK;
    case OG_REPLIED_BUSY:
        return og_fail(err, OG_E_BUSY, "%s at %s is busy: %s", service, socket,
                       reply->text);
    case OG_REPLIED_LATE:
        return og_fail(err, OG_E_STATE, "%s at %s: the scan took too long: %s", service,
                       socket, reply->text);
    case OG_REPLIED_DIED:
        return og_fail(err, OG_E_STATE, "%s at %s: the worker died over this message: %s",
                       service, socket, reply->text);
    case OG_REPLIED_BAD:
        return og_fail(err, OG_E_STATE, "%s at %s could not read the request: %s",
                       service, socket, reply->text);
    case OG_REPLIED_FAILED:
        return og_fail(err, OG_E_LIB, "%s at %s: the scan failed: %s", service, socket,
                       reply->text);
    }
    return og_fail(err, OG_E_STATE, "%s at %s: unknown status", service, socket);
}

/* is the answer whole? OG_E_BUSY: not yet */
static enum og_rc
look(const struct og_buf *in, struct og_protocol_reply *reply, size_t *body,
     struct og_err *err)
{
    enum og_rc rc = og_protocol_reply_parse(og_buf_text(in), in->len, reply, body, err);

    if (rc == OG_OK && in->len - *body < reply->length)
        return og_fail(err, OG_E_BUSY, "an answer without its end");
    if (rc == OG_OK && in->len - *body > reply->length)
        return og_fail(err, OG_E_SYNTAX, "more than was announced");
    return rc;
}

/* receive until the other side closes, which is where the answer ends */
static enum og_rc
receive(int fd, const char *socket, int64_t deadline, struct og_buf *in, size_t *body,
        struct og_err *err)
{
    struct og_protocol_reply reply = { .text = "" };
    struct og_err why = { "" };
    _Bool end = false;
    enum og_rc rc = OG_OK;

    while (rc == OG_OK && !end)
        rc = og_wire_receive(fd, in, &end, deadline, &why);
    if (rc == OG_E_BUSY)
        return og_fail(err, OG_E_STATE, "%s at %s: no answer in time", service, socket);
    if (rc == OG_OK && in->len == 0)
        return og_fail(err, OG_E_STATE,
                       "%s at %s has closed the connection without an answer: it, or "
                       "its worker, has died",
                       service, socket);
    if (rc == OG_OK)
        rc = look(in, &reply, body, &why);
    if (rc != OG_OK)
        return og_fail(err, rc == OG_E_NOMEM ? rc : OG_E_STATE,
                       "%s at %s: bad answer: %.300s", service, socket, why.text);
    return replied(socket, &reply, err);
}

/* one request and its answer; the answer's bytes begin at *body of in */
static enum og_rc
ask(const char *socket, const struct og_protocol_request *request, const int *fds,
    size_t fds_count, int64_t deadline, struct og_buf *in, size_t *body,
    struct og_err *err)
{
    struct og_buf line = OG_BUF_INIT(OG_PROTOCOL_MAX_REQUEST);
    struct og_err why = { "" };
    int fd = -1;
    enum og_rc rc = og_protocol_request_print(request, &line, err);

    if (rc == OG_OK)
        rc = og_wire_connect(socket, service, deadline, &fd, err);
    if (rc != OG_OK)
        goto out;
    rc = og_wire_send(fd, og_buf_text(&line), line.len, fds, fds_count, deadline, &why);
    if (rc == OG_OK || rc == OG_E_STATE) /* who is too busy answers before it listens */
        rc = receive(fd, socket, deadline, in, body, err);
    else
        rc = og_fail(err, rc, "%s at %s: %.300s", service, socket, why.text);
out:
    if (fd >= 0)
        (void)close(fd); /* the answer is here, or there is none */
    og_buf_free(&line);
    return rc;
}

static void
describe(const struct og_scan_request *from, struct og_protocol_request *to)
{
    to->ask = OG_ASK_SCAN;
    to->has_headers = from->headers != NULL;
    to->headers_len = from->headers != NULL ? from->headers_len : 0;
    to->start = from->start;
    to->timeout_ms = from->timeout_ms;
    to->macros = from->macros;
    to->fingerprint = from->fingerprint;
    to->name[0] = '\0';
    if (from->name != NULL)
        (void)strncat(to->name, from->name, sizeof to->name - 1); /* cut on purpose */
}

enum og_rc
og_client_scan(const char *socket, const struct og_scan_request *request,
               struct og_findings *findings, struct og_err *err)
{
    int64_t deadline = og_wire_now() + request->timeout_ms;
    struct og_buf in = OG_BUF_INIT(OG_PROTOCOL_MAX_HEAD + OG_FINDINGS_MAX_TEXT);
    struct og_protocol_request what;
    struct og_err why = { "" };
    int fds[2] = { -1, -1 };
    size_t count = 1, body = 0;
    enum og_rc rc = OG_OK;

    describe(request, &what);
    if (what.headers_len > OG_PROTOCOL_MAX_HEADERS)
        return og_fail(err, OG_E_LIMIT, "header fields of %zu bytes", what.headers_len);
    rc = open_to_read(request->fd, &fds[0], err);
    if (rc == OG_OK && what.has_headers) {
        rc = put_headers(request->headers, what.headers_len, &fds[1], err);
        count = 2;
    }
    if (rc == OG_OK)
        rc = ask(socket, &what, fds, count, deadline, &in, &body, err);
    if (rc == OG_OK
        && og_findings_parse(in.data + body, in.len - body, findings, &why) != OG_OK)
        rc = og_fail(err, OG_E_STATE, "%s at %s: bad answer: %.300s", service, socket,
                     why.text);
    for (size_t i = 0; i < N_ELEMENTS(fds); i++)
        if (fds[i] >= 0)
            (void)close(fds[i]); /* only read */
    og_buf_free(&in);
    return rc;
}

enum og_rc
og_client_status(const char *socket, unsigned timeout_ms, struct og_record *status,
                 struct og_err *err)
{
    struct og_protocol_request what = { .ask = OG_ASK_STATUS, .timeout_ms = timeout_ms };
    struct og_buf in = OG_BUF_INIT(OG_PROTOCOL_MAX_HEAD + OG_FINDINGS_MAX_TEXT);
    struct og_err why = { "" };
    size_t body = 0;
    enum og_rc rc =
        ask(socket, &what, NULL, 0, og_wire_now() + timeout_ms, &in, &body, err);

    if (rc == OG_OK
        && og_record_parse(in.data + body, in.len - body, status, &why) != OG_OK)
        rc = og_fail(err, OG_E_STATE, "%s at %s: bad answer: %.300s", service, socket,
                     why.text);
    og_buf_free(&in);
    return rc;
}
