/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/rows.h"

#include <sys/stat.h>
#include <unistd.h>

#include "core/base/conf.h"

enum { CEILING = 256 * 1024 };

static char dir[] = "/tmp/og-conf-XXXXXX";
static char path[64];

static void
write_conf(const char *text, size_t len)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

/* '@' is a NUL. Afterwards maximum_message_size, or a part of the error's text; the
 * file's path stands for $ */
static const struct {
    const char *text;
    enum og_rc rc;
    const char *expect;
} rows[] = {
    { "", OG_OK, "52428800" },
    { "\n", OG_OK, "52428800" },
    { "#", OG_OK, "52428800" },
    { "# maximum_message_size = 1\n", OG_OK, "52428800" },
    { "  # indented\n\t\n", OG_OK, "52428800" },
    { "maximum_message_size=1", OG_OK, "1" }, /* no newline at the end */
    { "maximum_message_size = 1\n", OG_OK, "1" },
    { "\t maximum_message_size \t=\t 1K \t\n", OG_OK, "1024" },
    { "maximum_message_size = 1\r\n\r\n# x\r\nenabled = yes\r\n", OG_OK, "1" },
    { "maximum_message_size = 1\r", OG_OK, "1" },
    { "\n\nmaximum_message_size = 1X\n", OG_E_SYNTAX, "$:3: maximum_message_size: " },
    { "maximum_message_size = 5G\n", OG_E_RANGE, "$:1: maximum_message_size: " },
    { "maximum_message_size =\n", OG_E_SYNTAX, "$:1: maximum_message_size: " },
    { "maximum_message_size = = 1\n", OG_E_SYNTAX, "$:1: maximum_message_size: " },
    { "maximum_message_size = 1 # one\n", OG_E_SYNTAX, "$:1: maximum_message_size: " },
    { "dkim_selector = a\rb\n", OG_E_SYNTAX, "$:1: dkim_selector: " },
    { "# x\nno_such = 1\n", OG_E_SYNTAX, "$:2: unknown setting 'no_such'" },
    { "Enabled = yes\n", OG_E_SYNTAX, "$:1: unknown setting 'Enabled'" },
    { "= 1\n", OG_E_SYNTAX, "$:1: unknown setting ''" },
    { "enabled\n", OG_E_SYNTAX, "$:1: expected `name = value`, found 'enabled'" },
    { "enabled yes\n", OG_E_SYNTAX, "$:1: expected `name = value`" },
    { "enabled = yes\n\nenabled = yes\n", OG_E_SYNTAX, "$:3: enabled stands twice" },
    { "\xef\xbb\xbf"
      "enabled = yes\n",
      OG_E_SYNTAX, "$:1: unknown setting" },
    { "enabled = yes\n@\n", OG_E_SYNTAX, "$: holds a NUL byte" },
    { "enabled = y@es\n", OG_E_SYNTAX, "$: holds a NUL byte" },
    /* the first error counts, and nothing before it */
    { "maximum_message_size = 1\nbad\nworse = 1\n", OG_E_SYNTAX, "$:2: " },
};

static void
check_text(size_t row, const char *text, const char *expect)
{
    char want[200];

    (void)snprintf(want, sizeof want, "%s%s", expect[0] == '$' ? path : "",
                   expect + (expect[0] == '$'));
    if (strncmp(text, want, strlen(want)) != 0)
        fail_msg("row %zu: '%s', expected '%s'", row, text, want);
}

static void
test_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        struct og_settings set = OG_SETTINGS_INIT;
        struct og_err err = { "" };
        size_t len = strlen(rows[i].text);
        char *text = exact_copy(rows[i].text, len);
        char size[32];

        for (size_t k = 0; k < len; k++)
            if (text[k] == '@')
                text[k] = '\0';
        write_conf(text, len);
        row_rc(i, og_conf_read(path, &set, &err), rows[i].rc, &err);
        (void)snprintf(size, sizeof size, "%" PRIu64, set.maximum_message_size);
        if (rows[i].rc == OG_OK) {
            row_text(i, size, rows[i].expect);
            assert_int_equal(set.source[OG_SETTING_dkim_sign], OG_SOURCE_DEFAULT);
        } else {
            row_text(i, size, "0"); /* nothing of a bad file counts */
            assert_null(set.user);
            check_text(i, err.text, rows[i].expect);
        }
        og_settings_free(&set);
        free(text);
    }
}

