/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_STATE_OUTBOX_INT_H
#define OG_STATE_OUTBOX_INT_H

#include "core/state/outbox.h"

/* Internal to core/state/outbox*.c */

#define OG_OUTBOX_DB "outbox.db"
#define OG_OUTBOX_ROW "row "

/* og_outbox_key - the key of a row */
enum og_rc og_outbox_key(const char *id, int64_t due, struct og_buf *key,
                         struct og_err *err) OG_CHECKED;

/* og_outbox_parse - read a row; OG_E_STATE. The caller frees row->fields. */
enum og_rc og_outbox_parse(const char *key, const char *value, struct og_outbox_row *row,
                           struct og_err *err) OG_CHECKED;

/* og_outbox_store - write a row under its due time */
enum og_rc og_outbox_store(struct og_txn *txn, const struct og_outbox_row *row,
                           struct og_err *err) OG_CHECKED;

/* og_outbox_move - the row becomes due at another time */
enum og_rc og_outbox_move(struct og_txn *txn, struct og_outbox_row *row, int64_t due,
                          struct og_err *err) OG_CHECKED;

/* og_outbox_settle - outbox.due becomes what the rows say, or goes with the last one */
enum og_rc og_outbox_settle(struct og_txn *txn, struct og_err *err) OG_CHECKED;

/* og_outbox_number - a field as a number, 0 without one or for one that is none */
uint64_t og_outbox_number(const struct og_record *rec, const char *name);

#endif
