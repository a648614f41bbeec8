/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_LIB_STORE_GUARD_H
#define OG_LIB_STORE_GUARD_H

#include <signal.h>
#include <stdint.h>

#include "core/lib/store.h"

/* Internal to core/lib/store*.c: who may be inside the environment, and what has
 * to be true of the process while it is. Nothing here knows Berkeley DB. */

/* The process as the caller had it, to be restored */
struct og_host {
    sigset_t mask;
    struct sigaction fault[4];
    mode_t umask;
    uid_t euid;
    gid_t egid;
    int fill[3]; /* descriptors that keep 0, 1 and 2 from being given to a database */
    uid_t uid;   /* whom we act as */
    gid_t gid;
};

/* og_host_enter - block signals, become the owner; OG_E_STATE without directory,
 * OG_E_PERM when it is not ours. On failure everything is restored already. */
enum og_rc og_host_enter(const struct og_store_conf *conf, struct og_host *host,
                         struct og_err *err) OG_CHECKED;
void og_host_leave(struct og_host *host);

struct og_guard {
    int fd;
    bool recover; /* the last one inside did not leave in good order */
    char mark[128];
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

/* og_guard_leave - let the next one in; clean: all handles were closed in order */
void og_guard_leave(struct og_guard *guard, bool clean);

#endif
