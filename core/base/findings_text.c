/* SPDX-License-Identifier: BSD-2-Clause */
/* The text form of findings. Printing writes the lines itself: a record is kind to changes,
 * of which there are none here. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/findings.h"
#include "core/base/record.h"

static enum og_rc
print_text(struct og_buf *out, const char *name, const char *text, struct og_err *err)
{
    enum og_rc rc;

    if (text[0] == '\0')
        return OG_OK;
    rc = og_buf_printf(out, err, " %s=", name);
    return rc == OG_OK ? og_percent_add(out, text, strlen(text), err) : rc;
}

static enum og_rc
print_number(struct og_buf *out, const char *name, uint64_t number, struct og_err *err)
{
    return number > 0 ? og_buf_printf(out, err, " %s=%" PRIu64, name, number) : OG_OK;
}

static enum og_rc
print_finding(const struct og_finding *finding, struct og_buf *out, struct og_err *err)
{
    enum og_rc rc = og_buf_printf(out, err, "found=%s", og_found_text(finding->what));

    if (rc == OG_OK)
        rc = print_text(out, "path", finding->path, err);
    if (rc == OG_OK)
        rc = print_text(out, "name", finding->name, err);
    if (rc == OG_OK)
        rc = print_text(out, "type", finding->type, err);
    if (rc == OG_OK)
        rc = print_text(out, "claimed", finding->claimed, err);
    if (rc == OG_OK)
        rc = print_number(out, "size", finding->size, err);
    if (rc == OG_OK)
        rc = print_number(out, "depth", finding->depth, err);
    return rc == OG_OK ? og_buf_add(out, "\n", 1, err) : rc;
}

enum og_rc
og_findings_print(const struct og_findings *list, struct og_buf *out, struct og_err *err)
{
    size_t before = out->len;
    enum og_rc rc = OG_OK;

    for (size_t i = 0; i < list->count && rc == OG_OK; i++)
        rc = print_finding(&list->list[i], out, err);
    if (rc == OG_OK)
        rc = og_buf_printf(out, err, "end count=%zu", list->count);
    if (rc == OG_OK)
        rc = print_text(out, "fingerprint", list->fingerprint, err);
    if (rc == OG_OK)
        rc = print_text(out, "exact", list->exact, err);
    if (rc == OG_OK)
        rc = print_number(out, "elapsed_ms", list->elapsed_ms, err);
    if (rc == OG_OK)
        rc = print_number(out, "text_words", list->text_words, err);
    if (rc == OG_OK)
        rc = og_buf_add(out, "\n", 1, err);
    if (rc != OG_OK)
        og_buf_cut(out, before);
    return rc;
}

/* a text without NUL: findings hold C strings; owned by rec */
static enum og_rc
read_text(const struct og_record *rec, const char *name, const char **text,
          struct og_err *err)
{
    const struct og_field *field = og_record_find(rec, name);

    *text = field != NULL ? field->value : "";
    if (field != NULL && strlen(field->value) != field->len)
        return og_fail(err, OG_E_SYNTAX, "%s has a NUL in it", name);
    return OG_OK;
}

static enum og_rc
read_number(const struct og_record *rec, const char *name, uint64_t most,
            uint64_t *number, struct og_err *err)
{
    const char *text = og_record_get(rec, name);
    char *end = NULL;

    *number = 0;
    if (text == NULL)
        return OG_OK;
    errno = 0;
    if (text[0] >= '0' && text[0] <= '9')
        *number = strtoull(text, &end, 10);
    if (end == NULL || *end != '\0' || errno != 0 || *number > most)
        return og_fail(err, OG_E_SYNTAX, "%s is no number up to %" PRIu64, name, most);
    return OG_OK;
}

/* a hash: lower case hexadecimal digits, as many as fit or none */
static enum og_rc
read_hash(const struct og_record *rec, const char *name, char *hash, size_t size,
          struct og_err *err)
{
    const char *text;
    enum og_rc rc = read_text(rec, name, &text, err);
    size_t len = rc == OG_OK ? strlen(text) : 0;

    if (rc != OG_OK)
        return rc;
    if ((len > 0 && len != size - 1) || strspn(text, "0123456789abcdef") != len)
        return og_fail(err, OG_E_SYNTAX, "%s is no hash of %zu digits", name, size - 1);
    memcpy(hash, text, len + 1);
    return OG_OK;
}

