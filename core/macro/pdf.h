/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_MACRO_PDF_H
#define OG_MACRO_PDF_H

#include "core/macro/macro.h"
#include "core/macro/pdf_crypt.h"
#include "core/macro/pdf_tree.h"

/*
 * og_detect_pdf - code in a PDF, a row of the table of detectors
 *
 * `pdf-javascript`  an action of type JavaScript or Rendition that has a script, also an
 *                   empty one that cannot be seen to be empty; a script of a 3D model
 * `pdf-launch`      an action that starts a program or opens a file
 * `pdf-xfa`         a form with a script in its template
 * `pdf-flash`       a Flash application
 *
 * Objects are looked for in the whole file, whether something leads to them or not: what
 * a later revision has replaced counts. Words in a page's text are no objects. A document
 * that asks for a password is ENCRYPTED, one with the empty user password is opened.
 * Embedded files are handed on by libclamav. A document that unpacks to more than
 * OG_PDF_MAX_UNPACKED or turns in circles gives a LIMIT `size`.
 */
enum { OG_PDF_MAX_UNPACKED = 64 << 20, OG_PDF_MAX_XFA = 64 };

/* what the dictionaries of a document say, collected from object to object */
struct og_pdf_signs {
    bool javascript, launch, flash;
    /* an action names its type in another object: these are code when both are there */
    bool script_of_ref, launch_of_ref, named_script, named_launch;
    uint32_t xfa[OG_PDF_MAX_XFA]; /* objects that are parts of a form */
    size_t xfa_count;
};

/* og_pdf_judge - add what the tree says */
void og_pdf_judge(const struct og_pdf_tree *tree, struct og_pdf_signs *signs);

/* og_pdf_form_runs - has the template of this form a script? */
enum og_rc og_pdf_form_runs(const char *form, size_t len, bool *runs,
                            struct og_err *err) OG_CHECKED;

#endif
