/* SPDX-License-Identifier: BSD-2-Clause */
/* The documents of tests/data/macro through the scanner itself, without signatures, as
 * they are and two archives deep. With arguments: what is found in those files. */
#include "tests/unit/rows.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/scan/scanner.h"
#include "tests/unit/macro_walk.h"
#include "tests/unit/zip_make.h"

#define FOLDER "tests/data/macro/"

static struct og_scanner *scanner;

static void
scan_fd(int fd, const char *name, struct og_findings *findings)
{
    struct og_scan_request request = {
        .name = name, .fd = fd, .timeout_ms = 60000, .macros = true
    };
    struct og_err err = { "" };
    enum og_rc rc;

    assert_true(fd >= 0);
    rc = og_scanner_scan(scanner, &request, findings, &err);
    if (rc != OG_OK)
        fail_msg("%s: %s (%s)", name, og_rc_text(rc), err.text);
    (void)close(fd); /* only read */
}

static void
scan(const char *path, const char *name, struct og_findings *findings)
{
    scan_fd(open(path, O_RDONLY | O_CLOEXEC), name, findings);
}

/* the same document in an archive in an archive */
static void
scan_deep(const char *path, const char *name, struct og_findings *findings)
{
    struct og_buf inner = OG_BUF_INIT(64 << 20), outer = OG_BUF_INIT(64 << 20);
    int fd = memfd_create("deep.zip", MFD_CLOEXEC);
    size_t len = 0;
    char *data = walk_load(path, &len);

    assert_non_null(data);
    zip_make(name, data, len, &inner);
    zip_make("inner.zip", inner.data, inner.len, &outer);
    assert_true(write(fd, outer.data, outer.len) == (ssize_t)outer.len);
    scan_fd(fd, "deep.zip", findings);
    free(data);
    og_buf_free(&inner);
    og_buf_free(&outer);
}

static bool
has(const struct og_findings *findings, enum og_found what, const char *name)
{
    for (size_t i = 0; i < findings->count; i++)
        if (findings->list[i].what == what
            && (name == NULL || strcmp(findings->list[i].name, name) == 0))
            return true;
    return false;
}

/* want: `clean`, `encrypted`, `limit`, or kinds of macros with `+` between */
static void
check(const char *name, const char *want, const struct og_findings *findings)
{
    bool encrypted = strcmp(want, "encrypted") == 0, limit = strcmp(want, "limit") == 0,
         macro = !encrypted && !limit && strcmp(want, "clean") != 0;
    char kinds[256], *rest = kinds, *kind;

    (void)snprintf(kinds, sizeof kinds, "%s", want);
    while (macro && (kind = strsep(&rest, "+")) != NULL)
        if (!has(findings, OG_FOUND_MACRO, kind))
            fail_msg("%s: no %s", name, kind);
    if (!macro && has(findings, OG_FOUND_MACRO, NULL))
        fail_msg("%s: %s, expected %s", name,
                 og_findings_first(findings, OG_FOUND_MACRO)->name, want);
    if (encrypted != has(findings, OG_FOUND_ENCRYPTED, NULL))
        fail_msg("%s: encrypted is wrong, expected %s", name, want);
    if (limit != has(findings, OG_FOUND_LIMIT, NULL))
        fail_msg("%s: limit is wrong, expected %s", name, want);
}

static void
check_index(const char *list, void (*look)(const char *path, const char *name,
                                           struct og_findings *findings))
{
    FILE *index = fopen(list, "r");
    char line[512], path[512];
    size_t count = 0;

    assert_non_null(index);
    while (fgets(line, sizeof line, index) != NULL) {
        struct og_findings findings = OG_FINDINGS_INIT;
        char *save = NULL, *name = strtok_r(line, " \t\n", &save),
             *want = strtok_r(NULL, " \t\n", &save);

        if (name == NULL || name[0] == '#')
            continue;
        assert_non_null(want);
        (void)snprintf(path, sizeof path, FOLDER "%s", name);
        look(path, name, &findings);
        check(name, want, &findings);
        og_findings_free(&findings);
        count++;
    }
    assert_true(count > 0);
    (void)fclose(index);
}

static void
test_index(void **state)
{
    (void)state;
    check_index(FOLDER "index.txt", scan);
}

static void
test_index_deep(void **state)
{
    (void)state;
    check_index(FOLDER "index.txt", scan_deep);
}

/* the formats that are not Microsoft's binary ones, made by make-other */
static void
test_index2(void **state)
{
    (void)state;
    check_index(FOLDER "index2.txt", scan);
}

static void
test_index2_deep(void **state)
{
    (void)state;
    check_index(FOLDER "index2.txt", scan_deep);
}

static int
open_scanner(void **state)
{
    const struct og_scanner_conf conf = { .signature_directory = "",
                                          .temporary_directory = "",
                                          .max_bytes = 100 << 20,
                                          .max_file_bytes = 50 << 20,
                                          .max_files = 1000,
                                          .max_depth = 10,
                                          .max_parts = 100,
                                          .pua_categories = "" };
    struct og_err err = { "" };

    (void)state;
    if (og_scanner_open(&conf, NULL, NULL, &scanner, &err) == OG_OK)
        return 0;
    fprintf(stderr, "%s\n", err.text);
    return -1;
}

static int
close_scanner(void **state)
{
    (void)state;
    og_scanner_close(scanner);
    return 0;
}

static int
print(int count, char **paths)
{
    if (open_scanner(NULL) != 0)
        return 1;
    for (int i = 0; i < count; i++) {
        struct og_findings findings = OG_FINDINGS_INIT;

        scan(paths[i], paths[i], &findings);
        printf("%s", paths[i]);
        for (size_t n = 0; n < findings.count; n++)
            if (findings.list[n].what != OG_FOUND_FILE)
                printf(" %s:%s:%s", og_found_text(findings.list[n].what),
                       findings.list[n].name, findings.list[n].path);
        printf("\n");
        og_findings_free(&findings);
    }
    return close_scanner(NULL);
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_index),
        cmocka_unit_test(test_index_deep),
        cmocka_unit_test(test_index2),
        cmocka_unit_test(test_index2_deep),
    };

    return argc > 1 ? print(argc - 1, argv + 1)
                    : cmocka_run_group_tests(tests, open_scanner, close_scanner);
}
