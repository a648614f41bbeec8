/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_LIB_JSON_H
#define OG_LIB_JSON_H

#include "core/base/buf.h"
#include "core/base/record.h"

/*
 * og_json_add_field - append one member of an object, `"name":value`
 *
 * A field set by og_record_set_number is a JSON number, any other a string. The text
 * is ASCII: control bytes and other characters are \uXXXX, bytes that are no UTF-8
 * become U+FFFD, so a line can neither be split nor steer a terminal.
 * Returns OG_OK; OG_E_LIMIT; OG_E_NOMEM. Source: RFC 8259.
 */
enum og_rc og_json_add_field(struct og_buf *out, const struct og_field *field,
                             struct og_err *err) OG_CHECKED;

/*
 * og_json_parse - read one flat JSON object into a record
 *
 * Numbers and true/false become their text, null and nested values are left out.
 * Returns OG_OK; OG_E_SYNTAX; OG_E_LIMIT; OG_E_NOMEM. Owner: the caller frees rec.
 */
enum og_rc og_json_parse(const char *text, size_t len, struct og_record *rec,
                         struct og_err *err) OG_CHECKED;

#endif
