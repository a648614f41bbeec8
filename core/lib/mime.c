/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/lib/mime.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/lib/mime_int.h"

struct walk {
    const char *data;
    size_t len;
    const struct og_mime_limits *limits;
    og_mime_visit *visit;
    void *arg;
    struct og_mime_message *message;
    bool full;   /* no more parts are visited */
    bool twice;  /* a field or parameter that stands twice: names may be others */
    bool unsure; /* what the parts are depends on who reads it */
    const char *boundary; /* of the innermost multipart, or NULL */
};

static enum og_rc walk_object(struct walk *walk, GMimeObject *object, const char *folder,
                              unsigned messages, unsigned multiparts, struct og_err *err);

static void
warned(gint64 offset, GMimeParserWarning code, const gchar *item, gpointer arg)
{
    struct walk *walk = arg;

    (void)offset;
    switch (code) {
    case GMIME_WARN_DUPLICATED_HEADER:
    case GMIME_CRIT_CONFLICTING_HEADER:
        /* of a part all are told, and only these say what it is */
        if (item != NULL && strncasecmp(item, "content-", 8) == 0)
            walk->message->odd = walk->twice = walk->unsure = true;
        break;
    case GMIME_WARN_DUPLICATED_PARAMETER:
    case GMIME_CRIT_CONFLICTING_PARAMETER:
    case GMIME_WARN_INVALID_PARAMETER:
        walk->message->odd = walk->twice = walk->unsure = true;
        break;
    case GMIME_WARN_UNENCODED_8BIT_HEADER:
    case GMIME_WARN_INVALID_RFC2047_HEADER_VALUE:
    case GMIME_WARN_INVALID_ADDRESS_LIST:
        break;
    case GMIME_WARN_INVALID_CONTENT_TYPE:
    case GMIME_CRIT_MULTIPART_WITHOUT_BOUNDARY:
        walk->message->odd = walk->unsure = true;
        break;
    case GMIME_WARN_MALFORMED_MULTIPART:
    case GMIME_WARN_TRUNCATED_MESSAGE:
    case GMIME_WARN_MALFORMED_MESSAGE:
    case GMIME_CRIT_INVALID_HEADER_NAME:
    case GMIME_CRIT_NESTING_OVERFLOW:
    case GMIME_WARN_PART_WITHOUT_CONTENT:
    case GMIME_CRIT_PART_WITHOUT_HEADERS_OR_CONTENT:
        walk->message->odd = true;
        break;
    }
}

/* may one more part be visited? */
static bool
count_part(struct walk *walk)
{
    if (walk->message->parts >= walk->limits->parts) {
        walk->message->too_many = walk->full = true;
        return false;
    }
    walk->message->parts++;
    return true;
}

/* files in uuencode between the lines of a text */
static enum og_rc
visit_uu(struct walk *walk, const struct og_mime_part *text, struct og_err *err)
{
    const char *name, *lines;
    size_t at = 0, name_len, lines_len;
    enum og_rc rc = OG_OK;

    while (rc == OG_OK
           && og_mime_find_uu(text->data, text->len, &at, &name, &name_len, &lines,
                              &lines_len)) {
        struct og_mime_part part = {
            .other = "", .folder = text->folder, .claimed = "", .charset = ""
        };
        char *own = NULL, *copy;
        bool clear, odd;

        if (!count_part(walk))
            break;
        walk->message->odd = true;
        rc = og_mime_decode(GMIME_CONTENT_ENCODING_UUENCODE, lines, lines_len, &own,
                            &part.data, &part.len, &clear, &odd, err);
        copy = g_strndup(name, name_len);
        part.name = copy;
        if (rc == OG_OK)
            rc = walk->visit(&part, walk->arg, err);
        g_free(copy);
        free(own);
    }
    return rc;
}

static bool
is_known_encoding(GMimeObject *object)
{
    static const char *const known[] = {
        "7bit", "8bit", "binary", "quoted-printable", "base64", "x-uuencode", "uuencode"
    };
    const char *value = g_mime_object_get_header(object, "Content-Transfer-Encoding");
    char *word;
    bool found = value == NULL;

    if (value == NULL)
        return true;
    word = g_strstrip(g_strdup(value));
    for (size_t i = 0; i < N_ELEMENTS(known); i++)
        found = found || strcasecmp(word, known[i]) == 0;
    g_free(word);
    return found;
}

static bool
is_attachment(GMimeObject *object, const struct og_mime_names *names)
{
    const char *disposition = g_mime_object_get_disposition(object);

    return names->name[0] != '\0'
           || (disposition != NULL && strcasecmp(disposition, "attachment") == 0);
}

static void
read_names(struct walk *walk, GMimeObject *object, struct og_mime_names *names)
{
    og_mime_name(object, walk->twice, names);
    walk->message->too_large = walk->message->too_large || names->full;
}

