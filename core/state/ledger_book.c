/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/state/ledger_book.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/time.h"

static const char refused_prefix[] = "refused.";
static const char grant_prefix[] = "grant.";

enum { REFUSED = OG_UNITS * OG_WINDOWS }; /* index of the first refused window */

/* is text the word, up to its NUL? */
static bool
is(const char *text, size_t len, const char *word)
{
    return strncmp(word, text, len) == 0 && word[len] == '\0';
}

/* `messages`, len bytes of it */
static bool
unit_of(const char *text, size_t len, enum og_unit *unit)
{
    for (int i = 0; i < OG_UNITS; i++)
        if (is(text, len, og_unit_text((enum og_unit)i))) {
            *unit = (enum og_unit)i;
            return true;
        }
    return false;
}

/* the index of `refused.messages.hour`; OG_BOOK_WINDOWS: it is no window */
static unsigned
index_of(const char *name, size_t len)
{
    const size_t prefix = sizeof refused_prefix - 1;
    bool refused = len > prefix && memcmp(name, refused_prefix, prefix) == 0;
    const char *dot;
    enum og_unit unit;

    if (refused) {
        name += prefix;
        len -= prefix;
    }
    dot = memchr(name, '.', len);
    if (dot == NULL || !unit_of(name, (size_t)(dot - name), &unit))
        return OG_BOOK_WINDOWS;
    len -= (size_t)(dot + 1 - name);
    for (int i = 0; i < OG_WINDOWS; i++)
        if (is(dot + 1, len, og_window_span_text((enum og_window_span)i)))
            return og_book_index(refused, unit, (enum og_window_span)i);
    return OG_BOOK_WINDOWS;
}

static void
print_name(unsigned index, char out[64])
{
    enum og_unit unit = (enum og_unit)(index % REFUSED / OG_WINDOWS);
    enum og_window_span span = (enum og_window_span)(index % OG_WINDOWS);
    char *at = stpcpy(out, index >= REFUSED ? refused_prefix : "");

    at = stpcpy(at, og_unit_text(unit));
    at = stpcpy(at, ".");
    (void)stpcpy(at, og_window_span_text(span));
}

static enum og_rc
damaged(const struct og_book *book, const char *field, size_t len, struct og_err *err)
{
    return og_fail(err, OG_E_STATE,
                   OG_LEDGER_DB
                   ": the record of %.200s cannot be read: field '%.*s'; see "
                   "outgatectl usage --reset",
                   og_buf_text(&book->key), (int)(len < 80 ? len : 80), field);
}

/* `,given:2026-11-21T18:12:21Z`: the part that follows in a grant */
static bool
read_time(const char **at, const char *name, int64_t *t)
{
    size_t len = strlen(name);
    char text[OG_TIME_TEXT] = "";

    if (strncmp(*at, name, len) != 0)
        return false;
    *at += len;
    (void)strncat(text, *at, sizeof text - 1);
    *at += strlen(text);
    return strlen(text) == sizeof text - 1 && og_time_parse(text, t, NULL) == OG_OK;
}

/* `messages.1` and `+500,given:...,until:...` into the next grant */
static bool
read_grant(const char *name, size_t len, const char *value, size_t value_len,
           struct og_book *book)
{
    struct og_grant grant;
    const char *dot = memchr(name, '.', len), *at;
    char text[128] = "", *end;

    if (dot == NULL || !unit_of(name, (size_t)(dot - name), &grant.unit)
        || value_len >= sizeof text || value[0] != '+'
        || book->grants_count == OG_GRANTS_MAX)
        return false;
    memcpy(text, value, value_len); /* a NUL ends it, as it ends the record */
    grant.amount = strtoull(text + 1, &end, 10);
    at = end;
    if (text[1] < '1' || text[1] > '9' || grant.amount == UINT64_MAX
        || !read_time(&at, ",given:", &grant.given)
        || !read_time(&at, ",until:", &grant.until) || at != text + value_len)
        return false;
    book->grants[book->grants_count++] = grant;
    return true;
}

