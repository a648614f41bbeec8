/* SPDX-License-Identifier: BSD-2-Clause */
/* What og_dkim_sign() makes is judged by two verifiers that share no code with
 * libopendkim: dkimpy and Mail::DKIM, run through tests/functional/verify_dkim.* */
#include "tests/unit/dkim_spool.h"

#include <spawn.h>
#include <sys/wait.h>

extern char **environ;

enum { MAX_FILES = 64 };

#define PLAIN                                               \
    FROM "To: b@example.net\nSubject: Hello\n"              \
         "Date: Sat, 21 Nov 2026 18:12:21 +0000\n"          \
         "Message-ID: <1@example.com>\nMIME-Version: 1.0\n" \
         "Content-Type: text/plain; charset=utf-8\n"

/* the body is prefix, times x piece, suffix; '@' is a NUL; LF or CRLF as in the
 * spool */
static const struct {
    const char *headers;
    const char *prefix, *piece;
    size_t times;
    const char *suffix;
} messages[] = {
    { PLAIN, "Hello,\n\nbye\n", "", 0, "" },
    { PLAIN, "Gr\xc3\xbc\xc3\x9f Gott \xff\x80\n", "", 0, "" },
    { PLAIN, "", "0123456789", 200, "\n" }, /* a line of 2000 */
    { PLAIN, "", "0123456789", 20000, "\nend\n" },
    { PLAIN, "", "", 0, "" }, /* empty body */
    { PLAIN, "\n", "", 0, "" },
    { PLAIN, " \t \n \n", "", 0, "" },
    { PLAIN, "x\n", "\n", 1000, "" },     /* blank lines at the end */
    { PLAIN, "x\n", "\n", 1000, "y\n" },  /* and in the middle */
    { PLAIN, "x\n", "\n", 20000, "y\n" }, /* more than a chunk of them */
    { PLAIN, "", "trailing \t \n  leading\n a  b\t\tc\n", 5, "  \n\n" },
    { PLAIN, "no newline at the end", "", 0, "" },
    { PLAIN, "blank at the end ", "", 0, "" },
    { PLAIN, "", ".\n..\n.dot\n", 3, "" },
    { PLAIN, "", "0123456789abcde\n", 3000, "" },       /* LF ends a chunk */
    { PLAIN, "x", "0123456789abcde\n", 3000, "" },      /* LF begins one */
    { PLAIN, "x", "0123456789abcd\r\n", 3000, "" },     /* CR ends one, LF begins one */
    { PLAIN, "", "012345678 abcde\n", 3000, "" },       /* a blank at many places */
    { PLAIN, "xxxxx", "0123456789 \t   \n", 3000, "" }, /* run of blanks over one */
    { PLAIN, "", "0123456789abcde\n", 1024, "" },       /* exactly one chunk */
    { PLAIN, "", "0123456789abcdef", 1024, "" },        /* the same without line end */
    { PLAIN, "mixed\r\n", "one\ntwo\r\n", 10, "\r\n\n" },
    { PLAIN, "FF \f and VT \v\n", "", 0, "" },
    { FROM "Subject: \x01 \x7f\n", "b\n", "", 0, "" },
    { PLAIN, "NUL @ and @@\n", "", 0, "@" },
    { FROM, "only From\n", "", 0, "" },
    { "FROM: a@example.com\nSUBJECT:no blank\ncc:\n\tx@example.net\n", "b\n", "", 0, "" },
    { "Received: from x\n\tby y; Sat, 21 Nov 2026 18:12:21 +0000\n" FROM
      "To: a@example.net,\n b@example.net,\n\tc@example.net\n"
      "Subject: folded\n  more   blanks  \n\t and more \t\n"
      "References: <1@example.com>\n <2@example.com>\n",
      "b\n", "", 0, "" },
    { FROM "Subject: \xc3\x84rger \xff\nTo: \xe4@example.net\n", "b\n", "", 0, "" },
    { FROM "Subject:\nTo: \nDate:\n \n", "b\n", "", 0, "" }, /* empty ones */
    { FROM "To: one@example.net\nTo: two@example.net\nSubject: 1\nSubject: 2\n"
           "Resent-From: r@example.net\nResent-To: s@example.net\n"
           "Resent-From: t@example.net\nResent-Message-ID: <5@example.net>\n"
           "List-Unsubscribe: <https://example.com/u>\n"
           "List-Unsubscribe-Post: List-Unsubscribe=One-Click\nX-Other: y\n",
      "b\n", "", 0, "" },
    /* the last two dkimpy does not read at all */
    { FROM "Subject : blank before the colon\nTo\t: x@example.net\n", "b\n", "", 0, "" },
    { "DKIM-Signature-Not: v=1\nno colon in this line\n: no name\nX: \r\r\n" FROM, "b\n",
      "", 0, "" },
};

