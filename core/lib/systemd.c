/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/lib/systemd.h"

#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>

enum og_rc
og_systemd_listener(int *fd, struct og_err *err)
{
    int count = sd_listen_fds(1); /* children shall not take it for theirs */

    *fd = -1;
    if (count < 0)
        return og_fail(err, OG_E_STATE, "LISTEN_FDS: %s", strerror(-count));
    if (count == 0)
        return OG_OK;
    if (count > 1 || sd_is_socket_unix(SD_LISTEN_FDS_START, SOCK_STREAM, 1, NULL, 0) <= 0)
        return og_fail(err, OG_E_STATE,
                       "LISTEN_FDS: %d sockets, expected one ListenStream= with a path",
                       count);
    *fd = SD_LISTEN_FDS_START;
    return OG_OK;
}

void
og_systemd_tell(const char *lines)
{
    (void)sd_notify(0, lines); /* nobody there is fine */
}

unsigned
og_systemd_watchdog_ms(void)
{
    uint64_t us = 0;

    if (sd_watchdog_enabled(0, &us) <= 0)
        return 0;
    return us < 2000 ? 1 : us / 1000 > 3600000 ? 3600000 : (unsigned)(us / 1000);
}
