/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/lib/mime_write.h"

#include <stdbool.h>
#include <string.h>

#include <gmime/gmime.h>

static void
make_ready(void)
{
    static bool ready;

    if (!ready)
        g_mime_init(); /* for the life of the process */
    ready = true;
}

/* as it is: g_mime_text_part_set_text() would choose a character set of its own, and HTML
 * names one itself */
static GMimeObject *
text_part(const char *subtype, const char *text)
{
    GMimeTextPart *part = g_mime_text_part_new_with_subtype(subtype);
    GMimeStream *stream = g_mime_stream_mem_new_with_buffer(text, strlen(text));
    GMimeDataWrapper *content =
        g_mime_data_wrapper_new_with_stream(stream, GMIME_CONTENT_ENCODING_DEFAULT);

    g_mime_part_set_content(GMIME_PART(part), content);
    g_mime_text_part_set_charset(part, "utf-8");
    g_mime_part_set_content_encoding(GMIME_PART(part),
                                     GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
    g_object_unref(content);
    g_object_unref(stream);
    return GMIME_OBJECT(part);
}

/* GMime folds what is long and would keep what is given */
static bool
is_line(const char *text)
{
    for (; *text != '\0'; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            return false;
    return true;
}

static bool
lines_only(const struct og_mime_message *m)
{
    const char *const texts[] = { m->from_name,  m->from, m->to,  m->subject,
                                  m->message_id, m->date, m->lang };
    bool good = true;

    for (size_t i = 0; i < N_ELEMENTS(texts); i++)
        good = good && is_line(texts[i]);
    for (const struct og_mime_field *f = m->fields; f->name != NULL; f++)
        good = good && is_line(f->value);
    return good;
}

/* GMime leaves what looks like an encoded word (RFC 2047) as it is, and readers decode it:
 * a blank inside takes it apart */
static enum og_rc
take_apart(const char *text, struct og_buf *out, struct og_err *err)
{
    enum og_rc rc = OG_OK;

    for (; *text != '\0' && rc == OG_OK; text++) {
        rc = og_buf_add(out, text, 1, err);
        if (rc == OG_OK && text[0] == '=' && text[1] == '?')
            rc = og_buf_add(out, " ", 1, err);
    }
    return rc;
}

static void
set_header(GMimeMessage *message, const struct og_mime_message *m, const char *name,
           const char *subject)
{
    GMimeObject *object = GMIME_OBJECT(message);

    g_mime_message_add_mailbox(message, GMIME_ADDRESS_TYPE_FROM,
                               name[0] != '\0' ? name : NULL, m->from);
    g_mime_message_add_mailbox(message, GMIME_ADDRESS_TYPE_TO, NULL, m->to);
    g_mime_message_set_subject(message, subject, "utf-8");
    g_mime_object_append_header(object, "Date", m->date, NULL);
    g_mime_message_set_message_id(message, m->message_id);
    g_mime_object_append_header(object, "Content-Language", m->lang, NULL);
    for (const struct og_mime_field *f = m->fields; f->name != NULL; f++)
        g_mime_object_append_header(object, f->name, f->value, "utf-8");
}

enum og_rc
og_mime_write(const struct og_mime_message *m, struct og_buf *out, struct og_err *err)
{
    struct og_buf name = OG_BUF_INIT(4096), subject = OG_BUF_INIT(4096);
    GMimeMultipart *both;
    GMimeMessage *message;
    GMimeObject *part;
    char *text;
    enum og_rc rc = OG_OK;

    if (!lines_only(m))
        return og_fail(err, OG_E_SYNTAX, "a line end in a header field");
    rc = take_apart(m->from_name, &name, err);
    if (rc == OG_OK)
        rc = take_apart(m->subject, &subject, err);
    if (rc != OG_OK) {
        og_buf_free(&name);
        og_buf_free(&subject);
        return rc;
    }
    make_ready();
    message = g_mime_message_new(TRUE);
    set_header(message, m, og_buf_text(&name), og_buf_text(&subject));
    both = g_mime_multipart_new_with_subtype("alternative");
    part = text_part("plain", m->text);
    g_mime_multipart_add(both, part);
    g_object_unref(part);
    part = text_part("html", m->html);
    g_mime_multipart_add(both, part);
    g_object_unref(part);
    g_mime_message_set_mime_part(message, GMIME_OBJECT(both));
    g_object_unref(both);
    text = g_mime_object_to_string(GMIME_OBJECT(message), NULL);
    if (text == NULL)
        rc = og_fail(err, OG_E_LIB, "a message cannot be made");
    else
        rc = og_buf_add_text(out, text, err);
    g_free(text);
    g_object_unref(message);
    og_buf_free(&name);
    og_buf_free(&subject);
    return rc;
}

enum og_rc
og_mime_write_subject(const char *text, struct og_buf *out, struct og_err *err)
{
    struct og_buf apart = OG_BUF_INIT(4096);
    char *encoded = NULL, *field = NULL, *folded = NULL;
    enum og_rc rc =
        is_line(text) ? OG_OK : og_fail(err, OG_E_SYNTAX, "a line end in a subject");

    make_ready();
    if (rc == OG_OK)
        rc = take_apart(text, &apart, err);
    if (rc == OG_OK) {
        encoded = g_mime_utils_header_encode_text(NULL, og_buf_text(&apart), "utf-8");
        field = g_strconcat("Subject: ", encoded, NULL);
        folded = g_mime_utils_unstructured_header_fold(NULL, NULL, field);
        rc = og_buf_add_text(out, folded, err);
    }
    g_free(encoded);
    g_free(field);
    g_free(folded);
    og_buf_free(&apart);
    return rc;
}

enum og_rc
og_mime_write_text(const char *text, struct og_buf *out, struct og_err *err)
{
    GMimeObject *part;
    char *whole;
    enum og_rc rc;

    make_ready();
    part = text_part("plain", text);
    whole = g_mime_object_to_string(part, NULL);
    rc = whole != NULL ? og_buf_add_text(out, whole, err)
                       : og_fail(err, OG_E_LIB, "a part cannot be made");
    g_free(whole);
    g_object_unref(part);
    return rc;
}
