/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/scan.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/settings_scan.h"
#include "core/scan/any.h"
#include "core/scan/embedded.h"

enum { FOLDERS_MAX = 64 }; /* in one another */

struct run {
    struct tool *tool;
    struct og_settings set; /* what is judged by */
    enum scan_as as;
    bool here;     /* this process scans; the service does not answer, or on demand */
    bool many;     /* one JSON object a line */
    bool progress; /* on standard error */
    unsigned long done, refused, failed;
};

static void
show_progress(const struct run *run, bool end)
{
    if (run->progress && (end || run->done % 16 == 0))
        fprintf(stderr, "\r%lu files, %lu refused, %lu not scanned%s", run->done,
                run->refused, run->failed, end ? "\n" : "");
}

/* one that cannot be looked at does not keep us from the others */
static void
fail_file(struct run *run, const char *path, const char *why)
{
    run->failed++;
    (void)fflush(stdout);
    fputs("outgatectl: ", stderr);
    (void)tool_put(stderr, path);
    fputs(": ", stderr);
    (void)tool_put(stderr, why);
    fputc('\n', stderr);
    if (!run->tool->json)
        return;
    (void)tool_json_line(run->tool,
                         json_pack("{s:o, s:o, s:i}", "file", tool_string(path), "error",
                                   tool_string(why), "code", TOOL_TROUBLE));
    putchar('\n');
}

/* by the service; without one in this process, which is said once */
static enum og_rc
scan(struct run *run, const struct og_scan_request *request, struct og_findings *findings,
     struct og_err *err)
{
    const struct og_settings *server = &run->tool->state.server;
    struct og_scan_request timed = *request;
    struct og_scanner_conf conf = og_scan_conf(server);
    enum og_rc rc;

    timed.timeout_ms = (unsigned)server->scan_timeout * 1000;
    if (run->here)
        return og_embedded_scan(&conf, &timed, findings, err);
    rc = og_scan_any(server, request, findings, err);
    if (rc != OG_E_NOTFOUND && rc != OG_E_PERM)
        return rc;
    fprintf(stderr, "outgatectl: ");
    (void)tool_put(stderr, err->text);
    fprintf(stderr, "; scanning here\n");
    run->here = true;
    return og_embedded_scan(&conf, &timed, findings, err);
}

static void
tell(struct run *run, const char *path, const struct og_findings *findings)
{
    struct og_verdict verdict;

    scan_judge(&run->set, findings, &verdict);
    run->refused += verdict.action != OG_ACCEPT;
    if (!run->tool->json) {
        scan_print(&run->set, path, findings, &verdict);
    } else if (!run->many) {
        (void)tool_json(run->tool, scan_object(&run->set, path, findings, &verdict));
    } else {
        (void)tool_json_line(run->tool, scan_object(&run->set, path, findings, &verdict));
        putchar('\n');
    }
}

static void
scan_file(struct run *run, int fd, const char *path)
{
    struct og_findings findings = OG_FINDINGS_INIT;
    struct og_scan_request request = { .fd = fd, .macros = true, .fingerprint = true };
    const char *slash = strrchr(path, '/');
    struct og_err err = { "" };
    off_t start = 0;
    bool guessed = scan_is_message(fd, &start);

    if (run->as == SCAN_AS_MESSAGE || (run->as == SCAN_AS_GUESSED && guessed)) {
        request.name = "";
        request.start = start;
    } else {
        request.name = slash != NULL && slash[1] != '\0' ? slash + 1 : path;
    }
    if (scan(run, &request, &findings, &err) == OG_OK)
        tell(run, path, &findings);
    else
        fail_file(run, path, err.text);
    og_findings_free(&findings);
    run->done++;
    show_progress(run, false);
}

static void scan_folder(struct run *run, int fd, const char *path, unsigned depth);

/* fd is closed here */
static void
scan_open(struct run *run, int fd, const char *path, unsigned depth)
{
    struct stat entry;

    if (fstat(fd, &entry) != 0)
        fail_file(run, path, strerror(errno));
    else if (S_ISDIR(entry.st_mode) && depth < FOLDERS_MAX)
        scan_folder(run, fd, path, depth);
    else if (S_ISREG(entry.st_mode))
        scan_file(run, fd, path);
    else
        fail_file(run, path,
                  S_ISDIR(entry.st_mode) ? "too many folders in one another"
                                         : "neither a file nor a folder");
    (void)close(fd); /* only read */
}

