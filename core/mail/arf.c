/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include "core/base/write.h"
#include "core/mail/arf_int.h"
#include "core/mail/kept.h"
#include "core/mail/quarantine.h"
#include "core/mail/submit.h"

#include "core/lib/key.h"

enum { MAX_TEXT = 4 << 20, WIRE_LINE = 998 };

/* how the file behind offset has to be carried */
static enum og_rc
measure(int fd, off_t at, enum og_carriage *carriage, struct og_err *err)
{
    char chunk[65536];
    size_t line = 0;
    ssize_t n;

    *carriage = OG_SEVEN_BIT;
    while ((n = pread(fd, chunk, sizeof chunk, at)) > 0) {
        for (ssize_t i = 0; i < n; i++) {
            unsigned char byte = (unsigned char)chunk[i];

            line = byte == '\n' ? 0 : line + 1;
            if (byte == '\0' || byte == '\r' || line > WIRE_LINE)
                *carriage = OG_BINARY;
            else if (byte >= 0x80 && *carriage == OG_SEVEN_BIT)
                *carriage = OG_EIGHT_BIT;
        }
        at += n;
    }
    return n == 0 ? OG_OK : og_fail(err, OG_E_IO, "read message: %s", strerror(errno));
}

static enum og_rc
write_report(struct og_arf *report, int fd, struct og_err *err)
{
    const char *header = og_record_text(report->about, "header");
    off_t at = report->original;
    ssize_t n = 0;
    enum og_rc rc =
        og_write_all(fd, report->text.data, report->text.len, "write a report", err);

    og_buf_reset(&report->text);
    while (rc == OG_OK && report->file >= 0
           && (n = sendfile(fd, report->file, &at, 1 << 30)) > 0)
        ;
    if (rc == OG_OK && n < 0)
        rc = og_fail(err, OG_E_IO, "read message: %s", strerror(errno));
    if (rc == OG_OK && report->file < 0)
        rc = og_write_all(fd, header, strlen(header), "write a report", err);
    if (rc == OG_OK)
        rc = og_buf_printf(&report->text, err, "\n--%s--\n", report->boundary);
    return rc == OG_OK ? og_write_all(fd, report->text.data, report->text.len,
                                      "write a report", err)
                       : rc;
}

/* the message, if it is still there */
static enum og_rc
find_message(struct og_arf *report, struct og_err *err)
{
    struct og_record entry = OG_RECORD_INIT;
    struct og_kept kept = OG_KEPT_INIT;
    enum og_rc rc = OG_E_NOTFOUND;

    if (og_record_get(report->about, "header") == NULL)
        rc =
            og_vault_get(report->state, og_record_text(report->about, "id"), &entry, err);
    if (rc == OG_OK)
        rc = og_quarantine_open(report->state, &entry, &report->file, err);
    if (rc == OG_OK)
        rc = og_kept_load(report->file, &kept, err);
    if (rc == OG_OK) {
        report->original = (off_t)kept.original;
        rc = measure(report->file, report->original, &report->carriage, err);
    }
    og_kept_free(&kept);
    og_record_free(&entry);
    return rc == OG_E_NOTFOUND ? OG_OK : rc;
}

enum og_rc
og_arf_write(const struct og_state *state, const struct og_outbox_row *row, int64_t now,
             int fd, char *trouble, struct og_err *err)
{
    struct og_arf report = { .state = state,
                             .row = row,
                             .about = &row->fields,
                             .trouble = trouble,
                             .now = now,
                             .file = -1,
                             .text = OG_BUF_INIT(MAX_TEXT) };
    const char *header = og_record_text(&row->fields, "header");
    enum og_rc rc = og_key_random_id(report.boundary, OG_ARF_BOUNDARY, err);

    for (const char *at = header; *at != '\0'; at++)
        if ((unsigned char)*at >= 0x80)
            report.carriage = OG_EIGHT_BIT;
    if (rc == OG_OK)
        rc = find_message(&report, err);
    if (rc == OG_OK)
        rc = og_arf_head(state, row->id, og_record_text(&row->fields, "to"), now,
                         &report.text, err);
    if (rc == OG_OK)
        rc = og_arf_parts(&report, err);
    if (rc == OG_OK)
        rc = write_report(&report, fd, err);
    if (report.file >= 0)
        (void)close(report.file); /* only read */
    og_buf_free(&report.text);
    return rc;
}

enum og_rc
og_arf_submit(const struct og_state *state, const struct og_outbox_row *row, int64_t now,
              char *trouble, struct og_err *err)
{
    const char *to = og_record_text(&row->fields, "to");
    int fd = memfd_create("report", MFD_CLOEXEC);
    enum og_rc rc = fd >= 0 ? og_arf_write(state, row, now, fd, trouble, err) : OG_E_IO;

    if (fd < 0 || (rc == OG_OK && lseek(fd, 0, SEEK_SET) != 0))
        rc = og_fail(err, OG_E_IO, "a file in memory: %s", strerror(errno));
    if (rc == OG_OK)
        rc = og_submit_fd(state, "", &to, 1, fd, err);
    if (fd >= 0)
        (void)close(fd); /* nothing is behind it */
    return rc;
}
