/* SPDX-License-Identifier: BSD-2-Clause */
/* Passwords come from a terminal or from standard input, never from an argument, which
 * every user of the machine can read. */
#include "tools/tool.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <termios.h>
#include <unistd.h>

#include "core/lib/crypt.h"

static const int ending[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };

static volatile sig_atomic_t caught;

static void
on_signal(int number)
{
    caught = number;
}

/* one line from standard input, byte by byte: what follows belongs to whoever reads next */
static int
read_line(struct tool *tool, char line[TOOL_SECRET])
{
    size_t len = 0;
    ssize_t n;
    char c = '\0';

    while ((n = read(STDIN_FILENO, &c, 1)) == 1 && c != '\n') {
        if (c == '\0' || len + 1 == TOOL_SECRET)
            return tool_fail(tool, TOOL_USAGE,
                             c == '\0' ? "a NUL byte on standard input"
                                       : "the line on standard input is too long");
        line[len++] = c;
    }
    line[len] = '\0';
    if (n < 0)
        return tool_fail(tool, TOOL_TROUBLE, "standard input: %s", strerror(errno));
    if (n == 0 && len == 0)
        return tool_fail(tool, TOOL_USAGE, "no password on standard input");
    if (len > 0 && line[len - 1] == '\r') /* a file with CRLF line ends */
        line[len - 1] = '\0';
    return TOOL_DONE;
}

/* ask on the terminal that is standard input, with echo off; a signal that ends us comes
 * through once the echo is back */
static int
ask(struct tool *tool, const char *prompt, const char *name, char line[TOOL_SECRET])
{
    struct sigaction action = { .sa_handler = on_signal }, old[N_ELEMENTS(ending)], stop;
    struct sigaction ignore = { .sa_handler = SIG_IGN };
    struct termios before, quiet;
    int code;

    if (tcgetattr(STDIN_FILENO, &before) != 0)
        return tool_fail(tool, TOOL_TROUBLE, "terminal: %s", strerror(errno));
    caught = 0;
    for (size_t i = 0; i < N_ELEMENTS(ending); i++)
        (void)sigaction(ending[i], &action, &old[i]);
    (void)sigaction(SIGTSTP, &ignore, &stop);
    quiet = before;
    quiet.c_lflag &= ~(tcflag_t)ECHO;
    quiet.c_lflag |= ICANON | ECHONL;
    if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) != 0) {
        code = tool_fail(tool, TOOL_TROUBLE, "terminal: %s", strerror(errno));
    } else {
        fprintf(stderr, "%s ", prompt);
        (void)tool_put(stderr, name);
        fputs(": ", stderr);
        code = read_line(tool, line);
    }
    (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &before); /* nothing better to do */
    for (size_t i = 0; i < N_ELEMENTS(ending); i++)
        (void)sigaction(ending[i], &old[i], NULL);
    (void)sigaction(SIGTSTP, &stop, NULL);
    if (caught != 0) {
        explicit_bzero(line, TOOL_SECRET);
        (void)raise(caught);
    }
    return code;
}

static int
secret(struct tool *tool, const char *name, bool as_hash, char line[TOOL_SECRET])
{
    char again[TOOL_SECRET] = "";
    int code;

    if (!isatty(STDIN_FILENO))
        return read_line(tool, line);
    code = ask(tool, as_hash ? "Hash of" : "Password of", name, line);
    if (code == TOOL_DONE && !as_hash) {
        code = ask(tool, "Again, password of", name, again);
        if (code == TOOL_DONE && strcmp(line, again) != 0)
            code = tool_fail(tool, TOOL_USAGE, "the two passwords differ");
    }
    explicit_bzero(again, sizeof again);
    return code;
}

int
tool_hash(struct tool *tool, const char *name, bool as_hash, struct og_buf *out)
{
    const struct rlimit none = { 0, 0 };
    struct og_err err = { "" };
    char line[TOOL_SECRET] = "";
    enum og_rc rc = OG_OK;
    int code;

    (void)setrlimit(RLIMIT_CORE, &none); /* lowering it cannot fail */
    code = secret(tool, name, as_hash, line);
    if (code == TOOL_DONE && line[0] == '\0')
        code = tool_fail(tool, TOOL_USAGE, "the password is empty");
    if (code != TOOL_DONE)
        goto out;
    if (!as_hash)
        rc = og_crypt_hash(line, strlen(line), out, &err);
    else if (!og_crypt_scheme_ok(line))
        rc = og_fail(&err, OG_E_SYNTAX,
                     "standard input holds no hash that crypt(3) knows; a password goes "
                     "in without --hash");
    else
        rc = og_buf_add_text(out, line, &err);
    code = tool_rc(tool, rc, &err);
out:
    explicit_bzero(line, sizeof line);
    return code;
}

const char *
tool_scheme(const char *hash)
{
    static const char *const rows[][2] = {
        { "$y$", "yescrypt" },     { "$gy$", "gost-yescrypt" }, { "$7$", "scrypt" },
        { "$2a$", "bcrypt" },      { "$2b$", "bcrypt" },        { "$2x$", "bcrypt" },
        { "$2y$", "bcrypt" },      { "$6$", "sha512crypt" },    { "$5$", "sha256crypt" },
        { "$sha1$", "sha1crypt" }, { "$md5", "sunmd5" },        { "$1$", "md5crypt" },
        { "$3$", "nt" },           { "_", "bsdicrypt" },
    };

    for (size_t i = 0; i < N_ELEMENTS(rows); i++)
        if (strncmp(hash, rows[i][0], strlen(rows[i][0])) == 0)
            return rows[i][1];
    return hash[0] == '$' ? "unknown" : strlen(hash) > 13 ? "bigcrypt" : "descrypt";
}