/* changes to a signed message that a verifier must see: text put in at the top, or
 * the first `from` replaced by `to` */
static const struct {
    const char *top;
    const char *from, *to;
} changes[] = {
    { "", "Hello,", "Hallo," },
    { "", "Subject: Hello", "Subject: Hallo" },
    { "", "Content-Type: text/plain", "Content-Type: text/html" },
    { "From: evil@example.com\r\n", "", "" },
    { "Subject: evil\r\n", "", "" },
    { "To: evil@example.net\r\n", "", "" },
    { "Date: Sun, 22 Nov 2026 18:12:21 +0000\r\n", "", "" },
    { "Cc: evil@example.net\r\n", "", "" }, /* there was none */
};

static char files[MAX_FILES][64];
static size_t n_files;

/* as Exim writes it to the wire */
static void
add_wire(struct og_buf *out, const char *data, size_t len)
{
    struct og_err err = { "" };
    char last = out->len > 0 ? out->data[out->len - 1] : '\n';

    for (size_t i = 0; i < len; i++) {
        if (data[i] == '\n' && last != '\r')
            assert_int_equal(og_buf_add(out, "\r", 1, &err), OG_OK);
        assert_int_equal(og_buf_add(out, data + i, 1, &err), OG_OK);
        last = data[i];
    }
}

static void
build_body(size_t row, struct og_buf *body)
{
    struct og_err err = { "" };

    assert_int_equal(og_buf_add_text(body, messages[row].prefix, &err), OG_OK);
    for (size_t i = 0; i < messages[row].times; i++)
        assert_int_equal(og_buf_add_text(body, messages[row].piece, &err), OG_OK);
    assert_int_equal(og_buf_add_text(body, messages[row].suffix, &err), OG_OK);
    for (size_t i = 0; i < body->len; i++)
        if (body->data[i] == '@')
            body->data[i] = '\0';
}

/* the row's message with both signatures on top, in CRLF */
static void
sign_row(size_t row, struct og_buf *wire)
{
    static struct og_dkim_header headers[MAX_FIELDS];
    struct og_buf body = OG_BUF_INIT(1 << 20);
    struct og_buf sig[2] = { OG_BUF_INIT(8192), OG_BUF_INIT(8192) };
    struct og_err err = { "" };
    size_t n = dkim_split(messages[row].headers, headers);
    int fd;

    build_body(row, &body);
    fd = dkim_spool(body.data, body.len);
    row_rc(row,
           og_dkim_sign("example.com", &dkim_rsa, headers, n, fd, SPOOL_START, &sig[0],
                        &err),
           OG_OK, &err);
    row_rc(row,
           og_dkim_sign("example.com", &dkim_ed25519, headers, n, fd, SPOOL_START,
                        &sig[1], &err),
           OG_OK, &err);
    assert_int_equal(lseek(fd, 0, SEEK_CUR), 5);
    for (size_t i = 0; i < 2; i++) {
        assert_memory_equal(sig[i].data, "DKIM-Signature: v=1; a=", 23);
        assert_int_equal(sig[i].data[sig[i].len - 1], '\n');
        assert_null(strchr(sig[i].data, '\r'));
        assert_null(strstr(sig[i].data, "; l="));
        assert_non_null(strstr(sig[i].data, "t=1")); /* the time */
        add_wire(wire, sig[i].data, sig[i].len);
    }
    add_wire(wire, messages[row].headers, strlen(messages[row].headers));
    add_wire(wire, "\n", 1);
    if (body.len > 0)
        add_wire(wire, body.data, body.len);
    if (body.len > 0 && body.data[body.len - 1] != '\n')
        add_wire(wire, "\n", 1);
    (void)close(fd); /* only read */
    dkim_forget(headers, n);
    og_buf_free(&body);
    og_buf_free(&sig[0]);
    og_buf_free(&sig[1]);
}