static enum og_rc
read_kind(const struct og_record *rec, enum og_found *what, struct og_err *err)
{
    const char *text = og_record_get(rec, "found");

    for (enum og_found i = OG_FOUND_FILE; text != NULL && i <= OG_FOUND_LIMIT; i++)
        if (strcmp(og_found_text(i), text) == 0) {
            *what = i;
            return OG_OK;
        }
    return og_fail(err, OG_E_SYNTAX, "neither a finding nor the end");
}

static enum og_rc
read_finding(const struct og_record *rec, struct og_findings *list, struct og_err *err)
{
    struct og_finding finding = { .what = OG_FOUND_FILE };
    uint64_t depth = 0;
    enum og_rc rc = read_kind(rec, &finding.what, err);

    if (rc == OG_OK)
        rc = read_text(rec, "path", &finding.path, err);
    if (rc == OG_OK)
        rc = read_text(rec, "name", &finding.name, err);
    if (rc == OG_OK)
        rc = read_text(rec, "type", &finding.type, err);
    if (rc == OG_OK)
        rc = read_text(rec, "claimed", &finding.claimed, err);
    if (rc == OG_OK)
        rc = read_number(rec, "size", UINT64_MAX, &finding.size, err);
    if (rc == OG_OK)
        rc = read_number(rec, "depth", UINT32_MAX, &depth, err);
    finding.depth = (unsigned)depth;
    return rc == OG_OK ? og_findings_add(list, &finding, err) : rc;
}

static enum og_rc
read_end(const struct og_record *rec, struct og_findings *list, size_t lines,
         struct og_err *err)
{
    uint64_t count = 0;
    enum og_rc rc = read_number(rec, "count", OG_FINDINGS_MAX, &count, err);

    if (rc == OG_OK && (count != lines || og_record_find(rec, "count") == NULL))
        rc = og_fail(err, OG_E_SYNTAX, "count is not that of the lines before, %zu",
                     lines);
    if (rc == OG_OK)
        rc = read_hash(rec, "fingerprint", list->fingerprint, sizeof list->fingerprint,
                       err);
    if (rc == OG_OK)
        rc = read_hash(rec, "exact", list->exact, sizeof list->exact, err);
    if (rc == OG_OK)
        rc = read_number(rec, "elapsed_ms", UINT64_MAX, &list->elapsed_ms, err);
    if (rc == OG_OK)
        rc = read_number(rec, "text_words", UINT64_MAX, &list->text_words, err);
    return rc;
}

/* one line; ended becomes true behind the last one */
static enum og_rc
read_line(const char *line, size_t len, size_t lines, struct og_findings *list,
          bool *ended, struct og_err *err)
{
    struct og_record rec = OG_RECORD_INIT;
    bool is_end = len >= 4 && memcmp(line, "end ", 4) == 0;
    enum og_rc rc =
        og_record_parse(is_end ? line + 4 : line, is_end ? len - 4 : len, &rec, err);

    if (rc == OG_OK && is_end)
        rc = read_end(&rec, list, lines, err);
    else if (rc == OG_OK)
        rc = read_finding(&rec, list, err);
    *ended = is_end;
    og_record_free(&rec);
    return rc;
}

enum og_rc
og_findings_parse(const char *text, size_t len, struct og_findings *list,
                  struct og_err *err)
{
    struct og_findings fresh = OG_FINDINGS_INIT;
    struct og_err why = { "" };
    size_t lines = 0;
    bool ended = false;
    enum og_rc rc = OG_OK;

    if (len > OG_FINDINGS_MAX_TEXT)
        return og_fail(err, OG_E_LIMIT, "findings of more than %d bytes",
                       OG_FINDINGS_MAX_TEXT);
    for (size_t at = 0; at < len && rc == OG_OK && !ended; lines++) {
        const char *end = memchr(text + at, '\n', len - at);
        size_t line = end != NULL ? (size_t)(end - text) - at : len - at;

        if (end == NULL)
            rc = og_fail(&why, OG_E_SYNTAX, "no line end");
        else
            rc = read_line(text + at, line, lines, &fresh, &ended, &why);
        at += line + 1;
        if (ended && rc == OG_OK && at != len)
            rc = og_fail(&why, OG_E_SYNTAX, "something stands behind it");
    }
    if (rc == OG_OK && !ended)
        rc = og_fail(&why, OG_E_SYNTAX, "the end is missing");
    if (rc == OG_OK)
        og_findings_move(list, &fresh);
    else
        og_err_set(err, "line %zu of the findings: %s", lines, why.text);
    og_findings_free(&fresh);
    return rc;
}
