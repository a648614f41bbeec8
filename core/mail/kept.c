/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/mail/kept.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void
og_kept_free(struct og_kept *kept)
{
    for (size_t i = 0; i < kept->count; i++)
        free(kept->recipients[i]);
    free(kept->recipients);
    og_record_free(&kept->record);
    *kept = (struct og_kept)OG_KEPT_INIT;
}

enum og_rc
og_kept_changes(const struct og_headers *headers, struct og_record *record,
                struct og_err *err)
{
    struct og_buf drop = OG_BUF_INIT(OG_RECORD_MAX_TEXT);
    enum og_rc rc = OG_OK;

    for (size_t i = 0; i < headers->count && rc == OG_OK; i++) {
        const struct og_header *row = &headers->rows[i];
        char name[32];

        (void)snprintf(name, sizeof name, "change.%zu", i);
        if (row->removed)
            rc = og_buf_printf(&drop, err, "%s%zu", drop.len > 0 ? "," : "", i);
        else if (row->changed != NULL)
            rc = og_record_set_text(record, name, row->changed, err);
    }
    if (rc == OG_OK && drop.len > 0)
        rc = og_record_set_text(record, "drop", drop.data, err);
    og_buf_free(&drop);
    return rc;
}

enum og_rc
og_kept_print(const struct og_record *record, const char *const *recipients, size_t count,
              struct og_buf *out, struct og_err *err)
{
    struct og_buf text = OG_BUF_INIT(OG_RECORD_MAX_TEXT);
    enum og_rc rc = og_record_print(record, &text, err);
    char *rest = text.data, *field;

    if (rc == OG_OK)
        rc = og_buf_add_text(out, OG_KEPT_FIELD, err);
    while (rc == OG_OK && (field = strsep(&rest, " ")) != NULL)
        rc = og_buf_printf(out, err, " %s\n", field);
    for (size_t i = 0; i < count && rc == OG_OK; i++) {
        rc = og_buf_add_text(out, OG_KEPT_RECIPIENT " ", err);
        if (rc == OG_OK)
            rc = og_percent_add(out, recipients[i], strlen(recipients[i]), err);
        if (rc == OG_OK)
            rc = og_buf_add_text(out, "\n", err);
    }
    og_buf_free(&text);
    return rc;
}

/* one line behind *at, which moves on; false: its end is not in sight */
static bool
next_line(const char **at, const char *end, const char **line, size_t *len)
{
    const char *lf = memchr(*at, '\n', (size_t)(end - *at));

    if (lf == NULL)
        return false;
    *line = *at;
    *len = (size_t)(lf - *at);
    *at = lf + 1;
    return true;
}

static enum og_rc
cut(struct og_err *err)
{
    return og_fail(err, OG_E_NOTFOUND, "the file ends within its first fields");
}

static enum og_rc
foreign(struct og_err *err)
{
    return og_fail(err, OG_E_SYNTAX, "no file of the quarantine");
}

/* the folded first field into a record */
static enum og_rc
parse_record(const char **at, const char *end, struct og_record *rec, struct og_err *err)
{
    static const char name[] = OG_KEPT_FIELD;
    struct og_buf text = OG_BUF_INIT(OG_RECORD_MAX_TEXT);
    size_t lead = strlen(name), have = (size_t)(end - *at), len = 0;
    const char *line = NULL;
    enum og_rc rc = OG_OK;

    if (memcmp(*at, name, have < lead ? have : lead) != 0)
        return foreign(err);
    if (have < lead)
        return cut(err);
    *at += lead;
    while (rc == OG_OK && *at < end && **at == ' ') {
        if (!next_line(at, end, &line, &len))
            rc = cut(err);
        else
            rc = og_buf_add(&text, line, len, NULL) == OG_OK ? OG_OK : foreign(err);
    }
    if (rc == OG_OK && *at == end)
        rc = cut(err); /* the record may go on */
    if (rc == OG_OK && og_record_parse(og_buf_text(&text), text.len, rec, NULL) != OG_OK)
        rc = foreign(err);
    og_buf_free(&text);
    return rc;
}

/* a percent-encoded word; the caller frees what it gets */
static enum og_rc
decode(const char *word, size_t len, char **out, struct og_err *err)
{
    struct og_record rec = OG_RECORD_INIT;
    struct og_buf line = OG_BUF_INIT(OG_RECORD_MAX_TEXT);
    enum og_rc rc = og_buf_add_text(&line, "v=", err);

    if (rc == OG_OK && memchr(word, ' ', len) != NULL)
        rc = foreign(err);
    if (rc == OG_OK)
        rc = og_buf_add(&line, word, len, err);
    if (rc == OG_OK
        && (og_record_parse(line.data, line.len, &rec, NULL) != OG_OK
            || strlen(rec.fields[0].value) != rec.fields[0].len))
        rc = foreign(err);
    if (rc == OG_OK && (*out = strdup(rec.fields[0].value)) == NULL)
        rc = og_fail(err, OG_E_NOMEM, "no memory for a recipient");
    og_record_free(&rec);
    og_buf_free(&line);
    return rc;
}

