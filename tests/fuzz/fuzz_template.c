/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The first byte chooses: a template as it is, or a hostile value in a fixed one. Whatever
 * comes in, no value becomes markup, a line in the subject, or a turn of direction.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/lib/mime_write.h"
#include "core/mail/template.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char path[] = "/tmp/og-fuzz-template-XXXXXX";

static void
put(const char *name, const char *text, size_t len)
{
    FILE *f = fopen(name, "w");

    if (f == NULL || fwrite(text, 1, len, f) != len || fclose(f) != 0)
        abort();
}

#define NS " xmlns=\"urn:outgate:template\""

static const char fixed[] =
    "<template" NS "><message xml:lang=\"en\"><subject>s <value of=\"user\"/></subject>"
    "<title><value of=\"user\"/></title><p><value of=\"class\"/><if has=\"reason\" "
    "is=\"a\">"
    "x</if></p><facts><fact label=\"l\"><value of=\"since\"/><value "
    "of=\"period\"/></fact>"
    "</facts><button to=\"unlock_url\">u</button><list><each of=\"subjects\"><item>"
    "<value of=\"item\"/></item></each></list></message></template>";

static void
check(const struct og_rendered *mail)
{
    struct og_mime_field none = { NULL, NULL };
    struct og_mime_message m = { .from_name = "",
                                 .from = "a@b.example",
                                 .to = "c@d.example",
                                 .subject = og_buf_text(&mail->subject),
                                 .message_id = "x@y",
                                 .date = "d",
                                 .lang = "en",
                                 .fields = &none,
                                 .text = og_buf_text(&mail->text),
                                 .html = og_buf_text(&mail->html) };
    struct og_buf out = OG_BUF_INIT(8 << 20);
    struct og_err err = { "" };
    const char *html = og_buf_text(&mail->html);

    if (strpbrk(og_buf_text(&mail->subject), "\r\n") != NULL
        || strstr(html, "\xe2\x80\xae") != NULL || strchr(html, '\r') != NULL
        || strstr(html, "<script") != NULL
        || strstr(html, "<a href=\"javascript") != NULL)
        abort();
    if (og_mime_write(&m, &out, &err) != OG_OK)
        abort();
    for (const char *at = og_buf_text(&out); *at != '\0'; at++)
        if ((unsigned char)*at > 0x7e)
            abort();
    og_buf_free(&out);
}

static void
render(struct og_values *values)
{
    struct og_template template = OG_TEMPLATE_INIT;
    struct og_words words = OG_WORDS_INIT;
    struct og_rendered mail = OG_RENDERED_INIT;
    struct og_err err = { "" };

    if (og_template_open(path, &template, &err) == OG_OK
        && og_template_render(&template, &words, "de", "en", values, &mail, &err)
               == OG_OK)
        check(&mail);
    og_rendered_free(&mail);
    og_template_free(&template);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = { "user",  "class",  "reason",
                                         "since", "period", "unlock_url" };
    struct og_values values = OG_VALUES_INIT;
    struct og_err err = { "" };
    static int made;

    if (made == 0 && (made = mkstemp(path)) < 0)
        abort();
    if (size < 1)
        return 0;
    if (data[0] % 2 == 0) {
        put(path, (const char *)data + 1, size - 1);
        if (og_values_sample(&values, data[0] % 4 == 0, &err) != OG_OK)
            abort();
    } else {
        char *text = malloc(size);

        if (text == NULL)
            abort();
        memcpy(text, data + 1, size - 1);
        text[size - 1] = '\0';
        put(path, fixed, sizeof fixed - 1);
        for (size_t i = 0; i < N_ELEMENTS(names); i++)
            if (og_values_set(&values, names[i], text, &err) != OG_OK)
                abort();
        if (og_values_lines(&values, "subjects", text, &err) != OG_OK)
            abort();
        free(text);
    }
    render(&values);
    og_values_free(&values);
    return 0;
}
