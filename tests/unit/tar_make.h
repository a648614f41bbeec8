/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_TESTS_TAR_MAKE_H
#define OG_TESTS_TAR_MAKE_H

#include "core/scan/tar.h"

enum { NO_SUM = 1, WITH_SIGN = 2 };

/* one head and its body, each filled up to a block; body NULL: only the head */
struct tar_entry {
    char type;
    const char *name, *size; /* of the field; NULL: that of the body */
    const char *body;
    int how;
    const char *prefix;
};

static inline void
tar_sum(char *head, int how)
{
    unsigned sum = 0;

    memset(head + 148, ' ', 8);
    for (size_t i = 0; i < OG_TAR_BLOCK; i++)
        sum += how == WITH_SIGN ? (unsigned)(signed char)head[i] : (unsigned char)head[i];
    (void)snprintf(head + 148, 8, "%06o", (how == NO_SUM ? sum + 1 : sum) & 0777777);
}

static inline size_t
tar_put(char *at, const struct tar_entry *entry)
{
    size_t len = entry->body != NULL ? strlen(entry->body) : 0;

    memset(at, 0, OG_TAR_BLOCK + (len + OG_TAR_BLOCK - 1) / OG_TAR_BLOCK * OG_TAR_BLOCK);
    memcpy(at, entry->name, strnlen(entry->name, 100));
    if (entry->size != NULL)
        memcpy(at + 124, entry->size, strnlen(entry->size, 12));
    else
        (void)snprintf(at + 124, 12, "%011o", (unsigned)len);
    at[156] = entry->type;
    memcpy(at + 257, "ustar\00000", 8);
    if (entry->prefix != NULL)
        memcpy(at + 345, entry->prefix, strlen(entry->prefix));
    tar_sum(at, entry->how);
    if (len > 0)
        memcpy(at + OG_TAR_BLOCK, entry->body, len);
    return OG_TAR_BLOCK + (len + OG_TAR_BLOCK - 1) / OG_TAR_BLOCK * OG_TAR_BLOCK;
}

#endif
