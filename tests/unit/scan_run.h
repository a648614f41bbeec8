/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_TESTS_SCAN_RUN_H
#define OG_TESTS_SCAN_RUN_H

#include <sys/mman.h>
#include <unistd.h>

#include "core/scan/scanner.h"

static inline struct og_scanner *
open_scanner(const struct og_scanner_conf *conf)
{
    struct og_scanner *scanner = NULL;
    struct og_err err = { "" };

    if (og_scanner_open(conf, NULL, NULL, &scanner, &err) != OG_OK)
        fail_msg("%s", err.text);
    return scanner;
}

static const struct og_scanner_conf wide = { .signature_directory = "",
                                             .temporary_directory = "",
                                             .max_bytes = 1 << 20,
                                             .max_file_bytes = 1 << 19,
                                             .max_files = 100,
                                             .max_depth = 10,
                                             .max_parts = 100,
                                             .pua_categories = "" };

static inline int
file_with(const char *before, const char *text, size_t len)
{
    int fd = memfd_create("scan", MFD_CLOEXEC);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, before, strlen(before)), strlen(before));
    assert_int_equal(write(fd, text, len), len);
    return fd;
}

/* the findings as text, without their last line */
static inline char *
scan(const struct og_scanner_conf *conf, const char *headers, const char *name,
     const char *body, size_t len)
{
    struct og_scanner *scanner = open_scanner(conf);
    struct og_findings findings = OG_FINDINGS_INIT;
    struct og_buf out = OG_BUF_INIT(OG_FINDINGS_MAX_TEXT);
    struct og_err err = { "" };
    int fd = file_with("1abc-DEF-00-D\n", body, len); /* as Exim's spool begins */
    struct og_scan_request request = { .headers = headers,
                                       .headers_len =
                                           headers != NULL ? strlen(headers) : 0,
                                       .name = name,
                                       .fd = fd,
                                       .start = 14,
                                       .timeout_ms = 300000 };
    char *end, *copy;

    assert_int_equal(og_scanner_scan(scanner, &request, &findings, &err), OG_OK);
    assert_int_equal(lseek(fd, 0, SEEK_CUR), 14 + (off_t)len); /* only pread() */
    assert_int_equal(og_findings_print(&findings, &out, &err), OG_OK);
    end = strstr(out.data, "end count=");
    assert_non_null(end);
    *end = '\0';
    copy = strdup(out.data);
    assert_non_null(copy);
    og_findings_free(&findings);
    og_buf_free(&out);
    (void)close(fd);
    og_scanner_close(scanner);
    return copy;
}

#endif
