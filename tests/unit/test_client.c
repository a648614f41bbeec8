/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/rows.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/scan/client.h"
#include "core/scan/protocol.h"
#include "core/scan/wire.h"

/* what a service of ours says, and what becomes of it */
enum manner {
    SAYS,      /* the text, after it has read the request */
    AT_ONCE,   /* the text, and closes without reading */
    IN_PIECES, /* byte by byte */
    SILENT,    /* nothing, and stays */
};

static const struct {
    enum manner manner;
    const char *text;
    enum og_rc rc;
    const char *why;
} rows[] = {
    { SAYS, "version=1 status=ok length=12\nend count=0\n", OG_OK, "" },
    { IN_PIECES, "version=1 status=ok length=12\nend count=0\n", OG_OK, "" },
    { AT_ONCE, "version=1 status=ok length=12\nend count=0\n", OG_OK, "" },
    { SAYS, "", OG_E_STATE, "without an answer" },
    { AT_ONCE, "", OG_E_STATE, "without an answer" },
    { SAYS, "version=1 status=ok length=12\nend count=0", OG_E_STATE, "without its end" },
    { SAYS, "version=1 status=ok length=1", OG_E_STATE, "without its end" },
    { SAYS, "version=1 status=ok length=11\nend count=0\n", OG_E_STATE, "more than" },
    { SAYS, "version=1 status=ok length=0\n", OG_E_STATE, "bad answer" },
    { SAYS, "version=1 status=ok length=12\nend count=1\n", OG_E_STATE, "bad answer" },
    { SAYS, "version=1 status=ok length=99999999\n", OG_E_STATE, "bad answer" },
    { SAYS, "PONG\n", OG_E_STATE, "bad answer" },
    { SAYS, "version=7 status=ok length=0\n", OG_E_STATE, "restart" },
    { AT_ONCE, "version=1 status=busy length=0 text=later\n", OG_E_BUSY, "busy: later" },
    { SAYS, "version=1 status=late length=0 text=x\n", OG_E_STATE, "too long: x" },
    { SAYS, "version=1 status=died length=0 text=x\n", OG_E_STATE, "died over this" },
    { SAYS, "version=1 status=bad length=0 text=x\n", OG_E_STATE, "read the request: x" },
    { SAYS, "version=1 status=failed length=0 text=x\n", OG_E_LIB, "scan failed: x" },
    { SILENT, "", OG_E_STATE, "no answer in time" },
};

static char path[64];

static int
listen_at(int backlog)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    (void)unlink(path);
    (void)snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(fd, backlog), 0);
    return fd;
}

/* the request as it should be: its text, and files that are open to read only */
static bool
is_good_request(int fd)
{
    char text[OG_PROTOCOL_MAX_REQUEST];
    struct og_protocol_request request;
    int fds[OG_WIRE_MAX_FDS];
    size_t count = 0;
    char body[16] = "", head[16] = "";
    long n = og_wire_take(fd, text, sizeof text, 0, fds, &count);

    return n > 0 && og_protocol_request_parse(text, (size_t)n, &request, NULL) == OG_OK
           && count == 2 && request.headers_len == 5 && request.start == 3
           && (fcntl(fds[0], F_GETFL) & O_ACCMODE) == O_RDONLY
           && pread(fds[0], body, 15, request.start) == 4 && strcmp(body, "body") == 0
           && pread(fds[1], head, 15, 0) == 5 && strcmp(head, "A: b\n") == 0;
}

_Noreturn static void
serve(int listener, enum manner manner, const char *text)
{
    int fd = accept(listener, NULL, NULL);

    if (manner == SILENT)
        (void)pause(); /* until it is killed */
    if (manner != AT_ONCE && !is_good_request(fd))
        text = "version=1 status=bad length=0 text=wrong%20request\n";
    for (size_t at = 0, len = strlen(text); at < len;) {
        size_t piece = manner == IN_PIECES ? 1 : len - at;

        at += (size_t)send(fd, text + at, piece, MSG_NOSIGNAL);
    }
    _exit(0);
}

