/* SPDX-License-Identifier: BSD-2-Clause */
/* What libclamav tells of one piece becomes findings, layer by layer. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/macro/macro.h"
#include "core/scan/scan_int.h"

static struct og_scan_frame *
top(struct og_scan *scan)
{
    return scan->depth > 0 ? &scan->frames[scan->depth - 1] : NULL;
}

const char *
og_scan_path(const struct og_scan *scan)
{
    if (scan->depth > 0)
        return scan->frames[scan->depth - 1].layer.path;
    return scan->piece != NULL ? scan->piece->path : "";
}

static void
keep_failure(struct og_scan *scan, enum og_rc rc, const struct og_err *err)
{
    if (scan->rc != OG_OK || rc == OG_OK)
        return;
    if (rc == OG_E_LIMIT) { /* of the findings: what follows is told by this one */
        og_scan_limit(scan, "", "files");
        return;
    }
    scan->rc = rc;
    scan->err = *err;
}

/* text without content of its own, and what libclamav could not tell */
static bool
says_nothing(const char *type)
{
    return strncmp(type, "CL_TYPE_TEXT", 12) == 0
           || strcmp(type, "CL_TYPE_BINARY_DATA") == 0 || strcmp(type, "CL_TYPE_ANY") == 0
           || strcmp(type, "CL_TYPE_IGNORED") == 0;
}

/* libclamav's own name for a MIME part that has none */
static const char *
given_name(const struct og_scan *scan, const struct og_clam_layer *layer)
{
    bool is_part = scan->piece->is_message && scan->depth == 1;

    return is_part && strcmp(layer->name, "attachment") == 0 ? "" : layer->name;
}

/* has this layer been looked at? Twice in one archive, as libclamav finds the members of
 * a document once more by their heads; or as a part of the message */
static bool
was_seen(struct og_scan *scan, const struct og_clam_layer *layer)
{
    uint64_t hash = og_siphash(&scan->scanner->key, layer->data, layer->len);
    uint64_t within;

    if (scan->piece->is_message) /* its parts are there by what they hold */
        return scan->depth > 0 && !og_scan_seen_put(&scan->seen, hash);
    (void)og_scan_seen_put(&scan->seen, hash); /* for the whole, later */
    if (scan->depth == 0)
        return false;
    within = hash ^ (top(scan)->serial * UINT64_C(0x9e3779b97f4a7c15));
    return !og_scan_seen_put(&scan->seen, within);
}

/* may libclamav go on with this layer? */
static bool
fits(struct og_scan *scan, const struct og_clam_layer *layer)
{
    const struct og_scanner_conf *conf = &scan->scanner->conf;

    if (scan->rc != OG_OK || og_scan_expired(scan, og_scan_path(scan)))
        return false;
    if (scan->files >= conf->max_files) {
        og_scan_limit(scan, og_scan_path(scan), "files");
        return false;
    }
    if (layer->len > conf->max_bytes - scan->bytes) {
        og_scan_limit(scan, og_scan_path(scan), "size");
        return false;
    }
    if (layer->len
        > conf->max_file_bytes) /* this is its beginning, the rest is cut off */
        og_scan_limit(scan, og_scan_path(scan), "file-size");
    scan->files++;
    scan->bytes += layer->len;
    return true;
}

/* the frame's path and name; the piece itself has both already */
static bool
name_frame(struct og_scan *scan, struct og_scan_frame *frame, const char *given,
           uint64_t size)
{
    struct og_scan_frame *parent = top(scan);
    const char *path = og_scan_path(scan), *name = scan->piece->name, *full;
    char *joined = NULL;

    if (parent != NULL) {
        name = og_scan_base_name(given);
        full = given[0] != '\0' ? og_scan_members_meet(&parent->members, given, size)
                                : given;
        parent->members.layers += given[0] == '\0';
        if (full[0] != '\0'
            && asprintf(&joined, "%s%s%s", path, path[0] != '\0' ? "/" : "", full) < 0)
            joined = NULL;
        if (full[0] == '\0')
            joined = strdup(path);
    } else {
        joined = strdup(path);
    }
    frame->layer.path = joined;
    frame->layer.name = strdup(name != NULL ? name : "");
    return joined != NULL && frame->layer.name != NULL;
}

