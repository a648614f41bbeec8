/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_MAIL_TEMPLATE_H
#define OG_MAIL_TEMPLATE_H

#include "core/mail/words.h"

/*
 * Templates: XML of our own, from which subject, plain text and HTML of a mail are made,
 * in every language that stands in the file; outgate-template(5) is their manual.
 *
 * A template holds no HTML: elements say what a part is, and the two writers say how it
 * looks. What a value holds can thus become neither a tag nor a header field, whatever
 * the template's author does with it.
 */
struct og_template {
    char name[64]; /* of the file, without .xml */
    struct og_xml *doc;
    const struct og_xml_node *root;
};

#define OG_TEMPLATE_INIT \
    {                    \
        "", NULL, NULL   \
    }

enum { OG_TEMPLATE_MAX_OUTPUT = 1 << 20 }; /* bytes of each of the three */

/* one mail, all UTF-8; the subject is one line */
struct og_rendered {
    struct og_buf subject, text, html;
    char lang[16];
};

#define OG_RENDERED_INIT                                        \
    {                                                           \
        OG_BUF_INIT(4096), OG_BUF_INIT(OG_TEMPLATE_MAX_OUTPUT), \
            OG_BUF_INIT(OG_TEMPLATE_MAX_OUTPUT), ""             \
    }

/* og_template_open - read a file; the codes of og_xml_parse, OG_E_IO, OG_E_NOTFOUND. The
 * error names the file. */
enum og_rc og_template_open(const char *path, struct og_template *template,
                            struct og_err *err) OG_CHECKED;
void og_template_free(struct og_template *template);

/*
 * og_template_check - what a schema cannot know: variables that do not exist, lists that
 * are none, a language that stands twice
 *
 * report  is called for each error; returns how many there are
 */
size_t og_template_check(const struct og_template *template, og_xml_report *report,
                         void *arg);

/*
 * og_template_render - make the mail
 *
 * words         its language is set to the one that is used
 * lang, dflt    wanted language and the one to fall back to: exact, base, then dflt in
 *               the same way, English, the first in the file
 * values        hostile; unset ones are empty
 * out           receives the mail; the caller frees it
 *
 * Returns OG_OK; OG_E_SYNTAX with file and line for an element that is none; OG_E_LIMIT
 * above the ceilings; OG_E_NOMEM.
 */
enum og_rc og_template_render(const struct og_template *template, struct og_words *words,
                              const char *lang, const char *dflt,
                              const struct og_values *values, struct og_rendered *out,
                              struct og_err *err) OG_CHECKED;

void og_rendered_free(struct og_rendered *mail);

#endif
