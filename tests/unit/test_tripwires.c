/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/rows.h"

#include <unistd.h>

#include "core/state/tripwires.h"

static char path[] = "/tmp/og-tripwires-XXXXXX";

#define A50 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

/* a file where `file` is not NULL, else the setting's own list */
static const struct {
    const char *list, *file, *address;
    enum og_rc rc;
    bool match;
} rows[] = {
    { "", NULL, "a@trap.example", OG_OK, false },
    { "a@trap.example", NULL, "a@trap.example", OG_OK, true },
    { "a@trap.example", NULL, "A@Trap.Example", OG_OK, true },
    { "a@trap.example", NULL, "\"a\"@trap.example.", OG_OK, true },
    { "a@trap.example", NULL, "aa@trap.example", OG_OK, false },
    { "b@x.example *.trap.example", NULL, "a@x.trap.example", OG_OK, true },
    { "trap.example", NULL, "a@x.trap.example", OG_OK, false },
    { "trap.example", NULL, "a@trap.example", OG_OK, true },
    { "*", NULL, "", OG_OK, false },
    { "*", NULL, "no address", OG_OK, false },
    { "*", NULL, "a@", OG_OK, false },
    { A50 A50 A50 A50 A50 A50 A50 A50 A50 A50 A50 "@x.example", NULL, "a@x.example",
      OG_OK, false },
    { path, "", "a@trap.example", OG_OK, false },
    { path, "a@trap.example", "a@trap.example", OG_OK, true },
    { path, "# planted in May\n\n  A@Trap.Example \r\n", "a@trap.example", OG_OK, true },
    { path, "\n\n\n*.trap.example\nb@x.example\n", "a@b.trap.example", OG_OK, true },
    { path, "b@x.example\na@trap.example\n", "c@trap.example", OG_OK, false },
    { path, "b@x.example\na@\n", "b@x.example", OG_E_SYNTAX, false },
    { path, "b@x.example, a@x.example\n", "b@x.example", OG_E_SYNTAX, false },
    { "/nonexistent/list", NULL, "a@x.example", OG_E_IO, false },
    { "/nonexistent/list", NULL, "", OG_E_IO, false },
    { "/tmp", NULL, "a@x.example", OG_E_IO, false },
};

static void
write_file(const char *text, size_t len)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

static void
test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        char list[700];
        struct og_settings server = { .tripwires = list };
        struct og_err err = { "" };
        bool match = true;

        (void)snprintf(list, sizeof list, "%s", rows[i].list);
        if (rows[i].file != NULL)
            write_file(rows[i].file, strlen(rows[i].file));
        row_rc(i, og_tripwire_match(&server, rows[i].address, &match, &err), rows[i].rc,
               &err);
        if (rows[i].rc == OG_OK)
            assert_int_equal(match, rows[i].match);
    }
}

static void
test_bad_files(void **state)
{
    struct og_settings server = { .tripwires = path };
    struct og_err err = { "" };
    char *large = malloc(OG_TRIPWIRES_MAX_FILE + 1);
    bool match;

    (void)state;
    write_file("a@x.example\nb\0c\n", 16);
    row_rc(0, og_tripwire_match(&server, "a@x.example", &match, &err), OG_E_SYNTAX, &err);
    write_file("a@x.example\n# b\n a b\n", 21);
    row_rc(1, og_tripwire_match(&server, "a@x.example", &match, &err), OG_E_SYNTAX, &err);
    assert_non_null(strstr(err.text, ":3: "));
    assert_non_null(large);
    memset(large, '\n', OG_TRIPWIRES_MAX_FILE + 1);
    memcpy(large + OG_TRIPWIRES_MAX_FILE - 11, "a@x.example", 11);
    write_file(large, OG_TRIPWIRES_MAX_FILE);
    row_rc(2, og_tripwire_match(&server, "a@x.example", &match, &err), OG_OK, &err);
    assert_true(match);
    write_file(large, OG_TRIPWIRES_MAX_FILE + 1);
    row_rc(3, og_tripwire_match(&server, "a@x.example", &match, &err), OG_E_LIMIT, &err);
    free(large);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_bad_files),
    };
    int fd = mkstemp(path), failed;

    if (fd < 0 || close(fd) != 0)
        return 1;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    return unlink(path) != 0 ? 1 : failed;
}
