/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_SCAND_SCAND_H
#define OG_SCAND_SCAND_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/types.h>

#include "core/base/settings.h"
#include "core/scan/protocol.h"
#include "core/scan/scanner.h"
#include "core/scan/wire.h"
#include "scand/note.h"

/*
 * outgate-scand: one supervisor, which holds clients and requests and never looks into a
 * message; a loader for each set of signatures, which holds the engine; its workers, who
 * share that memory and do the scans. What dies or hangs below is replaced, and costs its
 * message a 451 at most.
 */

enum {
    SCAND_WORKERS = 256,  /* at most */
    SCAND_CLIENTS = 1000, /* connections at a time; more are told that we are busy */
    SCAND_JOBS = 2000, /* of one worker; then a fresh one, so that nothing leaks for ever.
                        * Counted here: one that ended by itself would be given one more */
    SCAND_AGAIN_MS = 1000,   /* between two tries to make what ends at once */
    SCAND_REQUEST_MS = 5000, /* a client has to say within it what it wants */
};

enum client_state { CLIENT_READS, CLIENT_WAITS, CLIENT_AT_WORK };

struct client {
    TAILQ_ENTRY(client) others; /* in the order they came */
    enum client_state state;
    int fd;
    int files[OG_WIRE_MAX_FDS];
    size_t files_count;
    struct og_buf text; /* of the request, while it comes */
    struct og_protocol_request request;
    int64_t since; /* og_wire_now() when it came */
    int64_t until; /* when we have answered at the latest */
};

enum worker_state {
    WORKER_NONE,
    WORKER_SPAWNING, /* the loader was asked for one */
    WORKER_IDLE,
    WORKER_BUSY,
    WORKER_ENDING, /* killed, or its socket is closed: the loader will tell */
};

struct worker {
    enum worker_state state;
    int fd;     /* -1 for none */
    int handle; /* pidfd, -1 for none */
    pid_t pid;
    struct client *client; /* whom it works for; NULL when that one is answered */
    atomic_bool *answers;  /* it has begun to; shared with it, so that nobody wakes */
    int64_t since;         /* in this state */
    int64_t born;
    unsigned long long jobs;
};

/* a loader and its workers */
struct generation {
    TAILQ_ENTRY(generation) others;
    unsigned number;
    pid_t pid;
    int fd;
    bool ready;
    bool retired;  /* a newer one is in use */
    int64_t since; /* it was started */
    char directory[1200];
    struct og_settings settings;
    struct og_scanner_conf conf; /* owned by settings */
    struct note loaded;          /* what it said when it was ready */
    time_t loaded_at;
    struct worker workers[SCAND_WORKERS];
    atomic_bool *answers; /* theirs, SCAND_WORKERS of them in shared memory */
    unsigned workers_count;
};

struct scand {
    const char *conf_path;
    const char *socket_path; /* from the command line, or NULL */
    unsigned workers_wanted; /* from the command line, 0: the setting */
    struct og_settings settings;
    char temporary[1100];
    int listener, signals;
    uid_t exim;
    bool ending;
    int64_t ending_since;

    TAILQ_HEAD(, client) clients;
    size_t clients_count, waiting, at_work;

    TAILQ_HEAD(, generation) generations;
    struct generation
        *current;            /* whose workers get new requests; NULL before the first */
    struct generation *next; /* which loads */
    unsigned generations_made;
    bool reload_wanted;
    int64_t load_after;      /* not before, after a failure */
    unsigned failures;       /* of loads in a row */
    char trouble[NOTE_TEXT]; /* why the last load failed, "" after a good one */

    unsigned long long scanned, died, late, refused, reloads;
    time_t started;
};

/* --- clients.c */

/* clients_accept - take new connections; those of others than root, ourselves and Exim are
 * refused */
void clients_accept(struct scand *scand);

/* clients_read - a client has sent something, or has gone */
void clients_read(struct scand *scand, struct client *client);

/* clients_expire - answer those whose time is over */
void clients_expire(struct scand *scand, int64_t now);

/* client_end - answer, unless text is NULL, close and forget a client */
void client_end(struct scand *scand, struct client *client, enum og_replied status,
                const char *text);

/* --- pool.c */

/* pool_load - begin to load signatures by the settings as they are now */
void pool_load(struct scand *scand);

/* pool_note - a loader has said something, or has ended */
void pool_note(struct scand *scand, struct generation *generation);

/* pool_expire - kill what hangs, make what is missing, let go what is retired */
void pool_expire(struct scand *scand, int64_t now);

/* pool_end - end all loaders and workers */
void pool_end(struct scand *scand);

/* pool_due - when pool_expire() is to be called next */
int64_t pool_due(const struct scand *scand, int64_t now);

/* --- workers.c */

/* worker_spawn - ask the loader for one; one that it cannot be asked for is asked later */
void worker_spawn(struct generation *generation, unsigned slot);

/* worker_hear - it has said something, or has ended */
void worker_hear(struct scand *scand, struct worker *worker);

/* worker_ended - its loader says that it has ended: its client is answered, and another
 * one takes its place */
void worker_ended(struct scand *scand, struct generation *generation,
                  const struct note *note);

/* worker_stop - its time is over: the client hears it now, the process ends */
void worker_stop(struct scand *scand, struct worker *worker);

/* worker_died - whom it worked for gets an answer, unless it had begun to give one */
void worker_died(struct scand *scand, struct worker *worker, const char *why);

/* worker_drop - end its ties to us; its process is the loader's */
void worker_drop(struct worker *worker);

/* worker_set - another state, from now on */
void worker_set(struct worker *worker, enum worker_state state);

/* worker_assign - give waiting clients to idle workers, oldest first */
void worker_assign(struct scand *scand);

/* --- server.c */

/* server_run - serve until SIGTERM or SIGINT; yields the exit status */
int server_run(struct scand *scand);

/* --- status.c */

/* status_reply - the record that answers `ask=status` */
enum og_rc status_reply(const struct scand *scand, struct og_buf *out,
                        struct og_err *err) OG_CHECKED;

#endif
