/* SPDX-License-Identifier: BSD-2-Clause */
/* What libclamav does not tell of an archive, from the archive's own list. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/macro/zip.h"
#include "core/scan/scan_int.h"
#include "core/scan/tar.h"
#include "core/scan/tnef.h"

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

/* libclamav cuts names of members, and a blocked ending with them: tell the whole ones;
 * and it knows one name where an archive holds two */
static void
tell_zip_names(struct og_scan *scan, const struct og_scan_frame *frame)
{
    struct og_zip zip;
    struct og_zip_member entry;
    unsigned told = 0;

    if (!og_zip_open(&frame->layer, &zip))
        return;
    while (og_zip_next(&zip, &entry)) {
        bool is_long = entry.name_len >= LONG_NAME;
        bool is_other = entry.other != NULL
                        && (entry.other_len != entry.name_len
                            || memcmp(entry.other, entry.name, entry.name_len) != 0);

        if (is_long)
            tell_name(scan, frame, entry.name, entry.name_len);
        if (is_other)
            tell_name(scan, frame, entry.other, entry.other_len);
        if ((is_long || is_other) && ++told > scan->scanner->conf.max_files) {
            og_scan_limit(scan, frame->layer.path, "files");
            return;
        }
    }
}

/* what libclamav has not found a way into, as its list is missing or misleading: others
 * read such archives */
static void
tell_zip(struct og_scan *scan, const struct og_scan_frame *frame)
{
    const struct og_scan_members *members = &frame->members;

    if (members->count == 0 && members->layers == 0)
        shut(scan, frame);
    tell_zip_names(scan, frame);
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

/* one walk through winmail.dat */
struct tnef {
    struct og_scan *scan;
    const struct og_scan_frame *frame;
    char *path; /* of the file that was named last */
    unsigned count;
};

/* what libclamav has not handed on is scanned after this piece */
static void
queue_content(struct tnef *tnef, const struct og_tnef_item *item)
{
    struct og_scan *scan = tnef->scan;
    const char *path = tnef->path != NULL ? tnef->path : tnef->frame->layer.path;
    struct og_scan_piece piece = { .path = path,
                                   .name = og_scan_base_name(path),
                                   .data = item->content,
                                   .len = item->len,
                                   .depth = tnef->frame->depth + 1,
                                   .messages = scan->piece->messages + 1 };
    struct og_err err = { "" };

    if (og_scan_later(scan, &piece, &err) != OG_OK && scan->rc == OG_OK) {
        scan->rc = OG_E_NOMEM;
        scan->err = err;
    }
}

static bool
take_tnef(const struct og_tnef_item *item, void *arg)
{
    struct tnef *tnef = arg;

    if (tnef->count++ == tnef->scan->scanner->conf.max_files) {
        og_scan_limit(tnef->scan, tnef->frame->layer.path, "files");
        return false;
    }
    if (item->content != NULL) {
        queue_content(tnef, item);
        return tnef->scan->rc == OG_OK;
    }
    tell_name(tnef->scan, tnef->frame, item->name, strlen(item->name));
    free(tnef->path);
    if (asprintf(&tnef->path, "%s/%s", tnef->frame->layer.path, item->name) < 0)
        tnef->path = NULL;
    return true;
}

static void
tell_tnef(struct og_scan *scan, const struct og_scan_frame *frame)
{
    struct tnef tnef = { .scan = scan, .frame = frame };

    if (!og_tnef_walk(frame->layer.data, frame->layer.len, take_tnef, &tnef))
        shut(scan, frame);
    free(tnef.path);
}

/* the name that gzip keeps of its file, RFC 1952 section 2.3.1; "" for none */
static const char *
gzip_name(const struct og_layer *layer)
{
    enum { HEAD = 10, HAS_EXTRA = 4, HAS_NAME = 8 };
    const unsigned char *data = (const unsigned char *)layer->data;
    size_t at = HEAD;

    if (layer->len < HEAD + 2 || (data[3] & HAS_NAME) == 0)
        return "";
    if ((data[3] & HAS_EXTRA) != 0)
        at += 2 + (size_t)data[HEAD] + ((size_t)data[HEAD + 1] << 8);
    return at < layer->len && memchr(data + at, '\0', layer->len - at) != NULL
               ? layer->data + at
               : "";
}

/* what holds one file and no list: it is unpacked by its own name without the ending, or by
 * the name inside */
static void
tell_single(struct og_scan *scan, const struct og_scan_frame *frame)
{
    const char *name = frame->layer.name, *dot = strrchr(name, '.');
    const char *inside = strcmp(frame->layer.type, "CL_TYPE_GZ") == 0
                             ? og_scan_base_name(gzip_name(&frame->layer))
                             : "";
    size_t len = dot != NULL ? (size_t)(dot - name) : 0;

    if (len > 0)
        tell_name(scan, frame, name, len);
    if (inside[0] != '\0' && (strlen(inside) != len || memcmp(inside, name, len) != 0))
        tell_name(scan, frame, inside, strlen(inside));
}

static bool
is_single(const struct og_scan_frame *frame)
{
    const char *type = frame->layer.type;

    return strcmp(type, "CL_TYPE_GZ") == 0 || strcmp(type, "CL_TYPE_BZ") == 0
           || strcmp(type, "CL_TYPE_XZ") == 0;
}

/* a RAR archive whose list is encrypted, too: a flag of RAR 4's first header, a header of
 * its own in RAR 5 */
static bool
is_locked_rar(const struct og_layer *layer)
{
    enum { RAR4_FLAGS = 10, RAR5_SIZE = 12, LOCKED = 0x80, CRYPT_HEADER = 4 };
    const unsigned char *data = (const unsigned char *)layer->data;
    size_t at = RAR5_SIZE;

    if (layer->len < 20)
        return false;
    if (data[6] == 0)
        return (data[RAR4_FLAGS] & LOCKED) != 0;
    while (at < RAR5_SIZE + 3 && (data[at] & 0x80) != 0)
        at++;
    return data[at + 1] == CRYPT_HEADER;
}

/* libclamav has no way into it where its library for that is missing: Debian has none */
static void
tell_rar(struct og_scan *scan, const struct og_scan_frame *frame)
{
    if (frame->members.count > 0 || frame->members.layers > 0)
        return;
    if (is_locked_rar(&frame->layer))
        og_scan_find(scan, &(struct og_finding){ .what = OG_FOUND_ENCRYPTED,
                                                 .path = frame->layer.path,
                                                 .name = "archive" });
    else
        shut(scan, frame);
}

/* archives that libclamav does not know: ACE, which WinRAR long opened, and WIM */
static bool
is_unknown(const struct og_layer *layer)
{
    static const char ace[] = "**ACE**", wim[] = "MSWIM\0\0";

    return layer->len >= 14
           && (memcmp(layer->data + 7, ace, sizeof ace - 1) == 0
               || memcmp(layer->data, wim, sizeof wim) == 0);
}

void
og_scan_names(struct og_scan *scan, const struct og_scan_frame *frame)
{
    if (is_zip(frame))
        tell_zip(scan, frame);
    else if (is_tar(frame))
        tell_tar(scan, frame);
    else if (strcmp(frame->layer.type, "CL_TYPE_TNEF") == 0)
        tell_tnef(scan, frame);
    else if (is_single(frame))
        tell_single(scan, frame);
    else if (strcmp(frame->layer.type, "CL_TYPE_RAR") == 0)
        tell_rar(scan, frame);
    else if (is_unknown(&frame->layer))
        shut(scan, frame);
}
