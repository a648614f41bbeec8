/* SPDX-License-Identifier: BSD-2-Clause */
/* What og_dkim_sign() makes is judged by two verifiers that share no code with
 * libopendkim: dkimpy and Mail::DKIM, run through tests/functional/verify_dkim.* */
#include "tests/unit/rows.h"

#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/lib/dkim.h"

extern char **environ;

enum {
    SPOOL_START = 19, /* SPOOL_DATA_START_OFFSET */
    MAX_FIELDS = 2000,
    MAX_FILES = 64,
};

#define FROM "From: Anna <anna@example.com>\n"
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

static char dir[] = "/tmp/og-dkim-XXXXXX";
static char pem_rsa[OG_KEY_MAX_PEM], pem_ed[OG_KEY_MAX_PEM];
static const struct og_dkim_key rsa_key = { OG_KEY_RSA, "r1", pem_rsa };
static const struct og_dkim_key ed_key = { OG_KEY_ED25519, "e1.sub", pem_ed };
static char files[MAX_FILES][64];
static size_t n_files;

/* libopendkim 2.11 frees the parts of its key handle for RSA only; the slow unwinder
 * sees through OpenSSL that it was libopendkim who asked */
const char *__asan_default_options(void);
const char *__lsan_default_suppressions(void);

const char *
__asan_default_options(void)
{
    return "fast_unwind_on_malloc=0";
}

const char *
__lsan_default_suppressions(void)
{
    return "leak:dkim_privkey_load\nleak:dkim_eom\n";
}

static void
path_to(const char *name, char *path, size_t size)
{
    (void)snprintf(path, size, "%s/%s", dir, name);
}

static void
write_file(const char *path, const char *data, size_t len)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

static size_t
split(const char *headers, struct og_dkim_header *out)
{
    size_t n = 0;

    while (*headers != '\0') {
        const char *end = headers;

        do
            end = strchr(end, '\n') + 1;
        while (*end == ' ' || *end == '\t');
        assert_true(n < MAX_FIELDS);
        out[n].field = exact_copy(headers, (size_t)(end - headers));
        out[n++].len = (size_t)(end - headers);
        headers = end;
    }
    return n;
}

static void
forget(struct og_dkim_header *headers, size_t n)
{
    while (n > 0) {
        void *field;

        memcpy(&field, &headers[--n].field, sizeof field);
        free(field);
    }
}

