/* SPDX-License-Identifier: BSD-2-Clause */
/* the quarantine on a disk: files and index agree, whatever happens in between */
#include "tests/unit/state_dir.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "core/mail/kept.h"
#include "core/mail/maildir.h"
#include "core/mail/quarantine.h"

enum { NOW = 1800000000, DAY = 86400 };

/* an environment that a dead process has taken with it is left alone for good, store.h */
const char *__lsan_default_suppressions(void);
const char *
__lsan_default_suppressions(void)
{
    return "leak:libdb-5.3";
}

static struct og_settings settings = OG_SETTINGS_INIT;
static const char *const to[] = { "a@x.example", "b@x.example" };
static const char field[] = "Subject: hello\n";
static const char body[] = "spool file's first line\nbody \0 of 8 bits \xff\n";

enum { BODY_AT = 24 };

static enum og_rc
store_as(const char *id, const char *domain, int64_t now, struct og_err *err)
{
    struct og_headers headers = OG_HEADERS_INIT;
    struct og_record entry = OG_RECORD_INIT;
    FILE *f = tmpfile();
    struct og_refused message;
    enum og_rc rc;

    assert_non_null(f);
    assert_int_equal(fwrite(body, 1, sizeof body - 1, f), sizeof body - 1);
    assert_int_equal(fflush(f), 0);
    assert_int_equal(og_headers_add(&headers, field, strlen(field), err), OG_OK);
    assert_int_equal(og_record_set_text(&entry, "class", "spam", err), OG_OK);
    message = (struct og_refused){ .id = id,
                                   .domain = domain,
                                   .headers = &headers,
                                   .fd = fileno(f),
                                   .body_start = BODY_AT,
                                   .recipients = to,
                                   .recipients_count = 2,
                                   .now = now };
    rc = og_quarantine_store(&state_of_test, &settings, &message, &entry, err);
    og_headers_free(&headers);
    og_record_free(&entry);
    assert_int_equal(fclose(f), 0);
    return rc;
}

static void
store(const char *id, int64_t now)
{
    struct og_err err = { "" };

    if (store_as(id, "shop.example", now, &err) != OG_OK)
        fail_msg("%s", err.text);
}

static void
path_of(const char *part, const char *name, char path[500])
{
    (void)snprintf(path, 500, "%s/quarantine/shop.example/%s/%s", state_dir, part, name);
}

/* files in one part of the Maildir; name receives the last one's */
static size_t
files(const char *part, char name[256])
{
    char path[500];
    const struct dirent *entry;
    size_t n = 0;
    DIR *dir;

    path_of(part, "", path);
    dir = opendir(path);
    assert_non_null(dir);
    while ((entry = readdir(dir)) != NULL)
        if (entry->d_name[0] != '.') {
            n++;
            (void)snprintf(name, 256, "%s", entry->d_name);
        }
    assert_int_equal(closedir(dir), 0);
    return n;
}

static enum og_rc
visit(const char *id, struct og_record *entry, void *arg, struct og_err *err)
{
    (void)id, (void)entry, (void)err;
    ++*(size_t *)arg;
    return OG_OK;
}

static size_t
entries(void)
{
    struct og_err err = { "" };
    size_t n = 0;

    assert_int_equal(og_vault_walk(&state_of_test, visit, &n, &err), OG_OK);
    return n;
}

static struct og_quarantine_repairs
repair(void)
{
    struct og_quarantine_repairs repairs;
    struct og_err err = { "" };

    if (og_quarantine_repair(&state_of_test, &repairs, &err) != OG_OK)
        fail_msg("%s", err.text);
    return repairs;
}

static void
delete_all(void)
{
    struct og_err err = { "" };
    size_t n = 0;

    assert_int_equal(og_quarantine_expire(&state_of_test, NULL, 0,
                                          (int64_t)NOW + INT64_C(9999) * DAY, &n, &err),
                     OG_OK);
    assert_int_equal(entries(), 0);
}

