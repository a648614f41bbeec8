/* SPDX-License-Identifier: BSD-2-Clause */
/* The documents of tests/data/macro through the scanner itself, without signatures. With
 * arguments: what is found in those files. */
#include "tests/unit/rows.h"

#include <fcntl.h>
#include <unistd.h>

#include "core/scan/scanner.h"

#define FOLDER "tests/data/macro/"

static struct og_scanner *scanner;

static void
scan(const char *path, const char *name, struct og_findings *findings)
{
    struct og_scan_request request = { .name = name,
                                       .timeout_ms = 60000,
                                       .macros = true };
    struct og_err err = { "" };
    enum og_rc rc;

    request.fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(request.fd >= 0);
    rc = og_scanner_scan(scanner, &request, findings, &err);
    if (rc != OG_OK)
        fail_msg("%s: %s (%s)", path, og_rc_text(rc), err.text);
    (void)close(request.fd); /* only read */
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

static void
check(const char *name, const char *want, const struct og_findings *findings)
{
    bool encrypted = strcmp(want, "encrypted") == 0, limit = strcmp(want, "limit") == 0,
         macro = !encrypted && !limit && strcmp(want, "clean") != 0;

    if (macro && !has(findings, OG_FOUND_MACRO, want))
        fail_msg("%s: no %s", name, want);
    if (!macro && has(findings, OG_FOUND_MACRO, NULL))
        fail_msg("%s: %s, expected %s", name,
                 og_findings_first(findings, OG_FOUND_MACRO)->name, want);
    if (encrypted != has(findings, OG_FOUND_ENCRYPTED, NULL))
        fail_msg("%s: encrypted is wrong, expected %s", name, want);
    if (limit != has(findings, OG_FOUND_LIMIT, NULL))
        fail_msg("%s: limit is wrong, expected %s", name, want);
}

static void
test_index(void **state)
{
    FILE *index = fopen(FOLDER "index.txt", "r");
    char line[512], path[512];
    size_t count = 0;

    (void)state;
    assert_non_null(index);
    while (fgets(line, sizeof line, index) != NULL) {
        struct og_findings findings = OG_FINDINGS_INIT;
        char *save = NULL, *name = strtok_r(line, " \t\n", &save),
             *want = strtok_r(NULL, " \t\n", &save);

        if (name == NULL || name[0] == '#')
            continue;
        assert_non_null(want);
        (void)snprintf(path, sizeof path, FOLDER "%s", name);
        scan(path, name, &findings);
        check(name, want, &findings);
        og_findings_free(&findings);
        count++;
    }
    assert_true(count > 0);
    (void)fclose(index);
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
    };

    return argc > 1 ? print(argc - 1, argv + 1)
                    : cmocka_run_group_tests(tests, open_scanner, close_scanner);
}
