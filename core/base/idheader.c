/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/base/idheader.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char blanks[] = " \t";

/* fields whose removal would break the message, RFC 5322 section 3.6 */
static bool
needed(const char *name)
{
    static const char *const names[] = {
        "from",        "sender", "date", "content-type", "content-transfer-encoding",
        "mime-version"
    };

    for (size_t i = 0; i < N_ELEMENTS(names); i++)
        if (strcasecmp(name, names[i]) == 0)
            return true;
    return false;
}

/* printable ASCII without colon: RFC 5322 section 2.2; no slash or comma, which
 * separate here */
static size_t
name_length(const char *text)
{
    size_t len = 0;

    while (text[len] > ' ' && text[len] < 0x7f && strchr(":/,", text[len]) == NULL)
        len++;
    return len;
}

/* from behind the first slash to behind the second one */
static enum og_rc
parse_pattern(const char **at, struct og_idheader *row, struct og_err *err)
{
    const char *in = *at;
    char *out = malloc(strlen(in) + 1);

    if (out == NULL)
        return og_fail(err, OG_E_NOMEM, "no memory");
    row->pattern = out;
    while (*in != '/' && *in != '\0') {
        if (in[0] == '\\' && in[1] == '/')
            in++; /* the slash itself */
        else if (in[0] == '\\' && in[1] != '\0')
            *out++ = *in++; /* an escape of the expression: both bytes */
        *out++ = *in++;
    }
    *out = '\0';
    for (out = row->pattern; *out != '\0'; out++)
        if ((unsigned char)*out < ' ' || *out == 0x7f)
            return og_fail(err, OG_E_SYNTAX,
                           "control character in the expression of %s: write \\xHH",
                           row->name);
    if (*in != '/')
        return og_fail(err, OG_E_SYNTAX, "the expression of %s has no second slash",
                       row->name);
    in++;
    if (*in == 'i') {
        row->caseless = true;
        in++;
    }
    *at = in;
    return OG_OK;
}

static enum og_rc
parse_row(const char **at, struct og_idheader *row, struct og_err *err)
{
    const char *in = *at;
    size_t len = name_length(in);
    enum og_rc rc = OG_OK;

    if (len == 0 || len > 76)
        return og_fail(err, OG_E_SYNTAX, "no header field name at '%.20s'", in);
    row->name = strndup(in, len);
    if (row->name == NULL)
        return og_fail(err, OG_E_NOMEM, "no memory");
    in += len;
    in += strspn(in, blanks);
    if (*in == '/') {
        in++;
        rc = parse_pattern(&in, row, err);
        if (rc != OG_OK)
            return rc;
        in += strspn(in, blanks);
    }
    len = name_length(in);
    if (len == 4 && strncasecmp(in, "keep", 4) == 0) {
        row->keep = true;
        in += len;
        in += strspn(in, blanks);
    }
    if (*in != ',' && *in != '\0')
        return og_fail(err, OG_E_SYNTAX, "unexpected '%.20s' after %s", in, row->name);
    if (needed(row->name) && !row->keep)
        return og_fail(err, OG_E_SYNTAX, "a message needs its %s: say `keep`", row->name);
    if (strcasecmp(row->name, "received") == 0 && row->pattern == NULL)
        return og_fail(
            err, OG_E_SYNTAX,
            "Received needs an expression: its whole value is never the same twice");
    *at = in;
    return OG_OK;
}

enum og_rc
og_idheaders_parse(const char *text, struct og_idheaders *list, struct og_err *err)
{
    struct og_idheaders fresh = OG_IDHEADERS_INIT;
    const char *at = text + strspn(text, blanks);
    enum og_rc rc = OG_OK;

    fresh.rows = calloc(OG_IDHEADERS_MAX, sizeof *fresh.rows);
    if (fresh.rows == NULL)
        return og_fail(err, OG_E_NOMEM, "no memory");
    while (*at != '\0' && rc == OG_OK) {
        if (fresh.count == OG_IDHEADERS_MAX) {
            rc = og_fail(err, OG_E_LIMIT, "more than %d header fields", OG_IDHEADERS_MAX);
            break;
        }
        rc = parse_row(&at, &fresh.rows[fresh.count++], err);
        if (rc == OG_OK && *at == ',') {
            at++;
            at += strspn(at, blanks);
            if (*at == '\0')
                rc = og_fail(err, OG_E_SYNTAX, "nothing follows the last comma");
        }
    }
    if (rc == OG_OK) {
        og_idheaders_free(list);
        *list = fresh;
    } else {
        og_idheaders_free(&fresh);
    }
    return rc;
}

static enum og_rc
print_pattern(const struct og_idheader *row, struct og_buf *out, struct og_err *err)
{
    enum og_rc rc = og_buf_add_text(out, " /", err);

    for (const char *at = row->pattern; *at != '\0' && rc == OG_OK; at++) {
        if (at[0] == '\\' && at[1] != '\0')
            rc = og_buf_add(out, at++, 1, err);
        else if (*at == '/')
            rc = og_buf_add_text(out, "\\", err);
        if (rc == OG_OK)
            rc = og_buf_add(out, at, 1, err);
    }
    return rc == OG_OK ? og_buf_add_text(out, row->caseless ? "/i" : "/", err) : rc;
}

enum og_rc
og_idheaders_print(const struct og_idheaders *list, struct og_buf *out,
                   struct og_err *err)
{
    enum og_rc rc = OG_OK;

    for (size_t i = 0; i < list->count && rc == OG_OK; i++) {
        const struct og_idheader *row = &list->rows[i];

        rc = og_buf_printf(out, err, "%s%s", i > 0 ? ", " : "", row->name);
        if (rc == OG_OK && row->pattern != NULL)
            rc = print_pattern(row, out, err);
        if (rc == OG_OK && row->keep)
            rc = og_buf_add_text(out, " keep", err);
    }
    return rc;
}

void
og_idheaders_free(struct og_idheaders *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->rows[i].name);
        free(list->rows[i].pattern);
    }
    free(list->rows);
    *list = (struct og_idheaders)OG_IDHEADERS_INIT;
}
