/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/lib/xml_scan.h"
#include "core/scan/scan_int.h"

enum {
    ROOM = 200,          /* findings kept free for what matters more than a name */
    ROOM_TEXT = 1 << 20, /* bytes of text form, the same */
    LEAST_WAIT_MS = 1,   /* 0 would mean no limit */
    /* libclamav's ceiling of a file is so much higher than ours: it cuts what is above its
     * own in an archive, to a multiple of a buffer, and does not tell */
    CUT = 1 << 20,
};

#define FILE_BYTES_MAX UINT64_C(2147483647) /* libclamav's own */

static uint64_t
now_ms(void)
{
    struct timespec now = { 0, 0 };

    (void)clock_gettime(CLOCK_MONOTONIC, &now); /* does not fail */
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void
og_scan_find(struct og_scan *scan, const struct og_finding *finding)
{
    struct og_findings *list = scan->findings;
    struct og_err err = { "" };
    enum og_rc rc;

    if (scan->rc != OG_OK)
        return;
    if (finding->what == OG_FOUND_FILE
        && (list->count >= OG_FINDINGS_MAX - ROOM
            || list->text_bytes > OG_FINDINGS_MAX_TEXT - ROOM_TEXT)) {
        og_scan_limit(scan, "", "files");
        return;
    }
    rc = og_findings_add(list, finding, &err);
    if (rc == OG_E_LIMIT && finding->what != OG_FOUND_LIMIT)
        og_scan_limit(scan, "", "files");
    if (rc == OG_OK || rc == OG_E_LIMIT) /* the first of its kind is there */
        return;
    scan->rc = rc;
    scan->err = err;
}

/* the number that was met; for what has none, 0 */
static uint64_t
ceiling(const struct og_scan *scan, const char *name)
{
    const struct og_scanner_conf *conf = &scan->scanner->conf;

    if (strcmp(name, "size") == 0)
        return conf->max_bytes;
    if (strcmp(name, "file-size") == 0)
        return conf->max_file_bytes;
    if (strcmp(name, "files") == 0)
        return conf->max_files;
    if (strcmp(name, "depth") == 0)
        return conf->max_depth;
    if (strcmp(name, "parts") == 0)
        return conf->max_parts;
    if (strcmp(name, "time") == 0)
        return scan->request->timeout_ms;
    return 0;
}

void
og_scan_limit(struct og_scan *scan, const char *path, const char *name)
{
    const struct og_findings *list = scan->findings;
    const char *told = strcmp(name, "file-size") == 0 ? "size" : name;

    /* once is enough where everything after it is left out */
    for (size_t i = 0; i < list->count; i++)
        if (list->list[i].what == OG_FOUND_LIMIT && strcmp(list->list[i].name, told) == 0
            && strcmp(name, "format") != 0)
            return;
    og_scan_find(scan, &(struct og_finding){ .what = OG_FOUND_LIMIT,
                                             .path = path,
                                             .name = told,
                                             .size = ceiling(scan, name) });
}

bool
og_scan_expired(struct og_scan *scan, const char *path)
{
    if (scan->end_ms == 0 || now_ms() < scan->end_ms)
        return false;
    og_scan_limit(scan, path, "time");
    return true;
}

/* the ceiling of one file */
static uint64_t
file_bytes(const struct og_scanner_conf *conf)
{
    return conf->max_file_bytes < FILE_BYTES_MAX - CUT ? conf->max_file_bytes
                                                       : FILE_BYTES_MAX - CUT;
}

/* what is left of the ceilings for one more piece */
static struct og_clam_limits
rest(const struct og_scan *scan)
{
    const struct og_scanner_conf *conf = &scan->scanner->conf;
    uint64_t now = scan->end_ms > 0 ? now_ms() : 0;
    struct og_clam_limits limits = {
        .bytes = conf->max_bytes - scan->bytes,
        .file_bytes = file_bytes(conf) + CUT,
        .files = conf->max_files - scan->files,
        .depth = conf->max_depth > scan->piece->depth
                     ? conf->max_depth - scan->piece->depth
                     : 1,
    };

    if (scan->end_ms > 0)
        limits.wait_ms =
            now < scan->end_ms ? (unsigned)(scan->end_ms - now) : LEAST_WAIT_MS;
    limits.depth++; /* the piece itself is one */
    return limits;
}

static bool
has_room(struct og_scan *scan, const struct og_scan_piece *piece)
{
    const struct og_scanner_conf *conf = &scan->scanner->conf;

    if (og_scan_expired(scan, piece->path))
        return false;
    if (piece->too_large || piece->len > conf->max_file_bytes) {
        og_scan_limit(scan, piece->path, "file-size");
        return false;
    }
    if (piece->len > conf->max_bytes - scan->bytes || scan->bytes == conf->max_bytes) {
        og_scan_limit(scan, piece->path, "size");
        return false;
    }
    if (scan->files >= conf->max_files) {
        og_scan_limit(scan, piece->path, "files");
        return false;
    }
    return true;
}

/* in a document for the sake of winmail.dat, which is a part of libclamav's reader of mail */
static bool
looks_for_mail(const struct og_scan_piece *piece)
{
    return piece->mail || !piece->is_message;
}

enum og_rc
og_scan_piece(struct og_scan *scan, struct og_scan_piece *piece, struct og_err *err)
{
    enum og_clam_end end = OG_CLAM_DONE;
    struct og_clam_limits limits;
    enum og_rc rc;

    piece->type = NULL;
    scan->piece = piece;
    if (!has_room(scan, piece))
        return OG_OK;
    limits = rest(scan);
    rc = og_clam_scan(scan->scanner->clam, piece->data, piece->len, looks_for_mail(piece),
                      &limits, &og_scan_events, scan, &end, err);
    while (scan->depth > 0) /* nothing is left open, whatever libclamav did */
        og_scan_events.leave(scan);
    if (rc == OG_OK && end == OG_CLAM_NO_SPACE)
        og_scan_limit(scan, piece->path, "space");
    if (scan->shut != NULL && og_findings_first(scan->findings, OG_FOUND_LIMIT) == NULL)
        og_scan_limit(scan, scan->shut, "format");
    free(scan->shut);
    scan->shut = NULL;
    if (rc == OG_OK && scan->rc != OG_OK)
        rc = og_fail(err, scan->rc, "%s", scan->err.text);
    return rc;
}

enum og_rc
og_scan_document(struct og_scan *scan, struct og_scan_piece *piece, struct og_err *err)
{
    enum og_rc rc = og_scan_piece(scan, piece, err);

    if (rc == OG_OK && piece->type == NULL) /* too small, or above a ceiling */
        og_scan_find(scan, &(struct og_finding){ .what = OG_FOUND_FILE,
                                                 .path = piece->path,
                                                 .name = piece->name,
                                                 .claimed = piece->claimed,
                                                 .size = piece->len,
                                                 .depth = piece->depth });
    return rc == OG_OK && scan->rc != OG_OK ? og_fail(err, scan->rc, "%s", scan->err.text)
                                            : rc;
}

enum og_rc
og_scan_later(struct og_scan *scan, const struct og_scan_piece *piece, struct og_err *err)
{
    uint64_t left = scan->scanner->conf.max_bytes - scan->bytes;

    if (scan->queue.bytes > left || piece->len > left - scan->queue.bytes) {
        og_scan_limit(scan, piece->path, "size");
        return OG_OK;
    }
    return og_scan_queue_add(&scan->queue, piece, err);
}

static enum og_rc
one(struct og_scan *scan, struct og_scan_piece *piece, struct og_err *err)
{
    if (piece->depth > scan->scanner->conf.max_depth
        || piece->messages > scan->scanner->conf.max_depth) {
        og_scan_limit(scan, piece->path, "depth");
        return OG_OK;
    }
    return piece->is_message ? og_scan_message(scan, piece, err)
                             : og_scan_document(scan, piece, err);
}

enum og_rc
og_scan_all(struct og_scan *scan, struct og_scan_piece *first, struct og_err *err)
{
    struct og_scan_piece piece;
    struct og_xml_voice voice;
    enum og_rc rc;

    og_xml_hush(&voice); /* libclamav uses it too */
    scan->begin_ms = now_ms();
    if (scan->request->timeout_ms > 0)
        scan->end_ms = scan->begin_ms + scan->request->timeout_ms;
    rc = one(scan, first, err);
    while (rc == OG_OK && og_scan_queue_take(&scan->queue, &piece)) {
        rc = one(scan, &piece, err);
        scan->piece = NULL;
        og_scan_piece_free(&piece);
    }
    scan->findings->elapsed_ms = now_ms() - scan->begin_ms;
    og_xml_speak(&voice);
    return rc;
}
