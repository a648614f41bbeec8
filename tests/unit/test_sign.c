/* SPDX-License-Identifier: BSD-2-Clause */
/* og_sign() on a message that has been changed; what it makes is judged by dkimpy, run
 * through tests/functional/verify_dkim.py */
#include "tests/unit/state_dir.h"

#include <fcntl.h>
#include <sys/wait.h>

#include "core/lib/dkim.h"
#include "core/mail/sign.h"
#include "core/state/keys.h"
#include "tests/unit/dkim_leaks.h"

enum { SPOOL_START = 19, MAX_FIELDS = 16 }; /* SPOOL_DATA_START_OFFSET */

#define FROM "From: Anna <anna@sign.example>\n"
#define PLAIN                                      \
    FROM "To: b@example.net\nSubject: Hello\n"     \
         "Date: Sat, 21 Nov 2026 18:12:21 +0000\n" \
         "Message-ID: <1@sign.example>\n"
#define SIGNED(domain) \
    "DKIM-Signature: v=1; a=rsa-sha256; b=x; bh=y; h=from; s=z; d=" domain "\n"

/* `-` before a field: it is removed; `>` before one: it is changed to the next one */
static const struct {
    const char *domain, *selector, *sign;
    const char *headers, *body;
    const char *selectors; /* what it was signed with */
    size_t signatures;
} rows[] = {
    { "sign.example", "both", "yes", PLAIN, "Hello,\n\nbye\n", "both both-ed25519", 2 },
    { "sign.example", "BOTH", "yes", PLAIN, "", "both both-ed25519", 2 },
    { "sign.example", "r", "yes", PLAIN, "no line end", "r", 1 },
    { "sign.example", "e", "yes", PLAIN, "x\n", "e", 1 },
    { "sign.example", "none", "yes", PLAIN, "x\n", "", 0 },
    { "sign.example", "both", "no", PLAIN, "x\n", "", 0 },
    { "other.example", "both", "yes", PLAIN, "x\n", "", 0 },
    { "", "both", "yes", PLAIN, "x\n", "", 0 },
    /* signed is what leaves */
    { "sign.example", "both", "yes", "-X-Auth-User: a\n" PLAIN, "x\n",
      "both both-ed25519", 2 },
    { "sign.example", "both", "yes", PLAIN "-Subject: removed\n-To: c@example.net\n",
      "x\n", "both both-ed25519", 2 },
    { "sign.example", "both", "yes", "-From: evil@sign.example\n" PLAIN, "x\n",
      "both both-ed25519", 2 },
    { "sign.example", "both", "yes",
      PLAIN ">References: <1@x> <2@y>\nReferences: <2@y>\n", "x\n", "both both-ed25519",
      2 },
    { "sign.example", "both", "yes", "-" SIGNED("sign.example") PLAIN, "x\n",
      "both both-ed25519", 2 },
    /* signed already, by this domain and by another */
    { "sign.example", "both", "yes", SIGNED("sign.example") PLAIN, "x\n",
      "none: signed already", 0 },
    { "sign.example", "both", "yes", SIGNED("Sign.EXAMPLE") PLAIN, "x\n",
      "none: signed already", 0 },
    /* what no signature would hold for: not an error */
    { "sign.example", "both", "yes", "Subject: no From\n", "x\n", "none: ", 0 },
    { "sign.example", "both", "yes", FROM FROM, "x\n", "none: ", 0 },
    { "sign.example", "both", "yes", "-" FROM "Subject: x\n", "x\n", "none: ", 0 },
    { "sign.example", "both", "yes", PLAIN, "a\rb\n", "none: ", 0 },
    { "sign.example", "none", "yes", FROM FROM, "x\n", "", 0 },
};

struct message {
    struct og_headers headers;
    char *fields[MAX_FIELDS];
    size_t count;
    struct og_buf left; /* what leaves, LF line ends */
};

#define MESSAGE_INIT                                            \
    {                                                           \
        .headers = OG_HEADERS_INIT, .left = OG_BUF_INIT(100000) \
    }

