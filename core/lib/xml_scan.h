/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_LIB_XML_SCAN_H
#define OG_LIB_XML_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/err.h"

/*
 * A walk through an XML document of a stranger, by libxml2: no tree is built, nothing is
 * loaded from elsewhere, and damage is read over as far as it goes. Entities that the
 * document declares itself are put in, with a ceiling on how much that may add.
 */
struct og_xml_attr {
    const char *ns, *name; /* NUL-terminated; ns "" for none */
    const char *value;     /* len bytes */
    size_t len;
};

struct og_xml_element {
    const char *ns, *name; /* NUL-terminated; ns "" for none */
    const struct og_xml_attr *attrs;
    size_t count;
    unsigned depth; /* 0 for the root */
};

/* each returns false to end the walk; text comes in pieces, UTF-8, CDATA too */
struct og_xml_handler {
    bool (*open)(const struct og_xml_element *element, void *arg);
    bool (*text)(const char *text, size_t len, void *arg);
    bool (*close)(unsigned depth, void *arg); /* each may be NULL but open */
};

/*
 * og_xml_scan - walk through a document
 *
 * data, len  in any encoding that iconv knows
 * Returns OG_OK, also for a document that is none, is cut or damaged, and for a walk that
 * was ended; OG_E_LIMIT above 1 GiB, where entities grow too much, or where an element has more
 * than 1000 attributes; OG_E_NOMEM.
 */
enum og_rc og_xml_scan(const char *data, size_t len, const struct og_xml_handler *handler,
                       void *arg, struct og_err *err) OG_CHECKED;

/*
 * og_xml_hush - keep libxml2 from writing to standard error, in this thread, as it does for
 * text in another encoding than it says, whatever its parser was told
 *
 * before  receives what og_xml_speak() puts back
 */
struct og_xml_voice {
    void (*report)(void *arg, const char *format, ...);
    void *arg;
};
void og_xml_hush(struct og_xml_voice *before);
void og_xml_speak(const struct og_xml_voice *before);

/* og_xml_bounded - has no element more than 1000 attributes? Also false for a large document in
 * an encoding that is not looked through. For og_xml_scan(), which asks before it reads. */
bool og_xml_bounded(const char *data, size_t len);

/* og_xml_looks - may this be XML? From its first bytes, cheap. */
bool og_xml_looks(const char *data, size_t len);

/* og_xml_attr - the value of an attribute, or NULL; ns NULL for any */
const struct og_xml_attr *og_xml_attr(const struct og_xml_element *element,
                                      const char *ns, const char *name);

#endif
