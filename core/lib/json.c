/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/lib/json.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "core/base/plain.h"

/* a character as \uXXXX, above the first 65,536 as a pair of surrogates */
static enum og_rc
add_character(struct og_buf *out, long code, struct og_err *err)
{
    static const char escapes[] = "\bb\ff\nn\rr\tt"; /* the byte, then its letter */
    const char *escape = code >= 0 && code < ' ' ? memchr(escapes, (int)code, 10) : NULL;

    if (escape != NULL)
        return og_buf_printf(out, err, "\\%c", escape[1]);
    if (code < 0)
        code = 0xfffd; /* replacement */
    if (code < 0x10000)
        return og_buf_printf(out, err, "\\u%04lX", (unsigned long)code);
    code -= 0x10000;
    return og_buf_printf(out, err, "\\u%04lX\\u%04lX",
                         0xd800 + ((unsigned long)code >> 10),
                         0xdc00 + ((unsigned long)code & 0x3ff));
}

/* what stands in a string as it is; DEL is no control character to RFC 8259, but is to
 * a terminal */
static bool
plain(unsigned char byte)
{
    return byte >= ' ' && byte < 0x7f && byte != '"' && byte != '\\';
}

static enum og_rc
add_string(struct og_buf *out, const char *text, size_t len, struct og_err *err)
{
    enum og_rc rc = og_buf_add(out, "\"", 1, err);

    for (size_t i = 0; i < len && rc == OG_OK;) {
        const unsigned char *at = (const unsigned char *)text + i;
        size_t run = 0, n;
        long code;

        while (i + run < len && plain(at[run]))
            run++;
        if (run > 0) {
            rc = og_buf_add(out, at, run, err);
            i += run;
            continue;
        }
        code = og_plain_next(text + i, len - i, &n);
        rc = *at == '"' || *at == '\\' ? og_buf_printf(out, err, "\\%c", *at)
                                       : add_character(out, code, err);
        i += n;
    }
    return rc == OG_OK ? og_buf_add(out, "\"", 1, err) : rc;
}

/* Written by hand, as a decision is one line of it and jansson's tree costs as much as
 * a look at the ledger; what is written here, jansson reads in the tests. */
enum og_rc
og_json_add_field(struct og_buf *out, const struct og_field *field, struct og_err *err)
{
    enum og_rc rc = add_string(out, field->name, strlen(field->name), err);

    if (rc == OG_OK)
        rc = og_buf_add(out, ":", 1, err);
    if (rc != OG_OK)
        return rc;
    return field->is_number ? og_buf_add(out, field->value, field->len, err)
                            : add_string(out, field->value, field->len, err);
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
