/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_MAIL_BODY_H
#define OG_MAIL_BODY_H

#include <sys/types.h>

#include "core/base/header.h"
#include "core/check/structure.h"

/*
 * og_body_measure - size and longest line of a message
 *
 * headers  its header fields as Exim holds them, LF line ends
 * fd       read with pread() from body_start to the end: the offset stays
 * measure  receives the sizes as they go over the wire, where a line ends in CRLF
 *
 * Returns OG_OK; OG_E_IO.
 */
enum og_rc og_body_measure(const struct og_headers *headers, int fd, off_t body_start,
                           struct og_measure *measure, struct og_err *err) OG_CHECKED;

#endif
