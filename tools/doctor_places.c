/* SPDX-License-Identifier: BSD-2-Clause */
/* doctor: the directories, down to each Maildir of the quarantine */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "tools/doctor.h"

enum { LOW_SPACE_MIB = 64, SHOWN = 5 /* directories with something wrong */ };

struct places {
    struct doctor *doctor;
    size_t count, bad;
};

void
doctor_space(struct doctor *doctor, const char *path)
{
    struct statvfs fs;
    unsigned long long free_mib;
    char text[120];

    if (statvfs(path, &fs) != 0)
        return; /* the row of the directory itself tells */
    free_mib = (unsigned long long)fs.f_bavail * fs.f_frsize >> 20;
    (void)snprintf(text, sizeof text, "%llu MiB free%s", free_mib,
                   free_mib < LOW_SPACE_MIB ? ": make room before it is full" : "");
    doctor_row(doctor, path, free_mib >= LOW_SPACE_MIB, text);
}

static void
put_bad(struct places *places, const char *path, const char *text)
{
    if (places->bad++ < SHOWN)
        doctor_row(places->doctor, path, false, text);
}

/* a directory of kept mail: the owner's, who may do all there, and nobody's else who is
 * not in its group; false: nobody need look into it */
static bool
look_at_one(struct places *places, int fd, const char *path)
{
    const struct og_state *state = &places->doctor->tool->state;
    char text[300] = "";
    struct stat st;

    places->count++;
    if (fstat(fd, &st) != 0)
        (void)snprintf(text, sizeof text, "%s", strerror(errno));
    else if (st.st_uid != state->store.uid)
        (void)snprintf(text, sizeof text,
                       "belongs to uid %u, and %s keeps nothing there: chown -R %s it",
                       (unsigned)st.st_uid, state->server.user, state->server.user);
    else if ((st.st_mode & S_IRWXU) != S_IRWXU)
        (void)snprintf(text, sizeof text, "mode %04o, so nothing is kept: chmod u=rwx it",
                       (unsigned)st.st_mode & 07777);
    else if ((st.st_mode & S_IRWXO) != 0)
        (void)snprintf(text, sizeof text,
                       "mode %04o, so everybody can look at kept mail: chmod o= it",
                       (unsigned)st.st_mode & 07777);
    if (text[0] != '\0')
        put_bad(places, path, text);
    return text[0] == '\0' || (st.st_mode & S_IRWXO) != 0;
}

/* what is below an open directory, two levels deep: domain, and tmp, new, cur; links are
 * not followed, as the quarantine does not. fd is closed here. */
static void
look_below(struct places *places, int fd, const char *path, int levels)
{
    DIR *dir = look_at_one(places, fd, path) && levels > 0 ? fdopendir(fd) : NULL;
    const struct dirent *entry;

    if (dir == NULL)
        (void)close(fd); /* only read from */
    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        char below[1500];
        struct stat st;
        int next;

        if (entry->d_name[0] == '.'
            || fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0
            || !S_ISDIR(st.st_mode))
            continue; /* a file of a mail program, say */
        (void)snprintf(below, sizeof below, "%.1100s/%.255s", path, entry->d_name);
        next = openat(dirfd(dir), entry->d_name,
                      O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (next >= 0)
            look_below(places, next, below, levels - 1);
        else {
            places->count++;
            put_bad(places, below,
                    errno == EACCES ? "cannot be read, so nothing is kept there: chown "
                                      "and chmod it as the directory above it is"
                                    : strerror(errno));
        }
    }
    if (dir != NULL)
        (void)closedir(dir); /* only read from */
}

void
doctor_quarantine(struct doctor *doctor)
{
    const char *path = doctor->tool->state.server.quarantine_directory;
    struct places places = { doctor, 0, 0 };
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    char text[200];

    if (fd < 0) {
        (void)snprintf(text, sizeof text, "%s",
                       errno == ENOENT ? "not there: `outgatectl init` makes it"
                                       : strerror(errno));
        if (errno == EACCES)
            (void)snprintf(text, sizeof text,
                           "%s cannot read it: chown it, and let the directories above "
                           "it be entered",
                           doctor->tool->state.server.user);
        doctor_row(doctor, path, false, text);
        return;
    }
    look_below(&places, fd, path, 2);
    if (places.bad > SHOWN) {
        (void)snprintf(text, sizeof text, "%zu more directories, too",
                       places.bad - SHOWN);
        doctor_row(doctor, path, false, text);
    }
    if (places.bad == 0)
        doctor_space(doctor, path);
}

/* whoever works there as root, with the db5.3_* programs, say, leaves files of root's; the
 * database then calls them damaged, and somebody throws away what is good */
bool
doctor_state(struct doctor *doctor)
{
    const struct og_store_conf *store = &doctor->tool->state.store;
    DIR *dir = opendir(store->directory);
    const struct dirent *entry;
    bool good = true;

    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        char path[1500], text[200];
        struct stat st;

        if (strncmp(entry->d_name, "__db.", 5) == 0 /* is made anew */
            || fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0
            || !S_ISREG(st.st_mode)
            || (st.st_uid == store->uid
                && (st.st_mode & (S_IRUSR | S_IWUSR)) == (S_IRUSR | S_IWUSR)))
            continue;
        good = false;
        (void)snprintf(path, sizeof path, "%.1100s/%.255s", store->directory,
                       entry->d_name);
        (void)snprintf(text, sizeof text,
                       "belongs to uid %u with mode %04o: chown it to %.60s and chmod it "
                       "600; no backup is needed for that",
                       (unsigned)st.st_uid, (unsigned)st.st_mode & 07777,
                       doctor->tool->state.server.user);
        doctor_row(doctor, path, false, text);
    }
    if (dir != NULL)
        (void)closedir(dir); /* only read from */
    return good;             /* one that cannot be read is told of by the database */
}

void
doctor_events(struct doctor *doctor)
{
    const struct og_settings *server = &doctor->tool->state.server;
    const char *path = server->events_log, *slash = strrchr(path, '/');
    int fd = open(path, O_WRONLY | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    int failed = errno;
    char directory[1024], text[300] = "";
    bool creatable;

    (void)snprintf(directory, sizeof directory, "%.*s",
                   slash > path ? (int)(slash - path) : 1, path);
    creatable = fd < 0 && failed == ENOENT && access(directory, W_OK | X_OK) == 0;
    if (creatable)
        (void)snprintf(text, sizeof text, "not there yet, can be made");
    else if (fd < 0)
        (void)snprintf(text, sizeof text,
                       "%s; events are lost: %s has to be able to write it, "
                       "`outgatectl init` makes its directory",
                       strerror(failed), server->user);
    doctor_row(doctor, path, fd >= 0 || creatable, text);
    if (fd >= 0 || creatable)
        doctor_space(doctor, directory);
    if (fd >= 0)
        (void)close(fd); /* nothing was written */
}
