/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_LOCAL_SCAN_OWN_H
#define OG_LOCAL_SCAN_OWN_H

#include <stdbool.h>

#include "core/base/buf.h"
#include "core/base/err.h"

/* own_mail - is the message one that og_submit() has handed over? Its protocol alone does
 * not tell: the caller is root or Exim's own account, too. */
bool own_mail(void);

/* own_protocol - the same for another protocol of ours */
bool own_protocol(const char *protocol);

/*
 * own_sign - the DKIM signatures of such a message, by the keys of its sender's domain,
 * for the null sender by those of notice_from's
 *
 * fields  as og_sign(); nothing is there when the domain has no key
 */
enum og_rc own_sign(int fd, struct og_buf *fields, struct og_err *err) OG_CHECKED;

#endif
