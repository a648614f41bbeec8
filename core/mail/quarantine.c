/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/mail/quarantine.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/base/write.h"
#include "core/mail/arf.h"
#include "core/mail/kept.h"
#include "core/mail/maildir.h"
#include "core/state/owner.h"

enum { NAME_TEXT = 128, MAX_HOST = 64, SHOWN_RECIPIENTS = 20, DAY = 86400 };

bool
og_quarantine_takes(const struct og_settings *set, const char *class)
{
    size_t len = strlen(class);

    for (const char *at = set->quarantine; *at != '\0'; at += strspn(at, " ")) {
        size_t word = strcspn(at, " ");

        if (word == len && strncmp(at, class, len) == 0)
            return true;
        at += word;
    }
    return false;
}

/* name of the file: time, id, and this host's name as far as it can stand there */
static void
make_name(const struct og_state *state, const char *id, int64_t now, char name[NAME_TEXT])
{
    const char *host = state->hostname;
    int len = (int)strspn(host, "abcdefghijklmnopqrstuvwxyz0123456789-.");

    (void)snprintf(name, NAME_TEXT, "%lld.%s.%.*s", (long long)now, id,
                   len > MAX_HOST ? MAX_HOST : len, host);
}

/* inside the kernel where file systems let it */
static enum og_rc
copy_body(int from, off_t at, int to, struct og_err *err)
{
    char chunk[65536];
    ssize_t n;

    while ((n = copy_file_range(from, &at, to, NULL, 1 << 30, 0)) > 0)
        ;
    if (n == 0)
        return OG_OK;
    while ((n = pread(from, chunk, sizeof chunk, at)) > 0) {
        enum og_rc rc = og_write_all(to, chunk, (size_t)n, "quarantine", err);

        if (rc != OG_OK)
            return rc;
        at += n;
    }
    return n == 0 ? OG_OK : og_fail(err, OG_E_IO, "read body: %s", strerror(errno));
}

static enum og_rc
write_message(int fd, const struct og_buf *head, const struct og_refused *message,
              struct og_err *err)
{
    struct og_buf text = OG_BUF_INIT(SIZE_MAX / 2);
    enum og_rc rc = og_buf_add(&text, head->data, head->len, err);

    for (size_t i = 0; i < message->headers->count && rc == OG_OK; i++)
        rc = og_buf_add(&text, message->headers->rows[i].text,
                        message->headers->rows[i].len, err);
    if (rc == OG_OK)
        rc = og_buf_add_text(&text, "\n", err);
    if (rc == OG_OK)
        rc = og_write_all(fd, text.data, text.len, "quarantine", err);
    og_buf_free(&text);
    return rc == OG_OK ? copy_body(message->fd, message->body_start, fd, err) : rc;
}

/* bytes of the message itself */
static enum og_rc
measure(const struct og_refused *message, uint64_t *bytes, struct og_err *err)
{
    struct stat st;

    if (fstat(message->fd, &st) != 0)
        return og_fail(err, OG_E_IO, "read body: %s", strerror(errno));
    *bytes = st.st_size > message->body_start
                 ? (uint64_t)(st.st_size - message->body_start) + 1
                 : 1;
    for (size_t i = 0; i < message->headers->count; i++)
        *bytes += message->headers->rows[i].len;
    return OG_OK;
}

/* orders what is kept within one second */
static enum og_rc
set_micros(struct og_record *entry, struct og_err *err)
{
    struct timespec now = { 0, 0 };
    char text[24];

    (void)clock_gettime(CLOCK_REALTIME, &now); /* 0 does no harm */
    (void)snprintf(text, sizeof text, "%06ld", now.tv_nsec / 1000);
    return og_record_set_text(entry, "usec", text, err);
}

enum og_rc
og_quarantine_describe(const struct og_refused *message, struct og_record *entry,
                       struct og_err *err)
{
    struct og_buf shown = OG_BUF_INIT(65536);
    enum og_rc rc = og_record_set_time(entry, "at", message->now, err);

    if (rc == OG_OK)
        rc = og_record_set_text(entry, "domain", message->domain, err);
    for (size_t i = 0;
         i < message->recipients_count && i < SHOWN_RECIPIENTS && rc == OG_OK; i++)
        rc =
            og_buf_printf(&shown, err, "%s%s", i > 0 ? "\n" : "", message->recipients[i]);
    if (rc == OG_OK)
        rc = og_record_set(entry, "recipients", og_buf_text(&shown), shown.len, err);
    if (rc == OG_OK)
        rc = og_record_set_number(entry, "recipients_count",
                                  (long long)message->recipients_count, err);
    og_buf_free(&shown);
    return rc;
}

static enum og_rc
fill(const struct og_settings *set, const char *name, const struct og_refused *message,
     struct og_record *entry, struct og_err *err)
{
    int64_t expires = message->now + (int64_t)set->quarantine_days * DAY;
    uint64_t bytes = 0;
    enum og_rc rc = measure(message, &bytes, err);