static void
test_store_and_read(void **state)
{
    struct og_record entry = OG_RECORD_INIT;
    struct og_kept kept = OG_KEPT_INIT;
    struct og_err err = { "" };
    struct stat st;
    char name[256], path[500], text[2000];
    ssize_t n;
    int fd = -1;

    (void)state;
    store("vvvvv00001", NOW);
    assert_int_equal(files("new", name), 1);
    assert_int_equal(files("tmp", name), 0);
    (void)files("new", name);
    assert_string_equal(name, "1800000000.vvvvv00001.host.example");
    path_of("new", name, path);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(st.st_uid, state_of_test.store.uid);
    assert_int_equal(og_vault_get(&state_of_test, "vvvvv00001", &entry, &err), OG_OK);
    assert_string_equal(og_record_get(&entry, "recipients"), "a@x.example\nb@x.example");
    assert_int_equal(og_quarantine_open(&state_of_test, &entry, &fd, &err), OG_OK);
    assert_int_equal(og_kept_load(fd, &kept, &err), OG_OK);
    n = pread(fd, text, sizeof text, (off_t)kept.original);
    assert_int_equal(n, strlen(field) + 1 + sizeof body - 1 - BODY_AT);
    assert_memory_equal(text, "Subject: hello\n\nbody \0 of 8 bits \xff\n", n);
    assert_int_equal(strtol(og_record_get(&entry, "bytes"), NULL, 10), n);
    assert_int_equal(kept.count, 2);
    assert_int_equal(close(fd), 0);
    og_kept_free(&kept);
    og_record_free(&entry);
    delete_all();
    assert_int_equal(files("new", name), 0);
}

/* a mail program has read it: it is in cur and has flags */
static void
test_moved_by_a_reader(void **state)
{
    char name[256], from[500], flagged[300], path[500];
    struct og_record entry = OG_RECORD_INIT;
    struct og_err err = { "" };
    int fd = -1;

    (void)state;
    store("vvvvv00001", NOW);
    (void)files("new", name);
    path_of("new", name, from);
    (void)snprintf(flagged, sizeof flagged, "%s:2,S", name);
    path_of("cur", flagged, path);
    assert_int_equal(rename(from, path), 0);
    assert_int_equal(og_vault_get(&state_of_test, "vvvvv00001", &entry, &err), OG_OK);
    assert_int_equal(og_quarantine_open(&state_of_test, &entry, &fd, &err), OG_OK);
    assert_int_equal(close(fd), 0);
    assert_int_equal(repair().dropped, 0);
    assert_int_equal(og_quarantine_delete(&state_of_test, "vvvvv00001", &err), OG_OK);
    assert_int_equal(files("cur", name), 0);
    assert_int_equal(og_quarantine_delete(&state_of_test, "vvvvv00001", &err),
                     OG_E_NOTFOUND);
    og_record_free(&entry);
}

static void
test_deleted_by_a_reader(void **state)
{
    char name[256], path[500];

    (void)state;
    store("vvvvv00001", NOW);
    (void)files("new", name);
    path_of("new", name, path);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(repair().dropped, 1);
    assert_int_equal(entries(), 0);
}

static void
test_not_kept(void **state)
{
    struct og_err err = { "" };
    char name[256];

    (void)state;
    settings.quarantine_bytes = 30;
    assert_int_equal(store_as("vvvvv00001", "shop.example", NOW, &err), OG_E_LIMIT);
    settings.quarantine_bytes = 0;
    assert_int_equal(store_as("vvvvv00001", "../x", NOW, &err), OG_E_SYNTAX);
    assert_int_equal(store_as("../../../x", "shop.example", NOW, &err), OG_E_SYNTAX);
    store("vvvvv00001", NOW);
    /* the same id and second cannot happen; if it does nothing is overwritten */
    assert_int_equal(store_as("vvvvv00001", "shop.example", NOW, &err), OG_E_EXISTS);
    assert_int_equal(files("new", name), 1);
    assert_int_equal(files("tmp", name), 0);
    delete_all();
}

static void
test_expiry(void **state)
{
    struct og_err err = { "" };
    size_t gone = 0;
    char name[256];

    (void)state;
    store("vvvvv00001", NOW);
    store("vvvvv00002", NOW + DAY);
    assert_int_equal(
        og_quarantine_expire(&state_of_test, NULL, 0, NOW + 14 * DAY - 1, &gone, &err),
        OG_OK);
    assert_int_equal(gone, 0);
    assert_int_equal(
        og_quarantine_expire(&state_of_test, NULL, 0, NOW + 14 * DAY, &gone, &err),
        OG_OK);
    assert_int_equal(gone, 1);
    assert_int_equal(files("new", name), 1);
    assert_string_equal(name, "1800086400.vvvvv00002.host.example");
    /* one more than there is room for: the oldest goes */
    settings.quarantine_bytes = 60;
    store("vvvvv00003", NOW + DAY + 1);
    settings.quarantine_bytes = 0;
    assert_int_equal(files("new", name), 1);
    assert_string_equal(name, "1800086401.vvvvv00003.host.example");
    delete_all();
}

