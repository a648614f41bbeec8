/* SPDX-License-Identifier: BSD-2-Clause */
/* outgate-scand [OPTION]... */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/base/conf.h"
#include "core/base/settings_scan.h"
#include "core/scan/temporary.h"
#include "scand/log.h"
#include "scand/scand.h"
#include "scand/setup.h"

#ifndef OG_VERSION
#define OG_VERSION "0.1"
#endif

enum { WRONG_USE = 2, TROUBLE = 3 };

static const char usage[] =
    "outgate-scand [OPTION]...\n\n"
    "Scans messages for Exim with one set of ClamAV's signatures; outgate-scand(8).\n\n"
    "  --config FILE   default: $OUTGATE_CONF, else %s\n"
    "  --socket PATH   default: that of the setting `scanner`, else %s;\n"
    "                  systemd's, if it has opened one\n"
    "  --workers N     scans at a time; default: the setting scan_workers\n"
    "  --user ACCOUNT  what root becomes; default: outgate-scand\n"
    "  --syslog        log there instead of standard error\n"
    "  --help\n"
    "  --version\n\n"
    "Stays in the foreground. SIGHUP: read settings and signatures again. SIGTERM: end.\n"
    "Exit: 0 ended by a signal, 2 wrong use, 3 cannot work.\n";

struct options {
    const char *conf, *socket, *user;
    unsigned workers;
    bool syslog;
    int code; /* >= 0: there is nothing more to do */
};

static int
wrong(const char *text)
{
    fprintf(stderr, "outgate-scand: %s; --help tells more\n", text);
    return WRONG_USE;
}

static int
read_workers(const char *text, unsigned *workers)
{
    char *end;
    unsigned long n = strtoul(text, &end, 10);

    if (text[0] < '0' || text[0] > '9' || *end != '\0' || n < 1 || n > SCAND_WORKERS)
        return wrong("--workers: a number from 1 to 256");
    *workers = (unsigned)n;
    return -1;
}

static struct options
read_options(int argc, char **argv)
{
    static const struct option known[] = {
        { "config", required_argument, NULL, 'c' },
        { "socket", required_argument, NULL, 's' },
        { "workers", required_argument, NULL, 'w' },
        { "user", required_argument, NULL, 'u' },
        { "syslog", no_argument, NULL, 'l' },
        { "help", no_argument, NULL, 'h' },
        { "version", no_argument, NULL, 'v' },
        { NULL, 0, NULL, 0 },
    };
    struct options got = { og_conf_path(), NULL, "outgate-scand", 0, false, -1 };
    int c;

    while (got.code < 0 && (c = getopt_long(argc, argv, "c:", known, NULL)) != -1)
        switch (c) {
        case 'c':
            got.conf = optarg;
            break;
        case 's':
            got.socket = optarg;
            break;
        case 'w':
            got.code = read_workers(optarg, &got.workers);
            break;
        case 'u':
            got.user = optarg;
            break;
        case 'l':
            got.syslog = true;
            break;
        case 'h':
            printf(usage, og_conf_path(), OG_SCAND_SOCKET);
            got.code = EXIT_SUCCESS;
            break;
        case 'v':
            puts("outgate-scand " OG_VERSION);
            got.code = EXIT_SUCCESS;
            break;
        default:
            got.code = WRONG_USE; /* getopt_long() has said why */
        }
    if (got.code < 0 && optind < argc)
        got.code = wrong("no words are expected");
    if (got.code < 0 && got.socket != NULL && got.socket[0] != '/')
        got.code = wrong("--socket: no absolute path");
    return got;
}

static const char *
socket_path(const struct scand *scand)
{
    const char *path = OG_SCAND_SOCKET;

    if (scand->socket_path != NULL)
        return scand->socket_path;
    if (og_scanner_mode(scand->settings.scanner, &path) != OG_SCANNER_SCAND)
        path = OG_SCAND_SOCKET;
    return path;
}

static enum og_rc
catch_signals(struct scand *scand, struct og_err *err)
{
    sigset_t set;

    (void)signal(SIGPIPE, SIG_IGN);
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGHUP);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGINT);
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
        return og_fail(err, OG_E_IO, "sigprocmask: %s", strerror(errno));
    scand->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (scand->signals < 0)
        return og_fail(err, OG_E_IO, "signalfd: %s", strerror(errno));
    return OG_OK;
}

/* a connection and two files of each client, and a pair and a handle of each worker */
static void
raise_files(void)
{
    struct rlimit files;

    if (getrlimit(RLIMIT_NOFILE, &files) != 0)
        return;
    files.rlim_cur = files.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &files); /* then fewer clients fit */
}

/* all that needs root comes before the account changes */
static enum og_rc
prepare(struct scand *scand, const struct options *options, struct og_err *err)
{
    struct og_buf temporary = OG_BUF_INIT(sizeof scand->temporary - 1);
    const struct passwd *exim;
    enum og_rc rc = og_conf_read(scand->conf_path, &scand->settings, err);

    if (rc != OG_OK)
        return rc;
    exim = getpwnam(scand->settings.user);
    if (exim == NULL)
        return og_fail(err, OG_E_NOTFOUND, "setting user: no account '%s'",
                       scand->settings.user);
    scand->exim = exim->pw_uid;
    rc = setup_listen(socket_path(scand), exim->pw_gid, &scand->listener, err);
    if (rc == OG_OK)
        rc = setup_become(options->user, err);
    (void)umask(077);
    if (rc == OG_OK)
        rc = setup_temporary(og_scan_temporary(scand->settings.scan_temporary_directory,
                                               scand->settings.scan_maximum_bytes),
                             &temporary, err);
    if (rc == OG_OK)
        (void)snprintf(scand->temporary, sizeof scand->temporary, "%s",
                       og_buf_text(&temporary));
    og_buf_free(&temporary);
    (void)prctl(PR_SET_DUMPABLE, 1); /* our own processes may see each other's memory */
    return rc == OG_OK ? catch_signals(scand, err) : rc;
}

int
main(int argc, char **argv)
{
    static struct scand scand = { .listener = -1, .signals = -1 };
    struct options options = read_options(argc, argv);
    struct og_err err = { "" };
    int code;

    if (options.code >= 0)
        return options.code;
    for (int fd = 0; fd < 3; fd++) /* no file of ours may become a standard stream */
        if (fcntl(fd, F_GETFD) < 0
            && open("/dev/null", fd == 0 ? O_RDONLY : O_WRONLY) < 0)
            return TROUBLE;
    log_open(options.syslog);
    raise_files();
    TAILQ_INIT(&scand.clients);
    TAILQ_INIT(&scand.generations);
    scand.conf_path = options.conf;
    scand.socket_path = options.socket;
    scand.workers_wanted = options.workers;
    scand.started = time(NULL);
    if (prepare(&scand, &options, &err) != OG_OK) {
        log_line("%s", err.text);
        return TROUBLE;
    }
    log_line("version %s, socket %s", OG_VERSION, socket_path(&scand));
    code = server_run(&scand);
    setup_remove(scand.temporary);
    if (scand.signals >= 0)
        log_line("ended");
    og_settings_free(&scand.settings);
    return code;
}
