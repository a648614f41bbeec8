/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_SCAN_TAR_H
#define OG_SCAN_TAR_H

#include <stdbool.h>
#include <stddef.h>

enum {
    OG_TAR_BLOCK = 512,
    OG_TAR_MAX_NAME = 65535, /* bytes; no system has a longer one */
};

/*
 * Members of a tar file with the names that they are unpacked by: libclamav knows only the
 * 100 bytes in a member's head. Hostile. What is no head is stepped over block by block, as
 * readers do that look for the next one. Source: POSIX pax, and tar(5) for GNU's records.
 */
struct og_tar {
    const char *data;
    size_t len;
    size_t at; /* of the next block; begins with 0 */
};

struct og_tar_member {
    const char *name; /* name_len bytes, without a NUL */
    size_t name_len;
    bool elsewhere; /* the name is not in its head, or the member is a link to a file */
    bool misread;   /* libclamav takes another size for it, or the name is too long */
};

/* og_tar_next - the next file or link; false behind the last one */
bool og_tar_next(struct og_tar *tar, struct og_tar_member *member);

#endif