static enum og_rc
read_field(const char *field, size_t len, struct og_book *book, struct og_err *err)
{
    const size_t prefix = sizeof grant_prefix - 1;
    const char *equals = memchr(field, '=', len);
    size_t name_len = equals != NULL ? (size_t)(equals - field) : 0;
    size_t value_len = equals != NULL ? len - name_len - 1 : 0;
    unsigned index = equals != NULL ? index_of(field, name_len) : OG_BOOK_WINDOWS;

    if (value_len > 0 && index < OG_BOOK_WINDOWS && book->fields[index].len == 0) {
        book->fields[index].at = equals + 1;
        book->fields[index].len = value_len;
        return OG_OK;
    }
    if (value_len > 0 && name_len > prefix && memcmp(field, grant_prefix, prefix) == 0
        && read_grant(field + prefix, name_len - prefix, equals + 1, value_len, book))
        return OG_OK;
    return damaged(book, field, len, err);
}

void
og_book_init(struct og_book *book)
{
    book->key = (struct og_buf)OG_BUF_INIT(OG_STORE_MAX_KEY);
    book->text = (struct og_buf)OG_BUF_INIT(OG_STORE_MAX_VALUE);
    book->stored = false;
    memset(book->fields, 0, sizeof book->fields);
    memset(book->windows, 0, sizeof book->windows);
    book->grants_count = 0;
}

static void
forget(struct og_book *book)
{
    for (size_t i = 0; i < OG_BOOK_WINDOWS; i++)
        og_book_drop(book, (unsigned)i);
    book->grants_count = 0;
    book->stored = false;
}

/* the fields of book->text */
static enum og_rc
read_fields(struct og_book *book, struct og_err *err)
{
    const char *at = og_buf_text(&book->text), *end = at + book->text.len;
    enum og_rc rc = OG_OK;

    while (at < end && rc == OG_OK) {
        const char *blank = memchr(at, ' ', (size_t)(end - at));
        size_t len = (size_t)((blank != NULL ? blank : end) - at);

        if (len > 0)
            rc = read_field(at, len, book, err);
        at += len + 1;
    }
    return rc;
}

enum og_rc
og_book_parse(const char *text, size_t len, struct og_book *book, struct og_err *err)
{
    enum og_rc rc;

    forget(book);
    og_buf_reset(&book->text);
    rc = og_buf_add(&book->text, text, len, err);
    book->stored = true;
    return rc == OG_OK ? read_fields(book, err) : rc;
}

enum og_rc
og_book_read(struct og_txn *txn, bool for_update, struct og_book *book,
             struct og_err *err)
{
    enum og_rc rc;

    forget(book);
    rc = for_update
             ? og_txn_get_for_update(txn, OG_LEDGER_DB, og_buf_text(&book->key),
                                     &book->text, err)
             : og_txn_get(txn, OG_LEDGER_DB, og_buf_text(&book->key), &book->text, err);
    book->stored = rc == OG_OK;
    if (rc == OG_E_NOTFOUND)
        return OG_OK;
    return rc == OG_OK ? read_fields(book, err) : rc;
}

enum og_rc
og_book_window(struct og_book *book, unsigned index, struct og_window **window,
               struct og_err *err)
{
    struct og_err why = { "" };
    char name[64];

    if (book->windows[index] == NULL) {
        struct og_window *w = malloc(sizeof *w);

        if (w == NULL)
            return og_fail(err, OG_E_NOMEM, "no memory for a window");
        if (og_window_parse(book->fields[index].at, book->fields[index].len,
                            (enum og_window_span)(index % OG_WINDOWS), w, &why)
            != OG_OK) {
            free(w);
            print_name(index, name);
            return og_fail(err, OG_E_STATE,
                           OG_LEDGER_DB
                           ": the record of %.200s cannot be read: %s: %.120s; "
                           "see outgatectl usage --reset",
                           og_buf_text(&book->key), name, why.text);
        }
        book->windows[index] = w;
    }
    *window = book->windows[index];
    return OG_OK;
}

void
og_book_drop(struct og_book *book, unsigned index)
{
    book->fields[index].at = NULL;
    book->fields[index].len = 0;
    free(book->windows[index]);
    book->windows[index] = NULL;
}