static void
drop_frame(struct og_scan_frame *frame)
{
    free(og_unconst(frame->layer.path));
    free(og_unconst(frame->layer.name));
    og_scan_members_free(&frame->members);
    *frame = (struct og_scan_frame){ .depth = 0 };
}

static void
tell_file(struct og_scan *scan, const struct og_scan_frame *frame)
{
    bool is_piece = scan->depth == 1;

    if (is_piece)
        scan->piece->type = frame->layer.type;
    if (scan->piece->is_message && (is_piece || !scan->piece->whole))
        return;
    if (frame->layer.name[0] == '\0' && !is_piece && says_nothing(frame->layer.type))
        return;
    og_scan_find(scan,
                 &(struct og_finding){ .what = OG_FOUND_FILE,
                                       .path = frame->layer.path,
                                       .name = frame->layer.name,
                                       .type = frame->layer.type,
                                       .claimed = is_piece ? scan->piece->claimed : "",
                                       .size = frame->layer.size,
                                       .depth = frame->depth });
}

/* an inner document is scanned after this piece: libclamav is in the middle of it */
static enum og_rc
take_inner(const struct og_layer *inner, void *arg, struct og_err *err)
{
    struct og_scan *scan = arg;
    const struct og_scan_frame *frame = top(scan);
    struct og_scan_piece piece = { .path = inner->path,
                                   .name = inner->name,
                                   .data = inner->data,
                                   .len = inner->len,
                                   .depth = frame->depth + 1,
                                   .messages = scan->piece->messages + 1 };

    return og_scan_later(scan, &piece, err);
}

static void
look_for_macros(struct og_scan *scan, const struct og_layer *layer, bool inner)
{
    struct og_err err = { "" };

    keep_failure(scan, og_macro_look(layer, scan->findings, &err), &err);
    if (inner)
        keep_failure(scan, og_macro_inner(layer, scan->findings, take_inner, scan, &err),
                     &err);
}

/* a message in an archive, or one that was encoded: its parts have true names only here */
static void
queue_message(struct og_scan *scan, const struct og_scan_frame *frame)
{
    struct og_scan_piece piece = { .is_message = true,
                                   .path = frame->layer.path,
                                   .name = frame->layer.name,
                                   .data = frame->layer.data,
                                   .len = frame->layer.len,
                                   .depth = frame->depth,
                                   .messages = scan->piece->messages + 1 };
    struct og_err err = { "" };

    keep_failure(scan, og_scan_later(scan, &piece, &err), &err);
}

static bool
enter(const struct og_clam_layer *layer, void *arg)
{
    struct og_scan *scan = arg;
    struct og_scan_frame *parent = top(scan), *frame = &scan->frames[scan->depth];
    /* a MIME part is not in an archive, and what has no name is its parent unpacked */
    bool is_member =
        layer->name[0] != '\0' && !(scan->piece->is_message && scan->depth == 1);

    if (scan->depth == OG_SCAN_MAX_FRAMES) /* libclamav's own limit is lower */
        return false;
    *frame = (struct og_scan_frame){ .passed_over = true };
    if (was_seen(scan, layer)) {
        if (parent != NULL)
            og_scan_members_again(&parent->members, layer->name, layer->len);
        scan->depth++;
        return false;
    }
    if (!fits(scan, layer)
        || !name_frame(scan, frame, given_name(scan, layer), layer->len)) {
        scan->depth++;
        return false;
    }
    frame->layer.parent = parent != NULL ? &parent->layer : NULL;
    frame->layer.type = layer->type;
    frame->layer.data = layer->data;
    frame->layer.len = frame->layer.size = layer->len;
    frame->depth = parent != NULL ? parent->depth + is_member : scan->piece->depth;
    frame->passed_over = false;
    frame->serial = ++scan->serial;
    scan->depth++;
    tell_file(scan, frame);
    if (scan->piece->is_message && scan->depth == 1)
        return scan->rc == OG_OK;
    if (scan->request->macros)
        look_for_macros(scan, &frame->layer, true);
    if (strcmp(layer->type, "CL_TYPE_MAIL") == 0) {
        queue_message(scan, frame);
        return false;
    }
    return scan->rc == OG_OK;
}

