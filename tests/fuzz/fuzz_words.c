/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sentences in other languages: `PATTERN LF TEXT`, the pattern an English word, what it
 * becomes the same in capitals; without LF a text for the shipped words. Whatever comes in,
 * out comes one line of harmless text.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/mail/words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
put_escaped(FILE *f, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (text[i] == '<' || text[i] == '&' || text[i] == '>')
            fprintf(f, "&#%d;", text[i]);
        else
            fputc(text[i] >= ' ' && text[i] <= '~' ? text[i] : ' ', f);
}

/* a file of one sentence in two languages */
static void
make(const char *path, const char *pattern, size_t len)
{
    static const char *const langs[] = { "en", "de" };
    FILE *f = fopen(path, "w");

    if (f == NULL)
        abort();
    fputs("<words xmlns=\"" OG_TEMPLATE_NS "\">", f);
    for (size_t i = 0; i < N_ELEMENTS(langs); i++) {
        fprintf(f, "<language xml:lang=\"%s\"><word name=\"reason.x\">", langs[i]);
        if (i > 0)
            fputs("{why} {n} ", f);
        put_escaped(f, pattern, len);
        fputs("</word></language>", f);
    }
    fputs("</words>", f);
    if (fclose(f) != 0)
        abort();
}

static void
say(struct og_words *words, const char *lang, const char *text)
{
    struct og_buf out = OG_BUF_INIT(65536);
    struct og_err err = { "" };

    (void)snprintf(words->lang, sizeof words->lang, "%s", lang);
    if (og_words_value(words, og_variable_find("reason"), text, "", &out, &err) != OG_OK
        || out.len > 1000)
        abort();
    for (size_t i = 0; i < out.len; i++)
        if ((unsigned char)out.data[i] < ' ' || out.data[i] == 0x7f)
            abort();
    og_buf_free(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const langs[] = { "en", "de", "fr", "es", "nl" };
    static char path[] = "/tmp/og-fuzz-words-XXXXXX";
    static struct og_words shipped = OG_WORDS_INIT;
    struct og_words own = OG_WORDS_INIT;
    char *text = strndup((const char *)data, size), *end;
    static int made;

    if (text == NULL || (made == 0 && (made = mkstemp(path)) < 0))
        abort();
    if (shipped.root == NULL
        && og_words_open("templates/words.xml", &shipped, NULL) != OG_OK)
        abort();
    end = strchr(text, '\n');
    if (end == NULL) {
        for (size_t i = 0; i < N_ELEMENTS(langs); i++)
            say(&shipped, langs[i], text);
    } else {
        make(path, text, (size_t)(end - text));
        if (og_words_open(path, &own, NULL) != OG_OK)
            abort();
        say(&own, "de", end + 1);
        og_words_free(&own);
    }
    free(text);
    return 0;
}
