/* SPDX-License-Identifier: BSD-2-Clause */
#include "scand/loader.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/scan/wire.h"
#include "scand/log.h"
#include "scand/note.h"
#include "scand/setup.h"
#include "scand/worker.h"

enum {
    LOOK_MS = 2000, /* how often the files of the signatures are looked at */
    MAX_SLOTS = 256,
};

struct loader {
    struct og_scanner *scanner;
    const struct og_scanner_conf *conf;
    atomic_bool *answers; /* of each slot, shared with the supervisor */
    const char *directory;
    int fd;                   /* to the supervisor */
    pid_t workers[MAX_SLOTS]; /* of each slot, 0 for none */
    bool told_of_change;
};

static void
tell(struct loader *loader, const struct note *note, const int *fd)
{
    if (og_wire_give(loader->fd, note, sizeof *note, 0, fd, fd != NULL ? 1 : 0) < 0)
        _exit(EXIT_FAILURE); /* without the supervisor nobody needs us */
}

static void
on_progress(unsigned long long done, unsigned long long all, void *arg)
{
    static int64_t last;
    struct note note = { .kind = NOTE_PROGRESS, .done = done, .all = all };
    int64_t now = og_wire_now();

    if (now - last < 1000)
        return;
    last = now;
    tell(arg, &note, NULL);
}

/* when the newest file was written, and the newest of the `daily.` ones */
static void
ages(const char *directory, struct note *note)
{
    DIR *dir = opendir(directory);
    const struct dirent *entry;

    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        struct stat st;

        if (entry->d_name[0] == '.' || fstatat(dirfd(dir), entry->d_name, &st, 0) != 0
            || !S_ISREG(st.st_mode))
            continue;
        if (st.st_mtime > note->newest)
            note->newest = st.st_mtime;
        if (strncmp(entry->d_name, "daily.", 6) == 0 && st.st_mtime > note->daily)
            note->daily = st.st_mtime;
    }
    if (dir != NULL)
        (void)closedir(dir); /* only read */
}

static void
slot_directory(const struct loader *loader, unsigned slot, char path[PATH_MAX])
{
    (void)snprintf(path, PATH_MAX, "%s/%u", loader->directory, slot);
}

/* in the worker: nothing of the loader's stays open */
_Noreturn static void
become_worker(struct loader *loader, unsigned slot, int fd, const char *directory,
              pid_t parent)
{
    sigset_t none;

    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    if (dup2(fd, 3) != 3)
        _exit(EXIT_FAILURE);
    setup_close_from(4);
    worker_run(loader->scanner, loader->conf, 3, &loader->answers[slot], directory,
               parent);
}

static void
spawn(struct loader *loader, unsigned slot, int fd)
{
    struct note note = { .kind = NOTE_BORN, .slot = slot, .pid = -1 };
    pid_t parent = getpid();
    char directory[PATH_MAX];
    int handle;

    slot_directory(loader, slot, directory);
    if (mkdir(directory, 0700) == 0)
        note.pid = fork();
    if (note.pid == 0)
        become_worker(loader, slot, fd, directory, parent);
    handle = note.pid > 0 ? pidfd_open(note.pid, 0) : -1;
    if (handle < 0) {
        log_line("cannot make a worker in %s: %s", directory, strerror(errno));
        if (note.pid > 0)
            (void)kill(note.pid, SIGKILL); /* still ours to reap */
        note.kind = NOTE_DIED;
        note.status = -1;
    }
    loader->workers[slot] = handle < 0 ? 0 : note.pid;
    tell(loader, &note, handle < 0 ? NULL : &handle);
    if (handle >= 0)
        (void)close(handle); /* the supervisor has it */
}

static void
reap(struct loader *loader)
{
    struct note note = { .kind = NOTE_DIED };
    char directory[PATH_MAX];

    while ((note.pid = waitpid(-1, &note.status, WNOHANG)) > 0)
        for (unsigned slot = 0; slot < MAX_SLOTS; slot++) {
            if (loader->workers[slot] != note.pid)
                continue;
            loader->workers[slot] = 0;
            note.slot = slot;
            slot_directory(loader, slot, directory);
            setup_remove(directory);
            tell(loader, &note, NULL);
        }
}

