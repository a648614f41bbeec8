/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/rows.h"
#include "core/scan/scan_int.h"
#include "tests/unit/scan_run.h"

#include <unistd.h>

static const struct {
    const char *headers, *name, *body, *findings;
} rows[] = {
    { NULL, "", "", "" },
    { NULL, "", "Subject: x\n\nhello world\n",
      "found=file type=CL_TYPE_TEXT_ASCII size=12\n" },
    { "Subject: x\n", "", "hello world\n",
      "found=file type=CL_TYPE_TEXT_ASCII size=12\n" },
    { "Content-Type: a/b; name=x.y\n", "", "hello world\n",
      "found=file path=x.y name=x.y type=CL_TYPE_TEXT_ASCII claimed=a/b size=12\n" },
    { "", "", "hello world\n", "found=file type=CL_TYPE_TEXT_ASCII size=12\n" },
    { NULL, "x.y", "hello world\n",
      "found=file path=x.y name=x.y type=CL_TYPE_TEXT_ASCII size=12\n" },
    { NULL, "x.y", "MZ", "found=file path=x.y name=x.y size=2\n" },
    { NULL, "x.y", "", "found=file path=x.y name=x.y\n" },
    /* a document that is a message */
    { NULL, "x.eml",
      "From: a@example.com\nReceived: by x\nContent-Type: a/b; name=y\n\nhello\n",
      "found=file path=x.eml name=x.eml type=CL_TYPE_MAIL size=68\n"
      "found=file path=x.eml/y name=y type=CL_TYPE_TEXT_ASCII claimed=a/b size=6\n" },
};

static void
test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        char *found = scan(&wide, rows[i].headers, rows[i].name, rows[i].body,
                           strlen(rows[i].body));

        row_text(i, found, rows[i].findings);
        free(found);
    }
}

/* what waits fits into the ceiling, all together: files of a notebook may each claim to reach
 * to its end */
static void
test_waiting(void **state)
{
    struct og_scanner scanner = { .conf = { .max_bytes = 1000 } };
    struct og_scan_request request = { .name = "" };
    struct og_findings findings = OG_FINDINGS_INIT;
    struct og_scan *scan = calloc(1, sizeof *scan);
    char data[600] = "";
    struct og_scan_piece piece = { .path = "a", .name = "a", .data = data, .len = 600 };
    struct og_scan_piece taken;
    struct og_err err = { "" };

    (void)state;
    assert_non_null(scan);
    scan->scanner = &scanner;
    scan->request = &request;
    scan->findings = &findings;
    assert_int_equal(og_scan_later(scan, &piece, &err), OG_OK);
    piece.len = 400;
    assert_int_equal(og_scan_later(scan, &piece, &err), OG_OK);
    assert_int_equal(findings.count, 0);
    piece.len = 1;
    assert_int_equal(og_scan_later(scan, &piece, &err), OG_OK);
    assert_int_equal(scan->queue.count, 2);
    assert_string_equal(og_findings_first(&findings, OG_FOUND_LIMIT)->name, "size");
    assert_true(og_scan_queue_take(&scan->queue, &taken));
    og_scan_piece_free(&taken);
    assert_int_equal(og_scan_later(scan, &piece, &err), OG_OK);
    assert_int_equal(scan->queue.count, 2);
    scan->bytes = 400; /* those that were looked at count, too */
    assert_int_equal(og_scan_later(scan, &piece, &err), OG_OK);
    assert_int_equal(scan->queue.count, 2);
    og_scan_queue_free(&scan->queue);
    og_findings_free(&findings);
    free(scan);
}

/* NULs, which some pass over, in the name of a field and between lines */
static void
test_nuls(void **state)
{
    static const char body[] = "From: a@example.com\nMIME-Version: 1.0\n"
                               "Content-Type: multipart/mixed; boundary=bb\n\n--bb\n"
                               "Content\0-Disposition: attachment; filename=y.js\n\n"
                               "hello world\n\0--bb\0\nContent-Type: a/b; name=z\n\n"
                               "hello again\n--bb--\n";
    char *found;

    (void)state;
    found = scan(&wide, NULL, "", body, sizeof body - 1);
    if (strstr(found, "name=y.js") == NULL || strstr(found, "path=z name=z") == NULL)
        fail_msg("%s", found);
    free(found);
    free(scan(&wide, NULL, "", "\0\0\0", 3));
}

