/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_SCAND_WORKER_H
#define OG_SCAND_WORKER_H

#include <stdatomic.h>
#include <sys/types.h>

#include "core/scan/scanner.h"

/*
 * worker_run - the life of one worker process: confine itself, then take jobs from the
 * supervisor, scan and answer the client
 *
 * fd         its end of the pair
 * answers    shared with the supervisor: set before the first byte of an answer
 * directory  its own, for what it unpacks
 * parent     ends with it
 */
_Noreturn void worker_run(struct og_scanner *scanner, const struct og_scanner_conf *conf,
                          int fd, atomic_bool *answers, const char *directory,
                          pid_t parent);

#endif