static void
parse_message(const char *text, struct message *message)
{
    struct og_err err = { "" };
    char *change;

    while (*text != '\0') {
        const char mark = *text == '-' || *text == '>' ? *text++ : ' ';
        size_t len = strcspn(text, "\n") + 1;
        char *field = exact_copy(text, len);
        struct og_header *row;

        text += len;
        assert_true(message->count < MAX_FIELDS);
        message->fields[message->count++] = field;
        assert_int_equal(og_headers_add(&message->headers, field, len, &err), OG_OK);
        row = &message->headers.rows[message->headers.count - 1];
        row->removed = mark == '-';
        if (mark == '>') {
            len = strcspn(text, "\n") + 1;
            change = strndup(text, len);
            assert_non_null(change);
            row->changed = change;
            text += len;
        }
        if (row->changed != NULL)
            assert_int_equal(og_buf_add_text(&message->left, row->changed, &err), OG_OK);
        else if (!row->removed)
            assert_int_equal(og_buf_add(&message->left, row->text, row->len, &err),
                             OG_OK);
    }
}

static void
forget_message(struct message *message)
{
    while (message->count > 0)
        free(message->fields[--message->count]);
    og_headers_free(&message->headers);
    og_buf_free(&message->left);
}

static void
path_to(const char *name, char path[300])
{
    (void)snprintf(path, 300, "%s/%s", state_dir, name);
}

static int
spool(const char *body)
{
    char path[300];
    int fd;

    path_to("spool", path);
    fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "1abcde-000001-AB-D\n", SPOOL_START), SPOOL_START);
    assert_int_equal(write(fd, body, strlen(body)), strlen(body));
    assert_int_equal(lseek(fd, 5, SEEK_SET), 5);
    return fd;
}

static void
write_crlf(FILE *file, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '\n')
            assert_int_equal(fputc('\r', file), '\r');
        assert_int_equal(fputc((unsigned char)*text, file), (unsigned char)*text);
    }
}

/* does dkimpy take every signature of the message? */
static void
verify(size_t row, const struct og_buf *fields, const struct message *message,
       const char *body)
{
    char eml[300], records[300];
    FILE *file;
    int status;
    pid_t pid;

    path_to("message.eml", eml);
    path_to("records", records);
    file = fopen(eml, "w");
    assert_non_null(file);
    write_crlf(file, og_buf_text(fields));
    write_crlf(file, og_buf_text(&message->left));
    write_crlf(file, "\n");
    write_crlf(file, body);
    if (body[0] != '\0' && body[strlen(body) - 1] != '\n')
        write_crlf(file, "\n"); /* as Exim does */
    assert_int_equal(fclose(file), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        (void)!freopen("/dev/null", "w", stdout);
        execl("/usr/bin/python3", "python3", "tests/functional/verify_dkim.py", eml,
              records, (char *)NULL);
        _exit(127);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (status != 0)
        fail_msg("row %zu: no good signature in %s", row, og_buf_text(fields));
}

static size_t
count_fields(const struct og_buf *fields)
{
    size_t n = 0;

    for (const char *at = og_buf_text(fields); *at != '\0';) {
        n += strncmp(at, "DKIM-Signature:", 15) == 0;
        at += strcspn(at, "\n");
        at += *at == '\n';
    }
    return n;
}

static enum og_rc
sign(size_t row, const struct message *message, struct og_buf *fields,
     struct og_buf *selectors, struct og_err *err)
{
    struct og_sender sender = OG_SENDER_INIT;
    int fd = spool(rows[row].body);
    enum og_rc rc = og_settings_defaults(&sender.settings, err);

    assert_int_equal(rc, OG_OK);
    (void)snprintf(sender.domain, sizeof sender.domain, "%s", rows[row].domain);
    assert_int_equal(og_settings_set(&sender.settings, og_setting_find("dkim_selector"),
                                     rows[row].selector, OG_SOURCE_USER, err),
                     OG_OK);
    assert_int_equal(og_settings_set(&sender.settings, og_setting_find("dkim_sign"),
                                     rows[row].sign, OG_SOURCE_USER, err),
                     OG_OK);
    rc = og_sign(&state_of_test, &sender, &message->headers, fd, SPOOL_START, fields,
                 selectors, err);
    assert_int_equal(lseek(fd, 0, SEEK_CUR), 5);
    assert_int_equal(close(fd), 0);
    og_sender_free(&sender);
    return rc;
}

static void
test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        struct message message = MESSAGE_INIT;
        struct og_buf fields = OG_BUF_INIT(OG_SIGN_MAX_FIELDS);
        struct og_buf selectors = OG_BUF_INIT(1024);
        struct og_err err = { "" };

        parse_message(rows[i].headers, &message);
        row_rc(i, sign(i, &message, &fields, &selectors, &err), OG_OK, &err);
        if (strncmp(og_buf_text(&selectors), rows[i].selectors, strlen(rows[i].selectors))
                != 0
            || (strncmp(rows[i].selectors, "none", 4) != 0
                && selectors.len != strlen(rows[i].selectors)))
            fail_msg("row %zu: '%s'", i, og_buf_text(&selectors));
        assert_int_equal(count_fields(&fields), rows[i].signatures);
        if (rows[i].signatures > 0)
            verify(i, &fields, &message, rows[i].body);
        else
            assert_int_equal(fields.len, 0);
        og_buf_free(&fields);
        og_buf_free(&selectors);
        forget_message(&message);
    }
}