/* a spool file whose offset stands somewhere else */
static int
spool(const char *body, size_t len)
{
    char path[64];
    int fd;

    path_to("spool", path, sizeof path);
    fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "1abcde-000001-AB-D\n", SPOOL_START), SPOOL_START);
    if (len > 0)
        assert_int_equal(write(fd, body, len), len);
    assert_int_equal(lseek(fd, 5, SEEK_SET), 5);
    return fd;
}

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
    size_t n = split(messages[row].headers, headers);
    int fd;

    build_body(row, &body);
    fd = spool(body.data, body.len);
    row_rc(
        row,
        og_dkim_sign("example.com", &rsa_key, headers, n, fd, SPOOL_START, &sig[0], &err),
        OG_OK, &err);
    row_rc(
        row,
        og_dkim_sign("example.com", &ed_key, headers, n, fd, SPOOL_START, &sig[1], &err),
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
    forget(headers, n);
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
    path_to(name, files[n_files], sizeof files[0]);
    write_file(files[n_files++], wire->data, wire->len);
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

    path_to("out", out_path, sizeof out_path);
    path_to("records", records, sizeof records);
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

static const char rsa512_pem[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIIBVAIBADANBgkqhkiG9w0BAQEFAASCAT4wggE6AgEAAkEA1OQ2J4jPHKLvy8zs\n"
    "vsYYNWpHb/x+FQw0QE9BKwwmLSFWTXwzmoibpe3PWqwerYH547haJgxFtQoGZq/Y\n"
    "7vtCFQIDAQABAkEAkd+Vo91AXRTgTrsp9UZzTBZ4wKk4E1/7ZZ1owABhIEYYWHdf\n"
    "4zKygtnV6v862inI0TD3BciAV7cHlkjbiTvvwQIhAP8Il+ptLB3LIweMFLRd/zwm\n"
    "joOq0cyggo4TkT8mxDPJAiEA1bK8fgUzmIOf/GXWpj2m9VyaxPbY4tE9lIwrqv97\n"
    "Se0CIFpe+i4Ix4Q7Mkt/WOrdEA+JfiCsDDHdgsXDq0lcfFP5AiBsMN21f7Srlpg9\n"
    "FOIjsDsDJitFZSRRUVY4Cu9g14/30QIgZqiZF90KjLG46qmgHmkhTf6Bf6aHB+Lk\n"
    "OChXJ+Z4/ss=\n"
    "-----END PRIVATE KEY-----\n";
static const char broken_pem[] = "-----BEGIN RSA PRIVATE KEY-----\nMIIabcde\n"
                                 "-----END RSA PRIVATE KEY-----\n";
static const char ec_pem[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgr/fTUXp1BVt8QOC3\n"
    "VtrtffMSt31MoIyvQKXDahje+QGhRANCAARkdGR/H2jnOKnMYvDlbwwLOM+0d77d\n"
    "nyyn4ypf/TsBCftR7N+OKccAJFuOe7HhM1ROhN8mq7yBBGcJtq3Uf4dj\n"
    "-----END PRIVATE KEY-----\n";

#define L61 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define L63 L61 "aa"

static const struct {
    const char *domain;
    enum og_key_kind kind;
    const char *selector, *pem;
    enum og_rc rc;
    const char *text; /* part of the error's text */
} bad_keys[] = {
    { "example.com", OG_KEY_RSA, "sel", "", OG_E_SYNTAX, "sel: no private key" },
    { "example.com", OG_KEY_RSA, "sel", "MIIabc", OG_E_SYNTAX, "sel: no private key" },
    { "example.com", OG_KEY_RSA, "sel", broken_pem, OG_E_SYNTAX, "sel: no private key" },
    { "example.com", OG_KEY_RSA, "sel", rsa512_pem, OG_E_SYNTAX, "sel: RSA key of 512" },
    { "example.com", OG_KEY_RSA, "sel", ec_pem, OG_E_SYNTAX, "sel: a key of type" },
    { "example.com", OG_KEY_RSA, "sel", pem_ed, OG_E_SYNTAX, "sel: not of the kind" },
    { "example.com", OG_KEY_ED25519, "sel", pem_rsa, OG_E_SYNTAX,
      "sel: not of the kind" },
    { "example.com", OG_KEY_RSA, "", pem_rsa, OG_E_SYNTAX, "bad selector" },
    { "example.com", OG_KEY_RSA, "a;b", pem_rsa, OG_E_SYNTAX, "a;b" },
    { "example.com", OG_KEY_RSA, "a b", pem_rsa, OG_E_SYNTAX, "a b" },
    { "example.com", OG_KEY_RSA, L63, pem_rsa, OG_OK, "" },
    { "example.com", OG_KEY_RSA, L63 "a", pem_rsa, OG_E_SYNTAX, "bad selector" },
    { L63 "." L63 "." L63 "." L61, OG_KEY_RSA, "s", pem_rsa, OG_OK, "" }, /* 253 */
    { L63 "." L63 "." L63 "." L61 "a", OG_KEY_RSA, "s", pem_rsa, OG_E_SYNTAX, "domain" },
    { "", OG_KEY_RSA, "s", pem_rsa, OG_E_SYNTAX, "domain" },
    { "example.com.", OG_KEY_RSA, "s", pem_rsa, OG_E_SYNTAX, "domain" },
    { ".example.com", OG_KEY_RSA, "s", pem_rsa, OG_E_SYNTAX, "domain" },
    { "a..b", OG_KEY_RSA, "s", pem_rsa, OG_E_SYNTAX, "domain" },
    { "b\xc3\xbc.example", OG_KEY_RSA, "s", pem_rsa, OG_E_SYNTAX, "domain" },
    { "a.example\n", OG_KEY_RSA, "s", pem_rsa, OG_E_SYNTAX, "domain" },
};

static void
test_bad_keys(void **state)
{
    const struct og_dkim_header from = { FROM, strlen(FROM) };
    int fd = spool("x\n", 2);

    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(bad_keys); i++) {
        struct og_buf out = OG_BUF_INIT(8192);
        struct og_err err = { "" };
        const struct og_dkim_key key = { bad_keys[i].kind, bad_keys[i].selector,
                                         bad_keys[i].pem };

        row_rc(
            i,
            og_dkim_sign(bad_keys[i].domain, &key, &from, 1, fd, SPOOL_START, &out, &err),
            bad_keys[i].rc, &err);
        if (strstr(err.text, bad_keys[i].text) == NULL)
            fail_msg("row %zu: %s", i, err.text);
        assert_true((out.data != NULL) == (bad_keys[i].rc == OG_OK));
        og_buf_free(&out);
    }
    assert_int_equal(close(fd), 0);
}

/* '@' is a NUL in both; the body is fill x 'a', then body */
static const struct {
    const char *headers;
    size_t fill;
    const char *body;
    enum og_rc rc;
} bad_messages[] = {
    { "", 0, "x\n", OG_E_RANGE },
    { "Subject: no From\n", 0, "x\n", OG_E_RANGE },
    { FROM FROM, 0, "x\n", OG_E_RANGE },
    { FROM "from : second\n", 0, "x\n", OG_E_RANGE },
    { FROM "Subject: a@b\n", 0, "x\n", OG_E_RANGE },
    { FROM "X-Unsigned: a@b\n", 0, "x\n", OG_OK },
    { FROM "Subject: a\rb\n", 0, "x\n", OG_E_RANGE },
    { FROM "Subject: a\vb\n", 0, "x\n", OG_E_RANGE },
    { FROM "Subject: a\n \f\n", 0, "x\n", OG_E_RANGE },
    { FROM "Subject: a\r\n b\r\n", 0, "x\n", OG_OK },
    { FROM, 0, "a\rb\n", OG_E_RANGE },
    { FROM, 0, "a\r", OG_E_RANGE },
    { FROM, 0, "a\r\r\n", OG_E_RANGE },
    { FROM, 16383, "\rb\n", OG_E_RANGE }, /* the chunk ends between */
    { FROM, 16383, "\r\nb\n", OG_OK },
    { FROM, 16382, "\r\r\n", OG_E_RANGE },
    { FROM, OG_DKIM_MAX_LINE, "\n", OG_OK },
    { FROM, OG_DKIM_MAX_LINE, "a\n", OG_E_LIMIT },
};

static void
test_bad_messages(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(bad_messages); i++) {
        static struct og_dkim_header headers[MAX_FIELDS];
        size_t n = split(bad_messages[i].headers, headers);
        size_t len = strlen(bad_messages[i].body);
        char *body = malloc(bad_messages[i].fill + len);
        struct og_buf out = OG_BUF_INIT(8192);
        struct og_err err = { "" };
        int fd;

        assert_non_null(body);
        memset(body, 'a', bad_messages[i].fill);
        memcpy(body + bad_messages[i].fill, bad_messages[i].body, len);
        fd = spool(body, bad_messages[i].fill + len);
        for (size_t k = 0; k < n; k++) {
            char *at = memchr(headers[k].field, '@', headers[k].len);

            if (at != NULL && strncmp(headers[k].field, "From", 4) != 0)
                *at = '\0';
        }
        row_rc(i,
               og_dkim_sign("example.com", &rsa_key, headers, n, fd, SPOOL_START, &out,
                            &err),
               bad_messages[i].rc, &err);
        assert_true((out.data != NULL) == (bad_messages[i].rc == OG_OK));
        assert_int_equal(close(fd), 0);
        og_buf_free(&out);
        forget(headers, n);
        free(body);
    }
}

/* signs with n fields "To: a@b.c\n" beside From: names are 3 bytes each and 5 */
static enum og_rc
sign_many(size_t n, size_t len, struct og_err *err)
{
    static struct og_dkim_header headers[MAX_FIELDS];
    struct og_buf out = OG_BUF_INIT(8192);
    char *to = malloc(len);
    int fd = spool("x\n", 2);
    enum og_rc rc;

    assert_non_null(to);
    memset(to, 'x', len);
    memcpy(to, "To:", 3);
    to[len - 1] = '\n';
    headers[0] = (struct og_dkim_header){ FROM, strlen(FROM) };
    for (size_t i = 1; i <= n; i++)
        headers[i] = (struct og_dkim_header){ to, len };
    rc =
        og_dkim_sign("example.com", &rsa_key, headers, n + 1, fd, SPOOL_START, &out, err);
    assert_int_equal(close(fd), 0);
    free(to);
    og_buf_free(&out);
    return rc;
}

static void
test_ceiling(void **state)
{
    const struct og_dkim_header from = { FROM, strlen(FROM) };
    const size_t fields = (OG_DKIM_MAX_NAMES - 5) / 3;
    const size_t bytes = OG_DKIM_MAX_HEADERS - strlen(FROM);
    struct og_buf small = OG_BUF_INIT(200);
    struct og_err err = { "" };
    int fd = spool("x\n", 2);

    (void)state;
    row_rc(0, sign_many(fields, 10, &err), OG_OK, &err);
    row_rc(1, sign_many(fields + 1, 10, &err), OG_E_LIMIT, &err);
    row_rc(2, sign_many(1, bytes, &err), OG_OK, &err);
    row_rc(3, sign_many(1, bytes + 1, &err), OG_E_LIMIT, &err);
    row_rc(4,
           og_dkim_sign("example.com", &rsa_key, &from, 1, fd, SPOOL_START, &small, &err),
           OG_E_LIMIT, &err);
    assert_null(small.data);
    assert_int_equal(close(fd), 0);
    row_rc(5,
           og_dkim_sign("example.com", &rsa_key, &from, 1, fd, SPOOL_START, &small, &err),
           OG_E_IO, &err);
}

#define TAGS "v=1; a=rsa-sha256; b=x; bh=y; h=from; s=z"
static const struct {
    const char *field;
    bool has;
} fields[] = {
    { "DKIM-Signature: " TAGS "; d=example.com\n", true },
    { "DKIM-Signature: d=example.com;" TAGS ";\n", true },
    { "dkim-signature:d=EXAMPLE.com;" TAGS "; \n\t\n", true },
    { "DKIM-Signature \t: " TAGS ";\n\td\n = \n  example.com\n ; x=1\n", true },
    { "DKIM-Signature: " TAGS "; d=sub.example.com\n", false },
    { "DKIM-Signature: " TAGS "; d=example.co\n", false },
    { "DKIM-Signature: " TAGS "; d=\n", false },
    { "DKIM-Signature: " TAGS "; i=d=example.com\n", false },
    { "DKIM-Signature: " TAGS "; D=example.com\n", false },
    { "DKIM-Signature: " TAGS "; d=example.com; d=example.com\n", false },
    { "DKIM-Signature: " TAGS "; d=example.com; v=1\n", false },
    { "DKIM-Signature: " TAGS ";; d=example.com\n", false },
    { "DKIM-Signature: " TAGS "; d=example.com; junk\n", false },
    { "DKIM-Signature: " TAGS "; d=example.com; 1x=2\n", false },
    { "DKIM-Signature: " TAGS "; d=example.com; x=\xc3\xa4\n", false },
    { "DKIM-Signature: " TAGS "; d=example.com; x=\x01\n", false },
    { "DKIM-Signature: d=example.com\n", false },
    { "DKIM-Signature: \n", false },
    { "DKIM-Signature:", false },
    { "DKIM-Signature", false },
    { "X-DKIM-Signature: " TAGS "; d=example.com\n", false },
    { "DKIM-Signatur: " TAGS "; d=example.com\n", false },
    { "", false },
    { ":", false },
};

static void
test_has_signature(void **state)
{
    struct og_dkim_header both[2];

    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(fields); i++) {
        size_t len = strlen(fields[i].field);
        char *exact = exact_copy(fields[i].field, len);
        struct og_dkim_header one = { exact, len };

        if (og_dkim_has_signature(&one, 1, "example.com") != fields[i].has)
            fail_msg("row %zu", i);
        for (size_t cut = 0; cut < 20 && cut <= len; cut++) {
            char *less = exact_copy(fields[i].field, cut); /* for ASan */

            one = (struct og_dkim_header){ less, cut };
            assert_false(og_dkim_has_signature(&one, 1, "example.com"));
            free(less);
        }
        free(exact);
    }
    both[0] = (struct og_dkim_header){ fields[4].field, strlen(fields[4].field) };
    both[1] = (struct og_dkim_header){ fields[0].field, strlen(fields[0].field) };
    assert_true(og_dkim_has_signature(both, 2, "Example.COM"));
    assert_false(og_dkim_has_signature(both, 1, "example.com"));
    assert_false(og_dkim_has_signature(NULL, 0, "example.com"));
}