/* where the body stands, and what it holds */
static enum og_rc
read_content(struct walk *walk, GMimePart *leaf, struct og_mime_part *part, char **own,
             struct og_err *err)
{
    GMimeContentEncoding encoding = g_mime_part_get_content_encoding(leaf);
    GMimeDataWrapper *content = g_mime_part_get_content(leaf);
    GMimeStream *stream =
        content != NULL ? g_mime_data_wrapper_get_stream(content) : NULL;
    size_t len;

    part->data = "";
    if (stream == NULL || stream->bound_start < 0
        || (size_t)stream->bound_start > walk->len)
        return OG_OK; /* a part without content */
    part->begin = (size_t)stream->bound_start;
    part->end =
        stream->bound_end >= stream->bound_start && (size_t)stream->bound_end <= walk->len
            ? (size_t)stream->bound_end
            : walk->len;
    len = part->end - part->begin;
    if (len / 4 * 3 > walk->limits->part_bytes) {
        part->data = NULL;
        part->len = encoding == GMIME_CONTENT_ENCODING_BASE64 ? len / 4 * 3 : len;
        return OG_OK;
    }
    return og_mime_decode(encoding, walk->data + part->begin, len, own, &part->data,
                          &part->len, &part->clear, &walk->message->odd, err);
}

static bool
has_text(const struct og_mime_part *part, const char *text)
{
    return part->data != NULL
           && memmem(part->data, part->len, text, strlen(text)) != NULL;
}

/* RFC 2046 section 5.1.1: a delimiter may have more behind it, which GMime takes for text */
static bool
has_delimiter(const struct walk *walk, const struct og_mime_part *part)
{
    const char *at = walk->data + part->begin, *end = walk->data + part->end;
    size_t len = walk->boundary != NULL ? strlen(walk->boundary) : 0;

    while (len > 0 && (at = memmem(at, (size_t)(end - at), "\n--", 3)) != NULL) {
        at += 3;
        if ((size_t)(end - at) >= len && memcmp(at, walk->boundary, len) == 0)
            return true;
    }
    return false;
}

/* what others read as one more part, and is none here */
static bool
hides_part(const struct walk *walk, const struct og_mime_part *part)
{
    return !part->clear && (walk->unsure || has_delimiter(walk, part))
           && og_mime_hides(walk->data + part->begin, part->end - part->begin);
}

static enum og_rc
visit_leaf(struct walk *walk, GMimePart *leaf, const char *folder, struct og_err *err)
{
    GMimeObject *object = (GMimeObject *)leaf;
    GMimeContentType *type = g_mime_object_get_content_type(object);
    const char *charset = g_mime_content_type_get_parameter(type, "charset");
    char *claimed = g_mime_content_type_get_mime_type(type), *own = NULL;
    struct og_mime_part part = { .folder = folder,
                                 .charset = charset != NULL ? charset : "" };
    struct og_mime_names names;
    char *lower = g_ascii_strdown(claimed, -1);
    enum og_rc rc;

    read_names(walk, object, &names);
    part.name = names.name;
    part.other = names.other;
    part.claimed = g_mime_object_get_header(object, "Content-Type") != NULL ? lower : "";
    rc = read_content(walk, leaf, &part, &own, err);
    if (!is_known_encoding(object))
        walk->message->odd = true;
    if (strcmp(lower, "message/partial") == 0 || hides_part(walk, &part))
        walk->message->odd = walk->message->shut = true;
    if (g_mime_content_type_is_type(type, "text", "*")) {
        bool read = !is_attachment(object, &names);

        part.is_html = read && strcmp(lower, "text/html") == 0;
        part.is_text = part.is_html || (read && strcmp(lower, "text/plain") == 0);
        walk->message->html = walk->message->html || part.is_html;
        if (has_text(&part, "=ybegin "))
            walk->message->odd = true;
    }
    if (rc == OG_OK && count_part(walk)) {
        rc = walk->visit(&part, walk->arg, err);
        if (rc == OG_OK && part.data != NULL
            && g_mime_content_type_is_type(type, "text", "*"))
            rc = visit_uu(walk, &part, err);
    }
    og_mime_name_free(&names);
    g_free(claimed);
    g_free(lower);
    free(own);
    return rc;
}

/* text before and behind the parts that looks like one more part */
static void
look_beside(struct walk *walk, GMimeMultipart *multipart)
{
    const char *const texts[] = { g_mime_multipart_get_prologue(multipart),
                                  g_mime_multipart_get_epilogue(multipart) };
    const char *encoding =
        g_mime_object_get_header((GMimeObject *)multipart, "Content-Transfer-Encoding");
    bool none = g_mime_multipart_get_count(multipart) == 0;

    walk->message->odd = walk->message->odd || none;
    if (none && encoding != NULL
        && (strcasestr(encoding, "base64") != NULL
            || strcasestr(encoding, "quoted") != NULL))
        walk->message->shut = true; /* all of it is encoded, RFC 2045 section 6.4 */
    for (size_t i = 0; i < N_ELEMENTS(texts); i++) {
        if (texts[i] == NULL)
            continue;
        if (strcasestr(texts[i], "content-") != NULL)
            walk->message->odd = true;
        if ((none || walk->unsure) && og_mime_hides(texts[i], strlen(texts[i])))
            walk->message->shut = true;
    }
}

