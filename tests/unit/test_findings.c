/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/rows.h"

#include "core/base/findings.h"

#define H16 "0123456789abcdef"
#define H64 H16 H16 H16 H16

/* what a text form parses to, printed back; or a part of the error */
static const struct {
    const char *in;
    enum og_rc rc;
    const char *out;
} rows[] = {
    { "end count=0\n", OG_OK, "end count=0\n" },
    { "found=file path=a%20b.zip name=a%20b.zip type=CL_TYPE_ZIP "
      "claimed=application/zip size=17 depth=2\nend count=1\n",
      OG_OK,
      "found=file path=a%20b.zip name=a%20b.zip type=CL_TYPE_ZIP "
      "claimed=application/zip size=17 depth=2\nend count=1\n" },
    { "found=virus name=Eicar-Test path=\nfound=limit name=depth size=32\n"
      "end count=2 fingerprint=" H16 " exact=" H64 " elapsed_ms=4 text_words=9\n",
      OG_OK,
      "found=virus name=Eicar-Test\nfound=limit name=depth size=32\n"
      "end count=2 fingerprint=" H16 " exact=" H64 " elapsed_ms=4 text_words=9\n" },
    { "found=macro name=vba colour=blue\nend count=1\n", OG_OK,
      "found=macro name=vba\nend count=1\n" },
    { "found=phish name=x\nend count=1\n", OG_OK, "found=phish name=x\nend count=1\n" },
    { "found=unwanted\nfound=encrypted\nend count=2\n", OG_OK,
      "found=unwanted\nfound=encrypted\nend count=2\n" },
    { "found=file size=18446744073709551615 depth=4294967295\nend count=1\n", OG_OK,
      "found=file size=18446744073709551615 depth=4294967295\nend count=1\n" },
    /* the same macro twice is one; the count is that of the lines */
    { "found=macro name=vba\nfound=macro name=vba\nfound=file\nfound=file\nend count=4\n",
      OG_OK, "found=macro name=vba\nfound=file\nfound=file\nend count=3\n" },
    { "", OG_E_SYNTAX, "the end is missing" },
    { "\n", OG_E_SYNTAX, "line 1 of the findings: neither" },
    { "end count=0", OG_E_SYNTAX, "line 1 of the findings: no line end" },
    { "end \n", OG_E_SYNTAX, "count" },
    { "end\n", OG_E_SYNTAX, "name=value" },
    { "end count=1\n", OG_E_SYNTAX, "lines before, 0" },
    { "end count=-0\n", OG_E_SYNTAX, "count" },
    { "found=file\nend count=0\n", OG_E_SYNTAX, "lines before, 1" },
    { "found=file\n", OG_E_SYNTAX, "the end is missing" },
    { "found=file\nfound=fi", OG_E_SYNTAX, "line 2 of the findings: no line end" },
    { "end count=0\n\n", OG_E_SYNTAX, "something stands behind it" },
    { "end count=0\nend count=0\n", OG_E_SYNTAX, "something stands behind it" },
    { "found=folder\nend count=1\n", OG_E_SYNTAX, "neither a finding" },
    { "path=a\nend count=1\n", OG_E_SYNTAX, "neither a finding" },
    { "found=file name=a%00b\nend count=1\n", OG_E_SYNTAX, "name has a NUL" },
    { "found=file size=1x\nend count=1\n", OG_E_SYNTAX, "size is no number" },
    { "found=file size=\nend count=1\n", OG_E_SYNTAX, "size is no number" },
    { "found=file size=18446744073709551616\nend count=1\n", OG_E_SYNTAX, "size" },
    { "found=file depth=4294967296\nend count=1\n", OG_E_SYNTAX, "depth is no number" },
    { "found=file name=a name=b\nend count=1\n", OG_E_SYNTAX, "twice" },
    { "end count=0 fingerprint=0123\n", OG_E_SYNTAX, "16 digits" },
    { "end count=0 fingerprint=" H16 "0\n", OG_E_SYNTAX, "16 digits" },
    { "end count=0 fingerprint=0123456789ABCDEF\n", OG_E_SYNTAX, "16 digits" },
    { "end count=0 exact=" H16 "\n", OG_E_SYNTAX, "64 digits" },
};

