/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/lib/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

/* bytes of the UTF-8 character at text, or 0 when there is none (RFC 3629) */
static size_t
utf8_length(const unsigned char *text, size_t len)
{
    static const unsigned char low[] = { 0xa0, 0x80, 0x90, 0x80 }; /* after e0 ed f0 f4 */
    static const unsigned char high[] = { 0xbf, 0x9f, 0xbf, 0x8f };
    static const unsigned char first[] = { 0xe0, 0xed, 0xf0, 0xf4 };
    size_t want;

    if (text[0] < 0x80)
        return 1;
    if (text[0] < 0xc2 || text[0] > 0xf4)
        return 0;
    want = text[0] < 0xe0 ? 2 : text[0] < 0xf0 ? 3 : 4;
    if (want > len)
        return 0;
    for (size_t i = 1; i < want; i++)
        if ((text[i] & 0xc0) != 0x80)
            return 0;
    for (size_t i = 0; i < sizeof first; i++)
        if (text[0] == first[i] && (text[1] < low[i] || text[1] > high[i]))
            return 0;
    return want;
}

static enum og_rc
make_utf8(const char *text, size_t len, struct og_buf *out, struct og_err *err)
{
    enum og_rc rc = OG_OK;

    for (size_t i = 0; i < len && rc == OG_OK;) {
        size_t n = utf8_length((const unsigned char *)text + i, len - i);

        rc = n > 0 ? og_buf_add(out, text + i, n, err)
                   : og_buf_add_text(out, "\xef\xbf\xbd", err); /* U+FFFD */
        i += n > 0 ? n : 1;
    }
    return rc;
}

static enum og_rc
add_field(json_t *object, const struct og_field *field, struct og_err *err)
{
    struct og_buf text = OG_BUF_INIT(3 * OG_RECORD_MAX_TEXT);
    json_t *value;
    enum og_rc rc;

    if (field->is_number) {
        value = json_integer(strtoll(field->value, NULL, 10));
        rc = OG_OK;
    } else {
        rc = make_utf8(field->value, field->len, &text, err);
        value = rc == OG_OK ? json_stringn(og_buf_text(&text), text.len) : NULL;
    }
    if (rc == OG_OK && json_object_set_new(object, field->name, value) != 0)
        rc = og_fail(err, OG_E_NOMEM, "no memory for JSON"); /* also for a NULL value */
    og_buf_free(&text);
    return rc;
}

/* jansson leaves DEL as it is; DEL stands in strings only */
static enum og_rc
add_text(const char *text, struct og_buf *out, struct og_err *err)
{
    struct og_buf line = OG_BUF_INIT(out->max);
    enum og_rc rc = OG_OK;

    while (*text != '\0' && rc == OG_OK) {
        size_t len = strcspn(text, "\x7f");

        rc = og_buf_add(&line, text, len, err);
        text += len;
        if (rc == OG_OK && *text != '\0') {
            rc = og_buf_add_text(&line, "\\u007f", err);
            text++;
        }
    }
    if (rc == OG_OK)
        rc = og_buf_add(out, og_buf_text(&line), line.len, err);
    og_buf_free(&line);
    return rc;
}

enum og_rc
og_json_print(const struct og_record *rec, struct og_buf *out, struct og_err *err)
{
    json_t *object = json_object();
    char *text = NULL;
    enum og_rc rc = OG_OK;

    if (object == NULL)
        return og_fail(err, OG_E_NOMEM, "no memory for JSON");
    for (size_t i = 0; i < rec->count && rc == OG_OK; i++)
        rc = add_field(object, &rec->fields[i], err);
    if (rc == OG_OK) {
        text = json_dumps(object, JSON_COMPACT | JSON_ENSURE_ASCII);
        rc = text != NULL ? add_text(text, out, err)
                          : og_fail(err, OG_E_NOMEM, "no memory for JSON");
    }
    free(text);
    json_decref(object);
    return rc;
}

static enum og_rc
take(const char *name, const json_t *value, struct og_record *rec, struct og_err *err)
{
    char number[64];

    switch (json_typeof(value)) {
    case JSON_STRING:
        return og_record_set(rec, name, json_string_value(value),
                             json_string_length(value), err);
    case JSON_INTEGER:
        return og_record_set_number(rec, name, json_integer_value(value), err);
    case JSON_REAL:
        (void)snprintf(number, sizeof number, "%.17g", json_real_value(value));
        return og_record_set_text(rec, name, number, err);
    case JSON_TRUE:
        return og_record_set_text(rec, name, "true", err);
    case JSON_FALSE:
        return og_record_set_text(rec, name, "false", err);
    case JSON_NULL:
    case JSON_OBJECT:
    case JSON_ARRAY:
        break;
    }
    return OG_OK;
}

enum og_rc
og_json_parse(const char *text, size_t len, struct og_record *rec, struct og_err *err)
{
    struct og_record fresh = OG_RECORD_INIT;
    json_error_t why;
    json_t *object, *value;
    const char *name;
    enum og_rc rc = OG_OK;

    if (len > OG_RECORD_MAX_TEXT)
        return og_fail(err, OG_E_LIMIT, "JSON of more than %d bytes", OG_RECORD_MAX_TEXT);
    object = json_loadb(text, len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &why);
    if (!json_is_object(object)) {
        rc = og_fail(err, OG_E_SYNTAX, "no JSON object%s%s", object == NULL ? ": " : "",
                     object == NULL ? why.text : "");
        json_decref(object);
        return rc;
    }
    json_object_foreach(object, name, value)
    {
        rc = take(name, value, &fresh, err);
        if (rc != OG_OK)
            break;
    }
    if (rc == OG_OK)
        og_record_move(rec, &fresh);
    og_record_free(&fresh);
    json_decref(object);
    return rc;
}
