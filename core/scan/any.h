/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_SCAN_ANY_H
#define OG_SCAN_ANY_H

#include "core/base/settings.h"
#include "core/scan/scanner.h"

/*
 * og_scan_any - scan one message or document by whom the setting `scanner` names
 *
 * server    scanner, scan_timeout, signature_directory, scan_*
 * request   its timeout_ms is set here, from scan_timeout
 * findings  as from og_scanner_scan()
 *
 * Returns OG_OK; where nobody has looked into it, OG_E_NOTFOUND: nobody listens at the
 * socket; OG_E_PERM: we may not connect; OG_E_BUSY: no worker was free for it before the
 * deadline, or too many wait already. All others may be because of what is in it:
 * OG_E_STATE: no answer, one that cannot be read, or a worker that died over it or was
 * stopped; OG_E_IO, OG_E_LIB, OG_E_NOMEM. err names the socket and what to do.
 */
enum og_rc og_scan_any(const struct og_settings *server,
                       const struct og_scan_request *request,
                       struct og_findings *findings, struct og_err *err) OG_CHECKED;

/* og_scan_preload - have ready what this process will need for og_scan_any(): before a
 * fork, to share it. Nothing to do where the service scans or no check asks. */
enum og_rc og_scan_preload(const struct og_settings *server,
                           struct og_err *err) OG_CHECKED;

/* og_scan_conf - what a scanner of these settings is opened with; owned by server */
struct og_scanner_conf og_scan_conf(const struct og_settings *server);

#endif
