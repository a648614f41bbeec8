/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/state_dir.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include "core/state/events.h"

enum { WRITERS = 4, EVENTS = 500 };

struct seen {
    size_t count;
    struct og_buf last;
    unsigned next[WRITERS]; /* each writer's events come in order */
    size_t stop_at;
};

static enum og_rc
see(const char *line, const struct og_record *event, void *arg, struct og_err *err)
{
    struct seen *seen = arg;
    const char *writer = og_record_get(event, "writer");

    assert_string_equal(event->fields[0].name, "time");
    assert_int_equal(strlen(event->fields[0].value), 20);
    if (writer != NULL) {
        unsigned long w = strtoul(writer, NULL, 10);

        assert_true(w < WRITERS);
        assert_int_equal(strtoul(og_record_get(event, "n"), NULL, 10), seen->next[w]++);
    }
    og_buf_reset(&seen->last);
    assert_int_equal(og_buf_add_text(&seen->last, line, err), OG_OK);
    if (++seen->count == seen->stop_at)
        return og_fail(err, OG_E_EXISTS, "enough");
    return OG_OK;
}

#define SEEN_INIT                               \
    {                                           \
        .last = OG_BUF_INIT(OG_RECORD_MAX_TEXT) \
    }

static const char *
log_path(void)
{
    return state_of_test.server.events_log;
}

static void
append_raw(const char *text)
{
    FILE *log = fopen(log_path(), "a");

    assert_non_null(log);
    assert_true(fputs(text, log) >= 0);
    assert_int_equal(fclose(log), 0);
}

static enum og_rc
write_event(const char *record, struct og_err *err)
{
    struct og_record event = OG_RECORD_INIT;
    enum og_rc rc = og_record_parse(record, strlen(record), &event, err);

    assert_int_equal(rc, OG_OK);
    rc = og_events_write(&state_of_test, &event, err);
    og_record_free(&event);
    return rc;
}

static void
check_read(size_t row, long long *from, size_t events, size_t damaged, const char *last)
{
    struct seen seen = SEEN_INIT;
    struct og_err err = { "" };
    size_t bad = 0;

    row_rc(row, og_events_read(log_path(), from, &bad, see, &seen, &err), OG_OK, &err);
    assert_int_equal(seen.count, events);
    assert_int_equal(bad, damaged);
    if (last != NULL) {
        const char *behind = strchr(og_buf_text(&seen.last), ',');

        row_text(row, behind != NULL ? behind : "", last);
    }
    og_buf_free(&seen.last);
}