/* a stored key that is none: trouble of ours, not of the message */
static void
test_bad_key(void **state)
{
    struct og_signing_key key = OG_SIGNING_KEY_INIT;
    struct message message = MESSAGE_INIT;
    struct og_buf fields = OG_BUF_INIT(OG_SIGN_MAX_FIELDS);
    struct og_buf selectors = OG_BUF_INIT(1024);
    struct og_err err = { "" };

    (void)state;
    memcpy(key.domain, "sign.example", 13);
    memcpy(key.selector, "none-ed25519",
           13); /* the row above whose selector has no key */
    assert_int_equal(og_buf_add_text(&key.pem, "no PEM", &err), OG_OK);
    assert_int_equal(og_keys_add(&state_of_test, &key, &err), OG_OK);
    og_signing_key_free(&key);
    parse_message(PLAIN, &message);
    row_rc(4, sign(4, &message, &fields, &selectors, &err), OG_E_STATE, &err);
    assert_non_null(strstr(err.text, "DKIM key of sign.example"));
    assert_non_null(strstr(err.text, "none-ed25519"));
    assert_int_equal(fields.len, 0);
    forget_message(&message);
    og_buf_free(&fields);
    og_buf_free(&selectors);
}

static void
test_bad_body(void **state)
{
    struct og_sender sender = OG_SENDER_INIT;
    struct message message = MESSAGE_INIT;
    struct og_buf fields = OG_BUF_INIT(OG_SIGN_MAX_FIELDS);
    struct og_buf selectors = OG_BUF_INIT(1024);
    struct og_err err = { "" };

    (void)state;
    assert_int_equal(og_settings_defaults(&sender.settings, &err), OG_OK);
    assert_int_equal(og_settings_set(&sender.settings, og_setting_find("dkim_selector"),
                                     "both", OG_SOURCE_USER, &err),
                     OG_OK);
    memcpy(sender.domain, "sign.example", 13);
    parse_message(PLAIN, &message);
    row_rc(0,
           og_sign(&state_of_test, &sender, &message.headers, -1, SPOOL_START, &fields,
                   &selectors, &err),
           OG_E_IO, &err);
    forget_message(&message);
    og_sender_free(&sender);
    og_buf_free(&fields);
    og_buf_free(&selectors);
}

static void
add_key(enum og_key_kind kind, const char *selector, FILE *records)
{
    struct og_signing_key key = OG_SIGNING_KEY_INIT;
    struct og_buf b64 = OG_BUF_INIT(1000), txt = OG_BUF_INIT(1000);
    struct og_err err = { "" };

    key.kind = kind;
    key.bits = kind == OG_KEY_RSA ? 2048 : 256;
    memcpy(key.domain, "sign.example", 13);
    (void)snprintf(key.selector, sizeof key.selector, "%s", selector);
    assert_int_equal(og_key_generate(kind, key.bits, &key.pem, &b64, &err), OG_OK);
    assert_int_equal(og_keys_add(&state_of_test, &key, &err), OG_OK);
    assert_int_equal(og_dkim_txt(kind, b64.data, &txt, &err), OG_OK);
    assert_true(fprintf(records, "%s._domainkey.sign.example %s\n", selector, txt.data)
                > 0);
    og_signing_key_free(&key);
    og_buf_free(&b64);
    og_buf_free(&txt);
}

static int
setup(void **state)
{
    char path[300];
    FILE *records;

    (void)state;
    state_dir_open("");
    path_to("records", path);
    records = fopen(path, "w");
    assert_non_null(records);
    add_key(OG_KEY_RSA, "both", records);
    add_key(OG_KEY_ED25519, "both-ed25519", records);
    add_key(OG_KEY_RSA, "r", records);
    add_key(OG_KEY_ED25519, "e", records);
    assert_int_equal(fclose(records), 0);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_bad_key),
        cmocka_unit_test(test_bad_body),
    };

    return cmocka_run_group_tests(tests, setup, state_dir_tear_down);
}
