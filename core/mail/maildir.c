/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/mail/maildir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DIRECTORY = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC };

static const char *const parts[] = { "new", "tmp", "cur" };

static void
shut(int fd)
{
    if (fd >= 0)
        (void)close(fd); /* directories, and files that were synced or are only read */
}

static enum og_rc
io(const char *base, const char *domain, const char *what, struct og_err *err)
{
    return og_fail(err, OG_E_IO, "%s/%s%s%s: %s", base, domain,
                   what[0] != '\0' ? "/" : "", what, strerror(errno));
}

/* a directory below another one; with make it is made */
static int
enter(int at, const char *name, bool make)
{
    if (make && mkdirat(at, name, 0700) != 0 && errno != EEXIST)
        return -1;
    return openat(at, name, DIRECTORY);
}

/* BASE/DOMAIN */
static int
enter_domain(const char *base, const char *domain, bool make, struct og_err *err)
{
    int top, fd = -1;

    if (make && mkdir(base, 0700) != 0 && errno != EEXIST) {
        og_err_set(err, "%s: %s", base, strerror(errno));
        return -1;
    }
    top = open(base, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (top >= 0)
        fd = enter(top, domain, make);
    if (fd < 0)
        og_err_set(err, "%s%s%s: %s", base, top >= 0 ? "/" : "", top >= 0 ? domain : "",
                   strerror(errno));
    if (top >= 0) {
        int saved = errno;

        (void)close(top); /* only a step on the way */
        errno = saved;
    }
    return fd;
}

/* all three have to be there before a reader sees the Maildir */
static int
enter_tmp(const char *base, const char *domain, bool make, struct og_err *err)
{
    int dir = enter_domain(base, domain, make, err), tmp = -1;

    for (size_t i = 0; i < N_ELEMENTS(parts) && dir >= 0; i++) {
        int fd = enter(dir, parts[i], make);

        if (fd < 0) {
            (void)io(base, domain, parts[i], err);
            break;
        }
        if (strcmp(parts[i], "tmp") == 0)
            tmp = fd;
        else
            shut(fd);
        if (i + 1 == N_ELEMENTS(parts)) {
            shut(dir);
            return tmp;
        }
    }
    shut(tmp);
    shut(dir);
    return -1;
}

/* true: it is ours, and nobody took it for a left-over before it was locked */
static bool
lock_fresh(int fd)
{
    struct stat st;

    return flock(fd, LOCK_EX) == 0 && fstat(fd, &st) == 0 && st.st_nlink > 0;
}

enum og_rc
og_maildir_create(const char *base, const char *domain, const char *name, int *fd,
                  struct og_err *err)
{
    int tmp = enter_tmp(base, domain, true, err);
    enum og_rc rc = OG_E_IO;

    for (int tries = 0; tries < 10 && tmp >= 0 && rc == OG_E_IO; tries++) {
        int fresh =
            openat(tmp, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

        if (fresh >= 0 && lock_fresh(fresh)) {
            *fd = fresh;
            rc = OG_OK;
        } else if (fresh < 0) {
            rc = errno == EEXIST ? OG_E_EXISTS : OG_E_IO;
            (void)io(base, domain, name, err);
            break;
        } else {
            og_err_set(err, "%s/%s/tmp/%s: cannot be locked", base, domain, name);
            shut(fresh);
        }
    }
    shut(tmp);
    return rc;
}

enum og_rc
og_maildir_sync(const char *base, const char *domain, int fd, struct og_err *err)
{
    int tmp = enter_tmp(base, domain, false, err);
    enum og_rc rc = tmp >= 0 ? OG_OK : OG_E_IO;

    if (rc == OG_OK && (fsync(fd) != 0 || fsync(tmp) != 0))
        rc = io(base, domain, "tmp", err);
    shut(tmp);
    return rc;
}

enum og_rc
og_maildir_deliver(const char *base, const char *domain, const char *name,
                   struct og_err *err)
{
    int dir = enter_domain(base, domain, false, err);
    char from[300], to[300];
    enum og_rc rc = OG_OK;

    if (dir < 0)
        return OG_E_IO;
    (void)snprintf(from, sizeof from, "tmp/%s", name);
    (void)snprintf(to, sizeof to, "new/%s", name);
    if (renameat(dir, from, dir, to) != 0)
        rc = errno == ENOENT ? OG_E_NOTFOUND : io(base, domain, from, err);
    shut(dir);
    return rc;
}

void
og_maildir_abandon(const char *base, const char *domain, const char *name)
{
    int tmp = enter_tmp(base, domain, false, NULL);

    if (tmp >= 0)
        (void)unlinkat(tmp, name, 0);
    shut(tmp);
}

/* a file of that name in cur, with whatever a reader has put behind the colon */
static bool
find_cur(int dir, const char *name, char path[300])
{
    size_t len = strlen(name);
    int cur = enter(dir, "cur", false);
    DIR *list = cur >= 0 ? fdopendir(cur) : NULL;
    const struct dirent *entry;
    bool found = false;

    while (list != NULL && !found && (entry = readdir(list)) != NULL) {
        found = strncmp(entry->d_name, name, len) == 0 && entry->d_name[len] == ':';
        if (found)
            (void)snprintf(path, 300, "cur/%.290s", entry->d_name);
    }
    if (list != NULL)
        (void)closedir(list);
    else
        shut(cur);
    return found;
}

/* path of the file below its domain; a reader may move it while we look, so twice */
static enum og_rc
find(int dir, const char *name, char path[300])
{
    struct stat st;

    for (int tries = 0; tries < 2; tries++) {
        for (size_t i = 0; i < N_ELEMENTS(parts); i++) {
            (void)snprintf(path, 300, "%s/%.290s", parts[i], name);
            if (fstatat(dir, path, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode))
                return OG_OK;
            if (errno != ENOENT)
                return OG_E_IO;
        }
        if (find_cur(dir, name, path))
            return OG_OK;
    }
    errno = ENOENT;
    return OG_E_NOTFOUND;
}

enum og_rc
og_maildir_open(const char *base, const char *domain, const char *name, int *fd,
                struct og_err *err)
{
    int dir = enter_domain(base, domain, false, err), file = -1;
    char path[300];
    enum og_rc rc = dir >= 0 ? find(dir, name, path) : OG_E_IO;

    if (rc == OG_OK)
        file = openat(dir, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (rc == OG_OK && file < 0)
        rc = errno == ENOENT ? OG_E_NOTFOUND : OG_E_IO;
    if (rc == OG_OK)
        *fd = file;
    else if (dir >= 0)
        (void)io(base, domain, name, err);
    shut(dir);
    return rc;
}

enum og_rc
og_maildir_remove(const char *base, const char *domain, const char *name,
                  struct og_err *err)
{
    int dir = enter_domain(base, domain, false, err);
    char path[300];
    enum og_rc rc = dir >= 0          ? find(dir, name, path)
                    : errno == ENOENT ? OG_E_NOTFOUND
                                      : OG_E_IO;

    if (rc == OG_OK && unlinkat(dir, path, 0) != 0)
        rc = errno == ENOENT ? OG_E_NOTFOUND : OG_E_IO;
    if (rc != OG_OK && dir >= 0)
        (void)io(base, domain, name, err);
    shut(dir);
    return rc;
}

/* Lock a file that nobody writes any more, so that nobody begins to while it is looked
 * at: who has just made it waits, and makes another one when it is gone. -1: it is being
 * written. */
static int
take_left_over(int dir, const char *name)
{
    int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
        return fd;
    shut(fd);
    return -1;
}

static enum og_rc
walk_part(int dir, const char *domain, const char *part, og_maildir_visit *visit,
          void *arg, struct og_err *err)
{
    bool is_tmp = strcmp(part, "tmp") == 0;
    int fd = enter(dir, part, false);
    DIR *list = fd >= 0 ? fdopendir(fd) : NULL;
    const struct dirent *entry;
    enum og_rc rc = OG_OK;

    while (list != NULL && rc == OG_OK && (entry = readdir(list)) != NULL) {
        char name[300];
        int lock = -1;

        if (entry->d_name[0] == '.'
            || (is_tmp && (lock = take_left_over(fd, entry->d_name)) < 0))
            continue;
        (void)snprintf(name, sizeof name, "%.*s", (int)strcspn(entry->d_name, ":"),
                       entry->d_name);
        rc = visit(domain, name, is_tmp, arg, err);
        shut(lock);
    }
    if (list != NULL)
        (void)closedir(list);
    else
        shut(fd);
    return rc;
}

enum og_rc
og_maildir_walk(const char *base, og_maildir_visit *visit, void *arg, struct og_err *err)
{
    DIR *list = opendir(base);
    const struct dirent *entry;
    enum og_rc rc = OG_OK;

    if (list == NULL)
        return errno == ENOENT ? OG_OK
                               : og_fail(err, OG_E_IO, "%s: %s", base, strerror(errno));
    while (rc == OG_OK && (entry = readdir(list)) != NULL) {
        int dir;

        if (entry->d_name[0] == '.')
            continue;
        dir = enter(dirfd(list), entry->d_name, false);
        for (size_t i = 0; i < N_ELEMENTS(parts) && dir >= 0 && rc == OG_OK; i++)
            rc = walk_part(dir, entry->d_name, parts[i], visit, arg, err);
        shut(dir);
    }
    (void)closedir(list);
    return rc;
}
