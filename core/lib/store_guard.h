/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_LIB_STORE_GUARD_H
#define OG_LIB_STORE_GUARD_H

#include <signal.h>
#include <stdint.h>

#include "core/lib/store.h"

/* Internal to core/lib/store*.c: who may be inside the environment, and what has
 * to be true of the process while it is. Nothing here knows Berkeley DB. */

/* A file, whatever it is called; only of one that is kept open or mapped, as the
 * number of a deleted file is given away again */
struct og_file_id {
    dev_t dev;
    ino_t ino;
};

struct stat;
struct og_file_id og_file_id(const struct stat *st);
bool og_file_same(struct og_file_id a, struct og_file_id b);

/* og_file_path - path of PATH_MAX bytes becomes directory/name, cut when too long;
 * several times a run, so without printf */
const char *og_file_path(char *path, const char *directory, const char *name);

/* The process as the caller had it, to be restored */
struct og_host {
    sigset_t mask;
    struct sigaction fault[4];
    bool catches; /* the caller survives faults: ours are in front of its handlers */
    bool changed; /* identity */
    bool masked;  /* umask */
    mode_t umask;
    uid_t euid;
    gid_t egid;
    int fill[3]; /* descriptors that keep 0, 1 and 2 from being given to a database */
    uid_t uid;   /* whom we act as */
    gid_t gid;
    struct og_file_id directory;
};

/* og_host_enter - block signals, become the owner; OG_E_STATE without directory,
 * OG_E_PERM when it is not ours. On failure everything is restored already. */
enum og_rc og_host_enter(const struct og_store_conf *conf, struct og_host *host,
                         struct og_err *err) OG_CHECKED;
void og_host_umask(struct og_host *host); /* before a file is made */
void og_host_fill(struct og_host *host);  /* when one of 0, 1 and 2 is closed */
void og_host_leave(struct og_host *host);

/* og_host_inside - fd (-1: none) is closed at a fault, as nothing runs after that */
void og_host_inside(int fd);

/* og_host_pid - the number of this process; *life differs from that of its parent,
 * whatever the numbers are. No system call after the first in a process. */
pid_t og_host_pid(unsigned *life);

/* og_host_boot - the machine's current life: after a power cut shared memory on disk
 * is stale, whatever the mark says. Read once per process. */
const char *og_host_boot(void);

struct og_guard {
    int fd;
    bool recover; /* the last one inside did not leave in good order */
    bool low;     /* one of the descriptors 0, 1 and 2 is closed */
    struct og_file_id file;
    uint64_t generation; /* of the environment; never the same twice in one boot */
};

uint64_t og_guard_now(void); /* monotonic, nanoseconds */

/*
 * og_guard_enter - wait until nobody else is inside, and mark that we are
 *
 * until   deadline by og_guard_now()
 * create  make the guard's file when it is missing
 *
 * Returns OG_OK; OG_E_BUSY with the number of the process inside; OG_E_STATE
 * without a guard; OG_E_PERM, OG_E_IO.
 */
enum og_rc og_guard_enter(const char *directory, uint64_t until, bool create,
                          struct og_guard *guard, struct og_err *err) OG_CHECKED;

/* og_guard_renew - what anybody has open becomes stale; before the environment is
 * replaced */
void og_guard_renew(struct og_guard *guard);

/* og_guard_changed - something was committed that og_store_changes() counts; inside.
 * og_guard_changes - their number plus one, 0 when this process has not been inside;
 * og_guard_changes_inside - the same for who is inside */
void og_guard_changed(void);
uint64_t og_guard_changes_inside(void);
uint64_t og_guard_changes(const char *directory);

/* og_guard_leave - let the next one in; clean: the environment is in good order */
void og_guard_leave(struct og_guard *guard, bool clean);

/*
 * A member has a number of its own as long as it lives, and the kernel tells of a
 * number whether its owner does: a lock on one byte of the guard, held by the
 * process (and its children). Numbers of processes would not do, as those are
 * different in every container. Holding it keeps nobody out.
 */
enum { OG_GUARD_NO_MEMBER = 1 };

/* og_guard_lock - fcntl() with a lock of len bytes; og_guard_open - the guard's file once
 * more, -1 and errno when another one stands in its place */
int og_guard_lock(int fd, int command, short type, off_t at, off_t len);
int og_guard_open(const char *directory, const struct og_guard *guard);

/* og_guard_member - ours; OG_GUARD_NO_MEMBER when all are taken */
int og_guard_member(const char *directory, const struct og_guard *guard);
bool og_guard_lives(const struct og_guard *guard, int member);

#endif
