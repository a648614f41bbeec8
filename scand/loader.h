/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_SCAND_LOADER_H
#define OG_SCAND_LOADER_H

#include <stdatomic.h>
#include <sys/types.h>

#include "core/scan/scanner.h"

/*
 * loader_start - fork a process that loads the signatures and forks workers, who share
 * them with it
 *
 * answers    shared memory, one for each slot, see worker.h
 * directory  empty, where its workers unpack; its own afterwards
 * fd         receives the supervisor's end of the pair, see note.h
 *
 * It ends when that end is closed, and all its workers end with it.
 */
enum og_rc loader_start(const struct og_scanner_conf *conf, atomic_bool *answers,
                        const char *directory, pid_t *pid, int *fd,
                        struct og_err *err) OG_CHECKED;

#endif