static enum og_rc
walk_multipart(struct walk *walk, GMimeMultipart *multipart, const char *folder,
               unsigned messages, unsigned multiparts, struct og_err *err)
{
    const char *outer = walk->boundary;
    int count = g_mime_multipart_get_count(multipart);
    enum og_rc rc = OG_OK;

    look_beside(walk, multipart);
    walk->boundary = g_mime_multipart_get_boundary(multipart);
    for (int i = 0; i < count && rc == OG_OK && !walk->full; i++)
        rc = walk_object(walk, g_mime_multipart_get_part(multipart, i), folder, messages,
                         multiparts + 1, err);
    walk->boundary = outer;
    return rc;
}

static enum og_rc
walk_message(struct walk *walk, GMimeMessagePart *part, const char *folder,
             unsigned messages, struct og_err *err)
{
    GMimeMessage *inner = g_mime_message_part_get_message(part);
    struct og_mime_names names;
    char *path;
    enum og_rc rc = OG_OK;

    if (inner == NULL)
        return OG_OK;
    read_names(walk, (GMimeObject *)part, &names);
    path = names.name[0] == '\0'
               ? g_strdup(folder)
               : g_strconcat(folder, folder[0] != '\0' ? "/" : "", names.name, NULL);
    if (names.name[0] != '\0' && count_part(walk)) {
        struct og_mime_part told = { .name = names.name,
                                     .other = names.other,
                                     .folder = folder,
                                     .claimed = "message/rfc822",
                                     .charset = "",
                                     .is_message = true };

        rc = walk->visit(&told, walk->arg, err);
    }
    if (rc == OG_OK)
        rc = walk_object(walk, g_mime_message_get_mime_part(inner), path, messages + 1, 0,
                         err);
    og_mime_name_free(&names);
    g_free(path);
    return rc;
}

static enum og_rc
walk_object(struct walk *walk, GMimeObject *object, const char *folder, unsigned messages,
            unsigned multiparts, struct og_err *err)
{
    if (messages > walk->limits->depth || multiparts > walk->limits->depth) {
        walk->message->too_deep = true;
        return OG_OK;
    }
    if (GMIME_IS_MULTIPART(object))
        return walk_multipart(walk, (GMimeMultipart *)object, folder, messages,
                              multiparts, err);
    if (GMIME_IS_MESSAGE_PART(object))
        return walk_message(walk, (GMimeMessagePart *)object, folder, messages, err);
    if (GMIME_IS_PART(object))
        return visit_leaf(walk, (GMimePart *)object, folder, err);
    walk->message->odd = true; /* NULL: no header that can be read */
    return OG_OK;
}

/* bytes is the caller's: the library only reads it, and does not keep it */
static GMimeMessage *
parse(GByteArray *bytes, struct walk *walk)
{
    GMimeParserOptions *options = g_mime_parser_options_new();
    GMimeStream *stream = g_mime_stream_mem_new_with_byte_array(bytes);
    GMimeParser *parser;
    GMimeMessage *message;

    g_mime_stream_mem_set_owner((GMimeStreamMem *)stream, FALSE);
    g_mime_parser_options_set_warning_callback(options, warned, walk);
    parser = g_mime_parser_new_with_stream(stream);
    g_mime_parser_set_persist_stream(parser, TRUE);
    message = g_mime_parser_construct_message(parser, options);
    g_object_unref(parser);
    g_object_unref(stream);
    g_mime_parser_options_free(options);
    return message;
}

enum og_rc
og_mime_walk(const char *data, size_t len, const struct og_mime_limits *limits,
             og_mime_visit *visit, void *arg, struct og_mime_message *message,
             struct og_err *err)
{
    struct walk walk = {
        .data = data, .limits = limits, .visit = visit, .arg = arg, .message = message
    };
    GByteArray bytes;
    GMimeMessage *parsed;
    char *shown;
    enum og_rc rc = OG_OK;

    *message = (struct og_mime_message){ .parts = 0 };
    if (len > UINT32_MAX)
        return og_fail(err, OG_E_LIMIT, "message of more than 4 GiB");
    g_mime_init();
    message->odd = og_mime_odd(data, len);
    walk.len = og_mime_bound(data, len, limits, message);
    shown = og_mime_show_nuls(data, walk.len);
    if (shown != NULL) {
        message->odd = true;
        walk.data = shown;
    }
    bytes = (GByteArray){ og_unconst(walk.data), (guint)walk.len };
    parsed = walk.len > 0 ? parse(&bytes, &walk) : NULL;
    if (parsed == NULL) {
        message->odd = true;
    } else {
        rc = walk_object(&walk, g_mime_message_get_mime_part(parsed), "", 0, 0, err);
        g_object_unref(parsed);
    }
    g_free(shown);
    return rc;
}
