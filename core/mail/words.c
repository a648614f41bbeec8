/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/mail/words.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "core/base/plain.h"
#include "core/base/time.h"

enum { MOST_TEXT = 200, MOST_ADDRESS = 330, MOST_URL = 2000 }; /* characters shown */
/* {name}s of a sentence, bytes of a name and of a value */
enum { MOST_HEARD = 4, MOST_NAME = 16, MOST_PART = 256 };

int
og_lang_match(const char *have, const char *wanted)
{
    size_t base = strcspn(wanted, "-_");

    if (strcasecmp(have, wanted) == 0)
        return 2;
    return strlen(have) == base && strncasecmp(have, wanted, base) == 0 ? 1 : 0;
}

enum og_rc
og_file_read(const char *path, struct og_buf *out, struct og_err *err)
{
    FILE *f = fopen(path, "re");
    char chunk[8192];
    size_t n;
    enum og_rc rc = OG_OK;

    if (f == NULL)
        return og_fail(err, errno == ENOENT ? OG_E_NOTFOUND : OG_E_IO, "%s: %s", path,
                       strerror(errno));
    while (rc == OG_OK && (n = fread(chunk, 1, sizeof chunk, f)) > 0)
        rc = og_buf_add(out, chunk, n, err);
    if (rc == OG_OK && ferror(f) != 0)
        rc = og_fail(err, OG_E_IO, "%s: cannot be read", path);
    (void)fclose(f); /* only read from */
    return rc;
}

enum og_rc
og_words_open(const char *path, struct og_words *words, struct og_err *err)
{
    struct og_buf text = OG_BUF_INIT(OG_XML_MAX_BYTES);
    struct og_words fresh = OG_WORDS_INIT;
    struct og_err why = { "" };
    enum og_rc rc = og_file_read(path, &text, err);

    if (rc == OG_OK) {
        rc = og_xml_parse(og_buf_text(&text), text.len, OG_TEMPLATE_NS, &fresh.doc,
                          &fresh.root, &why);
        if (rc == OG_OK && strcmp(fresh.root->name, "words") != 0)
            rc = og_fail(&why, OG_E_SYNTAX, "line %d: no <words>", fresh.root->line);
        if (rc != OG_OK)
            (void)og_fail(err, rc, "%s: %s", path, why.text);
    }
    og_buf_free(&text);
    if (rc != OG_OK) {
        og_words_free(&fresh);
        return rc;
    }
    *words = fresh;
    return OG_OK;
}

void
og_words_free(struct og_words *words)
{
    og_xml_free(words->doc);
    *words = (struct og_words)OG_WORDS_INIT;
}

static const char *
look(const struct og_words *words, const char *lang, const char *name)
{
    for (const struct og_xml_node *l = words->root != NULL ? words->root->first : NULL;
         l != NULL; l = l->next) {
        const char *is = l->name != NULL ? og_xml_attr_of(l, "xml:lang") : NULL;

        if (is == NULL || og_lang_match(is, lang) == 0)
            continue;
        for (const struct og_xml_node *w = l->first; w != NULL; w = w->next) {
            const char *called = w->name != NULL ? og_xml_attr_of(w, "name") : NULL;

            if (called != NULL && strcmp(called, name) == 0)
                return w->first != NULL && w->first->text != NULL ? w->first->text : "";
        }
    }
    return NULL;
}

const char *
og_words_get(const struct og_words *words, const char *name)
{
    const char *word = look(words, words->lang, name);

    return word != NULL ? word : look(words, "en", name);
}

/* a pattern of words.xml with {name}s; those that are unknown stay */
struct part {
    const char *name, *value;
};

static enum og_rc
fill(const char *pattern, const struct part *parts, struct og_buf *out,
     struct og_err *err)
{
    enum og_rc rc = OG_OK;

    while (*pattern != '\0' && rc == OG_OK) {
        size_t plain = strcspn(pattern, "{"), len;
        const struct part *part = parts;

        rc = og_buf_add(out, pattern, plain, err);
        pattern += plain;
        len = strcspn(pattern, "}");
        if (rc != OG_OK || *pattern == '\0')
            break;
        while (part->name != NULL
               && (strlen(part->name) + 1 != len
                   || strncmp(part->name, pattern + 1, len - 1) != 0))
            part++;
        if (part->name != NULL) {
            rc = og_buf_add_text(out, part->value, err);
            pattern += len + (pattern[len] == '}');
        } else
            rc = og_buf_add(out, pattern++, 1, err);
    }
    return rc;
}

