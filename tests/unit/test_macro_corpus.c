/* SPDX-License-Identifier: BSD-2-Clause */
/* The documents of tests/data/macro, each as its index says. With arguments: what is
 * found in those files. */
#include "tests/unit/rows.h"

#include "tests/unit/macro_walk.h"

#define FOLDER "tests/data/macro/"

static void
scan_data(const char *data, size_t len, const char *name, struct og_findings *findings)
{
    const struct og_layer layer = {
        .path = name, .name = name, .type = "", .data = data, .len = len, .size = len
    };
    struct og_err err = { "" };
    enum og_rc rc = walk_layer(&layer, findings, 0, &err);

    if (rc != OG_OK)
        fail_msg("%s: %s (%s)", name, og_rc_text(rc), err.text);
}

static void
scan(const char *path, const char *name, struct og_findings *findings)
{
    size_t len = 0;
    char *data = walk_load(path, &len);

    if (data == NULL)
        fail_msg("cannot read %s", path);
    scan_data(data, len, name, findings);
    free(data);
}

/* the kinds that were found, each once, in the order of the list; `clean` for none */
static void
sum_up(const struct og_findings *findings, struct og_buf *out)
{
    for (size_t i = 0; i < findings->count; i++) {
        const struct og_finding *found = &findings->list[i];
        const char *word =
            found->what == OG_FOUND_MACRO ? found->name : og_found_text(found->what);

        if (strstr(og_buf_text(out), word) != NULL)
            continue;
        assert_int_equal(OG_OK,
                         og_buf_printf(out, NULL, "%s%s", out->len > 0 ? "+" : "", word));
    }
    if (out->len == 0)
        assert_int_equal(OG_OK, og_buf_add_text(out, "clean", NULL));
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
        struct og_buf got = OG_BUF_INIT(1024);
        char *save = NULL, *name = strtok_r(line, " \t\n", &save),
             *want = strtok_r(NULL, " \t\n", &save);

        if (name == NULL || name[0] == '#')
            continue;
        assert_non_null(want);
        (void)snprintf(path, sizeof path, FOLDER "%s", name);
        scan(path, name, &findings);
        sum_up(&findings, &got);
        if (strcmp(got.data, want) != 0)
            fail_msg("%s: found %s, expected %s", name, got.data, want);
        og_findings_free(&findings);
        og_buf_free(&got);
        count++;
    }
    assert_true(count > 0);
    (void)fclose(index);
}

/* documents that are cut somewhere, or damaged, are read without harm */
static void
test_cut(void **state)
{
    static const char *const names[] = {
        "vba.doc",  "xlm-biff5.xls",  "default-xlm-rc4.xls",
        "xlm.xlsb", "vba-excel.xlsm", "encrypted.doc"
    };

    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(names); i++) {
        size_t len = 0, step;
        char path[512], *data;

        (void)snprintf(path, sizeof path, FOLDER "%s", names[i]);
        data = walk_load(path, &len);
        assert_non_null(data);
        step = len / 61 + 1;
        for (size_t n = 0; n < len; n += step) {
            struct og_findings findings = OG_FINDINGS_INIT;
            char *exact = exact_copy(data, n);

            scan_data(exact, n, names[i], &findings);
            free(exact);
            exact = exact_copy(data, len);
            memset(exact + n, 0xff, step < len - n ? step : len - n);
            scan_data(exact, len, names[i], &findings);
            free(exact);
            og_findings_free(&findings);
        }
        free(data);
    }
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_index),
        cmocka_unit_test(test_cut),
    };

    for (int i = 1; i < argc; i++) {
        struct og_findings findings = OG_FINDINGS_INIT;
        struct og_buf text = OG_BUF_INIT(1024);

        scan(argv[i], argv[i], &findings);
        sum_up(&findings, &text);
        printf("%s %s\n", argv[i], text.data);
        og_findings_free(&findings);
        og_buf_free(&text);
    }
    return argc > 1 ? 0 : cmocka_run_group_tests(tests, NULL, NULL);
}
