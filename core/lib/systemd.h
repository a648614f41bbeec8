/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_LIB_SYSTEMD_H
#define OG_LIB_SYSTEMD_H

#include "core/base/err.h"

/* What a service says to systemd, by libsystemd; without systemd all of it does nothing. */

/* og_systemd_listener - the listening Unix stream socket that systemd has opened; *fd is -1
 * when there is none. OG_E_STATE for more than one socket, or another kind. */
enum og_rc og_systemd_listener(int *fd, struct og_err *err) OG_CHECKED;

/* og_systemd_tell - lines such as `READY=1`, sd_notify(3) */
void og_systemd_tell(const char *lines);

/* og_systemd_watchdog_ms - how often systemd wants to hear WATCHDOG=1, 0 for never */
unsigned og_systemd_watchdog_ms(void);

#endif
