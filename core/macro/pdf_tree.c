/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/macro/pdf_tree.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_NODES = 256 };

static bool
is_blank(unsigned char byte)
{
    return byte == 0 || byte == '\t' || byte == '\n' || byte == '\f' || byte == '\r'
           || byte == ' ';
}

static bool
is_regular(unsigned char byte)
{
    return !is_blank(byte) && strchr("()<>[]{}/%", byte) == NULL;
}

size_t
og_pdf_skip(const struct og_bytes *source, size_t at)
{
    bool comment = false;

    for (; at < source->len; at++) {
        unsigned char byte = source->data[at];

        if (byte == '\n' || byte == '\r')
            comment = false;
        else if (byte == '%')
            comment = true;
        else if (!comment && !is_blank(byte))
            break;
    }
    return at;
}

/* where a reading stands: the containers that are open, from the outside in */
struct reader {
    struct og_pdf_tree *tree;
    size_t at;
    unsigned depth;
    uint32_t open[OG_PDF_MAX_DEPTH], last[OG_PDF_MAX_DEPTH]; /* and their last child */
    bool done;
};

static enum og_rc
grow(struct og_pdf_tree *tree, struct og_err *err)
{
    uint32_t cap = tree->cap > 0 ? tree->cap * 2 : FIRST_NODES;
    struct og_pdf_node *more;

    if (tree->count < tree->cap)
        return OG_OK;
    more = realloc(tree->nodes, cap * sizeof *more);
    if (more == NULL)
        return og_fail(err, OG_E_NOMEM, "no memory for a PDF object");
    tree->nodes = more;
    tree->cap = cap;
    return OG_OK;
}

static enum og_rc
add(struct reader *r, struct og_pdf_node node, struct og_err *err)
{
    struct og_pdf_tree *tree = r->tree;
    uint32_t me = tree->count;
    enum og_rc rc;

    if (me >= OG_PDF_MAX_NODES) {
        tree->capped = true;
        r->done = true;
        return OG_OK;
    }
    rc = grow(tree, err);
    if (rc != OG_OK)
        return rc;
    tree->nodes[tree->count++] = node;
    if (r->depth > 0) {
        uint32_t *last = &r->last[r->depth - 1];

        if (*last == 0)
            tree->nodes[r->open[r->depth - 1]].child = me;
        else
            tree->nodes[*last].next = me;
        *last = me;
    }
    return OG_OK;
}

static enum og_rc
open_container(struct reader *r, enum og_pdf_kind kind, size_t bytes, struct og_err *err)
{
    uint32_t me = r->tree->count;
    enum og_rc rc = add(r, (struct og_pdf_node){ .kind = kind, .at = r->at }, err);

    r->at += bytes;
    if (rc != OG_OK || r->done)
        return rc;
    if (r->depth == OG_PDF_MAX_DEPTH) {
        r->tree->capped = true;
        r->done = true;
        return OG_OK;
    }
    r->open[r->depth] = me;
    r->last[r->depth++] = 0;
    return OG_OK;
}

/* a bracket without its partner is read over; one that closes an outer container closes
 * the inner ones, too */
static void
close_container(struct reader *r, enum og_pdf_kind kind, size_t bytes)
{
    unsigned depth = r->depth;

    r->at += bytes;
    while (depth > 0 && r->tree->nodes[r->open[depth - 1]].kind != kind)
        depth--;
    if (depth == 0)
        return;
    r->depth = depth - 1;
    r->tree->whole = r->done = r->depth == 0;
}

static enum og_rc
read_string(struct reader *r, struct og_err *err)
{
    const struct og_bytes *in = &r->tree->source;
    size_t from = ++r->at;
    unsigned deep = 1;

    for (; r->at < in->len; r->at++) {
        unsigned char byte = in->data[r->at];

        if (byte == '\\')
            r->at++;
        else if (byte == '(')
            deep++;
        else if (byte == ')' && --deep == 0)
            break;
    }
    if (r->at > in->len)
        r->at = in->len;
    r->at += r->at < in->len;
    return add(r,
               (struct og_pdf_node){
                   .kind = OG_PDF_STRING, .at = from, .len = r->at - from - (deep == 0) },
               err);
}

static enum og_rc
read_hex(struct reader *r, struct og_err *err)
{
    const struct og_bytes *in = &r->tree->source;
    size_t from = ++r->at, len;

    while (r->at < in->len && in->data[r->at] != '>')
        r->at++;
    len = r->at - from;
    r->at += r->at < in->len;
    return add(r, (struct og_pdf_node){ .kind = OG_PDF_HEX, .at = from, .len = len },
               err);
}

static size_t
regular_from(const struct reader *r, size_t at)
{
    while (at < r->tree->source.len && is_regular(r->tree->source.data[at]))
        at++;
    return at;
}

static bool
is_word(const struct reader *r, size_t end, const char *word)
{
    return end - r->at == strlen(word)
           && memcmp(r->tree->source.data + r->at, word, end - r->at) == 0;
}

/* the last two children are numbers: they and an R are a reference */
static bool
make_reference(struct reader *r)
{
    struct og_pdf_tree *tree = r->tree;
    struct og_pdf_node *number = &tree->nodes[tree->count - 2];

    if (r->depth == 0 || tree->count < 4 || r->last[r->depth - 1] != tree->count - 1
        || number->kind != OG_PDF_NUMBER || number->next != tree->count - 1
        || tree->nodes[tree->count - 1].kind != OG_PDF_NUMBER)
        return false;
    number->kind = OG_PDF_REF;
    number->next = 0;
    r->last[r->depth - 1] = tree->count - 2;
    tree->count--;
    return true;
}

