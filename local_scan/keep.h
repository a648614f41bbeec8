/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_LOCAL_SCAN_KEEP_H
#define OG_LOCAL_SCAN_KEEP_H

#include "local_scan/scan.h"

/*
 * scan_keep - what the setting `quarantine` does with a message that is refused
 *
 * check    the check that has refused it
 * id       of the event that is to be written
 * verdict  where quarantine_response is `accept` and the message is kept, it becomes
 *          OG_DISCARD; where it cannot be kept then, 451
 *
 * The facts get `quarantine`: `kept`, or why not. Returns OG_OK when it was kept or was
 * not to be; else why it is not.
 */
enum og_rc scan_keep(struct scan *scan, const char *user, const char *check,
                     const char *id, struct og_verdict *verdict,
                     struct og_err *err) OG_CHECKED;

#endif
