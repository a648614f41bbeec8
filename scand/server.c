/* SPDX-License-Identifier: BSD-2-Clause */
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "core/base/conf.h"
#include "core/lib/systemd.h"
#include "scand/log.h"
#include "scand/scand.h"

enum { END_MS = 5000 /* for scans that are at work when the service ends */ };

/* what one descriptor of the poll set belongs to; the one that is not NULL */
struct source {
    struct client *client;
    struct generation *generation;
    struct worker *worker;
};

struct set {
    struct pollfd *fds;
    struct source *sources;
    size_t count, cap;
};

static bool
add(struct set *set, int fd, struct source source)
{
    if (set->count == set->cap) {
        size_t cap = set->cap > 0 ? set->cap * 2 : 64;
        struct pollfd *fds = realloc(set->fds, cap * sizeof *fds);
        struct source *sources;

        if (fds == NULL)
            return false;
        set->fds = fds;
        sources = realloc(set->sources, cap * sizeof *sources);
        if (sources == NULL)
            return false;
        set->sources = sources;
        set->cap = cap;
    }
    set->fds[set->count] = (struct pollfd){ fd, POLLIN, 0 };
    set->sources[set->count++] = source;
    return true;
}

static bool
collect(struct scand *scand, struct set *set)
{
    struct source none = { NULL, NULL, NULL };
    bool good;
    struct client *client;
    struct generation *generation;

    set->count = 0;
    good = add(set, scand->signals, none)
           && add(set, scand->ending ? -1 : scand->listener, none);
    TAILQ_FOREACH(client, &scand->clients, others)
    if (client->state != CLIENT_AT_WORK) /* then its worker is who tells */
        good = good && add(set, client->fd, (struct source){ .client = client });
    TAILQ_FOREACH(generation, &scand->generations, others)
    {
        good =
            good && add(set, generation->fd, (struct source){ .generation = generation });
        for (unsigned i = 0; i < generation->workers_count; i++) {
            struct worker *worker = &generation->workers[i];

            if (worker->state == WORKER_IDLE || worker->state == WORKER_BUSY)
                good = good && add(set, worker->fd, (struct source){ .worker = worker });
        }
    }
    return good;
}

/* SIGHUP: settings and signatures anew */
static void
reload(struct scand *scand)
{
    struct og_err err = { "" };

    log_line("reloading");
    og_systemd_tell("RELOADING=1");
    if (og_conf_read(scand->conf_path, &scand->settings, &err) != OG_OK)
        log_line("%s; the old settings stay in use", err.text);
    scand->reload_wanted = true;
    scand->load_after = 0;
}

static void
on_signal(struct scand *scand)
{
    struct signalfd_siginfo info;

    while (read(scand->signals, &info, sizeof info) == (ssize_t)sizeof info) {
        if (info.ssi_signo == SIGHUP)
            reload(scand);
        else if (!scand->ending) {
            log_line("ending: %zu at work, %zu wait", scand->at_work, scand->waiting);
            og_systemd_tell("STOPPING=1");
            scand->ending = true;
            scand->ending_since = og_wire_now();
        }
    }
}

/* whoever has not begun is told; its client says 451 and comes again */
static void
end_waiting(struct scand *scand)
{
    struct client *client, *following;

    for (client = TAILQ_FIRST(&scand->clients); client != NULL; client = following) {
        following = TAILQ_NEXT(client, others);
        if (client->state != CLIENT_AT_WORK)
            client_end(scand, client, OG_REPLIED_BUSY, "the service ends");
    }
}

/* Handlers free what they end: a worker that is done the client it worked for, which is
 * not in the set; a client itself; a loader its generation and that one's clients. */
static void
handle(struct scand *scand, const struct set *set)
{
    for (size_t i = 2; i < set->count; i++)
        if (set->fds[i].revents != 0 && set->sources[i].worker != NULL)
            worker_hear(scand, set->sources[i].worker);
    for (size_t i = 2; i < set->count; i++)
        if (set->fds[i].revents != 0 && set->sources[i].client != NULL)
            clients_read(scand, set->sources[i].client);
    for (size_t i = 2; i < set->count; i++)
        if (set->fds[i].revents != 0 && set->sources[i].generation != NULL) {
            pool_note(scand, set->sources[i].generation);
            break; /* others may be gone now; they are polled again */
        }
    if (set->fds[0].revents != 0)
        on_signal(scand);
    if (set->fds[1].revents != 0 && !scand->ending)
        clients_accept(scand);
}

int
server_run(struct scand *scand)
{
    struct set set = { NULL, NULL, 0, 0 };
    unsigned watchdog = og_systemd_watchdog_ms() / 2;
    int64_t now = og_wire_now(), fed = now;
    int code = EXIT_SUCCESS;

    pool_load(scand);
    while (!scand->ending || (scand->at_work > 0 && now - scand->ending_since < END_MS)) {
        int64_t due = pool_due(scand, now);

        if (!collect(scand, &set)) {
            log_line("no memory");
            code = EXIT_FAILURE;
            break;
        }
        if (watchdog > 0 && now - fed >= watchdog) {
            og_systemd_tell("WATCHDOG=1");
            fed = now;
        }
        if (watchdog > 0 && fed + watchdog < due)
            due = fed + watchdog;
        if (poll(set.fds, set.count, og_wire_left(due)) > 0)
            handle(scand, &set);
        now = og_wire_now();
        clients_expire(scand, now);
        pool_expire(scand, now);
        if (scand->ending)
            end_waiting(scand);
        worker_assign(scand);
    }
    pool_end(scand);
    while (!TAILQ_EMPTY(&scand->clients))
        client_end(scand, TAILQ_FIRST(&scand->clients), OG_REPLIED_BUSY,
                   "the service ends");
    free(set.fds);
    free(set.sources);
    return code;
}
