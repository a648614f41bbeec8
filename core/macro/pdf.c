/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/macro/pdf.h"

#include <stdlib.h>
#include <string.h>

#include "core/macro/pdf_file.h"
#include "core/macro/report.h"
#include "core/macro/rows.h"

enum {
    HEAD_BYTES = 1024,   /* readers accept that much before %PDF- */
    MAX_INSIDE = 100000, /* objects in one stream */
    MAX_FORM = 16 << 20, /* bytes of a form */
    MAX_ID = 1024,
};

size_t
og_pdf_find(const struct og_bytes *in, size_t from, const char *word)
{
    struct og_bytes rest = og_bytes_from(in, from, in->len);
    const unsigned char *hit = memmem(rest.data, rest.len, word, strlen(word));

    return hit != NULL ? (size_t)(hit - in->data) : in->len;
}

static bool
is_digit(unsigned char byte)
{
    return byte >= '0' && byte <= '9';
}

/* a number that ends before `end`, blanks between; moves end to its start */
static bool
number_before(const struct og_bytes *in, size_t *end, uint32_t *number)
{
    size_t to = *end, from;

    while (to > 0 && strchr(" \t\r\n\f", in->data[to - 1]) != NULL)
        to--;
    for (from = to; from > 0 && to - from < 10 && is_digit(in->data[from - 1]);)
        from--;
    *number = 0;
    for (size_t i = from; i < to; i++)
        *number = *number * 10 + (uint32_t)(in->data[i] - '0');
    *end = from;
    return from < to;
}

static enum og_rc
read_id(struct og_pdf_file *file)
{
    uint32_t id = og_pdf_get(&file->tree, 1, "ID");
    enum og_rc rc;

    if (file->id.len > 0 || file->tree.nodes[id].kind != OG_PDF_ARRAY)
        return OG_OK;
    rc = og_pdf_string(&file->tree, file->tree.nodes[id].child, &file->id, file->err);
    return rc == OG_E_NOMEM ? rc : OG_OK; /* of no use, then */
}

/* a trailer, or the dictionary of a stream in its place: how is the file encrypted? */
static enum og_rc
read_trailer(struct og_pdf_file *file)
{
    uint32_t lock = og_pdf_get(&file->tree, 1, "Encrypt");
    const struct og_pdf_node *n = &file->tree.nodes[lock];
    struct og_bytes id;
    enum og_rc rc = read_id(file);

    if (rc != OG_OK || file->crypt.encrypted)
        return rc;
    if (n->kind == OG_PDF_REF)
        file->lock = n->number;
    if (n->kind != OG_PDF_DICT)
        return OG_OK;
    id = og_bytes(og_buf_text(&file->id), file->id.len);
    return og_pdf_crypt_open(&file->crypt, &file->tree, lock, &id, file->err);
}

enum og_rc
og_pdf_read_object(struct og_pdf_file *file, struct og_pdf_place place, size_t *end)
{
    enum og_rc rc = og_pdf_add_place(&file->objects, place, file->err);
    const struct og_pdf_tree *tree = &file->tree;

    if (rc == OG_OK)
        rc = og_pdf_read(&file->tree, &file->bytes, place.at, file->err);
    if (rc != OG_OK)
        return rc;
    og_pdf_judge(tree, &file->signs);
    *end = tree->whole ? tree->end : place.at;
    if (tree->count < 2 || og_pdf_stream_at(file) == 0)
        return OG_OK;
    /* by what they must have: their type may stand elsewhere */
    if (og_pdf_get(tree, 1, "First") != 0 && og_pdf_get(tree, 1, "N") != 0)
        rc = og_pdf_add_place(&file->containers, place, file->err);
    if (rc == OG_OK && og_pdf_get(tree, 1, "W") != 0)
        rc = og_pdf_add_place(&file->tables, place, file->err);
    if (rc == OG_OK && og_pdf_get(tree, 1, "W") != 0)
        rc = read_trailer(file);
    return rc;
}

/* behind the stream of the object in the tree, so that its bytes are no objects; where
 * it has no end they are looked at */
