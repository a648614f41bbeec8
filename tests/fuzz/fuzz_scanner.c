/* SPDX-License-Identifier: BSD-2-Clause */
/* The whole scan without signatures, of a message or a document: the first byte tells.
 * Whatever comes in, there are findings, and they can be printed and read back. */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/scan/scanner.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__lsan_default_suppressions(void);

/* what libclamav 1.4 itself forgets with some damaged files */
const char *
__lsan_default_suppressions(void)
{
    return "leak:libclamav.so\n";
}

static struct og_scanner *
scanner(void)
{
    static const struct og_scanner_conf conf = { .signature_directory = "",
                                                 .temporary_directory = "",
                                                 .max_bytes = 8 << 20,
                                                 .max_file_bytes = 4 << 20,
                                                 .max_files = 200,
                                                 .max_depth = 8,
                                                 .max_parts = 50,
                                                 .pua_categories = "" };
    static struct og_scanner *opened;
    struct og_err err = { "" };

    if (opened == NULL && og_scanner_open(&conf, NULL, NULL, &opened, &err) != OG_OK)
        abort();
    return opened;
}

static void
check(const struct og_findings *findings)
{
    struct og_findings back = OG_FINDINGS_INIT;
    struct og_buf text = OG_BUF_INIT(OG_FINDINGS_MAX_TEXT);
    enum og_rc rc = og_findings_print(findings, &text, NULL);

    assert(rc == OG_OK);
    rc = og_findings_parse(og_buf_text(&text), text.len, &back, NULL);
    assert(rc == OG_OK && back.count == findings->count);
    og_findings_free(&back);
    og_buf_free(&text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int fd = -1;
    struct og_findings findings = OG_FINDINGS_INIT;
    struct og_err err = { "" };
    struct og_scan_request request = { .timeout_ms = 5000,
                                       .macros = true,
                                       .fingerprint = true };
    ssize_t written;
    enum og_rc rc;

    if (size < 1)
        return 0;
    if (fd < 0)
        fd = memfd_create("fuzz", MFD_CLOEXEC);
    assert(fd >= 0 && ftruncate(fd, 0) == 0);
    written = pwrite(fd, data + 1, size - 1, 0);
    assert(written == (ssize_t)size - 1);
    request.fd = fd;
    request.name = (data[0] & 1) != 0 ? "file" : "";
    rc = og_scanner_scan(scanner(), &request, &findings, &err);
    assert(rc == OG_OK);
    check(&findings);
    og_findings_free(&findings);
    return 0;
}