static void
test_line(void **state)
{
    struct og_record event = OG_RECORD_INIT;
    struct og_err err = { "" };
    struct stat st;
    long long from = 0;

    (void)state;
    assert_int_equal(og_record_set_text(&event, "time", "yesterday", &err), OG_OK);
    assert_int_equal(og_record_set_number(&event, "bytes", 7, &err), OG_OK);
    assert_int_equal(og_record_set_text(&event, "text", "7", &err), OG_OK);
    assert_int_equal(og_record_set_text(&event, "evil", "a\n{\"b\":1}\x1b[2J\xff", &err),
                     OG_OK);
    row_rc(0, og_events_write(&state_of_test, &event, &err), OG_OK, &err);
    og_record_free(&event);
    check_read(0, &from, 1, 0,
               ",\"bytes\":7,\"text\":\"7\","
               "\"evil\":\"a\\n{\\\"b\\\":1}\\u001B[2J\\uFFFD\"}");
    assert_int_equal(stat(log_path(), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0640);
    assert_int_equal(st.st_uid, state_of_test.store.uid);
    assert_int_equal(st.st_gid, state_of_test.store.gid);
    assert_int_equal(from, st.st_size);
    assert_int_equal(unlink(log_path()), 0);
}

static void
test_follow(void **state)
{
    struct og_err err = { "" };
    long long from = 0;

    (void)state;
    row_rc(0, write_event("a=1", &err), OG_OK, &err);
    row_rc(1, write_event("a=2", &err), OG_OK, &err);
    check_read(0, &from, 2, 0, ",\"a\":\"2\"}");
    check_read(1, &from, 0, 0, NULL);
    row_rc(2, write_event("a=3", &err), OG_OK, &err);
    check_read(2, &from, 1, 0, ",\"a\":\"3\"}");
    append_raw("{\"time\":\"2026-11-21T"); /* half a line: not yet */
    check_read(3, &from, 0, 0, NULL);
    append_raw("18:12:21Z\",\"a\":\"4\"}\n");
    check_read(4, &from, 1, 0, ",\"a\":\"4\"}");
    assert_int_equal(unlink(log_path()), 0);
}

static void
test_damaged(void **state)
{
    struct og_err err = { "" };
    long long from = 0;

    (void)state;
    row_rc(0, write_event("a=1", &err), OG_OK, &err);
    append_raw("\nnot json\n[]\n{\"time\":\"x\"\n{\"Bad Name\":1}\n");
    row_rc(1, write_event("a=2", &err), OG_OK, &err);
    append_raw("{\"time\":\"cut"); /* a full disk: the next event ends the line first */
    row_rc(2, write_event("a=3", &err), OG_OK, &err);
    check_read(0, &from, 3, 5, ",\"a\":\"3\"}");
    assert_int_equal(unlink(log_path()), 0);
}

static void
test_stop(void **state)
{
    struct seen seen = SEEN_INIT;
    struct og_err err = { "" };
    long long from = 0;
    size_t damaged = 0;

    (void)state;
    for (size_t i = 0; i < 3; i++)
        row_rc(i, write_event("a=1", &err), OG_OK, &err);
    seen.stop_at = 2;
    row_rc(3, og_events_read(log_path(), &from, &damaged, see, &seen, &err), OG_E_EXISTS,
           &err);
    og_buf_free(&seen.last);
    check_read(4, &from, 1, 0, NULL); /* goes on behind the second */
    assert_int_equal(unlink(log_path()), 0);
    row_rc(5, og_events_read(log_path(), &from, &damaged, see, &seen, &err),
           OG_E_NOTFOUND, &err);
    row_rc(6, og_events_read(state_dir, &from, &damaged, see, &seen, &err), OG_E_IO,
           &err);
}

static void
test_ceiling(void **state)
{
    struct og_err err = { "" };
    char record[70000] = "a=";

    (void)state;
    memset(record + 2, 'x', sizeof record - 3);
    row_rc(0, write_event(record, &err), OG_E_LIMIT, &err);
    assert_int_equal(access(log_path(), F_OK), -1);
    record[65536 - 39 + 1 + 2] = '\0'; /* {"time":"...","a":""} and the LF: 39 bytes */
    row_rc(1, write_event(record, &err), OG_E_LIMIT, &err);
    record[65536 - 39 + 2] = '\0';
    row_rc(2, write_event(record, &err), OG_OK, &err);
    assert_int_equal(unlink(log_path()), 0);
}

static void
write_many(unsigned writer)
{
    struct og_err err = { "" };
    char record[3000];

    for (unsigned n = 0; n < EVENTS; n++) {
        int len = snprintf(record, sizeof record, "writer=%u n=%u fill=", writer, n);

        memset(record + len, 'x', n * 5 % 2500);
        record[(size_t)len + n * 5 % 2500] = '\0';
        if (write_event(record, &err) != OG_OK)
            _exit(1);
    }
    _exit(0);
}

static void
test_writers(void **state)
{
    long long from = 0;
    pid_t pids[WRITERS];

    (void)state;
    for (unsigned w = 0; w < WRITERS; w++) {
        pids[w] = fork();
        assert_true(pids[w] >= 0);
        if (pids[w] == 0)
            write_many(w);
    }
    for (unsigned w = 0; w < WRITERS; w++) {
        int status;

        assert_int_equal(waitpid(pids[w], &status, 0), pids[w]);
        assert_int_equal(status, 0);
    }
    check_read(0, &from, (size_t)WRITERS * EVENTS, 0, NULL);
    assert_int_equal(unlink(log_path()), 0);
}

/* on a full disk an event is lost and told; the next one stands alone again */
static void
test_full_disk(void **state)
{
    struct og_err err = { "" };
    char mountpoint[200], filler[300], data[200], record[3000] = "a=";
    char *old = state_of_test.server.events_log, log[300];
    long long from = 0;
    size_t written = 0;

    (void)state;
    (void)snprintf(mountpoint, sizeof mountpoint, "%s/tiny", state_dir);
    (void)snprintf(filler, sizeof filler, "%s/filler", mountpoint);
    (void)snprintf(log, sizeof log, "%s/events.log", mountpoint);
    assert_int_equal(mkdir(mountpoint, 0755), 0);
    (void)snprintf(data, sizeof data, "size=64k,mode=755,uid=%u,gid=%u",
                   (unsigned)state_of_test.store.uid, (unsigned)state_of_test.store.gid);
    if (mount("tmpfs", mountpoint, "tmpfs", 0, data) != 0)
        skip(); /* not root, or a container without mounts */
    state_of_test.server.events_log = log;
    memset(record + 2, 'x', sizeof record - 3);
    {
        int fd = open(filler, O_WRONLY | O_CREAT, 0600);

        assert_true(fd >= 0);
        assert_int_equal(ftruncate(fd, 0), 0);
        assert_int_equal(write(fd, record, 16), 16); /* one page to give back later */
        assert_int_equal(close(fd), 0);
    }
    while (write_event(record, &err) == OG_OK)
        written++;
    assert_non_null(strstr(err.text, log));
    assert_true(written > 10 && written < 30);
    assert_int_equal(write_event(record, &err), OG_E_IO); /* and again */
    assert_int_equal(unlink(filler), 0);
    row_rc(0, write_event("a=after", &err), OG_OK, &err);
    check_read(0, &from, written + 1, 1, ",\"a\":\"after\"}");
    state_of_test.server.events_log = old;
    assert_int_equal(umount(mountpoint), 0);
}

static void
test_bad_files(void **state)
{
    struct og_err err = { "" };
    char other[300];

    (void)state;
    (void)snprintf(other, sizeof other, "%s/other", state_dir);
    assert_int_equal(mkfifo(log_path(), 0666), 0);
    assert_int_equal(chmod(log_path(), 0666), 0);
    row_rc(0, write_event("a=1", &err), OG_E_IO, &err); /* at once */
    assert_int_equal(unlink(log_path()), 0);
    assert_int_equal(symlink(other, log_path()), 0);
    row_rc(1, write_event("a=1", &err), OG_E_IO, &err);
    assert_int_equal(access(other, F_OK), -1);
    assert_int_equal(unlink(log_path()), 0);
    assert_int_equal(mkdir(log_path(), 0755), 0);
    row_rc(2, write_event("a=1", &err), OG_E_IO, &err);
    assert_int_equal(rmdir(log_path()), 0);
    assert_int_equal(geteuid(), getuid()); /* whoever we were */
    if (geteuid() == 0 && state_of_test.store.uid != 0) {
        /* root does not write for the owner what the owner may not */
        append_raw("");
        assert_int_equal(chmod(log_path(), 0600), 0);
        assert_int_equal(chown(log_path(), 0, 0), 0);
        row_rc(3, write_event("a=1", &err), OG_E_IO, &err);
        assert_int_equal(unlink(log_path()), 0);
    }
}

static int
setup(void **state)
{
    (void)state;
    (void)umask(022);
    state_dir_open("");
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_line),      cmocka_unit_test(test_follow),
        cmocka_unit_test(test_damaged),   cmocka_unit_test(test_stop),
        cmocka_unit_test(test_ceiling),   cmocka_unit_test(test_writers),
        cmocka_unit_test(test_full_disk), cmocka_unit_test(test_bad_files),
    };

    return cmocka_run_group_tests(tests, setup, state_dir_tear_down);
}
