/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/lib/mime_words.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "core/lib/mime_int.h"

/* an encoded word in base64: what is behind the second `?`, up to `?=` */
struct word {
    size_t at, len;
    size_t coding; /* where the letter stands that says base64 */
    bool wide;     /* zeros are letters in its character set */
};

static bool
find_word(const GString *value, size_t from, struct word *word)
{
    for (const char *begin = strstr(value->str + from, "=?"); begin != NULL;
         begin = strstr(begin + 2, "=?")) {
        const char *charset = begin + 2, *coding = charset + strcspn(charset, "? "), *end;

        if (coding[0] != '?' || (coding[1] | 0x20) != 'b' || coding[2] != '?')
            continue;
        end = strstr(coding + 3, "?=");
        if (end == NULL)
            return false;
        word->coding = (size_t)(coding + 1 - value->str);
        word->at = (size_t)(coding + 3 - value->str);
        word->len = (size_t)(end - coding) - 3;
        word->wide = strncasecmp(charset, "utf-16", 6) == 0
                     || strncasecmp(charset, "utf-32", 6) == 0
                     || strncasecmp(charset, "ucs", 3) == 0;
        return true;
    }
    return false;
}

/* letters between paddings, of which the last may be missing */
static void
decode_run(GString *run, const struct word *word, GString *out)
{
    static const char digits[] = "0123456789ABCDEF";
    gsize size = 0;
    guchar *bytes;

    if (run->len % 4 == 1)
        g_string_truncate(run, run->len - 1);
    while (run->len % 4 != 0)
        g_string_append_c(run, '=');
    bytes = g_base64_decode(run->str, &size);
    for (gsize i = 0; i < size; i++) {
        unsigned byte = bytes[i] == 0 && !word->wide ? OG_MIME_NUL : bytes[i];
        const char quoted[] = { '=', digits[byte >> 4], digits[byte & 15] };

        g_string_append_len(out, quoted, sizeof quoted);
    }
    g_free(bytes);
    g_string_truncate(run, 0);
}

static void
decode(const char *text, const struct word *word, GString *out)
{
    GString *run = g_string_new(NULL);

    for (size_t i = 0; i < word->len; i++) {
        char c = text[i];

        if (g_ascii_isalnum(c) || c == '+' || c == '/')
            g_string_append_c(run, c);
        else if (c == '=')
            decode_run(run, word, out);
    }
    decode_run(run, word, out);
    g_string_free(run, TRUE);
}

bool
og_mime_open_words(GString *value)
{
    struct word word;
    GString *opened = g_string_new(NULL);
    size_t at = 0;

    while (find_word(value, at, &word)) {
        value->str[word.coding] = 'Q';
        g_string_append_len(opened, value->str + at, (gssize)(word.at - at));
        decode(value->str + word.at, &word, opened);
        at = word.at + word.len;
    }
    if (at > 0) {
        g_string_append(opened, value->str + at);
        g_string_assign(value, opened->str);
    }
    g_string_free(opened, TRUE);
    return at > 0;
}

/* how much of it there is without an encoded word that does not end */
static size_t
whole_words(const char *text)
{
    const char *at = text, *begin, *end;

    while ((begin = strstr(at, "=?")) != NULL) {
        end = strchr(begin + 2, '?'); /* of the character set, then of the encoding */
        end = end != NULL ? strchr(end + 1, '?') : NULL;
        end = end != NULL ? strstr(end + 1, "?=") : NULL;
        if (end == NULL)
            return strchr(begin, ' ') == NULL ? (size_t)(begin - text) : strlen(text);
        at = end + 2;
    }
    return strlen(text);
}

enum og_rc
og_mime_words(const char *text, struct og_buf *out, struct og_err *err)
{
    static bool ready = false;
    GString *whole;
    char *read;
    enum og_rc rc;

    if (strstr(text, "=?") == NULL)
        return og_buf_add_text(out, text, err);
    if (!ready)
        g_mime_init(); /* for the life of the process */
    ready = true;
    whole = g_string_new_len(text, (gssize)whole_words(text));
    (void)og_mime_open_words(whole); /* none is fine, too */
    read = g_mime_utils_header_decode_text(NULL, whole->str);
    rc = read != NULL ? og_buf_add_text(out, read, err) : OG_OK;
    g_free(read);
    g_string_free(whole, TRUE);
    return rc;
}
