/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_SCAN_TNEF_H
#define OG_SCAN_TNEF_H

#include <stdbool.h>
#include <stddef.h>

/*
 * What winmail.dat (TNEF) says of the files in it, and libclamav passes over: their names,
 * and what stands in MAPI properties instead of the old attribute, such as a message that is
 * attached. Hostile. Source: [MS-OXTNEF], [MS-OXPROPS].
 */
enum { OG_TNEF_MAX_NAME = 4096 }; /* bytes in UTF-8; of a longer one its end is told */

struct og_tnef_item {
    const char *name;    /* of a file, UTF-8 or bytes of its code page; or NULL */
    const char *content; /* len bytes of a file or of a document; or NULL */
    size_t len;
};

/* what og_tnef_walk() calls for each; false ends it */
typedef bool og_tnef_take(const struct og_tnef_item *item, void *arg);

/*
 * og_tnef_walk - call take for each name and each content, in order; one file may have
 * several names
 *
 * Returns false where something could not be read, as its kind is not known: others may
 * read it. What is cut off at the end is passed over.
 */
bool og_tnef_walk(const char *data, size_t len, og_tnef_take *take, void *arg);

#endif
