/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/base/record.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/time.h"

static bool
plain(unsigned char byte)
{
    return byte > ' ' && byte < 0x7f && byte != '%';
}

static bool
name_ok(const char *name, size_t len)
{
    if (len == 0 || len > OG_RECORD_MAX_NAME)
        return false;
    for (size_t i = 0; i < len; i++)
        if (!(name[i] >= 'a' && name[i] <= 'z') && !(name[i] >= '0' && name[i] <= '9')
            && memchr("_.-", name[i], 3) == NULL)
            return false;
    return true;
}

static struct og_field *
find(const struct og_record *rec, const char *name, size_t len)
{
    for (size_t i = 0; i < rec->count; i++)
        if (strncmp(rec->fields[i].name, name, len) == 0
            && rec->fields[i].name[len] == '\0')
            return &rec->fields[i];
    return NULL;
}

static char *
copy_bytes(const void *data, size_t len)
{
    char *copy = malloc(len + 1);

    if (copy == NULL)
        return NULL;
    if (len > 0)
        memcpy(copy, data, len);
    copy[len] = '\0';
    return copy;
}

static enum og_rc
grow(struct og_record *rec, struct og_err *err)
{
    size_t cap = rec->cap > 0 ? rec->cap * 2 : 8;
    struct og_field *fields;

    if (rec->count < rec->cap)
        return OG_OK;
    if (rec->count >= OG_RECORD_MAX_FIELDS)
        return og_fail(err, OG_E_LIMIT, "more than %d fields", OG_RECORD_MAX_FIELDS);
    fields = realloc(rec->fields, cap * sizeof *fields);
    if (fields == NULL)
        return og_fail(err, OG_E_NOMEM, "no memory for a record");
    rec->fields = fields;
    rec->cap = cap;
    return OG_OK;
}

/* name is checked; value belongs to the record afterwards, also on failure */
static enum og_rc
put(struct og_record *rec, const char *name, size_t name_len, char *value, size_t len,
    struct og_err *err)
{
    struct og_field *field = find(rec, name, name_len);
    char *own = NULL;
    enum og_rc rc;

    if (field != NULL) {
        free(field->value);
        field->value = value;
        field->len = len;
        field->is_number = false;
        return OG_OK;
    }
    rc = grow(rec, err);
    if (rc == OG_OK && (own = copy_bytes(name, name_len)) == NULL)
        rc = og_fail(err, OG_E_NOMEM, "no memory for a record");
    if (rc != OG_OK) {
        free(value);
        return rc;
    }
    rec->fields[rec->count++] = (struct og_field){ own, value, len, false };
    return OG_OK;
}

enum og_rc
og_record_set(struct og_record *rec, const char *name, const void *value, size_t len,
              struct og_err *err)
{
    char *copy;

    if (!name_ok(name, strlen(name)))
        return og_fail(err, OG_E_SYNTAX, "'%.80s' is no field name", name);
    if (len > OG_RECORD_MAX_TEXT)
        return og_fail(err, OG_E_LIMIT, "%s: more than %d bytes", name,
                       OG_RECORD_MAX_TEXT);
    copy = copy_bytes(value, len);
    if (copy == NULL)
        return og_fail(err, OG_E_NOMEM, "no memory for %zu bytes", len);
    return put(rec, name, strlen(name), copy, len, err);
}

enum og_rc
og_record_set_text(struct og_record *rec, const char *name, const char *text,
                   struct og_err *err)
{
    return og_record_set(rec, name, text, strlen(text), err);
}

enum og_rc
og_record_set_number(struct og_record *rec, const char *name, long long number,
                     struct og_err *err)
{
    char text[32];
    enum og_rc rc;

    (void)snprintf(text, sizeof text, "%lld", number); /* 20 digits fit */
    rc = og_record_set_text(rec, name, text, err);
    if (rc == OG_OK)
        find(rec, name, strlen(name))->is_number = true;
    return rc;
}

enum og_rc
og_record_set_some(struct og_record *rec, const char *name, const char *text,
                   struct og_err *err)
{
    return text != NULL && text[0] != '\0' ? og_record_set_text(rec, name, text, err)
                                           : OG_OK;
}

enum og_rc
og_record_set_pairs(struct og_record *rec, const struct og_pair *pairs, size_t count,
                    struct og_err *err)
{
    enum og_rc rc = OG_OK;

    for (size_t i = 0; i < count && rc == OG_OK; i++)
        rc = og_record_set_some(rec, pairs[i].name, pairs[i].value, err);
    return rc;
}

enum og_rc
og_record_set_time(struct og_record *rec, const char *name, int64_t at,
                   struct og_err *err)
{
    char text[OG_TIME_TEXT];
    enum og_rc rc = at != 0 ? og_time_print(at, text, err) : OG_OK;

    return rc == OG_OK && at != 0 ? og_record_set_text(rec, name, text, err) : rc;
}

enum og_rc
og_record_set_field(struct og_record *rec, const struct og_field *field,
                    struct og_err *err)
{
    enum og_rc rc = og_record_set(rec, field->name, field->value, field->len, err);

    if (rc == OG_OK)
        find(rec, field->name, strlen(field->name))->is_number = field->is_number;
    return rc;
}

const struct og_field *
og_record_find(const struct og_record *rec, const char *name)
{
    return find(rec, name, strlen(name));
}

const char *
og_record_get(const struct og_record *rec, const char *name)
{
    const struct og_field *field = og_record_find(rec, name);

    return field != NULL ? field->value : NULL;
}