static uint32_t
add_digit(uint32_t number, unsigned char digit)
{
    uint64_t sum = (uint64_t)number * 10 + (uint64_t)(digit - '0');

    return sum < UINT32_MAX ? (uint32_t)sum : UINT32_MAX;
}

static enum og_rc
read_word(struct reader *r, struct og_err *err)
{
    const struct og_bytes *in = &r->tree->source;
    struct og_pdf_node node = { .kind = OG_PDF_WORD, .at = r->at };
    size_t end = regular_from(r, r->at), at = r->at;

    if (is_word(r, end, "endobj") || is_word(r, end, "obj") || is_word(r, end, "stream")
        || is_word(r, end, "endstream") || is_word(r, end, "xref")) {
        r->done = true; /* an object that has no end */
        return OG_OK;
    }
    if (is_word(r, end, "R") && make_reference(r)) {
        r->at = end;
        return OG_OK;
    }
    if (end == at)
        end++; /* a brace, or a bracket that closes nothing */
    node.len = end - at;
    if (in->data[at] == '+' || in->data[at] == '-')
        at++;
    if (at < end && ((in->data[at] >= '0' && in->data[at] <= '9') || in->data[at] == '.'))
        node.kind = OG_PDF_NUMBER;
    for (; at < end && in->data[at] >= '0' && in->data[at] <= '9'; at++)
        node.number = add_digit(node.number, in->data[at]);
    r->at = end;
    return add(r, node, err);
}

static enum og_rc
read_token(struct reader *r, struct og_err *err)
{
    const struct og_bytes *in = &r->tree->source;
    size_t from = r->at;

    switch (in->data[r->at]) {
    case '(':
        return read_string(r, err);
    case '[':
        return open_container(r, OG_PDF_ARRAY, 1, err);
    case ']':
        close_container(r, OG_PDF_ARRAY, 1);
        return OG_OK;
    case '<':
        return og_bytes_at(in, r->at, "<<", 2) ? open_container(r, OG_PDF_DICT, 2, err)
                                               : read_hex(r, err);
    case '>':
        if (og_bytes_at(in, r->at, ">>", 2))
            close_container(r, OG_PDF_DICT, 2);
        else
            r->at++;
        return OG_OK;
    case '/':
        r->at = regular_from(r, r->at + 1);
        return add(r,
                   (struct og_pdf_node){
                       .kind = OG_PDF_NAME, .at = from + 1, .len = r->at - from - 1 },
                   err);
    default:
        return read_word(r, err);
    }
}

enum og_rc
og_pdf_read(struct og_pdf_tree *tree, const struct og_bytes *source, size_t at,
            struct og_err *err)
{
    struct reader r = { .tree = tree, .at = at };
    enum og_rc rc;

    tree->source = *source;
    tree->count = 0;
    tree->whole = tree->capped = false;
    rc = add(&r, (struct og_pdf_node){ .kind = OG_PDF_NONE }, err);
    while (rc == OG_OK && !r.done) {
        r.at = og_pdf_skip(source, r.at);
        if (r.at >= source->len)
            break;
        rc = read_token(&r, err);
        if (r.depth == 0 && tree->count > 1 && !r.done)
            tree->whole = r.done = true;
    }
    tree->end = r.at < source->len ? r.at : source->len;
    tree->work += tree->end > at ? tree->end - at : 0;
    return rc;
}

void
og_pdf_tree_free(struct og_pdf_tree *tree)
{
    free(tree->nodes);
    tree->nodes = NULL;
    tree->count = tree->cap = 0;
}

bool
og_pdf_is(const struct og_pdf_tree *tree, uint32_t node, const char *name)
{
    const struct og_pdf_node *n = &tree->nodes[node];
    size_t end = n->at + n->len;

    if (n->kind != OG_PDF_NAME)
        return false;
    for (size_t at = n->at; at < end; at++, name++) {
        int byte = tree->source.data[at];

        if (byte == '#' && end - at > 2 && og_hex_digit(tree->source.data[at + 1]) >= 0
            && og_hex_digit(tree->source.data[at + 2]) >= 0) {
            byte = og_hex_digit(tree->source.data[at + 1]) * 16
                   + og_hex_digit(tree->source.data[at + 2]);
            at += 2;
        }
        if (*name == '\0' || byte != (unsigned char)*name)
            return false;
    }
    return *name == '\0';
}

uint32_t
og_pdf_get(const struct og_pdf_tree *tree, uint32_t dict, const char *key)
{
    uint32_t found = 0;

    if (dict >= tree->count || tree->nodes[dict].kind != OG_PDF_DICT)
        return 0;
    for (uint32_t at = tree->nodes[dict].child; at != 0; at = tree->nodes[at].next) {
        if (tree->nodes[at].kind != OG_PDF_NAME)
            continue;
        if (tree->nodes[at].next == 0)
            break;
        if (og_pdf_is(tree, at, key))
            found = tree->nodes[at].next;
        at = tree->nodes[at].next;
    }
    return found;
}

uint32_t
og_pdf_number(const struct og_pdf_tree *tree, uint32_t node, uint32_t otherwise)
{
    return tree->nodes[node].kind == OG_PDF_NUMBER ? tree->nodes[node].number : otherwise;
}
