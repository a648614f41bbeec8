/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/tool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* one directory that init makes */
struct place {
    const char *path;
    mode_t mode;
    bool adopt; /* an empty one of root's is given to the owner */
    bool made;
};

/* descriptor of the directory in which path's last part stands; path is cut up. No
 * symbolic link is followed on the way: root must not be led where somebody else wants
 * it. */
static int
open_parent(char *path, const char **last, struct og_err *err)
{
    int fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), next;
    char *rest = path, *part = strsep(&rest, "/");

    for (; fd >= 0 && rest != NULL; fd = next, part = strsep(&rest, "/")) {
        struct stat st;

        next = openat(fd, part[0] != '\0' ? part : ".",
                      O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (next < 0)
            og_err_set(err, "%s: %s", part, strerror(errno));
        if (next < 0 && fstatat(fd, part, &st, AT_SYMLINK_NOFOLLOW) == 0
            && S_ISLNK(st.st_mode))
            og_err_set(err, "%s is a symbolic link: name the directory that is meant",
                       part);
        (void)close(fd); /* only a step on the way */
    }
    *last = part;
    return fd;
}

static bool
is_empty(int fd)
{
    int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = copy >= 0 ? fdopendir(copy) : NULL;
    const struct dirent *entry;
    bool empty = dir != NULL;

    while (empty && (entry = readdir(dir)) != NULL)
        empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
    if (dir != NULL)
        (void)closedir(dir);
    return empty;
}

/* fd is the directory itself: give a new one, or one to adopt, its owner and mode */
static int
settle(struct tool *tool, const struct place *place, int fd)
{
    const struct og_store_conf *store = &tool->state.store;
    struct stat st;
    bool ours = place->made;

    if (fstat(fd, &st) != 0)
        return tool_fail(tool, TOOL_TROUBLE, "%s: %s", place->path, strerror(errno));
    if (!ours && place->adopt && geteuid() == 0 && st.st_uid == 0 && store->uid != 0)
        ours = is_empty(fd);
    if (ours && geteuid() == 0 && fchown(fd, store->uid, store->gid) != 0)
        return tool_fail(tool, TOOL_TROUBLE, "%s: cannot give it to %s: %s", place->path,
                         tool->state.server.user, strerror(errno));
    if (ours && fchmod(fd, place->mode) != 0)
        return tool_fail(tool, TOOL_TROUBLE, "%s: cannot set its mode: %s", place->path,
                         strerror(errno));
    if (!ours && place->adopt && st.st_uid != store->uid)
        return tool_fail(tool, TOOL_TROUBLE,
                         "%s belongs to uid %u, wanted is %s: chown it, with all that is "
                         "in it, or name another directory",
                         place->path, (unsigned)st.st_uid, tool->state.server.user);
    return TOOL_DONE;
}