static void
test_parse(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        struct og_findings list = OG_FINDINGS_INIT;
        struct og_buf out = OG_BUF_INIT(OG_FINDINGS_MAX_TEXT);
        struct og_err err = { "" };
        size_t len = strlen(rows[i].in);
        char *exact = exact_copy(rows[i].in, len);

        row_rc(i, og_findings_parse(exact, len, &list, &err), rows[i].rc, &err);
        if (rows[i].rc == OG_OK) {
            row_rc(i, og_findings_print(&list, &out, &err), OG_OK, &err);
            row_text(i, og_buf_text(&out), rows[i].out);
        } else if (strstr(err.text, rows[i].out) == NULL) {
            fail_msg("row %zu: '%s' lacks '%s'", i, err.text, rows[i].out);
        }
        og_findings_free(&list);
        og_buf_free(&out);
        free(exact);
    }
}

/* a failure leaves the list and the buffer alone */
static void
test_failure(void **state)
{
    struct og_findings list = OG_FINDINGS_INIT;
    struct og_buf out = OG_BUF_INIT(40);
    struct og_err err = { "" };
    const char *text = "found=virus name=A\nend count=1 elapsed_ms=7\n";

    (void)state;
    assert_int_equal(og_findings_parse(text, strlen(text), &list, &err), OG_OK);
    assert_int_equal(og_findings_parse("end count=3\n", 12, &list, &err), OG_E_SYNTAX);
    assert_int_equal(list.count, 1);
    assert_int_equal(list.elapsed_ms, 7);
    assert_int_equal(og_buf_add_text(&out, "x", &err), OG_OK);
    assert_int_equal(og_findings_print(&list, &out, &err), OG_E_LIMIT);
    assert_string_equal(og_buf_text(&out), "x");
    og_buf_free(&out);
    og_findings_free(&list);
}

/* what comes out of a name of `len` bytes: the beginning, `...`, the end */
static void
check_name(size_t len, const char *fill, const char *end, bool whole)
{
    struct og_findings list = OG_FINDINGS_INIT;
    struct og_err err = { "" };
    char *name = malloc(len + 1);
    struct og_finding finding = { .what = OG_FOUND_FILE, .name = name };
    const char *kept;

    assert_non_null(name);
    for (size_t i = 0; i < len; i++)
        name[i] = fill[i % strlen(fill)];
    name[len] = '\0';
    memcpy(name + len - strlen(end), end, strlen(end));
    assert_int_equal(og_findings_add(&list, &finding, &err), OG_OK);
    kept = list.list[0].name;
    assert_string_equal(kept + strlen(kept) - strlen(end), end);
    if (whole) {
        assert_string_equal(kept, name);
    } else {
        assert_true(strlen(kept) <= OG_FINDING_MAX_NAME);
        assert_true(strlen(kept) > OG_FINDING_MAX_NAME - 8);
        assert_non_null(strstr(kept, "..."));
        assert_memory_equal(kept, name, 500);
        /* whole characters on both sides */
        assert_true((strstr(kept, "...")[3] & 0xc0) != 0x80 || fill[0] == '\x80');
    }
    og_findings_free(&list);
    free(name);
}

static void
test_names(void **state)
{
    (void)state;
    check_name(5, "x", ".exe", true);
    check_name(OG_FINDING_MAX_NAME, "x", ".exe", true);
    check_name(OG_FINDING_MAX_NAME + 1, "x", ".exe", false);
    check_name(65536, "x", ".exe", false);
    for (size_t i = 0; i < 4; i++)
        check_name(65536 + i, "\xe2\x82\xac", ".exe", false);
    check_name(65536, "\x80", ".exe", false); /* no UTF-8: 500 bytes of it are enough */
}