static void
obey(struct loader *loader)
{
    int fds[OG_WIRE_MAX_FDS];
    size_t count = 0;
    struct note note = { .slot = 0 };
    long n = og_wire_take(loader->fd, &note, sizeof note, 0, fds, &count);

    if (n != (long)sizeof note)
        _exit(EXIT_SUCCESS); /* the supervisor has closed its end, or is dead */
    if (note.kind == NOTE_SPAWN && count == 1 && note.slot < MAX_SLOTS)
        spawn(loader, note.slot, fds[0]);
    for (size_t i = 0; i < count; i++)
        (void)close(fds[i]); /* the worker has it */
}

_Noreturn static void
serve(struct loader *loader, int signals)
{
    int64_t look_at = og_wire_now() + LOOK_MS;

    for (;;) {
        struct pollfd on[] = { { loader->fd, POLLIN, 0 }, { signals, POLLIN, 0 } };
        struct signalfd_siginfo info;
        struct note changed = { .kind = NOTE_CHANGED };
        int n = poll(on, N_ELEMENTS(on), og_wire_left(look_at));

        if (n > 0 && on[1].revents != 0 && read(signals, &info, sizeof info) > 0)
            reap(loader);
        if (n > 0 && on[0].revents != 0)
            obey(loader);
        if (og_wire_now() < look_at) /* by the clock: workers come and go all the time */
            continue;
        look_at = og_wire_now() + LOOK_MS;
        if (!loader->told_of_change && og_scanner_changed(loader->scanner)) {
            loader->told_of_change = true;
            tell(loader, &changed, NULL);
        }
    }
}

_Noreturn static void
run(struct loader *loader, pid_t parent)
{
    struct note note = { .kind = NOTE_READY };
    struct og_scanner_conf conf = *loader->conf;
    struct og_err err = { "" };
    sigset_t child;
    int signals;

    (void)prctl(PR_SET_NAME, "scand-loader"); /* for ps and top */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent
        || chdir(loader->directory) != 0)
        _exit(EXIT_FAILURE);
    (void)prctl(PR_SET_DUMPABLE, 1); /* so that the supervisor can see our memory */
    (void)sigemptyset(&child);
    (void)sigaddset(&child, SIGCHLD);
    (void)sigprocmask(SIG_SETMASK, &child, NULL);
    signals = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
    conf.temporary_directory = ".";        /* each worker's own */
    ages(conf.signature_directory, &note); /* before: what comes meanwhile is a change */
    if (og_scanner_open(&conf, on_progress, loader, &loader->scanner, &err) != OG_OK) {
        note.kind = NOTE_FAILED;
        (void)snprintf(note.text, sizeof note.text, "%.*s", NOTE_TEXT - 1, err.text);
        tell(loader, &note, NULL);
        _exit(EXIT_FAILURE);
    }
    note.done = og_scanner_signatures(loader->scanner);
    (void)snprintf(note.text, sizeof note.text, "%.100s", og_scanner_version());
    tell(loader, &note, NULL);
    serve(loader, signals);
}

enum og_rc
loader_start(const struct og_scanner_conf *conf, atomic_bool *answers,
             const char *directory, pid_t *pid, int *fd, struct og_err *err)
{
    static struct loader loader; /* of the child only */
    pid_t parent = getpid(), child;
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return og_fail(err, OG_E_IO, "socketpair: %s", strerror(errno));
    child = fork();
    if (child == 0) {
        if (dup2(pair[1], 3) != 3)
            _exit(EXIT_FAILURE);
        setup_close_from(4);
        loader.conf = conf;
        loader.answers = answers;
        loader.directory = directory;
        loader.fd = 3;
        run(&loader, parent);
    }
    (void)close(pair[1]);
    if (child < 0) {
        (void)close(pair[0]);
        return og_fail(err, OG_E_IO, "fork: %s", strerror(errno));
    }
    *pid = child;
    *fd = pair[0];
    return OG_OK;
}