static int
make_place(struct tool *tool, struct place *place)
{
    char *path = strdup(place->path);
    struct og_err err = { "no memory" };
    const char *last = NULL;
    int code = TOOL_TROUBLE, fd = -1;
    int parent = path != NULL ? open_parent(path, &last, &err) : -1;

    if (parent < 0) {
        code = tool_fail(tool, TOOL_TROUBLE, "cannot make %s: %s", place->path, err.text);
        goto out;
    }
    place->made = mkdirat(parent, last, place->mode) == 0;
    if (!place->made && errno != EEXIST) {
        code = tool_fail(tool, TOOL_TROUBLE, "cannot make %s: %s%s", place->path,
                         strerror(errno), geteuid() != 0 ? ": run this as root" : "");
        goto out;
    }
    fd = openat(parent, last, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        code = tool_fail(tool, TOOL_TROUBLE, "%s: %s", place->path,
                         errno == ENOTDIR || errno == ELOOP
                             ? "is no directory, or a symbolic link to one"
                             : strerror(errno));
    else
        code = settle(tool, place, fd);
out:
    if (fd >= 0)
        (void)close(fd); /* only looked at */
    if (parent >= 0)
        (void)close(parent);
    free(path);
    return code;
}

/* as the owner: can events be written? */
static int
check_log(struct tool *tool, const char *directory)
{
    const char *path = tool->state.server.events_log;

    if (access(path, W_OK) == 0
        || (errno == ENOENT && access(directory, W_OK | X_OK) == 0))
        return TOOL_DONE;
    return tool_fail(tool, TOOL_TROUBLE, "%s: %s cannot write it: %s", path,
                     tool->state.server.user, strerror(errno));
}

static int
report(struct tool *tool, const struct place *places, size_t count)
{
    json_t *made;

    if (!tool->json) {
        for (size_t i = 0; i < count; i++) {
            fputs(places[i].made ? "made " : "kept ", stdout);
            (void)tool_put(stdout, places[i].path);
            putchar('\n');
        }
        return TOOL_DONE;
    }
    made = json_array();
    for (size_t i = 0; i < count; i++)
        if (places[i].made
            && json_array_append_new(made, tool_string(places[i].path)) != 0)
            return tool_fail(tool, TOOL_TROUBLE, "no memory");
    return tool_json(
        tool, json_pack("{s:s, s:o, s:o, s:o}", "done", "init", "state_directory",
                        tool_string(tool->state.server.state_directory), "events_log",
                        tool_string(tool->state.server.events_log), "made", made));
}

/* the directory that a path is in; the caller frees it */
static char *
parent_of(const char *path)
{
    const char *slash = strrchr(path, '/'); /* a path begins with one */

    return strndup(path, slash > path ? (size_t)(slash - path) : 1);
}

static int
init(struct tool *tool)
{
    struct tool_option options[] = { { "--anew", false, NULL }, { NULL, false, NULL } };
    struct place places[] = { { .mode = 0700, .adopt = true },
                              { .mode = 0750 },
                              { .mode = 0750 },
                              { .mode = 0700, .adopt = true } };
    struct og_err err = { "" };
    char *directory = NULL, *spool = NULL;
    int code = tool_options(tool, options, 0, 0);

    if (code == TOOL_DONE)
        code = tool_conf(tool);
    if (code == TOOL_DONE && geteuid() != 0)
        code = tool_become_owner(tool); /* refuses others */
    if (code != TOOL_DONE)
        return code;
    directory = parent_of(tool->state.server.events_log);
    spool = parent_of(tool->state.server.quarantine_directory);
    if (directory == NULL || spool == NULL) {
        free(directory);
        free(spool);
        return tool_fail(tool, TOOL_TROUBLE, "no memory");
    }
    places[0].path = tool->state.server.state_directory;
    places[1].path = directory;
    places[2].path = spool;
    places[3].path = tool->state.server.quarantine_directory;
    for (size_t i = 0; i < N_ELEMENTS(places) && code == TOOL_DONE; i++)
        code = make_place(tool, &places[i]);
    if (code == TOOL_DONE)
        code = tool_become_owner(tool);
    if (code == TOOL_DONE)
        code = tool_rc(
            tool, og_store_create(&tool->state.store, options[0].value != NULL, &err),
            &err);
    if (code == TOOL_DONE)
        code = check_log(tool, directory);
    if (code == TOOL_DONE)
        code = report(tool, places, N_ELEMENTS(places));
    free(directory);
    free(spool);
    return code;
}

const struct tool_verb tool_verb_init = {
    "init", "[--anew]", "make the state and the place of the events",
    "Makes state_directory (mode 0700) with its databases, the directory of events_log\n"
    "(mode 0750) and quarantine_directory (mode 0700) with the one it is in, for the\n"
    "account that outgate.conf names as user. What is there already stays as it is: a\n"
    "second run does no harm. Other parent directories have to exist, and no part of a\n"
    "path may be a symbolic link. Root makes the directories, then becomes the owner.\n\n"
    "A database of senders, keys, counts or locks that is gone is to be restored from\n"
    "a backup; where there is none, --anew makes an empty one.\n\n"
    "    outgatectl init\n",
    init
};
