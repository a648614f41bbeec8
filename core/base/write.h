/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_BASE_WRITE_H
#define OG_BASE_WRITE_H

#include <stddef.h>

#include "core/base/err.h"

/* og_write_all - write all of it, in as many calls as that takes
 *
 * what  for the error: `what`: reason
 *
 * Returns OG_OK; OG_E_IO, after which some of it may be written. */
enum og_rc og_write_all(int fd, const void *data, size_t len, const char *what,
                        struct og_err *err) OG_CHECKED;

/* og_escape - a text for a line of a log: printable ASCII as it is, other bytes as \xHH;
 * cut to fit and always terminated */
void og_escape(const char *text, char *out, size_t size);

#endif