static enum og_rc
parse_recipients(const char **at, const char *end, size_t count, struct og_kept *kept,
                 struct og_err *err)
{
    static const char name[] = OG_KEPT_RECIPIENT " ";
    size_t lead = strlen(name);
    enum og_rc rc = OG_OK;

    kept->recipients = calloc(count > 0 ? count : 1, sizeof *kept->recipients);
    if (kept->recipients == NULL)
        return og_fail(err, OG_E_NOMEM, "no memory for %zu recipients", count);
    while (rc == OG_OK && kept->count < count) {
        const char *line;
        size_t len;

        if (!next_line(at, end, &line, &len))
            return cut(err);
        if (len < lead || memcmp(line, name, lead) != 0)
            return foreign(err);
        rc = decode(line + lead, len - lead, &kept->recipients[kept->count], err);
        kept->count += rc == OG_OK;
    }
    return rc;
}

enum og_rc
og_kept_parse(const char *text, size_t len, struct og_kept *kept, struct og_err *err)
{
    struct og_kept fresh = OG_KEPT_INIT;
    const char *at = text, *end = text + len, *number;
    unsigned long count = 0;
    enum og_rc rc = parse_record(&at, end, &fresh.record, err);

    number = og_record_get(&fresh.record, "recipients_count");
    if (rc == OG_OK && (number == NULL || number[0] < '0' || number[0] > '9'))
        rc = foreign(err);
    if (rc == OG_OK)
        count = strtoul(number, NULL, 10);
    if (rc == OG_OK && count > OG_KEPT_MAX_RECIPIENTS)
        rc = og_fail(err, OG_E_LIMIT, "more than %d recipients", OG_KEPT_MAX_RECIPIENTS);
    if (rc == OG_OK)
        rc = parse_recipients(&at, end, count, &fresh, err);
    if (rc == OG_OK) {
        fresh.original = (size_t)(at - text);
        og_kept_free(kept);
        *kept = fresh;
    } else
        og_kept_free(&fresh);
    return rc;
}

enum og_rc
og_kept_load(int fd, struct og_kept *kept, struct og_err *err)
{
    struct og_buf text = OG_BUF_INIT(OG_KEPT_MAX_HEAD);
    enum og_rc rc = OG_E_NOTFOUND;

    for (size_t want = 65536; rc == OG_E_NOTFOUND && want <= OG_KEPT_MAX_HEAD;
         want *= 4) {
        char chunk[16384];
        ssize_t n = 1;

        while (text.len < want
               && (n = pread(fd, chunk, sizeof chunk, (off_t)text.len)) > 0)
            if (og_buf_add(&text, chunk, (size_t)n, err) != OG_OK)
                break;
        if (n < 0)
            rc = og_fail(err, OG_E_IO, "the file cannot be read: %s", strerror(errno));
        else
            rc = og_kept_parse(og_buf_text(&text), text.len, kept, err);
        if (n == 0)
            break; /* it has no more */
    }
    og_buf_free(&text);
    return rc == OG_E_NOTFOUND ? OG_E_SYNTAX : rc;
}

/* does the number stand in the rest of `drop`, which ascends, and which moves on? A sender
 * may have written tens of thousands of such fields. */
static bool
is_dropped(const char **drop, size_t number)
{
    while (**drop != '\0') {
        char *end;
        unsigned long one = strtoul(*drop, &end, 10);

        if (end == *drop || one > number)
            return false;
        *drop = *end == ',' ? end + 1 : end;
        if (one == number)
            return true;
    }
    return false;
}

/* bytes of the field at text, with the lines that go on */
static size_t
field_length(const char *text, size_t len)
{
    size_t n = 0;

    do {
        const char *lf = memchr(text + n, '\n', len - n);

        n = lf != NULL ? (size_t)(lf - text) + 1 : len;
    } while (n < len && (text[n] == ' ' || text[n] == '\t'));
    return n;
}

enum og_rc
og_kept_rewrite(const struct og_kept *kept, const char *text, size_t len,
                struct og_buf *out, size_t *used, struct og_err *err)
{
    const char *drop = og_record_text(&kept->record, "drop");
    size_t at = 0;
    enum og_rc rc = OG_OK;

    for (size_t i = 0; rc == OG_OK && at < len && text[at] != '\n'; i++) {
        size_t n = field_length(text + at, len - at);
        char name[32];
        const char *changed;

        (void)snprintf(name, sizeof name, "change.%zu", i);
        changed = og_record_get(&kept->record, name);
        if (changed != NULL)
            rc = og_buf_add_text(out, changed, err);
        else if (!is_dropped(&drop, i))
            rc = og_buf_add(out, text + at, n, err);
        at += n;
    }
    *used = at;
    return rc;
}