static void
add_message(const struct og_buf *wire)
{
    char name[32];

    assert_true(n_files < MAX_FILES);
    (void)snprintf(name, sizeof name, "%zu.eml", n_files);
    dkim_path(name, files[n_files], sizeof files[0]);
    dkim_write(files[n_files++], wire->data, wire->len);
}

/* run a verifier over the first n files; each line of its output begins with want */
static void
run_verifier(char *program, char *script, size_t n, const char *want)
{
    char out_path[64], records[64], line[300];
    char *argv[MAX_FILES + 4] = { program, script };
    posix_spawn_file_actions_t actions;
    size_t lines = 0;
    int status = -1;
    pid_t pid;
    FILE *out;

    dkim_path("out", out_path, sizeof out_path);
    dkim_path("records", records, sizeof records);
    for (size_t i = 0; i < n; i++)
        argv[2 + i] = files[i];
    argv[2 + n] = records;
    assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
    assert_int_equal(posix_spawn_file_actions_addopen(&actions, 1, out_path,
                                                      O_WRONLY | O_CREAT | O_TRUNC, 0600),
                     0);
    assert_int_equal(posix_spawn(&pid, program, &actions, NULL, argv, environ), 0);
    assert_int_equal(posix_spawn_file_actions_destroy(&actions), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    out = fopen(out_path, "r");
    assert_non_null(out);
    while (fgets(line, sizeof line, out) != NULL) {
        if (strncmp(line, want, strlen(want)) != 0)
            fail_msg("%s, row %zu: %s", script, lines, line);
        lines++;
    }
    assert_int_equal(fclose(out), 0);
    assert_int_equal(lines, n);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), strcmp(want, "pass") == 0 ? 0 : 1);
}

static void
run_verifiers(size_t not_python, const char *want)
{
    char python[] = "/usr/bin/python3", perl[] = "/usr/bin/perl";
    char py[] = "tests/functional/verify_dkim.py",
         pl[] = "tests/functional/verify_dkim.pl";

    run_verifier(python, py, n_files - not_python, want);
    run_verifier(perl, pl, n_files, want);
}

static void
test_messages(void **state)
{
    (void)state;
    n_files = 0;
    for (size_t i = 0; i < N_ELEMENTS(messages); i++) {
        struct og_buf wire = OG_BUF_INIT(1 << 21);

        sign_row(i, &wire);
        add_message(&wire);
        og_buf_free(&wire);
    }
    run_verifiers(2, "pass");
}

/* the verifiers are awake */
static void
test_changes(void **state)
{
    (void)state;
    n_files = 0;
    for (size_t i = 0; i < N_ELEMENTS(changes); i++) {
        struct og_buf wire = OG_BUF_INIT(1 << 20), changed = OG_BUF_INIT(1 << 20);
        struct og_err err = { "" };
        char *at;

        sign_row(0, &wire);
        at = strstr(wire.data, changes[i].from);
        assert_non_null(at);
        memcpy(at, changes[i].to, strlen(changes[i].to));
        row_rc(i, og_buf_add_text(&changed, changes[i].top, &err), OG_OK, &err);
        row_rc(i, og_buf_add(&changed, wire.data, wire.len, &err), OG_OK, &err);
        add_message(&changed);
        og_buf_free(&wire);
        og_buf_free(&changed);
    }
    run_verifiers(0, "fail: ");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_messages),
        cmocka_unit_test(test_changes),
    };

    return cmocka_run_group_tests(tests, dkim_set_up, dkim_tear_down);
}
