/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/scan/temporary.h"

#include <sys/statvfs.h>
#include <unistd.h>

const char *
og_scan_temporary(const char *given, unsigned long long bytes)
{
    static const char memory[] = "/dev/shm";
    struct statvfs fs;

    if (given[0] != '\0')
        return given;
    return access(memory, W_OK | X_OK) == 0 && statvfs(memory, &fs) == 0
                   && (unsigned long long)fs.f_bavail * fs.f_frsize >= bytes
               ? memory
               : "/tmp";
}
