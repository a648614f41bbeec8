/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_SCAN_WIRE_H
#define OG_SCAN_WIRE_H

#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/err.h"

/*
 * Talk over Unix stream sockets with a deadline, from inside an Exim process: no signal
 * is raised or waited for, calls that a signal interrupts go on, nothing is kept.
 */

/* og_wire_now - milliseconds of the monotonic clock */
int64_t og_wire_now(void);

/* og_wire_left - milliseconds until then, 0 when it has passed; fits poll() */
int og_wire_left(int64_t deadline);

/*
 * og_wire_connect - connect to the socket at path
 *
 * what  who listens there, for the error: `outgate-scand`
 *
 * Returns OG_OK; OG_E_NOTFOUND: nobody listens; OG_E_PERM; OG_E_BUSY: so many wait that
 * the deadline passed; OG_E_RANGE: too long a path; OG_E_IO. The caller closes *fd.
 */
enum og_rc og_wire_connect(const char *path, const char *what, int64_t deadline, int *fd,
                           struct og_err *err) OG_CHECKED;

enum { OG_WIRE_MAX_FDS = 4 };

/* og_wire_send - send all bytes, and with the first of them these file descriptors.
 * OG_E_BUSY at the deadline; OG_E_STATE when the other side has gone; OG_E_IO. */
enum og_rc og_wire_send(int fd, const void *data, size_t len, const int *fds,
                        size_t fds_count, int64_t deadline,
                        struct og_err *err) OG_CHECKED;

/* og_wire_receive - append what comes next to buf, at least one byte; *end is set when
 * the other side has closed. OG_E_BUSY, OG_E_LIMIT, OG_E_IO, OG_E_NOMEM. */
enum og_rc og_wire_receive(int fd, struct og_buf *buf, _Bool *end, int64_t deadline,
                           struct og_err *err) OG_CHECKED;

/*
 * og_wire_take - one recvmsg(): bytes, and the file descriptors that came with them
 *
 * fds  receives up to OG_WIRE_MAX_FDS, close-on-exec; the caller closes them. More are
 *      closed here.
 *
 * Yields the number of bytes, 0 at the end, -1 with errno.
 */
long og_wire_take(int fd, void *data, size_t size, int flags, int fds[OG_WIRE_MAX_FDS],
                  size_t *fds_count);

/* og_wire_give - one sendmsg(), the counterpart; yields the bytes sent, -1 with errno */
long og_wire_give(int fd, const void *data, size_t len, int flags, const int *fds,
                  size_t fds_count);

#endif
