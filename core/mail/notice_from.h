/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_MAIL_NOTICE_FROM_H
#define OG_MAIL_NOTICE_FROM_H

#include "core/base/addr.h"
#include "core/state/state.h"

/*
 * og_notice_from - whom mail of our own is from: the setting notice_from, else
 * postmaster of this host
 *
 * name     receives the name in front of the address, "" without one; NULL when it is
 *          not wanted
 * address  receives the address
 *
 * Returns OG_OK; OG_E_SYNTAX for a setting that is not one address; OG_E_LIMIT;
 * OG_E_NOMEM. Both are appended.
 */
enum og_rc og_notice_from(const struct og_state *state, struct og_buf *name,
                          struct og_buf *address, struct og_err *err) OG_CHECKED;

#endif