static size_t
behind_stream(const struct og_pdf_file *file, size_t *endless)
{
    size_t at = og_pdf_stream_at(file), end, len;

    if (at == 0)
        return 0;
    len = og_pdf_number(&file->tree, og_pdf_get(&file->tree, 1, "Length"), 0);
    if (len < file->bytes.len - at
        && og_bytes_at(&file->bytes, og_pdf_skip(&file->bytes, at + len), "endstream", 9))
        return at + len;
    if (at >= *endless)
        return at;
    end = og_pdf_find(&file->bytes, at, "endstream");
    if (end == file->bytes.len)
        *endless = at;
    return end == file->bytes.len ? at : end;
}

static enum og_rc
read_objects(struct og_pdf_file *file)
{
    size_t at = 0, endless = file->bytes.len;
    enum og_rc rc = OG_OK;

    while (rc == OG_OK && og_pdf_busy(file)) {
        struct og_pdf_place place;
        size_t hit = og_pdf_find(&file->bytes, at, "obj"), before = hit, after;

        if (hit == file->bytes.len)
            return OG_OK;
        at = hit + 3;
        if (!number_before(&file->bytes, &before, &place.generation)
            || !number_before(&file->bytes, &before, &place.number))
            continue;
        place.at = at;
        rc = og_pdf_read_object(file, place, &at);
        after = rc == OG_OK && file->tree.whole ? behind_stream(file, &endless) : 0;
        at = after > at ? after : at;
    }
    return rc;
}

static enum og_rc
read_trailers(struct og_pdf_file *file)
{
    enum og_rc rc = OG_OK;

    for (size_t at = og_pdf_find(&file->bytes, 0, "trailer");
         at < file->bytes.len && rc == OG_OK && og_pdf_busy(file);
         at = og_pdf_find(&file->bytes, at + 1, "trailer")) {
        rc = og_pdf_read(&file->tree, &file->bytes, at + strlen("trailer"), file->err);
        og_pdf_judge(&file->tree, &file->signs);
        if (rc == OG_OK)
            rc = read_trailer(file);
    }
    return rc;
}

static enum og_rc
open_lock(struct og_pdf_file *file)
{
    struct og_bytes id = og_bytes(og_buf_text(&file->id), file->id.len);
    bool found = false;
    enum og_rc rc = OG_OK;

    if (file->lock == 0 || file->crypt.encrypted)
        return OG_OK;
    rc = og_pdf_object(file, file->lock, &file->tree, &found);
    if (rc == OG_OK && found)
        rc = og_pdf_crypt_open(&file->crypt, &file->tree, file->tree.count > 1, &id,
                               file->err);
    return rc;
}

/* the objects in a stream: pairs of number and place, then the objects */
static enum og_rc
read_container(struct og_pdf_file *file, const struct og_pdf_place *place)
{
    struct og_buf plain = OG_BUF_INIT(0);
    struct og_pdf_tree inner = { .count = 0 };
    size_t first, at = 0;
    const struct og_pdf_tree *in;
    struct og_bytes bytes;
    uint32_t value;
    enum og_rc rc = og_pdf_read(&file->tree, &file->bytes, place->at, file->err);

    if (rc == OG_OK)
        rc = og_pdf_stream(file, place, true, &plain);
    if (rc == OG_OK)
        rc = og_pdf_value(file, "First", &in, &value);
    first = rc == OG_OK ? og_pdf_number(in, value, 0) : 0;
    bytes = og_bytes(og_buf_text(&plain), plain.len);
    for (size_t n = 0; rc == OG_OK && og_pdf_busy(file); n++) {
        uint32_t pair[2];

        if (n == MAX_INSIDE)
            file->capped = true;
        for (int i = 0; i < 2 && rc == OG_OK; i++) {
            rc = og_pdf_read(&inner, &bytes, at, file->err);
            if (rc != OG_OK || n == MAX_INSIDE || inner.count != 2
                || inner.nodes[1].kind != OG_PDF_NUMBER)
                goto out;
            pair[i] = inner.nodes[1].number;
            at = inner.end;
        }
        inner.work = 0;
        rc = og_pdf_read(&inner, &bytes, first + pair[1], file->err);
        file->tree.work += inner.work;
        file->capped = file->capped || inner.capped;
        og_pdf_judge(&inner, &file->signs);
    }
out:
    og_pdf_tree_free(&inner);
    og_buf_free(&plain);
    return rc;
}

