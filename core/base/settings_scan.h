/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_BASE_SETTINGS_SCAN_H
#define OG_BASE_SETTINGS_SCAN_H

#include "core/base/settings.h"

/* where outgate-scand listens unless somebody says otherwise */
#define OG_SCAND_SOCKET "/run/outgate/scand.sock"

enum { OG_SOCKET_PATH_MAX = 107 }; /* bytes without the NUL, sun_path of unix(7) */

/* who scans: the words of the setting `scanner` */
enum og_scanner_mode { OG_SCANNER_SCAND, OG_SCANNER_EMBEDDED, OG_SCANNER_CLAMD };

/*
 * og_scanner_mode - take the setting `scanner` apart
 *
 * text    its canonical form
 * socket  receives the path within it, the default one, or "" where none is asked
 */
enum og_scanner_mode og_scanner_mode(const char *text, const char **socket);

/* og_checks_have - is this check in the setting `checks`? */
bool og_checks_have(const char *checks, const char *name);

/* og_scanner_is_asked - is there a check that needs to know what is in a message? */
bool og_scanner_is_asked(const char *checks);

#endif
