/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scand/log.h"
#include "scand/scand.h"

static void
say(int fd, const struct og_protocol_reply *reply, const struct og_buf *body)
{
    struct og_buf line = OG_BUF_INIT(OG_PROTOCOL_MAX_HEAD + 8192);
    struct og_err err;
    enum og_rc rc = og_protocol_reply_print(reply, &line, &err);

    if (rc == OG_OK && body != NULL)
        rc = og_buf_add(&line, og_buf_text(body), body->len, &err);
    if (rc == OG_OK) /* it fits the empty socket; who does not read gets no more */
        (void)og_wire_give(fd, og_buf_text(&line), line.len, MSG_DONTWAIT, NULL, 0);
    og_buf_free(&line);
}

static void
close_files(struct client *client)
{
    for (size_t i = 0; i < client->files_count; i++)
        (void)close(client->files[i]); /* only read */
    client->files_count = 0;
}

static void
forget(struct scand *scand, struct client *client)
{
    TAILQ_REMOVE(&scand->clients, client, others);
    scand->clients_count--;
    scand->waiting -= client->state == CLIENT_WAITS ? 1 : 0;
    scand->at_work -= client->state == CLIENT_AT_WORK ? 1 : 0;
    close_files(client);
    (void)shutdown(client->fd, SHUT_RDWR); /* a worker may hold it too */
    (void)close(client->fd);
    og_buf_free(&client->text);
    free(client);
}

void
client_end(struct scand *scand, struct client *client, enum og_replied status,
           const char *text)
{
    struct og_protocol_reply reply = { .status = status };

    if (text != NULL) {
        (void)strncat(reply.text, text, sizeof reply.text - 1); /* cut on purpose */
        say(client->fd, &reply, NULL);
    }
    forget(scand, client);
}

static void
refuse(int fd, enum og_replied status, const char *text)
{
    struct og_protocol_reply reply = { .status = status };

    (void)strncat(reply.text, text, sizeof reply.text - 1);
    say(fd, &reply, NULL);
    (void)close(fd);
}

static bool
is_allowed(struct scand *scand, int fd)
{
    struct ucred peer = { .uid = (uid_t)-1 };
    socklen_t len = sizeof peer;

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0
        && (peer.uid == 0 || peer.uid == geteuid() || peer.uid == scand->exim))
        return true;
    if (scand->refused++ < 10) /* one who tries for ever shall not fill the log */
        log_line("refused uid %ld, pid %ld: only root, the service's account and %s may "
                 "ask",
                 (long)peer.uid, (long)peer.pid, scand->settings.user);
    return false;
}

static void
admit(struct scand *scand, int fd)
{
    struct client *client = calloc(1, sizeof *client);

    if (client == NULL) {
        refuse(fd, OG_REPLIED_BUSY, "no memory");
        return;
    }
    client->state = CLIENT_READS;
    client->fd = fd;
    client->text = (struct og_buf)OG_BUF_INIT(OG_PROTOCOL_MAX_REQUEST);
    client->since = og_wire_now();
    client->until = client->since + SCAND_REQUEST_MS;
    TAILQ_INSERT_TAIL(&scand->clients, client, others);
    scand->clients_count++;
    clients_read(scand, client); /* most have said all when they are accepted */
}

void
clients_accept(struct scand *scand)
{
    for (;;) {
        int fd = accept4(scand->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

        if (fd < 0)
            return; /* none is left; other errors concern that connection only */
        if (!is_allowed(scand, fd))
            refuse(fd, OG_REPLIED_BAD, "this account may not ask");
        else if (scand->clients_count >= SCAND_CLIENTS)
            refuse(fd, OG_REPLIED_BUSY, "too many wait already");
        else
            admit(scand, fd);
    }
}

static void
tell_status(struct scand *scand, struct client *client)
{
    struct og_protocol_reply reply = { .status = OG_REPLIED_OK };
    struct og_buf body = OG_BUF_INIT(8192);
    struct og_err err = { "" };

    if (status_reply(scand, &body, &err) != OG_OK) {
        client_end(scand, client, OG_REPLIED_FAILED, err.text);
    } else {
        reply.length = body.len;
        say(client->fd, &reply, &body);
        client_end(scand, client, OG_REPLIED_OK, NULL);
    }
    og_buf_free(&body);
}

/* are the files there that a scan needs, and such that reading ends? */
static const char *
wrong_files(const struct client *client)
{
    size_t wanted = client->request.has_headers ? 2 : 1;
    struct stat st;

    if (client->files_count != wanted)
        return "another number of files than announced";
    for (size_t i = 0; i < wanted; i++)
        if (fstat(client->files[i], &st) != 0 || !S_ISREG(st.st_mode))
            return "no regular file";
    return NULL;
}

static void
begin(struct scand *scand, struct client *client)
{
    const char *wrong;

    og_buf_free(&client->text);
    if (client->request.ask == OG_ASK_STATUS) {
        tell_status(scand, client);
        return;
    }
    wrong = wrong_files(client);
    if (wrong != NULL || scand->ending) {
        client_end(scand, client, wrong != NULL ? OG_REPLIED_BAD : OG_REPLIED_BUSY,
                   wrong != NULL ? wrong : "the service ends");
        return;
    }
    client->until = client->since + og_protocol_kill_ms(client->request.timeout_ms);
    client->state = CLIENT_WAITS;
    scand->waiting++;
}

/* add what came; false when the client has been ended */
static bool
take(struct scand *scand, struct client *client)
{
    char chunk[OG_PROTOCOL_MAX_REQUEST];
    int fds[OG_WIRE_MAX_FDS];
    size_t count = 0;
    long n = og_wire_take(client->fd, chunk, sizeof chunk, MSG_DONTWAIT, fds, &count);
    struct og_err err = { "" };

    for (size_t i = 0; i < count; i++)
        if (client->files_count < OG_WIRE_MAX_FDS)
            client->files[client->files_count++] = fds[i];
        else
            (void)close(fds[i]); /* nobody asked for it */
    if (n < 0 && errno == EAGAIN)
        return true;
    if (n <= 0) {
        client_end(scand, client, OG_REPLIED_BAD, NULL); /* it has gone */
        return false;
    }
    if (og_buf_add(&client->text, chunk, (size_t)n, &err) == OG_OK)
        return true;
    client_end(scand, client, OG_REPLIED_BAD, "too long a request");
    return false;
}

void
clients_read(struct scand *scand, struct client *client)
{
    struct og_err err = { "" };
    enum og_rc rc;

    if (client->state != CLIENT_READS) { /* it has said all: only its end can come */
        if (client->state == CLIENT_WAITS)
            client_end(scand, client, OG_REPLIED_BAD, NULL);
        return;
    }
    if (!take(scand, client))
        return;
    rc = og_protocol_request_parse(og_buf_text(&client->text), client->text.len,
                                   &client->request, &err);
    if (rc == OG_OK)
        begin(scand, client);
    else if (rc != OG_E_BUSY)
        client_end(scand, client, OG_REPLIED_BAD, err.text);
}

void
clients_expire(struct scand *scand, int64_t now)
{
    struct client *client, *following;

    for (client = TAILQ_FIRST(&scand->clients); client != NULL; client = following) {
        following = TAILQ_NEXT(client, others);
        if (client->until > now)
            continue;
        if (client->state == CLIENT_READS)
            client_end(scand, client, OG_REPLIED_BAD, "the request came too slowly");
        else if (client->state == CLIENT_WAITS)
            client_end(scand, client, OG_REPLIED_BUSY,
                       scand->current == NULL ? "the signatures are not loaded yet"
                                              : "no worker was free in time");
    }
}