/* libclamav finds a cabinet in a document of Windows Installer by its sectors too, and
 * tells of its members there again */
static bool
was_told(const struct og_findings *list, const char *path, uint64_t size)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->list[i].size == size && list->list[i].what == OG_FOUND_FILE
            && list->list[i].type[0] != '\0' && strcmp(list->list[i].path, path) == 0)
            return true;
    return false;
}

/* members that libclamav told of and did not hand over: encrypted, too small to look at,
 * or packed in a way it does not know */
static void
tell_members(struct og_scan *scan, const struct og_scan_frame *frame)
{
    const struct og_scan_members *members = &frame->members;
    size_t shut = 0;

    for (size_t i = 0; i < members->count; i++) {
        const struct og_scan_member *member = &members->list[i];
        const char *name = og_scan_base_name(member->name);
        char *path = NULL;

        if (member->met || name[0] == '\0') /* a folder's name ends in / */
            continue;
        if (asprintf(&path, "%s/%s", frame->layer.path, member->name) < 0)
            continue;
        if (!member->encrypted && was_told(scan->findings, path, member->size)) {
            free(path);
            continue;
        }
        og_scan_find(scan, &(struct og_finding){ .what = OG_FOUND_FILE,
                                                 .path = path,
                                                 .name = name,
                                                 .size = member->size,
                                                 .depth = frame->depth + 1 });
        free(path);
        if (member->encrypted)
            og_scan_find(scan, &(struct og_finding){ .what = OG_FOUND_ENCRYPTED,
                                                     .path = frame->layer.path,
                                                     .name = "archive" });
        else
            shut += !member->again
                    && member->size > 5; /* libclamav looks at no file of 5 bytes */
    }
    if (shut > 0 && members->layers < members->count && scan->shut == NULL)
        scan->shut = strdup(frame->layer.path); /* libclamav tells its limits later */
}

static void
leave(void *arg)
{
    struct og_scan *scan = arg;
    struct og_scan_frame *frame = top(scan);

    if (frame == NULL)
        return;
    if (!frame->passed_over && scan->rc == OG_OK) {
        tell_members(scan, frame);
        og_scan_names(scan, frame);
    }
    drop_frame(frame);
    scan->depth--;
}

static void
member(const char *name, uint64_t size, bool encrypted, void *arg)
{
    struct og_scan *scan = arg;
    struct og_scan_frame *frame = top(scan);

    if (frame != NULL && !frame->passed_over
        && strcmp(frame->layer.type, "CL_TYPE_MAIL") != 0)
        og_scan_members_add(&frame->members, name, size, encrypted,
                            scan->scanner->conf.max_files);
}

static void
vba(const char *text, size_t len, void *arg)
{
    struct og_scan *scan = arg;
    struct og_scan_frame *frame = top(scan);
    struct og_layer source = {
        .name = "", .type = "OG_VBA_SOURCE", .data = text, .len = len, .size = len
    };

    if (!scan->request->macros || scan->rc != OG_OK)
        return;
    source.parent = frame != NULL ? &frame->layer : NULL;
    source.path = og_scan_path(scan);
    look_for_macros(scan, &source, false);
}

const struct og_clam_events og_scan_events = { enter, leave, member, og_scan_alert, vba };
