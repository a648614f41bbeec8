/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_STATE_LEDGER_BOOK_H
#define OG_STATE_LEDGER_BOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/limit.h"
#include "core/base/window.h"
#include "core/lib/store.h"

/*
 * One record of ledger.db in memory. Its windows are read one by one, as most of a
 * record does not matter to most of its uses; those that were not read are written back
 * byte by byte as they were. A book is large, and does not move once it is used.
 */
#define OG_LEDGER_DB "ledger.db"

enum { OG_GRANTS_MAX = 50 }; /* in one record */

/* a user's limits of a unit are higher by amount as long as the clock is before until */
struct og_grant {
    enum og_unit unit;
    uint64_t amount;
    int64_t given, until;
};

/* which window of a book: accepted or refused, unit, span */
enum { OG_BOOK_WINDOWS = 2 * OG_UNITS * OG_WINDOWS };

struct og_book {
    struct og_buf key;
    struct og_buf text; /* as it is stored */
    bool stored;
    struct {
        const char *at; /* into text */
        size_t len;     /* 0: an empty window */
    } fields[OG_BOOK_WINDOWS];
    struct og_window *windows[OG_BOOK_WINDOWS]; /* those that were read, in space */
    struct og_window space[OG_BOOK_WINDOWS];    /* the others are not set */
    struct og_grant grants[OG_GRANTS_MAX];
    size_t grants_count;
};

/* og_book_init - an empty book; it is in the way of every charge, so no more is written
 * than has to be */
void og_book_init(struct og_book *book);

/* og_book_index - the place of a window in fields and windows */
static inline unsigned
og_book_index(bool refused, enum og_unit unit, enum og_window_span span)
{
    return ((unsigned)refused * OG_UNITS + (unsigned)unit) * OG_WINDOWS + (unsigned)span;
}

/*
 * og_book_read - read the record under book->key; without one the book is empty
 *
 * for_update  a og_book_write() may follow
 *
 * Forgets what the book held. Returns OG_OK; OG_E_STATE with the key for a record with a
 * field that is none or stands twice, or a grant that cannot be read; the codes of
 * og_txn_get.
 */
enum og_rc og_book_read(struct og_txn *txn, bool for_update, struct og_book *book,
                        struct og_err *err) OG_CHECKED;

/* og_book_parse - the same from a text, under book->key for messages */
enum og_rc og_book_parse(const char *text, size_t len, struct og_book *book,
                         struct og_err *err) OG_CHECKED;

/* og_book_window - one window, to be read and changed; owned by the book. OG_E_STATE
 * with key and field when it cannot be read. */
enum og_rc og_book_window(struct og_book *book, unsigned index, struct og_window **window,
                          struct og_err *err) OG_CHECKED;

/* og_book_drop - empty a window without reading it */
void og_book_drop(struct og_book *book, unsigned index);

/* og_book_granted - by how much a unit's limits are higher at a time */
uint64_t og_book_granted(const struct og_book *book, enum og_unit unit, int64_t now);

/* og_book_next_change - the first time after now at which that gets less; INT64_MAX
 * where it stays */
int64_t og_book_next_change(const struct og_book *book, enum og_unit unit, int64_t now);

/* og_book_expire - drop grants that are over */
void og_book_expire(struct og_book *book, int64_t now);

/* og_book_is_empty - nothing counts in it at this time, nothing is granted; reads all
 * its windows */
enum og_rc og_book_is_empty(struct og_book *book, int64_t now, bool *empty,
                            struct og_err *err) OG_CHECKED;

/* og_book_write - store the record; an empty one is deleted */
enum og_rc og_book_write(struct og_txn *txn, struct og_book *book,
                         struct og_err *err) OG_CHECKED;

void og_book_free(struct og_book *book);

#endif