const char *
og_record_text(const struct og_record *rec, const char *name)
{
    const struct og_field *field = og_record_find(rec, name);

    return field != NULL ? field->value : "";
}

bool
og_record_unset(struct og_record *rec, const char *name)
{
    struct og_field *field = find(rec, name, strlen(name));
    size_t after;

    if (field == NULL)
        return false;
    free(field->name);
    free(field->value);
    after = (size_t)(rec->fields + rec->count - field) - 1;
    memmove(field, field + 1, after * sizeof *field);
    rec->count--;
    return true;
}

static int
hex_digit(char c)
{
    static const char digits[] = "0123456789ABCDEF0123456789abcdef";
    const char *at = c != '\0' ? strchr(digits, c) : NULL;

    return at != NULL ? (int)((at - digits) % 16) : -1;
}

/* decode len bytes; the caller frees *out */
static enum og_rc
decode(const char *text, size_t len, char **out, size_t *out_len, struct og_err *err)
{
    char *value = malloc(len + 1);
    size_t n = 0;

    if (value == NULL)
        return og_fail(err, OG_E_NOMEM, "no memory for %zu bytes", len);
    for (size_t i = 0; i < len; i++) {
        int high, low;

        if (plain((unsigned char)text[i])) {
            value[n++] = text[i];
            continue;
        }
        high = text[i] == '%' && len - i > 2 ? hex_digit(text[i + 1]) : -1;
        low = high >= 0 ? hex_digit(text[i + 2]) : -1;
        if (low < 0) {
            free(value);
            return og_fail(err, OG_E_SYNTAX, "bad byte or %%XX at byte %zu of a value",
                           i);
        }
        value[n++] = (char)(high * 16 + low);
        i += 2;
    }
    value[n] = '\0';
    *out = value;
    *out_len = n;
    return OG_OK;
}

static enum og_rc
parse_field(const char *text, size_t len, struct og_record *rec, struct og_err *err)
{
    const char *equals = memchr(text, '=', len);
    size_t name_len = equals != NULL ? (size_t)(equals - text) : 0;
    char *value;
    size_t value_len;
    enum og_rc rc;

    if (equals == NULL || !name_ok(text, name_len))
        return og_fail(err, OG_E_SYNTAX, "field %zu of the record is no name=value",
                       rec->count + 1);
    if (find(rec, text, name_len) != NULL)
        return og_fail(err, OG_E_SYNTAX, "%.*s stands twice in the record", (int)name_len,
                       text);
    rc = decode(equals + 1, len - name_len - 1, &value, &value_len, err);
    return rc == OG_OK ? put(rec, text, name_len, value, value_len, err) : rc;
}

enum og_rc
og_record_parse(const char *text, size_t len, struct og_record *rec, struct og_err *err)
{
    struct og_record fresh = OG_RECORD_INIT;
    enum og_rc rc = OG_OK;

    if (len > OG_RECORD_MAX_TEXT)
        return og_fail(err, OG_E_LIMIT, "record of more than %d bytes",
                       OG_RECORD_MAX_TEXT);
    for (size_t i = 0; i < len && rc == OG_OK;) {
        const char *blank = memchr(text + i, ' ', len - i);
        size_t end = blank != NULL ? (size_t)(blank - text) : len;

        if (end > i)
            rc = parse_field(text + i, end - i, &fresh, err);
        i = end + 1;
    }
    if (rc == OG_OK)
        og_record_move(rec, &fresh);
    og_record_free(&fresh);
    return rc;
}

enum og_rc
og_percent_add(struct og_buf *out, const void *data, size_t len, struct og_err *err)
{
    static const char digits[] = "0123456789ABCDEF";
    const unsigned char *bytes = data;
    enum og_rc rc = OG_OK;

    for (size_t i = 0; i < len && rc == OG_OK;) {
        char encoded[3] = { '%', digits[bytes[i] >> 4], digits[bytes[i] & 15] };
        size_t run = i;

        while (run < len && plain(bytes[run]))
            run++;
        if (run > i)
            rc = og_buf_add(out, bytes + i, run - i, err);
        else
            rc = og_buf_add(out, encoded, sizeof encoded, err), run++;
        i = run;
    }
    return rc;
}

enum og_rc
og_record_print(const struct og_record *rec, struct og_buf *out, struct og_err *err)
{
    enum og_rc rc = OG_OK;

    for (size_t i = 0; i < rec->count && rc == OG_OK; i++) {
        const struct og_field *field = &rec->fields[i];

        rc = og_buf_printf(out, err, "%s%s=", i > 0 ? " " : "", field->name);
        if (rc == OG_OK)
            rc = og_percent_add(out, field->value, field->len, err);
    }
    return rc;
}

enum og_rc
og_record_copy(struct og_record *to, const struct og_record *from, struct og_err *err)
{
    struct og_record all = OG_RECORD_INIT;
    enum og_rc rc = OG_OK;

    for (size_t i = 0; i < from->count && rc == OG_OK; i++)
        rc = og_record_set_field(&all, &from->fields[i], err);
    if (rc == OG_OK)
        og_record_move(to, &all);
    og_record_free(&all);
    return rc;
}

void
og_record_move(struct og_record *to, struct og_record *from)
{
    og_record_free(to);
    *to = *from;
    *from = (struct og_record)OG_RECORD_INIT;
}

void
og_record_free(struct og_record *rec)
{
    for (size_t i = 0; i < rec->count; i++) {
        free(rec->fields[i].name);
        free(rec->fields[i].value);
    }
    free(rec->fields);
    *rec = (struct og_record)OG_RECORD_INIT;
}
