/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_SCAN_CLIENT_H
#define OG_SCAN_CLIENT_H

#include "core/base/record.h"
#include "core/scan/scanner.h"

/*
 * og_client_scan - have outgate-scand scan a message or document
 *
 * socket   where it listens
 * request  its timeout_ms is how long this call may take in all; its file is handed over
 *          open for reading only, no byte of it is copied
 *
 * Returns OG_OK; OG_E_NOTFOUND: nobody listens; OG_E_PERM; OG_E_BUSY: too many wait;
 * OG_E_STATE: the worker died over this message or was stopped, no answer in time, or one
 * that cannot be read; OG_E_LIB: the scan failed; OG_E_IO, OG_E_NOMEM. err names the
 * socket. Raises no signal and keeps nothing.
 */
enum og_rc og_client_scan(const char *socket, const struct og_scan_request *request,
                          struct og_findings *findings, struct og_err *err) OG_CHECKED;

/* og_client_status - ask outgate-scand how it is; the same codes. Fields: see
 * outgate-scand(8). */
enum og_rc og_client_status(const char *socket, unsigned timeout_ms,
                            struct og_record *status, struct og_err *err) OG_CHECKED;

#endif
