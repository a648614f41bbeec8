/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/mail/release.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include "core/base/write.h"
#include "core/mail/kept.h"
#include "core/mail/submit.h"

enum { MAX_HEADER = 4 << 20, AT_ONCE = 1000 /* recipients of one copy */ };

static enum og_rc
add_field(const char *id, const struct og_record *entry, struct og_buf *out,
          struct og_err *err)
{
    static const char *const names[] = { "user", "identity" };
    struct og_record rec = OG_RECORD_INIT;
    enum og_rc rc = og_record_set_text(&rec, "id", id, err);

    for (size_t i = 0; i < N_ELEMENTS(names) && rc == OG_OK; i++) {
        const struct og_field *field = og_record_find(entry, names[i]);

        if (field != NULL)
            rc = og_record_set_field(&rec, field, err);
    }
    if (rc == OG_OK)
        rc = og_buf_add_text(out, OG_RELEASE_FIELD ": ", err);
    if (rc == OG_OK)
        rc = og_record_print(&rec, out, err);
    if (rc == OG_OK)
        rc = og_buf_add_text(out, "\n", err);
    og_record_free(&rec);
    return rc;
}

/* from the file's original header to what goes out; at receives where the blank line is */
static enum og_rc
make_header(const struct og_kept *kept, int fd, struct og_buf *out, off_t *at,
            struct og_err *err)
{
    struct og_buf text = OG_BUF_INIT(MAX_HEADER);
    char chunk[16384];
    size_t used = 0;
    ssize_t n;
    enum og_rc rc = OG_OK;

    while (
        rc == OG_OK && (text.len == 0 || memmem(text.data, text.len, "\n\n", 2) == NULL)
        && (n = pread(fd, chunk, sizeof chunk, (off_t)(kept->original + text.len))) > 0)
        rc = og_buf_add(&text, chunk, (size_t)n, err);
    if (rc == OG_OK)
        rc = og_kept_rewrite(kept, og_buf_text(&text), text.len, out, &used, err);
    *at = (off_t)(kept->original + used);
    og_buf_free(&text);
    return rc;
}

static enum og_rc
make_message(const struct og_kept *kept, const char *id, const struct og_record *entry,
             int from, int to, struct og_err *err)
{
    struct og_buf head = OG_BUF_INIT(MAX_HEADER + 65536);
    off_t at = 0;
    ssize_t n = 0;
    enum og_rc rc = add_field(id, entry, &head, err);

    if (rc == OG_OK)
        rc = make_header(kept, from, &head, &at, err);
    if (rc == OG_OK)
        rc = og_write_all(to, head.data, head.len, "a file in memory", err);
    while (rc == OG_OK && (n = sendfile(to, from, &at, 1 << 30)) > 0)
        ;
    if (rc == OG_OK && n < 0)
        rc =
            og_fail(err, OG_E_IO, "the kept message cannot be read: %s", strerror(errno));
    og_buf_free(&head);
    return rc;
}

enum og_rc
og_release_submit(const struct og_state *state, const char *id,
                  const struct og_record *entry, int fd, size_t *sent, struct og_err *err)
{
    struct og_kept kept = OG_KEPT_INIT;
    const char *sender = og_record_get(entry, "sender"),
               *user = og_record_get(entry, "user");
    int memory = memfd_create("release", MFD_CLOEXEC);
    enum og_rc rc = memory >= 0
                        ? og_kept_load(fd, &kept, err)
                        : og_fail(err, OG_E_IO, "a file in memory: %s", strerror(errno));

    *sent = 0;
    if (rc == OG_OK)
        rc = make_message(&kept, id, entry, fd, memory, err);
    while (rc == OG_OK && *sent < kept.count) {
        size_t left = kept.count - *sent, count = left < AT_ONCE ? left : AT_ONCE;
        struct og_submission mail = {
            .protocol = OG_RELEASE_PROTOCOL,
            .login = user,
            .sender = sender != NULL ? sender : "",
            .recipients = (const char *const *)(kept.recipients + *sent),
            .count = count,
        };

        if (lseek(memory, 0, SEEK_SET) != 0)
            rc = og_fail(err, OG_E_IO, "a file in memory: %s", strerror(errno));
        if (rc == OG_OK)
            rc = og_submit_mail(state, &mail, memory, err);
        *sent += rc == OG_OK ? count : 0;
    }
    if (memory >= 0)
        (void)close(memory); /* nothing is behind it */
    og_kept_free(&kept);
    return rc;
}