/* RFC 8463 appendix A.2 */
#define RFC8463 "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
static const struct {
    enum og_key_kind kind;
    const char *b64;
    enum og_rc rc;
    const char *txt;
} txts[] = {
    { OG_KEY_ED25519, RFC8463, OG_OK, "v=DKIM1; k=ed25519; p=" RFC8463 },
    { OG_KEY_RSA, "AAA=", OG_OK, "v=DKIM1; k=rsa; p=AAA=" },
    { OG_KEY_RSA, "AA==", OG_OK, "v=DKIM1; k=rsa; p=AA==" },
    { OG_KEY_RSA, "", OG_E_SYNTAX, NULL },
    { OG_KEY_RSA, "AAA", OG_E_SYNTAX, NULL },
    { OG_KEY_RSA, "A===", OG_E_SYNTAX, NULL },
    { OG_KEY_RSA, "====", OG_E_SYNTAX, NULL },
    { OG_KEY_RSA, "A=AA", OG_E_SYNTAX, NULL },
    { OG_KEY_RSA, "AA;=", OG_E_SYNTAX, NULL },
    { OG_KEY_RSA, "AA\nA", OG_E_SYNTAX, NULL },
    { OG_KEY_ED25519, RFC8463 "AAAA", OG_E_SYNTAX, NULL },
    { OG_KEY_ED25519, "AAAA" RFC8463, OG_E_LIMIT, NULL }, /* 70 bytes, ceiling 68 */
};

