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

#endif
