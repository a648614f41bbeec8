/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_MAIL_WORDS_H
#define OG_MAIL_WORDS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/lib/xml.h"
#include "core/mail/values.h"

/*
 * templates/words.xml: what values are called in each language: classes, units, months,
 * and how a time is written.
 *
 *     <words xmlns="urn:outgate:template">
 *       <language xml:lang="de">
 *         <word name="class.spam">Spam</word>
 *         <word name="month.1">Januar</word>
 *         <word name="time">{day}. {month} {year}, {clock} Uhr ({zone})</word>
 *         <word name="minute.one">{n} Minute</word> <word name="minute">{n} Minuten</word>
 *
 * What is one has a word of its own, with `.one`. And why something was refused: the
 * English word `reason.` is the sentence as replies, events and reports have it; a
 * sentence that is none of them stays as it is.
 *
 *         <word name="reason.tripwire">hat an die Fallenadresse {address} geschrieben</word>
 */
#define OG_TEMPLATE_NS "urn:outgate:template"

struct og_words {
    struct og_xml *doc;
    const struct og_xml_node *root;
    char lang[16]; /* the language in use */
};

#define OG_WORDS_INIT  \
    {                  \
        NULL, NULL, "" \
    }

/* og_lang_match - how well does a language serve who wants another: 2 the same, 1 its
 * base (`de` for `de-AT`), 0 not at all. Case does not matter; RFC 4647 section 3.4. */
int og_lang_match(const char *have, const char *wanted);

/* og_words_open - read the file; the codes of og_xml_parse with its path, OG_E_IO */
enum og_rc og_words_open(const char *path, struct og_words *words,
                         struct og_err *err) OG_CHECKED;
void og_words_free(struct og_words *words);

/* og_words_get - a word in the language in use, else in English, or NULL */
const char *og_words_get(const struct og_words *words, const char *name);

/*
 * og_words_value - append a value as a reader wants to see it: cut, cleaned as og_plain()
 * does, in the language in use
 *
 * text    what the record has; times are shown in the zone of the process
 * number  how many of it there are, "" where nothing is counted
 */
enum og_rc og_words_value(const struct og_words *words,
                          const struct og_variable *variable, const char *text,
                          const char *number, struct og_buf *out,
                          struct og_err *err) OG_CHECKED;

/* og_file_read - a whole file of up to max bytes; OG_E_NOTFOUND, OG_E_IO, OG_E_LIMIT */
enum og_rc og_file_read(const char *path, struct og_buf *out,
                        struct og_err *err) OG_CHECKED;

#endif
