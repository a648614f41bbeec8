/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_SCAND_NOTE_H
#define OG_SCAND_NOTE_H

#include <stdint.h>
#include <sys/types.h>

#include "core/scan/protocol.h"

/* What the processes of the service say to each other, one struct a packet, over socket
 * pairs that only they have. */

enum { NOTE_TEXT = 400 };

enum note_kind {
    NOTE_SPAWN,    /* supervisor to loader, with the worker's end of a pair: fork one */
    NOTE_PROGRESS, /* loader to supervisor from here on: done, all */
    NOTE_READY,    /* done: signatures; newest, daily; text: libclamav's version */
    NOTE_FAILED,   /* text */
    NOTE_BORN,     /* slot, pid, with its pidfd */
    NOTE_DIED,     /* slot, pid, status of waitpid() */
    NOTE_CHANGED,  /* the signature files are others now */
};

struct note {
    enum note_kind kind;
    unsigned slot;
    pid_t pid;
    int status;
    unsigned long long done, all;
    int64_t newest, daily; /* when signature files were last written, 0 for none */
    char text[NOTE_TEXT];
};

/* supervisor to worker, with the client's connection, the file and perhaps the headers */
struct job {
    struct og_protocol_request request;
    int64_t deadline; /* of the scan, og_wire_now() */
    int64_t until;    /* of the answer */
};

/* worker to supervisor, a byte */
enum { WORKER_DONE = 'd' };

#endif