    if (rc == OG_OK && set->quarantine_bytes > 0 && bytes > set->quarantine_bytes)
        rc = og_fail(err, OG_E_LIMIT, "larger than quarantine_bytes");
    if (rc == OG_OK)
        rc = og_quarantine_describe(message, entry, err);
    if (rc == OG_OK)
        rc = set_micros(entry, err);
    if (rc == OG_OK)
        rc = og_record_set_time(entry, "expires", expires, err);
    if (rc == OG_OK)
        rc = og_record_set_text(entry, "file", name, err);
    return rc == OG_OK ? og_record_set_number(entry, "bytes", (long long)bytes, err) : rc;
}

/* the fields in front of the message: the entry, its id, and what would have changed */
static enum og_rc
print_head(const char *id, const struct og_record *entry,
           const struct og_refused *message, struct og_buf *head, struct og_err *err)
{
    struct og_record rec = OG_RECORD_INIT;
    enum og_rc rc = og_record_set_text(&rec, "id", id, err);

    for (size_t i = 0; i < entry->count && rc == OG_OK; i++)
        rc = og_record_set_field(&rec, &entry->fields[i], err);
    if (rc == OG_OK)
        rc = og_kept_changes(message->headers, &rec, err);
    if (rc == OG_OK)
        rc = og_kept_print(&rec, message->recipients, message->recipients_count, head,
                           err);
    og_record_free(&rec);
    return rc;
}

/* with the owner's rights; fd is the file in tmp, which stays locked until it is closed */
static enum og_rc
write_file(const char *base, const char *domain, const char *name,
           const struct og_buf *head, const struct og_refused *message, int *fd,
           struct og_err *err)
{
    enum og_rc rc = og_maildir_create(base, domain, name, fd, err);

    if (rc == OG_OK)
        rc = write_message(*fd, head, message, err);
    if (rc == OG_OK)
        rc = og_maildir_sync(base, domain, *fd, err);
    return rc;
}

/* all that is needed of a message that is being kept */
struct keeping {
    const struct og_state *state;
    const struct og_refused *message;
    struct og_record *entry;
    char name[NAME_TEXT];
    struct og_buf head;
    struct og_outbox_row report;
};

static enum og_rc
prepare(struct keeping *keeping, const struct og_settings *set, struct og_err *err)
{
    const struct og_refused *message = keeping->message;
    enum og_rc rc;

    if (!og_vault_domain_ok(message->domain) || !og_vault_id_ok(message->id))
        return og_fail(err, OG_E_SYNTAX, "'%.100s' cannot be a directory",
                       message->domain);
    make_name(keeping->state, message->id, message->now, keeping->name);
    rc = fill(set, keeping->name, message, keeping->entry, err);
    if (rc == OG_OK)
        rc = print_head(message->id, keeping->entry, message, &keeping->head, err);
    if (rc == OG_OK && message->report_to != NULL)
        rc = og_arf_row(keeping->state, message->id, keeping->entry, NULL,
                        message->report_to, message->now, &keeping->report, err);
    return rc;
}

/* with the owner's rights */
static enum og_rc
keep(struct keeping *keeping, struct og_err *err)
{
    const char *base = keeping->state->server.quarantine_directory;
    const struct og_refused *message = keeping->message;
    struct og_err why = { "" };
    int fd = -1;
    enum og_rc rc = write_file(base, message->domain, keeping->name, &keeping->head,
                               message, &fd, err);

    if (rc == OG_OK)
        rc = og_vault_add(keeping->state, message->id, keeping->entry,
                          message->report_to != NULL ? &keeping->report : NULL, err);
    if (rc == OG_OK) /* where that fails it stays in tmp until the next repair */
        (void)!og_maildir_deliver(base, message->domain, keeping->name, &why);
    else if (fd >= 0)
        og_maildir_abandon(base, message->domain, keeping->name);
    if (fd >= 0)
        (void)close(fd); /* synced */
    return rc;
}

enum og_rc
og_quarantine_store(const struct og_state *state, const struct og_settings *set,
                    const struct og_refused *message, struct og_record *entry,
                    struct og_err *err)
{
    struct keeping keeping = { .state = state,
                               .message = message,
                               .entry = entry,
                               .head = OG_BUF_INIT(OG_KEPT_MAX_HEAD) };
    struct og_owner was;
    struct og_err why = { "" };
    size_t gone = 0;
    enum og_rc rc = prepare(&keeping, set, err);

    if (rc == OG_OK) {
        rc = og_owner_enter(state, &was)
                 ? keep(&keeping, err)
                 : og_fail(err, OG_E_PERM, "cannot become %s", state->server.user);
        og_owner_leave(&was);
    }
    if (rc == OG_OK) /* what is old can wait, a kept message cannot be taken back */
        (void)!og_quarantine_expire(state, message->domain, set->quarantine_bytes,
                                    message->now, &gone, &why);
    og_buf_free(&keeping.head);
    og_record_free(&keeping.report.fields);
    return rc;
}
