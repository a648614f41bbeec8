/* SPDX-License-Identifier: BSD-2-Clause */
/* A message: each part is decoded once and scanned by itself, under its true name. What
 * is left, the headers and texts, is matched against signatures as it stands; only a
 * message that somebody else may read in another way goes to libclamav's own reader. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/lib/mime.h"
#include "core/scan/fingerprint.h"
#include "core/scan/scan_int.h"

enum {
    TEXT_MAX = 4 << 20,  /* bytes of text that the fingerprint sees */
    CUT_LEAST = 512,     /* bytes of a part that are worth cutting out */
    LINES_MAX = 2000000, /* libclamav's reader keeps each in memory of its own */
};

struct reader {
    struct og_scan *scan;
    struct og_scan_piece *message;
    struct og_fingerprint *fingerprint; /* NULL: none is wanted */
    size_t text;                        /* bytes it has seen */
    struct og_buf rest; /* the message without what was scanned as a part */
    size_t rest_at;     /* up to here the message is in it */
    bool has_cut;
};

static void
take_text(const char *text, size_t len, void *arg)
{
    struct reader *reader = arg;

    og_fingerprint_add(reader->fingerprint, text, len);
}

/* this part's body does not belong to the rest */
static enum og_rc
cut_out(struct reader *reader, const struct og_mime_part *part, struct og_err *err)
{
    enum og_rc rc;

    if (!part->clear || part->end - part->begin < CUT_LEAST
        || part->begin < reader->rest_at)
        return OG_OK;
    rc = og_buf_add(&reader->rest, reader->message->data + reader->rest_at,
                    part->begin - reader->rest_at, err);
    reader->rest_at = part->end;
    reader->has_cut = true;
    return rc;
}

/* path of a part: of the message it is in, and its own name */
static char *
path_of(const struct reader *reader, const struct og_mime_part *part)
{
    const char *outer = reader->message->path;
    char *path = NULL;

    if (asprintf(&path, "%s%s%s%s%s", outer,
                 outer[0] != '\0' && part->folder[0] != '\0' ? "/" : "", part->folder,
                 (outer[0] != '\0' || part->folder[0] != '\0') && part->name[0] != '\0'
                     ? "/"
                     : "",
                 part->name)
        < 0)
        return NULL;
    return path;
}

static void
tell_other_name(struct reader *reader, const struct og_mime_part *part,
                const struct og_scan_piece *piece, const char *name)
{
    og_scan_find(reader->scan,
                 &(struct og_finding){ .what = OG_FOUND_FILE,
                                       .path = piece->path,
                                       .name = name,
                                       .type = piece->type != NULL ? piece->type : "",
                                       .claimed = part->claimed,
                                       .size = part->len,
                                       .depth = piece->depth });
}

static enum og_rc
tell_other_names(struct reader *reader, const struct og_mime_part *part,
                 const struct og_scan_piece *piece, struct og_err *err)
{
    char *names, *rest, *name;

    if (part->other[0] == '\0')
        return OG_OK;
    names = rest = strdup(part->other);
    if (names == NULL)
        return og_fail(err, OG_E_NOMEM, "no memory for names");
    while ((name = strsep(&rest, "\n")) != NULL)
        tell_other_name(reader, part, piece, name);
    free(names);
    return OG_OK;
}

/* a message within the message: its parts come by themselves */
static enum og_rc
tell_message(struct reader *reader, const struct og_mime_part *part,
             const struct og_scan_piece *piece, struct og_err *err)
{
    og_scan_find(reader->scan, &(struct og_finding){ .what = OG_FOUND_FILE,
                                                     .path = piece->path,
                                                     .name = part->name,
                                                     .type = "CL_TYPE_MAIL",
                                                     .claimed = part->claimed,
                                                     .depth = piece->depth });
    return tell_other_names(reader, part, piece, err);
}

static enum og_rc
visit(const struct og_mime_part *part, void *arg, struct og_err *err)
{
    struct reader *reader = arg;
    struct og_scan_piece piece = { .name = part->name,
                                   .claimed = part->claimed,
                                   .data = part->data != NULL ? part->data : "",
                                   .len = part->len,
                                   .depth = reader->message->depth,
                                   .messages = reader->message->messages };
    char *path = path_of(reader, part);
    enum og_rc rc;

    if (path == NULL)
        return og_fail(err, OG_E_NOMEM, "no memory for a path");
    piece.path = path;
    piece.too_large = part->data == NULL;
    if (part->is_message) {
        rc = tell_message(reader, part, &piece, err);
        free(path);
        return rc;
    }
    rc = og_scan_document(reader->scan, &piece, err);
    if (rc == OG_OK)
        rc = tell_other_names(reader, part, &piece, err);
    if (rc == OG_OK && reader->fingerprint != NULL && part->is_text && part->data != NULL
        && reader->text < TEXT_MAX) {
        reader->text += part->len;
        og_fingerprint_part(reader->fingerprint, part->is_html);
        og_mime_text(part, take_text, reader);
    }
    if (rc == OG_OK && piece.type != NULL)
        rc = cut_out(reader, part, err);
    free(path);
    return rc;
}