static void
test_txt(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(txts); i++) {
        struct og_buf out = OG_BUF_INIT(68);
        struct og_err err = { "" };

        row_rc(i, og_dkim_txt(txts[i].kind, txts[i].b64, &out, &err), txts[i].rc, &err);
        row_text(i, out.data, txts[i].txt);
        og_buf_free(&out);
    }
}

#define HEAD "s._domainkey.example.com. IN TXT ("
static void
test_zone(void **state)
{
    struct og_buf out = OG_BUF_INIT(2000);
    struct og_err err = { "" };
    char txt[511], want[1000], longer[257];

    (void)state;
    row_rc(0, og_dkim_zone("s", "example.com", "v=DKIM1; p=", &out, &err), OG_OK, &err);
    row_text(0, og_buf_text(&out), HEAD " \"v=DKIM1; p=\" )\n");
    memset(txt, 'a', 510);
    txt[510] = '\0';
    row_rc(1, og_dkim_zone("s", "example.com", txt, &out, &err), OG_OK, &err);
    (void)snprintf(want, sizeof want, HEAD " \"%.255s\" \"%.255s\" )\n", txt, txt);
    row_text(1, og_buf_text(&out), want);
    memset(longer, 'a', 256);
    longer[256] = '\0';
    row_rc(2, og_dkim_zone("s", "example.com", longer, &out, &err), OG_OK, &err);
    (void)snprintf(want, sizeof want, HEAD " \"%.255s\" \"a\" )\n", txt);
    row_text(2, og_buf_text(&out), want);
    row_rc(3, og_dkim_zone("s", "example.com", longer + 1, &out, &err), OG_OK, &err);
    (void)snprintf(want, sizeof want, HEAD " \"%.255s\" )\n", txt);
    row_text(3, og_buf_text(&out), want);
    row_rc(4, og_dkim_zone("s", "example.com", "a\"b", &out, &err), OG_E_SYNTAX, &err);
    row_rc(5, og_dkim_zone("s", "example.com", "a\\b", &out, &err), OG_E_SYNTAX, &err);
    row_rc(6, og_dkim_zone("s", "example.com", "a\nb", &out, &err), OG_E_SYNTAX, &err);
    row_rc(7, og_dkim_zone("s", "example.com", "", &out, &err), OG_E_SYNTAX, &err);
    row_rc(8, og_dkim_zone("s ", "example.com", "a", &out, &err), OG_E_SYNTAX, &err);
    row_rc(9, og_dkim_zone("s", "example.com.", "a", &out, &err), OG_E_SYNTAX, &err);
    row_text(9, og_buf_text(&out), want); /* the failures left it alone */
    og_buf_free(&out);
}

