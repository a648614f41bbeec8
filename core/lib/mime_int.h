/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_LIB_MIME_INT_H
#define OG_LIB_MIME_INT_H

#include <gmime/gmime.h>

#include "core/lib/mime.h"

/* inside of mime*.c */

/* --- mime_bound.c: og_mime_bound - how much of a message the library may see; says in
 * message why it is less than all */
size_t og_mime_bound(const char *data, size_t len, const struct og_mime_limits *limits,
                     struct og_mime_message *message);

/* og_mime_show_nuls - a copy of the message whose fields `Content-...` have OG_MIME_NUL for
 * each NUL, behind which C reads nothing; g_free() it. NULL: there is none in them */
char *og_mime_show_nuls(const char *data, size_t len);

/* og_mime_odd - bytes that readers take differently: a CR alone or a NUL in a header */
bool og_mime_odd(const char *data, size_t len);

/* --- mime_hides.c: og_mime_hides - does a line that begins with `--` stand in the text with
 * a Content- field right below, as a part would begin? */
bool og_mime_hides(const char *text, size_t len);

/* --- mime_decode.c */

/*
 * og_mime_decode - the content of a part
 *
 * own    receives memory to free, NULL when *out points into data
 * clear  as in struct og_mime_part
 * odd    set where readers may differ, else left alone
 *
 * OG_E_NOMEM
 */
enum og_rc og_mime_decode(GMimeContentEncoding encoding, const char *data, size_t len,
                          char **own, const char **out, size_t *out_len, bool *clear,
                          bool *odd, struct og_err *err) OG_CHECKED;

/* og_mime_find_uu - the next uuencoded file in a text from *at on: its name, its lines
 * with `begin` and `end`; *at moves behind it. false: there is none */
bool og_mime_find_uu(const char *text, size_t len, size_t *at, const char **name,
                     size_t *name_len, const char **lines, size_t *lines_len);

/* --- mime_words.c */

/*
 * og_mime_open_words - write encoded words in base64 as quoted-printable
 *
 * GMime joins words that follow one another, and reads no further than the padding of the
 * first; nor does it read the last letters where padding is missing. Other readers do. In
 * words that are not UTF-16 or the like a NUL becomes OG_MIME_NUL.
 * Returns whether there was one.
 */
bool og_mime_open_words(GString *value);

/* --- mime_name.c */

enum {
    OG_MIME_NUL = 0x1f
}; /* stands for a NUL in a name: a control as no honest name has */

struct og_mime_names {
    char *name, *other; /* never NULL after og_mime_name() */
    bool full;          /* there were more than fit into other */
};

/* og_mime_name - the names of a part; careful: look at every header field and parameter */
void og_mime_name(GMimeObject *object, bool careful, struct og_mime_names *names);
void og_mime_name_free(struct og_mime_names *names);

#endif
