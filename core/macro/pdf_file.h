/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_MACRO_PDF_FILE_H
#define OG_MACRO_PDF_FILE_H

#include "core/macro/pdf.h"

/* A PDF that is being looked through: between pdf.c and pdf_stream.c only. */
struct og_pdf_place {
    uint32_t number, generation;
    size_t at; /* of what stands behind `obj` */
};

struct og_pdf_places {
    struct og_pdf_place *list;
    size_t count, cap;
};

struct og_pdf_file {
    struct og_bytes bytes;
    struct og_pdf_tree tree, side;   /* side: what the tree refers to */
    struct og_pdf_places objects;    /* all */
    struct og_pdf_places containers; /* streams with objects in them */
    struct og_pdf_places tables;     /* streams that tell where objects stand */
    struct og_pdf_signs signs;
    struct og_pdf_crypt crypt;
    struct og_buf id;
    uint32_t lock;   /* the object with the encryption's dictionary, 0 for none */
    size_t unpacked; /* bytes */
    bool capped;     /* something was not looked at */
    struct og_err *err;
};

/* og_pdf_add_place - append; OG_E_NOMEM */
enum og_rc og_pdf_add_place(struct og_pdf_places *places, struct og_pdf_place place,
                            struct og_err *err) OG_CHECKED;

/* og_pdf_object - read the last object of that number into tree; false without one */
enum og_rc og_pdf_object(struct og_pdf_file *file, uint32_t number,
                         struct og_pdf_tree *tree, bool *found) OG_CHECKED;

/* og_pdf_find - where the word stands next, the length of in without one */
size_t og_pdf_find(const struct og_bytes *in, size_t from, const char *word);

/* og_pdf_read_object - the object at that place; end is where looking for others goes on;
 * OG_E_NOMEM, OG_E_LIB */
enum og_rc og_pdf_read_object(struct og_pdf_file *file, struct og_pdf_place place,
                              size_t *end) OG_CHECKED;

/* og_pdf_read_tables - the objects that tables name and that were not seen as such */
enum og_rc og_pdf_read_tables(struct og_pdf_file *file) OG_CHECKED;

/* og_pdf_value - the value of a key, in the tree or, where it stands elsewhere, in the
 * side tree; 0 without one; OG_E_NOMEM */
enum og_rc og_pdf_value(struct og_pdf_file *file, const char *key,
                        const struct og_pdf_tree **in, uint32_t *value) OG_CHECKED;

/* og_pdf_stream_at - where the stream of the object in the tree begins, 0 without one */
size_t og_pdf_stream_at(const struct og_pdf_file *file);

/* og_pdf_stream - decrypt and unpack the stream of the object in the tree. encrypted:
 * tables never are. The ceiling on all that is unpacked sets file->capped. */
enum og_rc og_pdf_stream(struct og_pdf_file *file, const struct og_pdf_place *place,
                         bool encrypted, struct og_buf *out) OG_CHECKED;

/* og_pdf_busy - false when more was read than a document without tricks needs */
bool og_pdf_busy(struct og_pdf_file *file);

#endif
