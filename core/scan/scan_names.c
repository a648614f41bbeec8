/* SPDX-License-Identifier: BSD-2-Clause */
/* What libclamav does not tell of an archive, from the archive's own list. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/macro/zip.h"
#include "core/scan/scan_int.h"
#include "core/scan/tar.h"

enum { LONG_NAME = 255 }; /* bytes; libclamav tells no more of a member's name */

static void
tell_name(struct og_scan *scan, const struct og_scan_frame *frame, const char *name,
          size_t len)
{
    char *path = NULL;

    if (asprintf(&path, "%s/%.*s", frame->layer.path, (int)len, name) < 0)
        return;
    if (og_scan_base_name(path)[0] != '\0')
        og_scan_find(scan, &(struct og_finding){ .what = OG_FOUND_FILE,
                                                 .path = path,
                                                 .name = og_scan_base_name(path),
                                                 .depth = frame->depth + 1 });
    free(path);
}

static void
shut(struct og_scan *scan, const struct og_scan_frame *frame)
{
    if (scan->shut == NULL)
        scan->shut = strdup(frame->layer.path);
}

static bool
is_zip(const struct og_scan_frame *frame)
{
    const char *type = frame->layer.type;

    return (strcmp(type, "CL_TYPE_ZIP") == 0 || strncmp(type, "CL_TYPE_OOXML", 13) == 0)
           && frame->layer.len >= 4 && memcmp(frame->layer.data, "PK\3\4", 4) == 0;
}

/* libclamav cuts names of members, and a blocked ending with them: tell the whole ones */
static void
tell_long_names(struct og_scan *scan, const struct og_scan_frame *frame)
{
    struct og_zip zip;
    struct og_zip_member entry;

    if (!og_zip_open(&frame->layer, &zip))
        return;
    while (og_zip_next(&zip, &entry))
        if (entry.name_len >= LONG_NAME)
            tell_name(scan, frame, entry.name, entry.name_len);
}

/* what libclamav has not found a way into, as its list is missing or misleading: others
 * read such archives */
static void
tell_zip(struct og_scan *scan, const struct og_scan_frame *frame)
{
    const struct og_scan_members *members = &frame->members;

    if (members->count == 0 && members->layers == 0)
        shut(scan, frame);
    for (size_t i = 0; i < members->count; i++)
        if (strlen(members->list[i].name) >= LONG_NAME) {
            tell_long_names(scan, frame);
            return;
        }
}

static bool
is_tar(const struct og_scan_frame *frame)
{
    return strcmp(frame->layer.type, "CL_TYPE_POSIX_TAR") == 0
           || strcmp(frame->layer.type, "CL_TYPE_OLD_TAR") == 0;
}

/* a file may be unpacked by another name than the one libclamav knows */
static void
tell_tar(struct og_scan *scan, const struct og_scan_frame *frame)
{
    struct og_tar tar = { frame->layer.data, frame->layer.len, 0 };
    struct og_tar_member entry;

    for (unsigned count = 0; og_tar_next(&tar, &entry); count++) {
        if (count == scan->scanner->conf.max_files) {
            og_scan_limit(scan, frame->layer.path, "files");
            return;
        }
        if (entry.elsewhere)
            tell_name(scan, frame, entry.name, entry.name_len);
        if (entry.misread)
            shut(scan, frame);
    }
}

void
og_scan_names(struct og_scan *scan, const struct og_scan_frame *frame)
{
    if (is_zip(frame))
        tell_zip(scan, frame);
    else if (is_tar(frame))
        tell_tar(scan, frame);
}
