/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/state/ledger_book.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/time.h"

static const char grant_prefix[] = "grant.";

/* the fields of windows, in the order of their indices, which is that of the record */
#define SPANS(name)                                                            \
    { name ".minute", sizeof(name) + 6 }, { name ".hour", sizeof(name) + 4 },  \
        { name ".day", sizeof(name) + 3 }, { name ".week", sizeof(name) + 4 }, \
    {                                                                          \
        name ".month", sizeof(name) + 5                                        \
    }

static const struct {
    const char *text;
    size_t len;
} names[OG_BOOK_WINDOWS] = {
    SPANS("connections"),         SPANS("messages"),         SPANS("recipients"),
    SPANS("refused.connections"), SPANS("refused.messages"), SPANS("refused.recipients"),
};

enum {
    NAME_BYTES = 27,   /* of the longest of them */
    GRANT_BYTES = 128, /* of one grant with its name */
    /* of a whole record with its NUL; every field has a blank and an equals sign */
    BOOK_BYTES = OG_BOOK_WINDOWS * (NAME_BYTES + 2 + OG_WINDOW_TEXT)
                 + OG_GRANTS_MAX * GRANT_BYTES + 1,
};

_Static_assert((int)BOOK_BYTES <= (int)OG_STORE_MAX_VALUE,
               "a record fits into the store");

/* `messages`, len bytes of it */
static bool
unit_of(const char *text, size_t len, enum og_unit *unit)
{
    for (int i = 0; i < OG_UNITS; i++) {
        const char *word = og_unit_text((enum og_unit)i);

        if (strncmp(word, text, len) == 0 && word[len] == '\0') {
            *unit = (enum og_unit)i;
            return true;
        }
    }
    return false;
}

/* the index of `refused.messages.hour`, which is likely at `from` or soon behind it;
 * OG_BOOK_WINDOWS: it is no window */
static unsigned
index_of(const char *name, size_t len, unsigned from)
{
    for (unsigned i = 0; i < OG_BOOK_WINDOWS; i++) {
        unsigned index =
            from + i < OG_BOOK_WINDOWS ? from + i : from + i - OG_BOOK_WINDOWS;

        if (names[index].len == len && memcmp(names[index].text, name, len) == 0)
            return index;
    }
    return OG_BOOK_WINDOWS;
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
    size_t len = strlen(name), rest;
    char text[OG_TIME_TEXT] = "";

    if (strncmp(*at, name, len) != 0)
        return false;
    *at += len;
    rest = strnlen(*at, sizeof text - 1);
    memcpy(text, *at, rest);
    *at += rest;
    return rest == sizeof text - 1 && og_time_parse(text, t, NULL) == OG_OK;
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

/* *next: the index that the field after this one may have */
static enum og_rc
read_field(const char *field, size_t len, struct og_book *book, unsigned *next,
           struct og_err *err)
{
    const size_t prefix = sizeof grant_prefix - 1;
    const char *equals = memchr(field, '=', len);
    size_t name_len = equals != NULL ? (size_t)(equals - field) : 0;
    size_t value_len = equals != NULL ? len - name_len - 1 : 0;
    unsigned index = index_of(field, name_len, *next);

    if (value_len > 0 && value_len < OG_WINDOW_TEXT && index < OG_BOOK_WINDOWS
        && book->fields[index].len == 0) {
        book->fields[index].at = equals + 1;
        book->fields[index].len = value_len;
        *next = (index + 1) % OG_BOOK_WINDOWS;
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
    unsigned next = 0;
    enum og_rc rc = OG_OK;

    while (at < end && rc == OG_OK) {
        const char *blank = memchr(at, ' ', (size_t)(end - at));
        size_t len = (size_t)((blank != NULL ? blank : end) - at);

        if (len > 0)
            rc = read_field(at, len, book, &next, err);
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
    struct og_window *w = &book->space[index];
    enum og_window_span span = (enum og_window_span)(index % OG_WINDOWS);
    struct og_err why;

    if (book->windows[index] == NULL
        && og_window_parse(book->fields[index].at, book->fields[index].len, span, w, &why)
               != OG_OK)
        return og_fail(err, OG_E_STATE,
                       OG_LEDGER_DB ": the record of %.200s cannot be read: %s: %.120s; "
                                    "see outgatectl usage --reset",
                       og_buf_text(&book->key), names[index].text, why.text);
    book->windows[index] = w;
    *window = w;
    return OG_OK;
}

void
og_book_drop(struct og_book *book, unsigned index)
{
    book->fields[index].at = NULL;
    book->fields[index].len = 0;
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

/* a window that is not empty, with a blank behind it; yields the place after it */
static char *
put_window(const struct og_book *book, unsigned index, char *at)
{
    const struct og_window *w = book->windows[index];
    size_t len = book->fields[index].len;

    if (w != NULL ? w->used == 0 : len == 0)
        return at;
    memcpy(at, names[index].text, names[index].len);
    at += names[index].len;
    *at++ = '=';
    if (w != NULL)
        len = og_window_print(w, at);
    else
        memcpy(at, book->fields[index].at, len);
    at[len] = ' ';
    return at + len + 1;
}

static enum og_rc
put_grant(const struct og_grant *grant, size_t number, char **at, struct og_err *err)
{
    char given[OG_TIME_TEXT], until[OG_TIME_TEXT];
    enum og_rc rc = og_time_print(grant->given, given, err);

    if (rc == OG_OK)
        rc = og_time_print(grant->until, until, err);
    if (rc == OG_OK) /* 115 bytes at most */
        *at += snprintf(*at, GRANT_BYTES, "%s%s.%zu=+%" PRIu64 ",given:%s,until:%s ",
                        grant_prefix, og_unit_text(grant->unit), number, grant->amount,
                        given, until);
    return rc;
}

enum og_rc
og_book_write(struct og_txn *txn, struct og_book *book, struct og_err *err)
{
    const char *key = og_buf_text(&book->key);
    char text[BOOK_BYTES], *at = text;
    enum og_rc rc = OG_OK;

    for (unsigned i = 0; i < OG_BOOK_WINDOWS; i++)
        at = put_window(book, i, at);
    for (size_t i = 0; i < book->grants_count && rc == OG_OK; i++)
        rc = put_grant(&book->grants[i], i + 1, &at, err);
    if (rc != OG_OK)
        return rc;
    if (at == text)
        return book->stored ? og_txn_delete(txn, OG_LEDGER_DB, key, err) : OG_OK;
    at[-1] = '\0'; /* the last blank */
    return og_txn_put(txn, OG_LEDGER_DB, key, text, err);
}

void
og_book_free(struct og_book *book)
{
    forget(book);
    og_buf_free(&book->key);
    og_buf_free(&book->text);
}