uint64_t
og_book_granted(const struct og_book *book, enum og_unit unit, int64_t now)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < book->grants_count; i++)
        if (book->grants[i].unit == unit && now < book->grants[i].until
            && __builtin_add_overflow(sum, book->grants[i].amount, &sum))
            return UINT64_MAX;
    return sum;
}

int64_t
og_book_next_change(const struct og_book *book, enum og_unit unit, int64_t now)
{
    int64_t next = INT64_MAX;

    for (size_t i = 0; i < book->grants_count; i++)
        if (book->grants[i].unit == unit && now < book->grants[i].until
            && book->grants[i].until < next)
            next = book->grants[i].until;
    return next;
}

void
og_book_expire(struct og_book *book, int64_t now)
{
    size_t kept = 0;

    for (size_t i = 0; i < book->grants_count; i++)
        if (now < book->grants[i].until)
            book->grants[kept++] = book->grants[i];
    book->grants_count = kept;
}

enum og_rc
og_book_is_empty(struct og_book *book, int64_t now, bool *empty, struct og_err *err)
{
    enum og_rc rc = OG_OK;
    bool found = false;

    og_book_expire(book, now);
    for (unsigned i = 0; i < OG_BOOK_WINDOWS && rc == OG_OK; i++) {
        struct og_window *w;

        if (book->fields[i].len == 0)
            continue;
        rc = og_book_window(book, i, &w, err);
        if (rc == OG_OK && og_window_sum(w, now) > 0)
            found = true;
    }
    if (rc == OG_OK)
        *empty = !found && book->grants_count == 0;
    return rc;
}

/* ` name=value` of a window that is not empty */
static enum og_rc
print_window(const struct og_book *book, unsigned index, struct og_buf *out,
             struct og_err *err)
{
    const char *value = book->fields[index].at;
    size_t len = book->fields[index].len;
    char text[OG_WINDOW_TEXT], name[64];
    enum og_rc rc = OG_OK;

    if (book->windows[index] != NULL) {
        len = og_window_print(book->windows[index], text);
        value = text;
    }
    if (len == 0)
        return OG_OK;
    print_name(index, name);
    if (out->len > 0)
        rc = og_buf_add(out, " ", 1, err);
    if (rc == OG_OK)
        rc = og_buf_add_text(out, name, err);
    if (rc == OG_OK)
        rc = og_buf_add(out, "=", 1, err);
    return rc == OG_OK ? og_buf_add(out, value, len, err) : rc;
}

static enum og_rc
print_grants(const struct og_book *book, struct og_buf *out, struct og_err *err)
{
    enum og_rc rc = OG_OK;

    for (size_t i = 0; i < book->grants_count && rc == OG_OK; i++) {
        const struct og_grant *grant = &book->grants[i];
        char given[OG_TIME_TEXT], until[OG_TIME_TEXT];

        rc = og_time_print(grant->given, given, err);
        if (rc == OG_OK)
            rc = og_time_print(grant->until, until, err);
        if (rc == OG_OK)
            rc = og_buf_printf(out, err, "%s%s%s.%zu=+%" PRIu64 ",given:%s,until:%s",
                               out->len > 0 ? " " : "", grant_prefix,
                               og_unit_text(grant->unit), i + 1, grant->amount, given,
                               until);
    }
    return rc;
}

enum og_rc
og_book_write(struct og_txn *txn, struct og_book *book, struct og_err *err)
{
    struct og_buf out = OG_BUF_INIT(OG_STORE_MAX_VALUE);
    const char *key = og_buf_text(&book->key);
    enum og_rc rc = OG_OK;

    for (unsigned i = 0; i < OG_BOOK_WINDOWS && rc == OG_OK; i++)
        if (book->fields[i].len > 0 || book->windows[i] != NULL)
            rc = print_window(book, i, &out, err);
    if (rc == OG_OK)
        rc = print_grants(book, &out, err);
    if (rc == OG_OK && out.len > 0)
        rc = og_txn_put(txn, OG_LEDGER_DB, key, out.data, err);
    else if (rc == OG_OK && book->stored)
        rc = og_txn_delete(txn, OG_LEDGER_DB, key, err);
    og_buf_free(&out);
    return rc;
}

void
og_book_free(struct og_book *book)
{
    forget(book);
    og_buf_free(&book->key);
    og_buf_free(&book->text);
}
