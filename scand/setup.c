/* SPDX-License-Identifier: BSD-2-Clause */
#include "scand/setup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#include "core/lib/systemd.h"
#include "core/scan/wire.h"

enum { BACKLOG = 512 };

static const char prefix[] = "outgate-scand.";

/* the directory of a socket, for root to make; others find it there */
static void
make_directory(const char *path)
{
    char directory[256];
    char *slash;

    (void)snprintf(directory, sizeof directory, "%s", path);
    slash = strrchr(directory, '/');
    if (slash == NULL || slash == directory)
        return;
    *slash = '\0';
    if (mkdir(directory, 0755) == 0)
        (void)chmod(directory, 0755); /* whatever the umask says */
}

static enum og_rc
drop_stale(const char *path, struct og_err *err)
{
    struct og_err why;
    struct stat st;
    int fd = -1;
    enum og_rc rc;

    if (lstat(path, &st) != 0)
        return OG_OK; /* nothing there; bind() tells of anything else */
    if (!S_ISSOCK(st.st_mode))
        return og_fail(err, OG_E_EXISTS, "%s is there and no socket", path);
    rc = og_wire_connect(path, "outgate-scand", og_wire_now() + 1000, &fd, &why);
    if (fd >= 0)
        (void)close(fd); /* nothing was asked */
    if (rc != OG_E_NOTFOUND)
        return og_fail(err, OG_E_EXISTS, "somebody listens at %s already", path);
    if (unlink(path) != 0)
        return og_fail(err, OG_E_IO, "%s: %s", path, strerror(errno));
    return OG_OK;
}

static enum og_rc
bind_at(int fd, const char *path, gid_t group, struct og_err *err)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    mode_t before;
    int failed;

    if (strlen(path) >= sizeof address.sun_path)
        return og_fail(err, OG_E_RANGE, "too long a path of a socket: %s", path);
    memcpy(address.sun_path, path, strlen(path));
    before = umask(0177); /* nobody comes in before owner and mode are right */
    failed = bind(fd, (struct sockaddr *)&address, sizeof address);
    (void)umask(before);
    if (failed == 0 && geteuid() == 0)
        failed = lchown(path, 0, group);
    if (failed == 0)
        failed = chmod(path, 0660);
    if (failed == 0)
        failed = listen(fd, BACKLOG);
    return failed == 0 ? OG_OK : og_fail(err, OG_E_IO, "%s: %s", path, strerror(errno));
}

enum og_rc
setup_listen(const char *path, gid_t group, int *fd, struct og_err *err)
{
    int sock = -1;
    enum og_rc rc = og_systemd_listener(fd, err);

    if (rc != OG_OK)
        return rc;
    if (*fd >= 0)
        return fcntl(*fd, F_SETFL, O_NONBLOCK) == 0
                   ? OG_OK
                   : og_fail(err, OG_E_IO, "fcntl: %s", strerror(errno));
    make_directory(path);
    rc = drop_stale(path, err);
    if (rc != OG_OK)
        return rc;
    sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (sock < 0)
        return og_fail(err, OG_E_IO, "socket: %s", strerror(errno));
    rc = bind_at(sock, path, group, err);
    if (rc == OG_OK)
        *fd = sock;
    else
        (void)close(sock); /* nobody has it */
    return rc;
}

enum og_rc
setup_become(const char *account, struct og_err *err)
{
    const struct passwd *entry = getpwnam(account);

    if (geteuid() != 0)
        return OG_OK; /* whoever started us has chosen */
    if (entry == NULL)
        return og_fail(
            err, OG_E_NOTFOUND,
            "no account '%s': `adduser --system --group %s`, or --user ACCOUNT", account,
            account);
    if (entry->pw_uid == 0)
        return og_fail(err, OG_E_PERM, "--user: not root");
    if (setgroups(1, &entry->pw_gid) != 0 || setgid(entry->pw_gid) != 0
        || setuid(entry->pw_uid) != 0)
        return og_fail(err, OG_E_PERM, "cannot become %s: %s", account, strerror(errno));
    if (setuid(0) == 0)
        return og_fail(err, OG_E_PERM, "became %s, but could go back to root", account);
    return OG_OK;
}

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
    (void)st, (void)where;
    if (kind == FTW_DP || kind == FTW_DNR)
        (void)rmdir(path); /* what cannot go stays, and its directory with it */
    else
        (void)unlink(path);
    return 0;
}

void
setup_remove(const char *path)
{
    (void)nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

/* the lock of a directory that is in use; -1: another service has it, or no such thing */
static int
lock_directory(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    struct stat st;

    if (fd < 0
        || (fstat(fd, &st) == 0 && st.st_uid == geteuid()
            && flock(fd, LOCK_EX | LOCK_NB) == 0))
        return fd;
    (void)close(fd); /* not ours */
    return -1;
}

static void
remove_orphans(const char *below)
{
    DIR *dir = opendir(below);
    const struct dirent *entry;

    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        char path[1400];
        int fd;

        if (strncmp(entry->d_name, prefix, strlen(prefix)) != 0)
            continue;
        (void)snprintf(path, sizeof path, "%s/%s", below, entry->d_name);
        fd = lock_directory(path);
        if (fd < 0)
            continue;
        setup_remove(path);
        (void)close(fd); /* it is gone */
    }
    if (dir != NULL)
        (void)closedir(dir); /* only read */
}

enum og_rc
setup_temporary(const char *below, struct og_buf *path, struct og_err *err)
{
    enum og_rc rc;

    remove_orphans(below);
    rc = og_buf_printf(path, err, "%s/%sXXXXXX", below, prefix);
    if (rc == OG_OK && (mkdtemp(path->data) == NULL || lock_directory(path->data) < 0))
        rc = og_fail(err, OG_E_IO, "scan_temporary_directory %s: %s", below,
                     strerror(errno));
    return rc; /* the lock lasts as long as this process and its children */
}

void
setup_close_from(unsigned first)
{
    closelog();
    (void)close_range(first, ~0U, 0); /* cannot fail with these arguments */
}
