/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_SCAN_EMBEDDED_H
#define OG_SCAN_EMBEDDED_H

#include "core/scan/scanner.h"

/*
 * The scanner in this process: outgate_scan.so, loaded when it is first needed, so that
 * nobody else pays for libclamav and GMime. One engine a process; it is opened anew when
 * conf or the files of the signatures have changed.
 */

/* og_embedded_load - load library and engine now; before a fork, to share them */
enum og_rc og_embedded_load(const struct og_scanner_conf *conf,
                            struct og_err *err) OG_CHECKED;

/* og_embedded_scan - og_scanner_scan() with that engine; OG_E_NOTFOUND and OG_E_LIB for the
 * library too */
enum og_rc og_embedded_scan(const struct og_scanner_conf *conf,
                            const struct og_scan_request *request,
                            struct og_findings *findings, struct og_err *err) OG_CHECKED;

/* how many signatures it has, and libclamav's version; after og_embedded_load() */
unsigned long long og_embedded_signatures(void);
const char *og_embedded_version(void);

#endif