/* the parts of a form, each and all together: together they are one document */
static enum og_rc
read_form(struct og_pdf_file *file, bool *runs)
{
    struct og_buf all = OG_BUF_INIT(MAX_FORM);
    enum og_rc rc = OG_OK;

    for (size_t i = 0; i < file->signs.xfa_count && rc == OG_OK && !*runs; i++)
        for (size_t k = 0; k < file->objects.count && rc == OG_OK && og_pdf_busy(file);
             k++) {
            const struct og_pdf_place *place = &file->objects.list[k];
            struct og_buf part = OG_BUF_INIT(0);

            if (place->number != file->signs.xfa[i])
                continue;
            rc = og_pdf_read(&file->tree, &file->bytes, place->at, file->err);
            if (rc == OG_OK)
                rc = og_pdf_stream(file, place, true, &part);
            if (rc == OG_OK)
                rc = og_pdf_form_runs(og_buf_text(&part), part.len, runs, file->err);
            if (rc == OG_OK && og_buf_add(&all, part.data, part.len, file->err) != OG_OK)
                file->capped = true;
            og_buf_free(&part);
        }
    if (rc == OG_OK && !*runs)
        rc = og_pdf_form_runs(og_buf_text(&all), all.len, runs, file->err);
    og_buf_free(&all);
    return rc;
}

static enum og_rc
look(struct og_pdf_file *file, bool *form_runs)
{
    enum og_rc rc = read_objects(file);

    if (rc == OG_OK)
        rc = read_trailers(file);
    if (rc == OG_OK)
        rc = open_lock(file);
    if (rc == OG_OK)
        rc = og_pdf_read_tables(file);
    for (size_t i = 0; i < file->containers.count && rc == OG_OK && og_pdf_busy(file);
         i++)
        rc = read_container(file, &file->containers.list[i]);
    if (rc == OG_OK && file->signs.xfa_count > 0)
        rc = read_form(file, form_runs);
    return rc;
}

static enum og_rc
report(const struct og_pdf_file *file, bool form_runs, const struct og_layer *layer,
       struct og_findings *findings, struct og_err *err)
{
    const struct og_pdf_signs *signs = &file->signs;
    const struct {
        const char *kind;
        bool found;
    } rows[] = {
        { "pdf-javascript",
          signs->javascript || (signs->script_of_ref && signs->named_script) },
        { "pdf-launch", signs->launch || (signs->launch_of_ref && signs->named_launch) },
        { "pdf-xfa", form_runs },
        { "pdf-flash", signs->flash },
    };
    enum og_rc rc = OG_OK;

    for (size_t i = 0; i < N_ELEMENTS(rows) && rc == OG_OK; i++)
        if (rows[i].found)
            rc = og_report_macro(layer, rows[i].kind, findings, err);
    if (rc == OG_OK && file->crypt.locked)
        rc = og_report_encrypted(layer, findings, err);
    if (rc == OG_OK && file->capped)
        rc = og_report_limit(layer, "size", OG_PDF_MAX_UNPACKED, findings, err);
    return rc;
}

enum og_rc
og_detect_pdf(const struct og_layer *layer, struct og_findings *findings,
              struct og_err *err)
{
    struct og_pdf_file file = { .bytes = og_bytes(layer->data, layer->len),
                                .id = OG_BUF_INIT(MAX_ID),
                                .err = err };
    size_t head = layer->len < HEAD_BYTES ? layer->len : HEAD_BYTES;
    bool form_runs = false;
    enum og_rc rc;

    if (memmem(layer->data, head, "%PDF-", 5) == NULL)
        return OG_OK;
    rc = look(&file, &form_runs);
    if (rc == OG_OK)
        rc = report(&file, form_runs, layer, findings, err);
    free(file.objects.list);
    free(file.containers.list);
    free(file.tables.list);
    og_pdf_tree_free(&file.tree);
    og_pdf_tree_free(&file.side);
    og_buf_free(&file.id);
    return rc;
}
