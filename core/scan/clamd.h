/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_SCAN_CLAMD_H
#define OG_SCAN_CLAMD_H

#include "core/scan/scanner.h"

/*
 * og_clamd_scan - have a running clamd look for signatures
 *
 * socket    its Unix socket, LocalSocket in clamd.conf
 * request   timeout_ms is for all of this call
 * findings  receives what clamd found beside what it holds already: clamd names one
 *           signature and no path within the message
 *
 * clamd gets a file descriptor (FILDES of clamd(8)): of the document as it is, of a
 * message in a copy in memory, as the spool keeps headers and body apart. The codes of
 * og_client_scan().
 */
enum og_rc og_clamd_scan(const char *socket, const struct og_scan_request *request,
                         struct og_findings *findings, struct og_err *err) OG_CHECKED;

/*
 * og_clamd_parse - read clamd's answer, `fd[10]: NAME FOUND` and NUL
 *
 * text, len  hostile
 * Returns OG_OK; OG_E_LIB when clamd says ERROR; OG_E_SYNTAX; the codes of
 * og_findings_add().
 */
enum og_rc og_clamd_parse(const char *text, size_t len, struct og_findings *findings,
                          struct og_err *err) OG_CHECKED;

/* og_clamd_version - append clamd's answer to VERSION: `ClamAV 1.4.6/27100/date` */
enum og_rc og_clamd_version(const char *socket, unsigned timeout_ms, struct og_buf *out,
                            struct og_err *err) OG_CHECKED;

#endif