static struct og_scan_request
request_of(int fd)
{
    return (struct og_scan_request){ .headers = "A: b\n",
                                     .headers_len = 5,
                                     .name = "",
                                     .fd = fd,
                                     .start = 3,
                                     .timeout_ms = 30000,
                                     .macros = true };
}

static int
message_file(void)
{
    int fd = memfd_create("message", MFD_CLOEXEC); /* like Exim's: open to write, too */

    assert_true(fd >= 0);
    assert_int_equal(write(fd, "id\nbody", 7), 7);
    return fd;
}

static void
test_answers(void **state)
{
    int file = message_file();

    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        struct og_scan_request request = request_of(file);
        struct og_findings found = OG_FINDINGS_INIT;
        struct og_err err = { "" };
        int before = dup(0), listener;
        pid_t pid;

        (void)close(before);
        listener = listen_at(5);
        pid = fork();

        assert_true(pid >= 0);
        if (pid == 0)
            serve(listener, rows[i].manner, rows[i].text);
        if (rows[i].manner == SILENT)
            request.timeout_ms = 100;
        row_rc(i, og_client_scan(path, &request, &found, &err), rows[i].rc, &err);
        if (strstr(err.text, rows[i].why) == NULL)
            fail_msg("row %zu: '%s' does not say '%s'", i, err.text, rows[i].why);
        (void)kill(pid, SIGKILL);
        assert_int_equal(waitpid(pid, NULL, 0), pid);
        (void)close(listener);
        assert_int_equal(dup(0), before); /* no descriptor was left open */
        (void)close(before);
        assert_int_equal(lseek(file, 0, SEEK_CUR), 7); /* nor moved */
        og_findings_free(&found);
    }
    (void)close(file);
}

static void
test_nobody_there(void **state)
{
    int file = message_file(), listener;
    struct og_scan_request request = request_of(file);
    struct og_findings found = OG_FINDINGS_INIT;
    struct og_err err = { "" };
    char too_long[200];

    (void)state;
    (void)unlink(path);
    assert_int_equal(og_client_scan(path, &request, &found, &err), OG_E_NOTFOUND);
    (void)close(listen_at(1)); /* a socket that nobody listens at any more */
    assert_int_equal(og_client_scan(path, &request, &found, &err), OG_E_NOTFOUND);
    memset(too_long, 'x', sizeof too_long - 1);
    too_long[sizeof too_long - 1] = '\0';
    assert_int_equal(og_client_scan(too_long, &request, &found, &err), OG_E_RANGE);
    assert_int_equal(og_client_scan("", &request, &found, &err), OG_E_RANGE);

    listener = listen_at(0); /* it accepts nobody, and its queue is soon full */
    request.timeout_ms = 50;
    for (int i = 0; i < 4; i++) /* the first ones are in the queue, and wait there */
        assert_int_not_equal(og_client_scan(path, &request, &found, &err), OG_OK);
    assert_int_equal(og_client_scan(path, &request, &found, &err), OG_E_BUSY);
    assert_non_null(strstr(err.text, "too many wait"));
    (void)close(listener);
    (void)close(file);
}

static void
test_status(void **state)
{
    struct og_record status = OG_RECORD_INIT;
    struct og_err err = { "" };
    int listener = listen_at(5);
    pid_t pid = fork();

    (void)state;
    assert_true(pid >= 0);
    if (pid == 0)
        serve(listener, AT_ONCE, "version=1 status=ok length=11\nstate=ready");
    assert_int_equal(og_client_status(path, 30000, &status, &err), OG_OK);
    assert_string_equal(og_record_get(&status, "state"), "ready");
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    (void)close(listener);
    og_record_free(&status);
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_answers),
                                        cmocka_unit_test(test_nobody_there),
                                        cmocka_unit_test(test_status) };
    int code;

    (void)snprintf(path, sizeof path, "/tmp/og-client.%ld", (long)getpid());
    code = cmocka_run_group_tests(tests, NULL, NULL);
    (void)unlink(path);
    return code;
}
