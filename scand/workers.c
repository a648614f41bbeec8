/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scand/log.h"
#include "scand/scand.h"

void
worker_set(struct worker *worker, enum worker_state state)
{
    worker->state = state;
    worker->since = og_wire_now();
}

void
worker_drop(struct worker *worker)
{
    if (worker->fd >= 0)
        (void)close(worker->fd);
    if (worker->handle >= 0)
        (void)close(worker->handle);
    *worker = (struct worker){
        .fd = -1, .handle = -1, .since = og_wire_now(), .answers = worker->answers
    };
}

void
worker_died(struct scand *scand, struct worker *worker, const char *text)
{
    if (worker->client == NULL)
        return;
    scand->died++;
    client_end(scand, worker->client, OG_REPLIED_DIED,
               atomic_load(worker->answers) ? NULL : text);
    worker->client = NULL;
}

void
worker_spawn(struct generation *generation, unsigned slot)
{
    struct worker *worker = &generation->workers[slot];
    struct note note = { .kind = NOTE_SPAWN, .slot = slot };
    int pair[2];

    worker->since = worker->born = og_wire_now(); /* also of one that cannot be made */
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return; /* tried again later */
    if (og_wire_give(generation->fd, &note, sizeof note, MSG_DONTWAIT, &pair[1], 1) > 0) {
        worker->state = WORKER_SPAWNING;
        worker->fd = pair[0];
    } else {
        (void)close(pair[0]);
    }
    (void)close(pair[1]); /* the loader has it */
}

void
worker_ended(struct scand *scand, struct generation *generation, const struct note *note)
{
    struct worker *worker = &generation->workers[note->slot];
    bool never_worked = worker->client == NULL && worker->jobs == 0
                        && og_wire_now() - worker->born < SCAND_AGAIN_MS;
    char text[100] = "it could not be made";

    if (note->status >= 0 && WIFSIGNALED(note->status))
        (void)snprintf(text, sizeof text, "signal %d (%s)", WTERMSIG(note->status),
                       strsignal(WTERMSIG(note->status)));
    else if (note->status >= 0)
        (void)snprintf(text, sizeof text, "exit %d", WEXITSTATUS(note->status));
    if (worker->client != NULL || note->status != 0)
        log_line("worker %u (pid %ld) has ended: %s%s", note->slot, (long)note->pid, text,
                 worker->client != NULL ? ", while it scanned" : "");
    worker_died(scand, worker, text);
    worker_drop(worker);
    if (!generation->retired && !never_worked) /* else a little later */
        worker_spawn(generation, note->slot);
}

void
worker_hear(struct scand *scand, struct worker *worker)
{
    int fds[OG_WIRE_MAX_FDS];
    size_t count = 0;
    char byte = '\0';
    long n = og_wire_take(worker->fd, &byte, 1, MSG_DONTWAIT, fds, &count);

    for (size_t i = 0; i < count; i++)
        (void)close(fds[i]); /* a worker has nothing to give */
    if (n < 0 && errno == EAGAIN)
        return;
    if (n != 1) { /* it has ended, and the loader will tell how */
        worker_set(worker, WORKER_ENDING);
        return;
    }
    if (byte != WORKER_DONE || worker->state != WORKER_BUSY)
        return;
    scand->scanned++;
    if (worker->client != NULL)
        client_end(scand, worker->client, OG_REPLIED_OK, NULL);
    worker->client = NULL;
    if (worker->jobs >= SCAND_JOBS) {
        (void)shutdown(worker->fd, SHUT_RDWR); /* it ends by itself */
        worker_set(worker, WORKER_ENDING);
        return;
    }
    worker_set(worker, WORKER_IDLE);
}

static bool
give(struct worker *worker, struct client *client)
{
    struct job job = { .request = client->request,
                       .deadline = client->since
                                   + og_protocol_scan_ms(client->request.timeout_ms),
                       .until = client->until };
    int fds[OG_WIRE_MAX_FDS];
    size_t count = 0;

    fds[count++] = client->fd;
    for (size_t i = 0; i < client->files_count && count < OG_WIRE_MAX_FDS; i++)
        fds[count++] = client->files[i];
    atomic_store(worker->answers, false);
    return og_wire_give(worker->fd, &job, sizeof job, MSG_DONTWAIT, fds, count) > 0;
}

static struct worker *
idle_worker(struct generation *generation)
{
    for (unsigned i = 0; i < generation->workers_count; i++)
        if (generation->workers[i].state == WORKER_IDLE)
            return &generation->workers[i];
    return NULL;
}

void
worker_assign(struct scand *scand)
{
    struct client *client, *following;
    struct worker *worker;

    if (scand->current == NULL || scand->waiting == 0)
        return;
    for (client = TAILQ_FIRST(&scand->clients); client != NULL; client = following) {
        following = TAILQ_NEXT(client, others);
        if (client->state != CLIENT_WAITS)
            continue;
        while ((worker = idle_worker(scand->current)) != NULL && !give(worker, client))
            worker_set(worker,
                       WORKER_ENDING); /* it has just died, the loader will tell */
        if (worker == NULL)
            return;
        worker_set(worker, WORKER_BUSY);
        worker->client = client;
        worker->jobs++;
        client->state = CLIENT_AT_WORK;
        scand->waiting--;
        scand->at_work++;
        for (size_t i = 0; i < client->files_count; i++)
            (void)close(client->files[i]); /* the worker has them */
        client->files_count = 0;
    }
}

void
worker_stop(struct scand *scand, struct worker *worker)
{
    char text[100];

    log_line("worker (pid %ld) has scanned for %.1f s: stopped", (long)worker->pid,
             (double)(og_wire_now() - worker->since) / 1000);
    (void)snprintf(text, sizeof text, "stopped after %.1f s",
                   (double)(og_wire_now() - worker->since) / 1000);
    if (worker->client != NULL)
        client_end(scand, worker->client, OG_REPLIED_LATE,
                   atomic_load(worker->answers) ? NULL : text);
    worker->client = NULL;
    scand->late++;
    if (pidfd_send_signal(worker->handle, SIGKILL, NULL, 0) != 0)
        log_line("kill worker: %s", strerror(errno));
    worker_set(worker, WORKER_ENDING);
}
