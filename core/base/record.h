/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_BASE_RECORD_H
#define OG_BASE_RECORD_H

#include <stddef.h>

#include "core/base/buf.h"
#include "core/base/err.h"

/*
 * A record: an ordered list of fields with different names. Its text form is
 * what stands in every database of ours, one line, readable with `db_dump -p`:
 *
 *     kind=user created=2026-11-21T18:12:21Z note=two%20words
 *
 * Names are 1 to 64 of [a-z0-9_.-]. Values are any bytes; blank, control,
 * non-ASCII bytes and '%' are written as %XX. Fields keep their order.
 */
struct og_field {
    char *name;
    char *value;     /* value[len] is a NUL that does not count */
    size_t len;      /* bytes */
    _Bool is_number; /* from og_record_set_number; not kept by the text form */
};

struct og_record {
    struct og_field *fields;
    size_t count;
    size_t cap;
};

#define OG_RECORD_INIT \
    {                  \
        NULL, 0, 0     \
    }

enum {
    OG_RECORD_MAX_NAME = 64,      /* bytes */
    OG_RECORD_MAX_FIELDS = 4096,  /* fields in one record */
    OG_RECORD_MAX_TEXT = 1 << 20, /* bytes of one text form */
};

/*
 * og_record_set, og_record_set_text, og_record_set_number - put one field
 *
 * An existing field of that name gets the new value at its old place.
 * Returns OG_OK; OG_E_SYNTAX for a bad name; OG_E_LIMIT; OG_E_NOMEM. On
 * failure the record keeps its old content. name and value are copied.
 */
enum og_rc og_record_set(struct og_record *rec, const char *name, const void *value,
                         size_t len, struct og_err *err) OG_CHECKED;
enum og_rc og_record_set_text(struct og_record *rec, const char *name, const char *text,
                              struct og_err *err) OG_CHECKED;
enum og_rc og_record_set_number(struct og_record *rec, const char *name, long long number,
                                struct og_err *err) OG_CHECKED;

/* og_record_set_some - og_record_set_text, but nothing for NULL and "" */
enum og_rc og_record_set_some(struct og_record *rec, const char *name, const char *text,
                              struct og_err *err) OG_CHECKED;

/* og_record_set_pairs - og_record_set_some for each of a list, in its order */
struct og_pair {
    const char *name, *value;
};
enum og_rc og_record_set_pairs(struct og_record *rec, const struct og_pair *pairs,
                               size_t count, struct og_err *err) OG_CHECKED;

/* og_record_set_time - a moment as og_time_print() writes it, but nothing for 0, which is
 * no moment; OG_E_RANGE too */
enum og_rc og_record_set_time(struct og_record *rec, const char *name, int64_t at,
                              struct og_err *err) OG_CHECKED;

/* og_record_set_field - copy a field of another record, number or text; the same codes */
enum og_rc og_record_set_field(struct og_record *rec, const struct og_field *field,
                               struct og_err *err) OG_CHECKED;

/* og_record_copy - give to the fields of from; to's old ones are freed; OG_E_NOMEM */
enum og_rc og_record_copy(struct og_record *to, const struct og_record *from,
                          struct og_err *err) OG_CHECKED;

/* og_record_find - the field of that name or NULL; owned by the record and valid
 * until its next change */
const struct og_field *og_record_find(const struct og_record *rec, const char *name);

/* og_record_get - the value as a C string, or NULL without such a field */
const char *og_record_get(const struct og_record *rec, const char *name);

/* og_record_text - the same, but "" without such a field */
const char *og_record_text(const struct og_record *rec, const char *name);

/* og_record_unset - drop a field; true when it was there */
_Bool og_record_unset(struct og_record *rec, const char *name);

/*
 * og_record_parse - read a text form
 *
 * text, len  one line, no line end, no NUL needed; content may be hostile
 * rec        receives the fields; its old content is freed on success
 *
 * Returns OG_OK; OG_E_SYNTAX for a bad name, a name that stands twice, a field
 * without '=', a bad %XX or a byte that should have been encoded; OG_E_LIMIT;
 * OG_E_NOMEM. The empty line is the empty record. Several blanks are one.
 */
enum og_rc og_record_parse(const char *text, size_t len, struct og_record *rec,
                           struct og_err *err) OG_CHECKED;

/* og_record_print - append the text form to out; OG_E_LIMIT, OG_E_NOMEM */
enum og_rc og_record_print(const struct og_record *rec, struct og_buf *out,
                           struct og_err *err) OG_CHECKED;

/* og_record_move - free to's fields, give it from's; from is empty afterwards */
void og_record_move(struct og_record *to, struct og_record *from);

/* og_record_free - release all; the empty record is fine */
void og_record_free(struct og_record *rec);

/* og_percent_add - append len bytes, encoded as in a record's value */
enum og_rc og_percent_add(struct og_buf *out, const void *data, size_t len,
                          struct og_err *err) OG_CHECKED;

#endif