static int
by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int
is_entry(const struct dirent *entry)
{
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

/* files and folders, no links: what is behind one is there under its own name */
static void
scan_entry(struct run *run, int folder, const char *path, const char *name,
           unsigned depth)
{
    char *below = NULL;
    struct stat entry;
    int fd;

    if (asprintf(&below, "%s%s%s", path, path[strlen(path) - 1] == '/' ? "" : "/", name)
        < 0) {
        fail_file(run, path, "no memory");
        return;
    }
    if (fstatat(folder, name, &entry, AT_SYMLINK_NOFOLLOW) == 0
        && (S_ISREG(entry.st_mode) || S_ISDIR(entry.st_mode))) {
        fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
        if (fd < 0)
            fail_file(run, below, strerror(errno));
        else
            scan_open(run, fd, below, depth + 1);
    }
    free(below);
}

static void
scan_folder(struct run *run, int fd, const char *path, unsigned depth)
{
    struct dirent **entries = NULL;
    int count = scandirat(fd, ".", &entries, is_entry, by_name);

    if (count < 0)
        fail_file(run, path, strerror(errno));
    for (int i = 0; i < count; i++) {
        scan_entry(run, fd, path, entries[i]->d_name, depth);
        free(entries[i]);
    }
    free(entries);
}

/* everything that is named is opened first: root may do that, the state's owner, who
 * scans, may not; what cannot be opened has its errno, negative */
static int
open_all(struct tool *tool, int *fds, bool *many)
{
    struct stat entry;

    *many = tool->argc > 1;
    for (int i = 0; i < tool->argc; i++) {
        fds[i] = open(tool->argv[i], O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        if (fds[i] < 0)
            fds[i] = -errno;
        else if (fstat(fds[i], &entry) == 0 && S_ISDIR(entry.st_mode))
            *many = true;
    }
    return geteuid() == 0 ? tool_become_owner(tool) : TOOL_DONE;
}

static int
scan_all(struct run *run, int *fds)
{
    struct tool *tool = run->tool;

    for (int i = 0; i < tool->argc; i++) {
        if (fds[i] < 0)
            fail_file(run, tool->argv[i], strerror(-fds[i]));
        else
            scan_open(run, fds[i], tool->argv[i], 0);
        fds[i] = -1;
    }
    show_progress(run, true);
    if (run->failed > 0)
        return TOOL_TROUBLE;
    return run->refused > 0 ? TOOL_NO : TOOL_DONE;
}

static int
settings(struct run *run, bool strict)
{
    static const char *const names[] = { "block_macros", "block_encrypted",
                                         "block_unwanted_attachments" };
    struct og_err err = { "" };
    enum og_rc rc = og_settings_copy(&run->set, &run->tool->state.server, &err);

    for (size_t i = 0; i < N_ELEMENTS(names) && strict && rc == OG_OK; i++)
        rc = og_settings_set(&run->set, og_setting_find(names[i]), "yes",
                             OG_SOURCE_SERVER, &err);
    return tool_rc(run->tool, rc, &err);
}

static int
run_scan(struct tool *tool)
{
    struct tool_option options[] = {
        { "--message", false, NULL },  { "--document", false, NULL },
        { "--strict", false, NULL },   { "--here", false, NULL },
        { "--progress", false, NULL }, { NULL, false, NULL },
    };
    struct run run = { .tool = tool, .set = OG_SETTINGS_INIT };
    int *fds = NULL;
    int code = tool_options(tool, options, 1, 100000);

    if (code != TOOL_DONE)
        return code;
    if (options[0].value != NULL && options[1].value != NULL)
        return tool_usage(tool, "--message and --document exclude one another");
    run.as = options[0].value != NULL   ? SCAN_AS_MESSAGE
             : options[1].value != NULL ? SCAN_AS_DOCUMENT
                                        : SCAN_AS_GUESSED;
    run.here = options[3].value != NULL;
    fds = calloc((size_t)tool->argc, sizeof *fds);
    if (fds == NULL)
        return tool_fail(tool, TOOL_TROUBLE, "no memory");
    for (int i = 0; i < tool->argc; i++)
        fds[i] = -1;
    code = tool_conf(tool);
    if (code == TOOL_DONE)
        code = open_all(tool, fds, &run.many);
    run.progress = options[4].value != NULL || (run.many && isatty(STDERR_FILENO) == 1);
    if (code == TOOL_DONE)
        code = settings(&run, options[2].value != NULL);
    if (code == TOOL_DONE)
        code = scan_all(&run, fds);
    for (int i = 0; i < tool->argc; i++)
        if (fds[i] >= 0)
            (void)close(fds[i]); /* only read */
    free(fds);
    og_settings_free(&run.set);
    return code;
}

const struct tool_verb tool_verb_scan = {
    "scan", "[--message | --document] [--strict] [--here] [--progress] FILE|DIRECTORY...",
    "what is in messages and documents",
    "Looks into messages and documents as the content checks do, and tells what is "
    "found:\n"
    "files, viruses, macros, what is encrypted, what was not looked at. Folders are "
    "read\n"
    "with all that is in them, links are not followed. Whether a file is a message is "
    "told\n"
    "by its first lines, or by --message and --document.\n\n"
    "The service outgate-scand scans, or whom the setting scanner names; where it does "
    "not\n"
    "answer, or with --here, outgatectl itself does, with the same signatures.\n\n"
    "Judged by the server's settings; with --strict as if macros, unwanted attachments "
    "and\n"
    "encrypted files were blocked. In JSON `blocked` says why a file is unwanted "
    "whatever\n"
    "the settings are. Exit 0: all would pass, 1: something would be refused, 3: "
    "something\n"
    "could not be scanned. With --json one object, for several files or a folder one a\n"
    "line.\n\n"
    "    outgatectl scan --strict --json invoice.docm\n"
    "    outgatectl scan /var/spool/outgate/quarantine\n",
    run_scan
};
