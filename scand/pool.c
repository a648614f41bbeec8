/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/lib/systemd.h"
#include "core/scan/any.h"
#include "scand/loader.h"
#include "scand/log.h"
#include "scand/scand.h"
#include "scand/setup.h"

enum {
    LOADER_MS = 10000, /* a loader that does not make a worker for so long hangs */
    FAILED_MS = 60000, /* at most between two tries to load */
};

static unsigned
workers_of(const struct scand *scand)
{
    uint64_t set =
        scand->workers_wanted > 0 ? scand->workers_wanted : scand->settings.scan_workers;
    long processors = sysconf(_SC_NPROCESSORS_ONLN);

    if (set > 0)
        return (unsigned)set;
    return processors < 2               ? 2
           : processors > SCAND_WORKERS ? SCAND_WORKERS
                                        : (unsigned)processors;
}

static void
failed(struct scand *scand, const char *text)
{
    unsigned doublings = scand->failures < 6 ? scand->failures : 6;

    (void)snprintf(scand->trouble, sizeof scand->trouble, "%s", text);
    log_line("signatures are not loaded: %s%s", text,
             scand->current != NULL ? "; the old ones stay in use" : "");
    scand->failures++;
    scand->load_after = og_wire_now() + (SCAND_AGAIN_MS << doublings);
    if (scand->load_after > og_wire_now() + FAILED_MS)
        scand->load_after = og_wire_now() + FAILED_MS;
    scand->reload_wanted = true; /* a file that was half written is whole then */
    if (scand->current != NULL)  /* it was told that we reload */
        og_systemd_tell("READY=1");
}