/* the directory of a domain has gone, or its disk is not mounted */
static void
test_no_directory(void **state)
{
    char from[300], to_path[300];
    struct og_quarantine_repairs repairs;
    struct og_err err = { "" };

    (void)state;
    store("vvvvv00001", NOW);
    (void)snprintf(from, sizeof from, "%s/quarantine", state_dir);
    (void)snprintf(to_path, sizeof to_path, "%s/elsewhere", state_dir);
    assert_int_equal(rename(from, to_path), 0);
    assert_int_equal(og_quarantine_repair(&state_of_test, &repairs, &err), OG_E_IO);
    assert_int_equal(entries(), 1); /* it is not forgotten */
    assert_int_equal(rename(to_path, from), 0);
    delete_all();
}

/* the state has gone: the files tell all */
static void
test_entered_again(void **state)
{
    struct og_record entry = OG_RECORD_INIT;
    struct og_err err = { "" };
    char path[500];
    FILE *f;

    (void)state;
    store("vvvvv00001", NOW);
    assert_int_equal(og_vault_drop(&state_of_test, "vvvvv00001", &err), OG_OK);
    path_of("new", "1.vvvvv00009.of-somebody", path);
    f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs("Subject: not ours\n\n", f) >= 0);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(chown(path, state_of_test.store.uid, state_of_test.store.gid), 0);
    assert_int_equal(repair().entered, 1);
    assert_int_equal(repair().foreign, 1);
    assert_int_equal(og_vault_get(&state_of_test, "vvvvv00001", &entry, &err), OG_OK);
    assert_string_equal(og_record_get(&entry, "class"), "spam");
    assert_null(og_record_get(&entry, "id"));
    assert_int_equal(unlink(path), 0);
    og_record_free(&entry);
    delete_all();
}

/* children that store are killed at any moment; afterwards all agrees */
static void
test_killed(void **state)
{
    struct og_quarantine_repairs done, again;
    char name[256];
    size_t n;

    (void)state;
    store("vvvvv99999", NOW);
    for (unsigned round = 0; round < 40; round++) {
        pid_t child = fork();
        struct timespec wait = { 0, 300000 + round * 250000 };

        if (child == 0) {
            for (unsigned i = 0;; i++) {
                char id[OG_VAULT_ID];
                struct og_err err = { "" };

                (void)snprintf(id, sizeof id, "k%04u%05u", round, i % 100000);
                if (store_as(id, "shop.example", NOW, &err) != OG_OK)
                    _exit(1);
            }
        }
        assert_true(child > 0);
        (void)nanosleep(&wait, NULL); /* where it stands then is chance */
        assert_int_equal(kill(child, SIGKILL), 0);
        assert_int_equal(waitpid(child, NULL, 0), child);
    }
    done = repair();
    again = repair();
    assert_int_equal(done.dropped, 0); /* nothing was lost */
    assert_int_equal(done.entered, 0);
    assert_int_equal(again.delivered + again.removed + again.dropped, 0);
    n = entries();
    assert_int_equal(files("new", name), n);
    assert_int_equal(files("tmp", name), 0);
    print_message("%zu kept, %zu moved to new, %zu removed\n", n, done.delivered,
                  done.removed);
    delete_all();
    assert_int_equal(files("new", name), 0);
}

static int
open_state(void **state)
{
    char more[200];

    (void)state;
    /* state_dir is a template until it is made; the directory's name is relative to it */
    state_dir_open("");
    (void)snprintf(more, sizeof more, "%s/quarantine", state_dir);
    free(state_of_test.server.quarantine_directory);
    state_of_test.server.quarantine_directory = strdup(more);
    return og_settings_copy(&settings, &state_of_test.server, NULL) == OG_OK ? 0 : -1;
}

static int
close_state(void **state)
{
    (void)state;
    og_settings_free(&settings);
    return state_dir_close();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_store_and_read),
        cmocka_unit_test(test_moved_by_a_reader),
        cmocka_unit_test(test_deleted_by_a_reader),
        cmocka_unit_test(test_not_kept),
        cmocka_unit_test(test_expiry),
        cmocka_unit_test(test_no_directory),
        cmocka_unit_test(test_entered_again),
        cmocka_unit_test(test_killed),
    };

    return cmocka_run_group_tests(tests, open_state, close_state);
}