static void
add_key(const struct og_dkim_key *key, char *pem, struct og_buf *records)
{
    struct og_buf private = OG_BUF_INIT(OG_KEY_MAX_PEM - 1), b64 = OG_BUF_INIT(1000);
    struct og_buf txt = OG_BUF_INIT(1000);
    struct og_err err = { "" };

    assert_int_equal(og_key_generate(key->kind, 2048, &private, &b64, &err), OG_OK);
    memcpy(pem, private.data, private.len + 1);
    assert_int_equal(og_dkim_txt(key->kind, b64.data, &txt, &err), OG_OK);
    assert_int_equal(og_buf_printf(records, &err, "%s._domainkey.example.com %s\n",
                                   key->selector, txt.data),
                     OG_OK);
    og_key_forget(&private);
    og_buf_free(&b64);
    og_buf_free(&txt);
}

static int
setup(void **state)
{
    struct og_buf records = OG_BUF_INIT(4000);
    char path[64];

    (void)state;
    assert_non_null(mkdtemp(dir));
    add_key(&rsa_key, pem_rsa, &records);
    add_key(&ed_key, pem_ed, &records);
    path_to("records", path, sizeof path);
    write_file(path, records.data, records.len);
    og_buf_free(&records);
    return 0;
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *walk)
{
    (void)st;
    (void)type;
    (void)walk;
    return remove(path);
}

static int
teardown(void **state)
{
    (void)state;
    return nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_messages), cmocka_unit_test(test_changes),
        cmocka_unit_test(test_bad_keys), cmocka_unit_test(test_bad_messages),
        cmocka_unit_test(test_ceiling),  cmocka_unit_test(test_has_signature),
        cmocka_unit_test(test_txt),      cmocka_unit_test(test_zone),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