static enum og_rc
add_time(const struct og_words *words, int64_t at, struct og_buf *out, struct og_err *err)
{
    const char *pattern = og_words_get(words, "time"), *month;
    char name[20], day[12], year[12], clock[8];
    time_t seconds = (time_t)at;
    struct tm tm;
    const struct part parts[] = { { "day", day },     { "month", name }, { "year", year },
                                  { "clock", clock }, { "zone", "" },    { NULL, NULL } };
    struct part filled[N_ELEMENTS(parts)];

    if (localtime_r(&seconds, &tm) == NULL)
        return og_fail(err, OG_E_RANGE, "no such time");
    (void)snprintf(day, sizeof day, "%d", tm.tm_mday);
    (void)snprintf(year, sizeof year, "%d", tm.tm_year + 1900);
    (void)snprintf(clock, sizeof clock, "%02d:%02d", tm.tm_hour, tm.tm_min);
    (void)snprintf(name, sizeof name, "month.%d", tm.tm_mon + 1);
    month = og_words_get(words, name);
    memcpy(filled, parts, sizeof parts);
    filled[1].value = month != NULL ? month : "?";
    filled[4].value = tm.tm_zone != NULL ? tm.tm_zone : "";
    return fill(pattern != NULL ? pattern : "{day} {month} {year}, {clock} {zone}",
                filled, out, err);
}

/* does the language say it as of one? French does of none, too (CLDR's plural rules) */
static bool
is_one(const struct og_words *words, const char *number)
{
    return strcmp(number, "1") == 0
           || (strcmp(number, "0") == 0 && og_lang_match("fr", words->lang) > 0);
}

/* the largest unit that is exact, as og_duration_print() has it, in words */
static enum og_rc
add_duration(const struct og_words *words, int64_t seconds, struct og_buf *out,
             struct og_err *err)
{
    static const struct {
        const char *one, *many;
        int64_t length;
    } units[] = {
        { "day.one", "day", 86400 },
        { "hour.one", "hour", 3600 },
        { "minute.one", "minute", 60 },
        { "second.one", "second", 1 },
    };
    size_t i = 0;
    char number[24];
    const struct part parts[] = { { "n", number }, { NULL, NULL } };
    const char *pattern;

    while (i + 1 < N_ELEMENTS(units)
           && (seconds < units[i].length || seconds % units[i].length != 0))
        i++;
    (void)snprintf(number, sizeof number, "%lld", (long long)(seconds / units[i].length));
    pattern = og_words_get(words, is_one(words, number) ? units[i].one : units[i].many);
    return fill(pattern != NULL ? pattern : "{n}", parts, out, err);
}

/* with a number of 1, `name.text.one` comes first */
static enum og_rc
add_word(const struct og_words *words, const char *name, const char *text,
         const char *number, struct og_buf *out, struct og_err *err)
{
    struct og_buf key = OG_BUF_INIT(200);
    const char *word = NULL;
    enum og_rc rc = og_buf_printf(&key, NULL, "%s.%s.one", name, text);

    if (rc == OG_OK && is_one(words, number))
        word = og_words_get(words, key.data);
    if (rc == OG_OK && word == NULL) {
        og_buf_cut(&key, key.len - (sizeof ".one" - 1));
        word = og_words_get(words, og_buf_text(&key));
    }
    rc = word != NULL ? og_buf_add_text(out, word, err)
                      : og_plain(text, strlen(text), MOST_TEXT, out, err);
    og_buf_free(&key);
    return rc;
}

/* what stood in a sentence where its pattern has a {name} */
struct heard {
    struct part parts[MOST_HEARD + 1]; /* ended by a NULL name */
    char names[MOST_HEARD][MOST_NAME], values[MOST_HEARD][MOST_PART];
    size_t count;
};

static bool
hear(struct heard *heard, const char *name, size_t name_len, const char *value,
     size_t len)
{
    size_t i = heard->count;

    if (i == MOST_HEARD || name_len >= MOST_NAME || len == 0 || len >= MOST_PART)
        return false;
    memcpy(heard->names[i], name, name_len);
    heard->names[i][name_len] = '\0';
    memcpy(heard->values[i], value, len);
    heard->values[i][len] = '\0';
    heard->parts[heard->count++] = (struct part){ heard->names[i], heard->values[i] };
    heard->parts[heard->count] = (struct part){ NULL, NULL };
    return true;
}