static enum og_rc
start(struct scand *scand, struct generation *generation, struct og_err *err)
{
    void *shared;
    enum og_rc rc = og_settings_copy(&generation->settings, &scand->settings, err);

    if (rc != OG_OK)
        return rc;
    shared = mmap(NULL, SCAND_WORKERS * sizeof *generation->answers,
                  PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        return og_fail(err, OG_E_NOMEM, "no memory to share with workers");
    generation->answers = shared;
    generation->number = ++scand->generations_made;
    generation->since = og_wire_now();
    generation->conf = og_scan_conf(&generation->settings);
    generation->conf.signature_directory = generation->settings.signature_directory;
    generation->workers_count = workers_of(scand);
    for (unsigned i = 0; i < SCAND_WORKERS; i++)
        generation->workers[i] =
            (struct worker){ .fd = -1, .handle = -1, .answers = &generation->answers[i] };
    (void)snprintf(generation->directory, sizeof generation->directory, "%s/%u",
                   scand->temporary, generation->number);
    if (mkdir(generation->directory, 0700) != 0)
        return og_fail(err, OG_E_IO, "%s: %s", generation->directory, strerror(errno));
    return loader_start(&generation->conf, generation->answers, generation->directory,
                        &generation->pid, &generation->fd, err);
}

static void
free_generation(struct generation *generation)
{
    if (generation->answers != NULL)
        (void)munmap(generation->answers, SCAND_WORKERS * sizeof *generation->answers);
    og_settings_free(&generation->settings);
    free(generation);
}

void
pool_load(struct scand *scand)
{
    struct generation *generation = calloc(1, sizeof *generation);
    struct og_err err = { "" };

    scand->reload_wanted = false;
    if (generation == NULL) {
        failed(scand, "no memory");
        return;
    }
    if (start(scand, generation, &err) != OG_OK) {
        failed(scand, err.text);
        free_generation(generation);
        return;
    }
    log_line("loading signatures of %s",
             generation->settings.signature_directory[0] != '\0'
                 ? generation->settings.signature_directory
                 : "no directory");
    TAILQ_INSERT_TAIL(&scand->generations, generation, others);
    scand->next = generation;
}

static void
drop_generation(struct scand *scand, struct generation *generation, const char *why)
{
    int status = 0;

    (void)kill(generation->pid, SIGKILL); /* not reaped yet, so it is the right one */
    while (waitpid(generation->pid, &status, 0) < 0 && errno == EINTR)
        ;
    for (unsigned i = 0; i < SCAND_WORKERS; i++) {
        worker_died(scand, &generation->workers[i], why);
        worker_drop(&generation->workers[i]);
    }
    (void)close(generation->fd);
    setup_remove(generation->directory);
    if (scand->current == generation)
        scand->current = NULL;
    if (scand->next == generation)
        scand->next = NULL;
    TAILQ_REMOVE(&scand->generations, generation, others);
    free_generation(generation);
}

/* a loader has gone that was still needed */
static void
lost(struct scand *scand, struct generation *generation)
{
    bool in_use = scand->current == generation, loading = scand->next == generation;

    drop_generation(scand, generation, "its loader has died");
    if (loading)
        failed(scand, "the loader has died");
    else if (in_use) {
        log_line("the loader of the signatures has died: loading them again");
        scand->reload_wanted = true;
    }
}

static void
take_over(struct scand *scand, struct generation *generation, const struct note *note)
{
    char text[200];

    generation->ready = true;
    generation->loaded = *note;
    generation->loaded_at = time(NULL);
    if (scand->current != NULL)
        scand->current->retired = true;
    scand->current = generation;
    scand->next = NULL;
    scand->failures = 0;
    scand->trouble[0] = '\0';
    scand->reloads++;
    log_line("loaded %llu signatures in %.1f s, libclamav %s", note->done,
             (double)(og_wire_now() - generation->since) / 1000, note->text);
    for (unsigned i = 0; i < generation->workers_count; i++)
        worker_spawn(generation, i);
    (void)snprintf(text, sizeof text, "READY=1\nSTATUS=%llu signatures, %u workers",
                   note->done, generation->workers_count);
    og_systemd_tell(text);
}

static void
on_progress(const struct generation *generation, const struct note *note)
{
    char text[200];

    log_line("loading: %llu of %llu after %.0f s", note->done, note->all,
             (double)(og_wire_now() - generation->since) / 1000);
    (void)snprintf(text, sizeof text,
                   "EXTEND_TIMEOUT_USEC=60000000\nSTATUS=loading: %llu of %llu",
                   note->done, note->all);
    og_systemd_tell(text);
}

static void
on_note(struct scand *scand, struct generation *generation, const struct note *note,
        int *handle)
{
    struct worker *worker = &generation->workers[note->slot];

    switch (note->kind) {
    case NOTE_PROGRESS:
        on_progress(generation, note);
        break;
    case NOTE_READY:
        take_over(scand, generation, note);
        break;
    case NOTE_FAILED:
        drop_generation(scand, generation, "");
        failed(scand, note->text);
        break;
    case NOTE_BORN:
        worker->pid = note->pid;
        worker->handle = *handle;
        *handle = -1;
        worker_set(worker, WORKER_IDLE);
        worker->born = worker->since;
        break;
    case NOTE_DIED:
        worker_ended(scand, generation, note);
        break;
    case NOTE_CHANGED:
        log_line("the signature files have changed");
        if (scand->current == generation && scand->next == NULL)
            scand->reload_wanted = true; /* else who loads them now looks, too */
        break;
    case NOTE_SPAWN:
        break;
    }
}

void
pool_note(struct scand *scand, struct generation *generation)
{
    int fds[OG_WIRE_MAX_FDS] = { -1 };
    struct note note = { .slot = 0 };
    size_t count = 0;
    long n = og_wire_take(generation->fd, &note, sizeof note, MSG_DONTWAIT, fds, &count);

    if (n < 0 && errno == EAGAIN)
        return;
    if (n != (long)sizeof note) {
        lost(scand, generation);
        return;
    }
    note.text[sizeof note.text - 1] = '\0';
    note.slot %= SCAND_WORKERS;
    on_note(scand, generation, &note, &fds[0]);
    for (size_t i = 0; i < count; i++)
        if (fds[i] >= 0)
            (void)close(fds[i]); /* nobody has taken it */
}

/* true when the generation is no more */
static bool
look_at(struct scand *scand, struct generation *generation, int64_t now)
{
    unsigned left = 0;

    for (unsigned i = 0; i < generation->workers_count; i++) {
        struct worker *worker = &generation->workers[i];
        bool pending = worker->state == WORKER_SPAWNING || worker->state == WORKER_ENDING;

        if (worker->state == WORKER_BUSY && worker->client != NULL
            && worker->client->until <= now)
            worker_stop(scand, worker);
        if (pending && now - worker->since > LOADER_MS) {
            log_line("the loader (pid %ld) does not answer: killed",
                     (long)generation->pid);
            lost(scand, generation);
            return true;
        }
        if (worker->state == WORKER_IDLE && generation->retired) {
            (void)shutdown(worker->fd, SHUT_RDWR); /* it ends by itself */
            worker_set(worker, WORKER_ENDING);
        }
        if (worker->state == WORKER_NONE && generation->ready && !generation->retired
            && now - worker->since >= SCAND_AGAIN_MS)
            worker_spawn(generation, i);
        left += worker->state != WORKER_NONE ? 1 : 0;
    }
    if (!generation->retired || left > 0)
        return false;
    drop_generation(scand, generation, "");
    return true;
}

void
pool_expire(struct scand *scand, int64_t now)
{
    struct generation *generation, *following;

    for (generation = TAILQ_FIRST(&scand->generations); generation != NULL;
         generation = following) {
        following = TAILQ_NEXT(generation, others);
        (void)look_at(scand, generation, now); /* it may be freed now */
    }
    if (scand->reload_wanted && scand->next == NULL && now >= scand->load_after
        && !scand->ending)
        pool_load(scand);
}

int64_t
pool_due(const struct scand *scand, int64_t now)
{
    int64_t due = now + SCAND_AGAIN_MS;
    const struct client *client;

    TAILQ_FOREACH(client, &scand->clients, others)
    if (client->until < due)
        due = client->until;
    return due;
}

void
pool_end(struct scand *scand)
{
    while (!TAILQ_EMPTY(&scand->generations))
        drop_generation(scand, TAILQ_FIRST(&scand->generations), "the service ends");
}
