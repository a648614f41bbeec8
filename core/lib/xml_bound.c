/* SPDX-License-Identifier: BSD-2-Clause */
/* libxml2 2.9 compares each attribute of an element to all before it: 500,000 of them, which
 * zip packs into nothing, take minutes, and nobody can stop it. One pass over the bytes
 * tells where that would become too much. */
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "core/lib/xml_scan.h"

enum {
    ATTRS_MAX = 1000,
    STRANGE_MAX = 128 << 10, /* bytes in an encoding that is not looked through */
    HEAD = 200,              /* bytes with the name of the encoding */
};

/* how to read a document: the bytes of a character, and which of them counts */
struct form {
    size_t step, at;
    bool strange;
};

/* encodings in which the characters of markup are bytes of ASCII, and in no other character */
static bool
is_usual(const char *name)
{
    static const char *const names[] = {
        "utf-8",   "utf8",     "utf-16", "utf16",    "us-ascii",  "ascii", "iso-8859",
        "iso8859", "iso_8859", "latin",  "windows-", "cp125",     "cp437", "cp85",
        "cp86",    "ibm437",   "ibm85",  "ibm86",    "mac",       "x-mac", "koi8",
        "tis-620", "gb2312",   "gbk",    "gb18030",  "cp936",     "big5",  "shift_jis",
        "sjis",    "x-sjis",   "cp932",  "euc-",     "ks_c_5601", "uhc",   "cp949",
    };

    for (size_t i = 0; i < N_ELEMENTS(names); i++)
        if (strncasecmp(name, names[i], strlen(names[i])) == 0)
            return true;
    return false;
}

static struct form
form_of(const unsigned char *data, size_t len)
{
    struct form form = { 1, 0, false };
    char head[HEAD + 1] = "";
    const char *name;
    size_t zeros = 0, n = len < HEAD ? len : HEAD;

    while (zeros < 4 && zeros < len && data[zeros] == '\0')
        zeros++;
    if (len >= 4 && (zeros == 3 || (data[1] == 0 && data[2] == 0 && data[3] == 0)))
        return (struct form){ 4, zeros == 3 ? 3 : 0, false };
    if (len >= 4 && memcmp(data, "\xff\xfe\0\0", 4) == 0)
        return (struct form){ 4, 0, false };
    if (len >= 4 && memcmp(data, "\0\0\xfe\xff", 4) == 0)
        return (struct form){ 4, 3, false };
    if (len >= 2 && (zeros == 1 || memcmp(data, "\xfe\xff", 2) == 0))
        return (struct form){ 2, 1, false };
    if (len >= 2 && (data[1] == '\0' || memcmp(data, "\xff\xfe", 2) == 0))
        return (struct form){ 2, 0, false };
    for (size_t i = 0; i < n; i++)
        head[i] = data[i] == '\0' ? ' ' : (char)data[i];
    name = strstr(head, "encoding");
    if (name != NULL) {
        name += strcspn(name, "\"'>");
        form.strange = *name == '\0' || !is_usual(name + 1);
    }
    form.strange = form.strange || memcmp(head, "Lo\xa7\x94", 4) == 0; /* EBCDIC */
    return form;
}

/* the character at `at` as far as it is ASCII, else 0 */
static char
character(const unsigned char *data, size_t at, const struct form *form)
{
    for (size_t i = 0; i < form->step; i++)
        if (i != form->at && data[at + i] != '\0')
            return '\0';
    return (char)data[at + form->at];
}

bool
og_xml_bounded(const char *text, size_t len)
{
    const unsigned char *data = (const unsigned char *)text;
    struct form form = form_of(data, len);
    char quote = '\0'; /* of the value that this is in */
    bool tag = false;  /* between `<` and `>` */
    size_t attrs = 0;

    if (form.strange)
        return len <= STRANGE_MAX;
    for (size_t at = 0; at + form.step <= len; at += form.step) {
        char c = character(data, at, &form);

        if (c == '<') { /* not in a value: libxml2 ends the element there */
            char next =
                at + 2 * form.step <= len ? character(data, at + form.step, &form) : '!';

            tag = next != '!' && next != '?';
            quote = '\0';
            attrs = 0;
        } else if (!tag) {
            continue;
        } else if (quote != '\0') {
            quote = c == quote ? '\0' : quote;
        } else if (c == '"' || c == '\'') {
            quote = c;
            if (++attrs > ATTRS_MAX)
                return false;
        } else if (c == '>') {
            tag = false;
        }
    }
    return true;
}