/* what is no file is there once; a file as often as it is found */
static void
test_add(void **state)
{
    struct og_findings list = OG_FINDINGS_INIT;
    struct og_err err = { "" };

    (void)state;
    assert_null(og_findings_first(&list, OG_FOUND_FILE));
    for (int i = 0; i < 2; i++)
        for (enum og_found what = OG_FOUND_FILE; what <= OG_FOUND_LIMIT; what++) {
            char path[] = "p", name[] = "n";
            struct og_finding finding = { .what = what, .path = path, .name = name };

            assert_int_equal(og_findings_add(&list, &finding, &err), OG_OK);
            finding.path = NULL;
            assert_int_equal(og_findings_add(&list, &finding, &err), OG_OK);
        }
    assert_int_equal(list.count, 4 + 2 * OG_FOUND_LIMIT);
    for (enum og_found what = OG_FOUND_FILE; what <= OG_FOUND_LIMIT; what++)
        assert_int_equal(og_findings_first(&list, what)->what, what);
    assert_string_equal(og_findings_first(&list, OG_FOUND_VIRUS)->path, "p");
    assert_string_equal(og_findings_first(&list, OG_FOUND_VIRUS)->type, "");
    og_findings_free(&list);
    og_findings_free(&list);
}

/* whoever fills the list with names does not hide what decides */
static void
add_first_ones(struct og_findings *list, const char *text)
{
    struct og_finding finding = {
        .path = text, .name = text, .type = text, .claimed = text
    };
    struct og_err err = { "" };

    for (finding.what = OG_FOUND_FILE + 1; finding.what <= OG_FOUND_LIMIT; finding.what++)
        if (og_findings_add(list, &finding, &err) != OG_OK)
            fail_msg("%s: %s", og_found_text(finding.what), err.text);
}

static void
test_ceiling(void **state)
{
    struct og_findings list = OG_FINDINGS_INIT, back = OG_FINDINGS_INIT;
    struct og_buf out = OG_BUF_INIT(OG_FINDINGS_MAX_TEXT);
    struct og_err err = { "" };
    struct og_finding finding = { .what = OG_FOUND_FILE };

    (void)state;
    for (int i = 0; i < OG_FINDINGS_MAX - OG_FOUND_LIMIT - 1; i++)
        assert_int_equal(og_findings_add(&list, &finding, &err), OG_OK);
    assert_int_equal(og_findings_add(&list, &finding, &err), OG_E_LIMIT);
    add_first_ones(&list, "");
    finding.what = OG_FOUND_VIRUS;
    finding.name = "another";
    assert_int_equal(og_findings_add(&list, &finding, &err), OG_E_LIMIT);
    assert_int_equal(og_findings_print(&list, &out, &err), OG_OK);
    assert_int_equal(og_findings_parse(out.data, out.len, &back, &err), OG_OK);
    assert_int_equal(back.count, OG_FINDINGS_MAX - 1); /* a file was there */
    assert_non_null(og_findings_first(&back, OG_FOUND_VIRUS));
    og_findings_free(&back);
    og_findings_free(&list);
    og_buf_free(&out);
}

/* whatever the names are, what was added can be printed and read back */
static void
test_ceiling_of_text(void **state)
{
    struct og_findings list = OG_FINDINGS_INIT, back = OG_FINDINGS_INIT;
    struct og_buf out = OG_BUF_INIT(OG_FINDINGS_MAX_TEXT);
    struct og_err err = { "" };
    char name[OG_FINDING_MAX_NAME + 1];
    struct og_finding finding = {
        .path = name, .name = name, .type = name, .claimed = name
    };
    size_t count = 0;

    (void)state;
    memset(name, '\xff', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    while (og_findings_add(&list, &finding, &err) == OG_OK)
        assert_true(++count < OG_FINDINGS_MAX);
    assert_true(count > 1000);
    add_first_ones(&list, name);
    count += OG_FOUND_LIMIT;
    assert_int_equal(og_findings_print(&list, &out, &err), OG_OK);
    assert_int_equal(og_findings_parse(out.data, out.len, &back, &err), OG_OK);
    assert_int_equal(back.count, count);
    og_findings_free(&back);
    og_findings_free(&list);
    og_buf_free(&out);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),   cmocka_unit_test(test_failure),
        cmocka_unit_test(test_names),   cmocka_unit_test(test_add),
        cmocka_unit_test(test_ceiling), cmocka_unit_test(test_ceiling_of_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
