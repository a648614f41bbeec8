/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_MACRO_PDF_TREE_H
#define OG_MACRO_PDF_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/macro/bytes.h"

/* One object of a PDF, ISO 32000-1 section 7.3, read as far as it can be. */
enum og_pdf_kind {
    OG_PDF_NONE,
    OG_PDF_WORD, /* true, null, endobj ... */
    OG_PDF_NUMBER,
    OG_PDF_NAME,
    OG_PDF_STRING,
    OG_PDF_HEX, /* a string, too */
    OG_PDF_ARRAY,
    OG_PDF_DICT, /* keys and values in turn */
    OG_PDF_REF,
};

struct og_pdf_node {
    enum og_pdf_kind kind;
    uint32_t next, child; /* nodes; 0 is none */
    uint32_t number;      /* a reference's object, a number without sign and fraction */
    size_t at, len;       /* in the source: what stands between the delimiters */
};

struct og_pdf_tree {
    struct og_bytes source;
    struct og_pdf_node *nodes; /* nodes[1] is the root, nodes[0] is OG_PDF_NONE */
    uint32_t count, cap;
    size_t end;  /* in the source, behind the object */
    bool whole;  /* its end was found */
    bool capped; /* it has more than OG_PDF_MAX_NODES nodes or is too deep */
    size_t work; /* bytes read so far, by all calls */
};

enum { OG_PDF_MAX_NODES = 1 << 20, OG_PDF_MAX_DEPTH = 200, OG_PDF_MAX_NAME = 127 };

/*
 * og_pdf_read - read the object that stands at `at` of the source
 *
 * tree  its old nodes are forgotten; work is kept and grows
 *
 * Returns OG_OK, also for damage; OG_E_NOMEM. Owner: og_pdf_tree_free().
 */
enum og_rc og_pdf_read(struct og_pdf_tree *tree, const struct og_bytes *source, size_t at,
                       struct og_err *err) OG_CHECKED;
void og_pdf_tree_free(struct og_pdf_tree *tree);

/* og_pdf_skip - the first byte from `at` on that is no blank and in no comment */
size_t og_pdf_skip(const struct og_bytes *source, size_t at);

/* og_pdf_get - the value of a key, 0 when it is not there or dict is no dictionary;
 * of a key that is there twice the last one, as readers do */
uint32_t og_pdf_get(const struct og_pdf_tree *tree, uint32_t dict, const char *key);

/* og_pdf_is - is it this name? however it is escaped */
bool og_pdf_is(const struct og_pdf_tree *tree, uint32_t node, const char *name);

/* og_pdf_number - its value, or `otherwise` */
uint32_t og_pdf_number(const struct og_pdf_tree *tree, uint32_t node, uint32_t otherwise);

/* og_pdf_string - append a string's bytes, as they stand there: still encrypted;
 * OG_E_SYNTAX for what is none, OG_E_LIMIT, OG_E_NOMEM */
enum og_rc og_pdf_string(const struct og_pdf_tree *tree, uint32_t node,
                         struct og_buf *out, struct og_err *err) OG_CHECKED;

#endif
