/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_STATE_TRIPWIRES_H
#define OG_STATE_TRIPWIRES_H

#include <stdbool.h>

#include "core/base/settings.h"

enum { OG_TRIPWIRES_MAX_FILE = 1 << 20 }; /* bytes of the list, when it is a file */

/*
 * og_tripwire_match - is this recipient one of the setting `tripwires`?
 *
 * address  as the client writes it; content may be hostile; one that cannot be read is none
 *
 * A file has an address or a domain on each line, as og_addr_match() takes them; blanks
 * around it do not count, nor do empty lines and those that begin with #. It is read anew
 * each time. Returns OG_OK; OG_E_IO with its path and what is wrong with it; OG_E_SYNTAX
 * with its line; OG_E_LIMIT; OG_E_NOMEM.
 */
enum og_rc og_tripwire_match(const struct og_settings *server, const char *address,
                             bool *match, struct og_err *err) OG_CHECKED;

#endif