/* is text a sentence of this pattern? A {name} is what stands before the text that
 * follows it, or all the rest */
static bool
fits(const char *pattern, const char *text, struct heard *heard)
{
    heard->count = 0;
    heard->parts[0] = (struct part){ NULL, NULL };
    for (;;) {
        size_t plain = strcspn(pattern, "{"), name, literal, left;
        const char *after, *end;

        if (strncmp(pattern, text, plain) != 0)
            return false;
        pattern += plain;
        text += plain;
        if (*pattern == '\0')
            return *text == '\0';
        name = strcspn(++pattern, "}");
        if (pattern[name] != '}')
            return false;
        after = pattern + name + 1;
        literal = strcspn(after, "{");
        left = strlen(text);
        if (left < literal || (literal == 0 && *after != '\0'))
            return false;
        end = after[literal] == '\0' ? text + left - literal
                                     : memmem(text, left, after, literal);
        if (end == NULL || !hear(heard, pattern, name, text, (size_t)(end - text)))
            return false;
        pattern = after;
        text = end;
    }
}

/* the name of the English word that is the pattern of this sentence, or NULL */
static const char *
sentence_of(const struct og_words *words, const char *text, struct heard *heard)
{
    for (const struct og_xml_node *l = words->root != NULL ? words->root->first : NULL;
         l != NULL; l = l->next) {
        const char *is = l->name != NULL ? og_xml_attr_of(l, "xml:lang") : NULL;

        if (is == NULL || og_lang_match(is, "en") == 0)
            continue;
        for (const struct og_xml_node *w = l->first; w != NULL; w = w->next) {
            const char *name = w->name != NULL ? og_xml_attr_of(w, "name") : NULL;

            if (name != NULL && strncmp(name, "reason.", 7) == 0 && w->first != NULL
                && w->first->text != NULL && fits(w->first->text, text, heard))
                return name;
        }
    }
    return NULL;
}

/* the same sentence in the language in use, {why} in it too; others stay as they are */
static enum og_rc
add_said(const struct og_words *words, const char *text, bool inner, struct og_buf *out,
         struct og_err *err)
{
    struct heard heard;
    const char *name = sentence_of(words, text, &heard);
    const char *pattern = name != NULL ? look(words, words->lang, name) : NULL;
    struct og_buf line = OG_BUF_INIT(4096), why = OG_BUF_INIT(4096);
    enum og_rc rc = OG_OK;

    if (pattern == NULL)
        return og_plain(text, strlen(text), MOST_TEXT, out, err);
    for (size_t i = 0; i < heard.count && rc == OG_OK && !inner; i++)
        if (strcmp(heard.names[i], "why") == 0) {
            rc = add_said(words, heard.values[i], true, &why, err);
            heard.parts[i].value = og_buf_text(&why);
            break; /* there is one */
        }
    if (rc == OG_OK)
        rc = fill(pattern, heard.parts, &line, err);
    if (rc == OG_OK)
        rc = og_plain(og_buf_text(&line), line.len, MOST_TEXT, out, err);
    og_buf_free(&line);
    og_buf_free(&why);
    return rc;
}

enum og_rc
og_words_value(const struct og_words *words, const struct og_variable *variable,
               const char *text, const char *number, struct og_buf *out,
               struct og_err *err)
{
    int64_t at = 0;
    size_t most = MOST_TEXT;

    switch (variable->type) {
    case OG_VALUE_TIME:
        if (og_time_parse(text, &at, NULL) == OG_OK)
            return add_time(words, at, out, err);
        break;
    case OG_VALUE_DURATION:
        if (text[0] >= '0' && text[0] <= '9')
            return add_duration(words, strtoll(text, NULL, 10), out, err);
        break;
    case OG_VALUE_WORD:
        return add_word(words, variable->name, text, number, out, err);
    case OG_VALUE_SAID:
        return add_said(words, text, false, out, err);
    case OG_VALUE_ADDRESS:
        most = MOST_ADDRESS;
        break;
    case OG_VALUE_URL:
        most = MOST_URL;
        break;
    case OG_VALUE_TEXT:
    case OG_VALUE_NUMBER:
    case OG_VALUE_LIST:
        break;
    }
    return og_plain(text, strlen(text), most, out, err);
}
