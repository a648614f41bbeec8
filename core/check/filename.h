/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_CHECK_FILENAME_H
#define OG_CHECK_FILENAME_H

#include <stdbool.h>
#include <stddef.h>

/*
 * What a file's name ends in, for the person who sees it and for the system that opens
 * it. Names are hostile: UTF-8 or any bytes.
 *
 * Judged is the last part of a path with / or \, in lower case, without characters that
 * show nothing (controls, zero width, marks of direction), with full-width letters as
 * ASCII; dots, blanks and quotes at its end do not count, as Windows drops them. What
 * stands behind a colon, a stream of NTFS, is a name of its own, and so is what is before.
 */
enum { OG_FILENAME_ENDING = 64 }; /* bytes, with the NUL */

struct og_filename {
    char ending[OG_FILENAME_ENDING]; /* `exe`, `tar.gz`, of the list; "" for none of it */
    char before[8]; /* `pdf` of `a.pdf.exe`: what looks like the ending; or "" */
    bool hidden;    /* the name as it is written does not show that ending */
    bool reversed;  /* it holds a mark that turns the direction of what follows */
    bool class_id;  /* it ends in `.{...}`, which Windows takes for a type and hides */
};

/*
 * og_filename_look - find out
 *
 * extensions  in lower case, separated by single blanks; the longest that fits counts
 */
void og_filename_look(const char *name, const char *extensions,
                      struct og_filename *result);

/*
 * og_filename_print - a name for an SMTP reply: printable ASCII, others as `?`, in the
 * middle cut to fit; nothing in it ends a quotation
 */
void og_filename_print(const char *name, char *out, size_t size);

#endif
