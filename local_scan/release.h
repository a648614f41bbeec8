/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_LOCAL_SCAN_RELEASE_H
#define OG_LOCAL_SCAN_RELEASE_H

#include "local_scan/scan.h"

/*
 * release_mail - a kept message that `outgatectl quarantine release` has handed to Exim:
 * it is signed and counted, and nothing else. Returns local_scan()'s code.
 */
int release_mail(struct scan *scan);

#endif