static void
test_keeps_old(void **state)
{
    struct og_settings set = OG_SETTINGS_INIT;
    struct og_err err = { "" };

    (void)state;
    write_conf("dkim_selector = one\n", 20);
    assert_int_equal(og_conf_read(path, &set, &err), OG_OK);
    assert_int_equal(set.source[OG_SETTING_dkim_selector], OG_SOURCE_SERVER);
    write_conf("dkim_selector = two\nbad\n", 24);
    assert_int_equal(og_conf_read(path, &set, &err), OG_E_SYNTAX);
    assert_string_equal(set.dkim_selector, "one");
    write_conf("", 0);
    assert_int_equal(og_conf_read(path, &set, &err), OG_OK);
    assert_string_equal(set.dkim_selector, "default");
    og_settings_free(&set);
}

static void
test_ceiling(void **state)
{
    char *text = malloc(CEILING + 1);

    (void)state;
    assert_non_null(text);
    memset(text, '#', CEILING + 1);
    for (size_t more = 0; more < 2; more++) {
        struct og_settings set = OG_SETTINGS_INIT;
        struct og_err err = { "" };

        write_conf(text, CEILING + more);
        row_rc(more, og_conf_read(path, &set, &err), more > 0 ? OG_E_LIMIT : OG_OK, &err);
        og_settings_free(&set);
    }
    free(text);
}

static enum og_rc
read_only(const char *file)
{
    struct og_settings set = OG_SETTINGS_INIT;
    struct og_err err = { "" };
    enum og_rc rc = og_conf_read(file, &set, &err);

    if (rc != OG_OK && strstr(err.text, file) == NULL)
        fail_msg("'%s' does not name %s", err.text, file);
    og_settings_free(&set);
    return rc;
}

static void
test_files(void **state)
{
    char other[80];

    (void)state;
    write_conf("enabled = yes\n", 14);
    assert_int_equal(chmod(path, 0664), 0);
    assert_int_equal(read_only(path), OG_E_PERM);
    assert_int_equal(chmod(path, 0602), 0);
    assert_int_equal(read_only(path), OG_E_PERM);
    assert_int_equal(chmod(path, 0644), 0);
    assert_int_equal(read_only(path), OG_OK);
    assert_int_equal(read_only(dir), OG_E_IO);
    (void)snprintf(other, sizeof other, "%s/fifo", dir);
    assert_int_equal(mkfifo(other, 0600), 0);
    assert_int_equal(read_only(other), OG_E_IO); /* at once */
    assert_int_equal(unlink(other), 0);
    assert_int_equal(symlink(path, other), 0); /* /etc may be a farm of links */
    assert_int_equal(read_only(other), OG_OK);
    assert_int_equal(unlink(other), 0);
    assert_int_equal(read_only(other), OG_E_NOTFOUND);
    assert_int_equal(read_only("/dev/null/outgate.conf"), OG_E_IO);
    if (geteuid() != 0) {
        assert_int_equal(chmod(path, 0), 0);
        assert_int_equal(read_only(path), OG_E_IO);
    }
}

static void
test_path(void **state)
{
    struct og_settings set = OG_SETTINGS_INIT;
    struct og_err err = { "" };

    (void)state;
    assert_int_equal(setenv("OUTGATE_CONF", "/x/y", 1), 0);
    assert_string_equal(og_conf_path(), "/x/y");
    assert_int_equal(setenv("OUTGATE_CONF", "", 1), 0);
    assert_string_equal(og_conf_path(), OG_SYSCONFDIR "/outgate/outgate.conf");
    assert_int_equal(unsetenv("OUTGATE_CONF"), 0);
    assert_string_equal(og_conf_path(), OG_SYSCONFDIR "/outgate/outgate.conf");
    if (access(og_conf_path(), F_OK) != 0) { /* missing there is no error */
        assert_int_equal(og_conf_read(og_conf_path(), &set, &err), OG_OK);
        assert_string_equal(set.dkim_selector, "default");
        og_settings_free(&set);
    }
}

static int
setup(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(dir));
    (void)snprintf(path, sizeof path, "%s/outgate.conf", dir);
    (void)umask(022);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    (void)unlink(path);
    return rmdir(dir);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),    cmocka_unit_test(test_keeps_old),
        cmocka_unit_test(test_ceiling), cmocka_unit_test(test_files),
        cmocka_unit_test(test_path),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
