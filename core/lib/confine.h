/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_LIB_CONFINE_H
#define OG_LIB_CONFINE_H

#include <stdbool.h>

#include "core/base/err.h"

/* what is left to a process that reads hostile content */
struct og_confine {
    const char *writable;            /* the one directory where it may make files */
    const char *const *readable;     /* directories it may read below, NULL at the end */
    unsigned long long file_bytes;   /* of one file it writes */
    unsigned long long memory_bytes; /* beyond what it has now; 0: no limit */
};

/*
 * og_confine - take away for good what this process and its children do not need
 *
 * No new privileges; no core; limits on memory and files; Landlock where the kernel has it:
 * no file outside writable and readable; seccomp: no sockets, no programs, no processes, no
 * ptrace, only calls that reading, unpacking and answering need. Descriptors that are open
 * stay. *landlock tells whether the kernel had it.
 *
 * Returns OG_OK; OG_E_LIB when a part that should work has failed: the process must not
 * go on.
 */
enum og_rc og_confine(const struct og_confine *limits, bool *landlock,
                      struct og_err *err) OG_CHECKED;

/* og_confine_kernel - what of it this kernel has; without seccomp og_confine() fails */
void og_confine_kernel(bool *landlock, bool *seccomp);

#endif
