/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_SCAN_SCAN_INT_H
#define OG_SCAN_SCAN_INT_H

#include "core/base/layer.h"
#include "core/base/siphash.h"
#include "core/lib/clam.h"
#include "core/scan/scanner.h"

/* inside of core/scan: one running scan */

struct og_scanner {
    struct og_clam *clam;
    struct og_siphash_key key;
    struct og_scanner_conf conf; /* its numbers; the texts are gone */
};

/* --- scan_seen.c: contents that were looked at already */

struct og_scan_seen {
    uint64_t *slots; /* 0 is free */
    size_t size;     /* a power of two */
    size_t count;
};

/* og_scan_seen_put - true when it is new; without memory everything is */
bool og_scan_seen_put(struct og_scan_seen *seen, uint64_t hash);

/* --- scan_members.c: what an archive says of its members */

struct og_scan_member {
    char *name; /* with its folders */
    uint64_t size;
    bool encrypted;
    bool met;   /* came as a layer */
    bool again; /* came with a content that was looked at already */
};

struct og_scan_members {
    struct og_scan_member *list;
    size_t count, cap;
    size_t layers; /* direct members that came as a layer */
};

/* og_scan_members_add - once for each name and size; without memory it is passed over */
void og_scan_members_add(struct og_scan_members *members, const char *name, uint64_t size,
                         bool encrypted, size_t max);

/* og_scan_members_meet - the full name of a member that comes as a layer of that name,
 * with or without folders, or that name; owned by members or the caller */
const char *og_scan_members_meet(struct og_scan_members *members, const char *name,
                                 uint64_t size);

/* og_scan_members_again - a layer of that name has the content of an earlier one: its
 * member is told by its name alone, but is not shut */
void og_scan_members_again(struct og_scan_members *members, const char *name,
                           uint64_t size);
void og_scan_members_free(struct og_scan_members *members);

/* og_scan_base_name - a name without its folders */
const char *og_scan_base_name(const char *name);

/* --- scan_queue.c: messages and documents that are scanned after the present one */

struct og_scan_piece {
    bool is_message; /* else a document */
    bool whole;      /* a message that others may read in another way: what is in it
                      * and was not a part is told too */
    bool mail;       /* libclamav looks for MIME parts in it */
    bool too_large;  /* data is not all of it */
    const char *path, *name, *claimed; /* claimed: Content-Type of a MIME part, or "" */
    const char *data;
    size_t len;
    unsigned depth;    /* in archives */
    unsigned messages; /* how many messages it is in, itself not counted */
    const char *type; /* by content, after it was scanned; NULL: libclamav did not look */
};

struct og_scan_queue {
    struct og_scan_piece *list;
    size_t count, cap;
    size_t bytes; /* of all of them */
};

/* og_scan_queue_add - copies everything; OG_E_NOMEM */
enum og_rc og_scan_queue_add(struct og_scan_queue *queue,
                             const struct og_scan_piece *piece,
                             struct og_err *err) OG_CHECKED;
/* og_scan_queue_take - the last one, its texts and data are the caller's to free with
 * og_scan_piece_free(); false: none is left */
bool og_scan_queue_take(struct og_scan_queue *queue, struct og_scan_piece *piece);
void og_scan_piece_free(struct og_scan_piece *piece);
void og_scan_queue_free(struct og_scan_queue *queue);

/* --- scan.c: findings, ceilings, one piece after the other */

enum { OG_SCAN_MAX_FRAMES = 128 }; /* libclamav's most are 100 */

struct og_scan_frame {
    struct og_layer layer; /* path and name are owned */
    unsigned depth;
    unsigned serial;
    bool passed_over; /* not looked into */
    struct og_scan_members members;
};

struct og_scan {
    struct og_scanner *scanner;
    const struct og_scan_request *request;
    struct og_findings *findings;
    uint64_t begin_ms, end_ms; /* end_ms 0: no deadline */
    uint64_t bytes;            /* of all layers so far */
    unsigned files;
    unsigned serial; /* of the last layer, for the hash of one within its archive */
    struct og_scan_seen seen;
    struct og_scan_queue queue;
    struct og_scan_piece *piece; /* the present one */
    struct og_scan_frame frames[OG_SCAN_MAX_FRAMES];
    size_t depth;  /* frames in use */
    char *shut;    /* an archive with members that were not opened, of this piece */
    enum og_rc rc; /* the first failure inside of a callback */
    struct og_err err;
};

/* og_scan_find - add a finding; a failure stays in scan->rc */
void og_scan_find(struct og_scan *scan, const struct og_finding *finding);

/* og_scan_limit - a ceiling was met: `size`, `files` ...; `file-size` is told as `size`,
 * with the number that holds for one file */
void og_scan_limit(struct og_scan *scan, const char *path, const char *name);

/* og_scan_expired - the deadline has passed, which becomes a finding */
bool og_scan_expired(struct og_scan *scan, const char *path);

/* og_scan_piece - give one piece to libclamav; piece->type is set afterwards */
enum og_rc og_scan_piece(struct og_scan *scan, struct og_scan_piece *piece,
                         struct og_err *err) OG_CHECKED;

/* og_scan_later - a copy of a piece is scanned after this one; with those that wait it has to
 * fit into max_bytes, which else becomes a finding; OG_E_NOMEM */
enum og_rc og_scan_later(struct og_scan *scan, const struct og_scan_piece *piece,
                         struct og_err *err) OG_CHECKED;

/* og_scan_all - the first piece, and all that is found in it to be scanned after it */
enum og_rc og_scan_all(struct og_scan *scan, struct og_scan_piece *first,
                       struct og_err *err) OG_CHECKED;

/* og_scan_document - a piece that is a file: FILE finding, libclamav, macros */
enum og_rc og_scan_document(struct og_scan *scan, struct og_scan_piece *piece,
                            struct og_err *err) OG_CHECKED;

/* --- scan_message.c */

/* og_scan_message - a piece that is a message: its parts, its text, the whole */
enum og_rc og_scan_message(struct og_scan *scan, struct og_scan_piece *piece,
                           struct og_err *err) OG_CHECKED;

/* --- scan_layers.c, scan_alert.c: what libclamav tells */

extern const struct og_clam_events og_scan_events;
void og_scan_alert(const char *signature, void *arg);

/* --- scan_names.c */

/* og_scan_names - tell names of an archive's members that libclamav cuts or does not know,
 * and whether it was able to read the archive as others do */
void og_scan_names(struct og_scan *scan, const struct og_scan_frame *frame);

/* og_scan_path - where the present layer is */
const char *og_scan_path(const struct og_scan *scan);

#endif