static void
tell_limits(struct og_scan *scan, const struct og_scan_piece *message,
            const struct og_mime_message *said)
{
    if (said->too_many)
        og_scan_limit(scan, message->path, "parts");
    if (said->too_deep)
        og_scan_limit(scan, message->path, "depth");
    if (said->too_large)
        og_scan_limit(scan, message->path, "size");
    if (said->shut)
        og_scan_limit(scan, message->path, "format");
}

/* the message as it stands, or what is left of it */
static enum og_rc
scan_rest(struct reader *reader, const struct og_mime_message *said, struct og_err *err)
{
    struct og_scan *scan = reader->scan;
    struct og_scan_piece rest = *reader->message;
    enum og_rc rc = OG_OK;

    rest.whole = said->odd;
    rest.mail = said->odd || (said->html && og_clam_phish(scan->scanner->clam));
    if (rest.mail && said->lines > LINES_MAX) {
        og_scan_limit(scan, rest.path, "size");
        rest.mail = rest.whole = false;
    }
    if (!rest.mail && og_clam_signatures(scan->scanner->clam) == 0)
        return OG_OK; /* nothing could match */
    if (!rest.whole && reader->has_cut) {
        rc = og_buf_add(&reader->rest, rest.data + reader->rest_at,
                        rest.len - reader->rest_at, err);
        rest.data = reader->rest.data;
        rest.len = reader->rest.len;
    }
    return rc == OG_OK ? og_scan_piece(scan, &rest, err) : rc;
}

/* some pass over NULs, and find other fields and parts: look at the message as they do */
static enum og_rc
queue_without_nuls(struct reader *reader, struct og_err *err)
{
    struct og_scan_piece copy = *reader->message;
    const char *at = copy.data, *end = at + copy.len;
    struct og_buf text = OG_BUF_INIT(copy.len);
    enum og_rc rc = OG_OK;

    if (copy.len == 0 || memchr(at, '\0', copy.len) == NULL)
        return OG_OK;
    while (at < end && rc == OG_OK) {
        const char *nul = memchr(at, '\0', (size_t)(end - at));
        size_t len = (size_t)((nul != NULL ? nul : end) - at);

        rc = og_buf_add(&text, at, len, err);
        at += len + (nul != NULL);
    }
    copy.data = og_buf_text(&text);
    copy.len = text.len;
    copy.messages++; /* the fingerprint is that of the first look */
    if (rc == OG_OK)
        rc = og_scan_later(reader->scan, &copy, err);
    og_buf_free(&text);
    return rc;
}

static enum og_rc
read_message(struct reader *reader, struct og_err *err)
{
    const struct og_scanner_conf *conf = &reader->scan->scanner->conf;
    struct og_mime_limits limits = { conf->max_parts, conf->max_depth,
                                     conf->max_file_bytes };
    struct og_mime_message said;
    enum og_rc rc = og_mime_walk(reader->message->data, reader->message->len, &limits,
                                 visit, reader, &said, err);

    if (rc == OG_OK) {
        tell_limits(reader->scan, reader->message, &said);
        rc = scan_rest(reader, &said, err);
    }
    return rc == OG_OK ? queue_without_nuls(reader, err) : rc;
}

enum og_rc
og_scan_message(struct og_scan *scan, struct og_scan_piece *message, struct og_err *err)
{
    struct og_fingerprint fingerprint;
    struct reader reader = { .scan = scan,
                             .message = message,
                             .rest = OG_BUF_INIT(message->len) };
    enum og_rc rc = OG_OK;

    /* that of the outermost message: an attached one is somebody else's text */
    if (scan->request->fingerprint && message->messages == 0) {
        rc = og_fingerprint_open(&fingerprint, err);
        reader.fingerprint = rc == OG_OK ? &fingerprint : NULL;
    }
    if (rc == OG_OK)
        rc = read_message(&reader, err);
    if (reader.fingerprint != NULL && rc == OG_OK)
        og_fingerprint_close(&fingerprint, scan->findings);
    else if (reader.fingerprint != NULL)
        og_fingerprint_free(&fingerprint);
    og_buf_free(&reader.rest);
    return rc;
}