/* a ceiling that is met is a finding; at it there is none */
static void
check_limit(const struct og_scanner_conf *conf, const char *headers, const char *name,
            size_t len, const char *says)
{
    char *body = malloc(len + 1), *found;

    assert_non_null(body);
    memset(body, 'x', len);
    found = scan(conf, headers, name, body, len);
    if ((strstr(found, "found=limit") != NULL) != (says != NULL)
        || (says != NULL && strstr(found, says) == NULL))
        fail_msg("%zu bytes: %s", len, found);
    free(found);
    free(body);
}

static void
test_sizes(void **state)
{
    static const char named[] = "Content-Type: a/b; name=y\n";
    size_t file = wide.max_file_bytes, all = wide.max_bytes;

    (void)state;
    check_limit(&wide, NULL, "x", file, NULL);
    check_limit(&wide, NULL, "x", file + 1, "found=limit path=x name=size");
    check_limit(&wide, NULL, "x", all + 1, "found=limit path=x name=size");
    check_limit(&wide, named, "", file, NULL);
    check_limit(&wide, named, "", file + 1, "found=limit path=y name=size");
    check_limit(&wide, named, "", all, "name=size");
}

/* a deadline that has passed is a finding, not a failure */
static void
test_time(void **state)
{
    struct og_scanner_conf conf = wide;
    struct og_scanner *scanner;
    struct og_findings findings = OG_FINDINGS_INIT;
    struct og_err err = { "" };
    size_t len = 60 << 20;
    char *body = malloc(len);
    struct og_scan_request request = { .name = "x", .timeout_ms = 1 };

    (void)state;
    assert_non_null(body);
    for (size_t i = 0; i < len; i++)
        body[i] = (char)(i * 2654435761u >> 13);
    conf.max_bytes = conf.max_file_bytes = 100 << 20;
    scanner = open_scanner(&conf);
    request.fd = file_with("", body, len);
    assert_int_equal(og_scanner_scan(scanner, &request, &findings, &err), OG_OK);
    assert_non_null(og_findings_first(&findings, OG_FOUND_LIMIT));
    assert_string_equal(og_findings_first(&findings, OG_FOUND_LIMIT)->name, "time");
    og_findings_free(&findings);
    (void)close(request.fd);
    og_scanner_close(scanner);
    free(body);
}

/* what fails leaves the findings alone */
static void
test_failure(void **state)
{
    struct og_scanner *scanner = open_scanner(&wide);
    struct og_findings findings = OG_FINDINGS_INIT;
    struct og_scan_request request = { .name = "", .fd = -1 };
    struct og_err err = { "" };

    (void)state;
    assert_int_equal(
        og_findings_add(&findings, &(struct og_finding){ .name = "a" }, &err), OG_OK);
    assert_int_equal(og_scanner_scan(scanner, &request, &findings, &err), OG_E_IO);
    assert_string_not_equal(err.text, "");
    assert_int_equal(findings.count, 1);
    og_findings_free(&findings);
    assert_int_equal(og_scanner_signatures(scanner), 0);
    assert_false(og_scanner_changed(scanner));
    assert_string_not_equal(og_scanner_version(), "");
    og_scanner_close(scanner);
    og_scanner_close(NULL);
}

/* more findings than a list holds: the names end, and that is said */
static void
test_many(void **state)
{
    struct og_scanner_conf conf = wide;
    struct og_buf body = OG_BUF_INIT(10 << 20);
    struct og_err err = { "" };
    char *found;

    (void)state;
    conf.max_parts = conf.max_files = 100000;
    conf.max_bytes = 10 << 20;
    for (int i = 0; i < OG_FINDINGS_MAX + 10; i++)
        assert_int_equal(og_buf_add_text(&body, "--b\nX: y\n\nx\n", &err), OG_OK);
    found = scan(&conf, "Content-Type: multipart/mixed; boundary=b\n", "", body.data,
                 body.len);
    assert_non_null(strstr(found, "found=limit name=files"));
    free(found);
    og_buf_free(&body);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),    cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_time),    cmocka_unit_test(test_failure),
        cmocka_unit_test(test_many),    cmocka_unit_test(test_nuls),
        cmocka_unit_test(test_waiting),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
