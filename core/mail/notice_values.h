/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_MAIL_NOTICE_VALUES_H
#define OG_MAIL_NOTICE_VALUES_H

#include <stdbool.h>

#include "core/mail/values.h"
#include "core/state/outbox.h"
#include "core/state/sender.h"

/* Internal to core/mail/notice*.c */

/*
 * og_notice_values - what a template can say of one row
 *
 * sender  whose it is, with its settings
 * words   receives the variables
 */
enum og_rc og_notice_values(const struct og_state *state, const struct og_sender *sender,
                            const struct og_outbox_row *row, int64_t now,
                            struct og_values *values, struct og_err *err) OG_CHECKED;

/* og_notice_digest - those of several rows */
enum og_rc og_notice_digest(const struct og_state *state,
                            const struct og_outbox_batch *batch, int64_t now,
                            struct og_values *values, struct og_err *err) OG_CHECKED;

/* og_notice_refused - those of several abuse reports, see arf.h */
enum og_rc og_notice_refused(const struct og_state *state,
                             const struct og_outbox_batch *batch,
                             struct og_values *values, struct og_err *err) OG_CHECKED;

/* og_notice_report_values - those of one; attached: with the message, not its header */
enum og_rc og_notice_report_values(const struct og_state *state,
                                   const struct og_outbox_row *row, bool attached,
                                   struct og_values *values,
                                   struct og_err *err) OG_CHECKED;

#endif
