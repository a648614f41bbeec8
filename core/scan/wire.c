/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/scan/wire.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

int64_t
og_wire_now(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail with a valid clock */
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int
og_wire_left(int64_t deadline)
{
    int64_t left = deadline - og_wire_now();

    return left <= 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
}

static enum og_rc
connect_failed(const char *path, const char *what, struct og_err *err)
{
    switch (errno) {
    case ENOENT:
    case ECONNREFUSED:
        return og_fail(err, OG_E_NOTFOUND, "%s does not listen at %s: start it", what,
                       path);
    case EACCES:
    case EPERM:
        return og_fail(err, OG_E_PERM,
                       "%s at %s: no permission to connect: look at the owner and mode "
                       "of the socket",
                       what, path);
    case EAGAIN:
        return og_fail(err, OG_E_BUSY, "%s at %s: too many wait for it", what, path);
    default:
        return og_fail(err, OG_E_IO, "%s at %s: %s", what, path, strerror(errno));
    }
}

enum og_rc
og_wire_connect(const char *path, const char *what, int64_t deadline, int *fd,
                struct og_err *err)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    size_t len = strlen(path);
    int left = og_wire_left(deadline), sock, failed;
    struct timeval wait = { left / 1000,
                            left % 1000 * 1000 + 1 }; /* 0 would be for ever */
    enum og_rc rc;

    if (len == 0 || len >= sizeof address.sun_path)
        return og_fail(err, OG_E_RANGE, "%s: no path of a socket: '%s'", what, path);
    memcpy(address.sun_path, path, len);
    sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (sock < 0)
        return og_fail(err, OG_E_IO, "socket for %s: %s", what, strerror(errno));
    /* a full queue of the listener makes connect() wait, for this long */
    failed = setsockopt(sock, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
    while (failed == 0
           && (failed = connect(sock, (struct sockaddr *)&address, sizeof address)) != 0
           && errno == EINTR && og_wire_left(deadline) > 0)
        failed = 0;
    if (failed == 0) {
        *fd = sock;
        return OG_OK;
    }
    if (errno == EINTR)
        errno = EAGAIN;
    rc = connect_failed(path, what, err);
    (void)close(sock); /* nothing was sent */
    return rc;
}

/* wait until the socket is ready; OG_E_BUSY at the deadline */
static enum og_rc
wait_for(int fd, short events, int64_t deadline, struct og_err *err)
{
    struct pollfd one = { fd, events, 0 };
    int n;

    while ((n = poll(&one, 1, og_wire_left(deadline))) < 0 && errno == EINTR)
        ;
    if (n < 0)
        return og_fail(err, OG_E_IO, "poll: %s", strerror(errno));
    if (n == 0)
        return og_fail(err, OG_E_BUSY, "no answer in time");
    return OG_OK;
}

long
og_wire_give(int fd, const void *data, size_t len, int flags, const int *fds,
             size_t fds_count)
{
    union {
        struct cmsghdr align;
        char space[CMSG_SPACE(sizeof(int) * OG_WIRE_MAX_FDS)];
    } control;
    struct iovec piece = { .iov_len = len };
    struct msghdr message = { .msg_iov = &piece, .msg_iovlen = 1 };
    ssize_t n;

    memcpy(&piece.iov_base, &data, sizeof data); /* sendmsg() only reads it */
    if (fds_count > 0) {
        struct cmsghdr *head;

        memset(&control, 0, sizeof control);
        message.msg_control = control.space;
        message.msg_controllen = CMSG_SPACE(sizeof(int) * fds_count);
        head = CMSG_FIRSTHDR(&message);
        head->cmsg_level = SOL_SOCKET;
        head->cmsg_type = SCM_RIGHTS;
        head->cmsg_len = CMSG_LEN(sizeof(int) * fds_count);
        memcpy(CMSG_DATA(head), fds, sizeof(int) * fds_count);
    }
    while ((n = sendmsg(fd, &message, flags | MSG_NOSIGNAL)) < 0 && errno == EINTR)
        ;
    return n;
}

enum og_rc
og_wire_send(int fd, const void *data, size_t len, const int *fds, size_t fds_count,
             int64_t deadline, struct og_err *err)
{
    const char *at = data;

    while (len > 0) {
        long n = og_wire_give(fd, at, len, MSG_DONTWAIT, fds, fds_count);

        if (n >= 0) {
            at += n;
            len -= (size_t)n;
            fds_count = 0; /* they went with the first byte */
        } else if (errno == EAGAIN) {
            enum og_rc rc = wait_for(fd, POLLOUT, deadline, err);

            if (rc != OG_OK)
                return rc;
        } else if (errno == EPIPE || errno == ECONNRESET) {
            return og_fail(err, OG_E_STATE, "the other side has closed the connection");
        } else {
            return og_fail(err, OG_E_IO, "send: %s", strerror(errno));
        }
    }
    return OG_OK;
}

enum og_rc
og_wire_receive(int fd, struct og_buf *buf, _Bool *end, int64_t deadline,
                struct og_err *err)
{
    char chunk[65536];
    ssize_t n;

    while ((n = recv(fd, chunk, sizeof chunk, MSG_DONTWAIT)) < 0) {
        enum og_rc rc;

        if (errno == EINTR)
            continue;
        if (errno == ECONNRESET)
            break; /* it went without reading all we sent */
        if (errno != EAGAIN)
            return og_fail(err, OG_E_IO, "receive: %s", strerror(errno));
        rc = wait_for(fd, POLLIN, deadline, err);
        if (rc != OG_OK)
            return rc;
    }
    *end = n <= 0;
    return n > 0 ? og_buf_add(buf, chunk, (size_t)n, err) : OG_OK;
}

/* the descriptors of one control message; those beyond the ceiling are closed */
static void
keep_fds(const struct cmsghdr *head, int fds[OG_WIRE_MAX_FDS], size_t *count)
{
    size_t n = (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);

    for (size_t i = 0; i < n; i++) {
        int fd;

        memcpy(&fd, CMSG_DATA(head) + i * sizeof fd, sizeof fd);
        if (*count < OG_WIRE_MAX_FDS)
            fds[(*count)++] = fd;
        else
            (void)close(fd); /* nobody asked for it */
    }
}

long
og_wire_take(int fd, void *data, size_t size, int flags, int fds[OG_WIRE_MAX_FDS],
             size_t *fds_count)
{
    union {
        struct cmsghdr align;
        char space[CMSG_SPACE(sizeof(int) * OG_WIRE_MAX_FDS)];
    } control;
    struct iovec piece = { data, size };
    struct msghdr message = { .msg_iov = &piece,
                              .msg_iovlen = 1,
                              .msg_control = control.space,
                              .msg_controllen = sizeof control.space };
    ssize_t n;

    *fds_count = 0;
    while ((n = recvmsg(fd, &message, flags | MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR)
        ;
    if (n < 0)
        return -1;
    for (struct cmsghdr *head = CMSG_FIRSTHDR(&message); head != NULL;
         head = CMSG_NXTHDR(&message, head))
        if (head->cmsg_level == SOL_SOCKET && head->cmsg_type == SCM_RIGHTS)
            keep_fds(head, fds, fds_count);
    return n;
}
