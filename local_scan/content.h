/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_LOCAL_SCAN_CONTENT_H
#define OG_LOCAL_SCAN_CONTENT_H

#include "local_scan/scan.h"

/*
 * scan_content - what the scanner has found in this message
 *
 * findings  receives them, owned by scan, valid as long as it
 *
 * The message is scanned when the first check asks and only then, by whom the setting
 * `scanner` says; later calls get the same findings. Returns the codes of og_scan_any():
 * a check hands them on, so that the client gets 451 and the event the reason. With
 * `scanner_failure = accept` a scanner that is not there or has no worker free is OG_OK and
 * no findings, and the event tells that the message is `unscanned`; a scan that was begun
 * and failed is not, as the message itself may have brought that about.
 */
enum og_rc scan_content(struct scan *scan, const struct og_findings **findings,
                        struct og_err *err) OG_CHECKED;

/* scan_content_free - release the findings */
void scan_content_free(struct scan *scan);

#endif
