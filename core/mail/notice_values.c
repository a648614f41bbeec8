/* SPDX-License-Identifier: BSD-2-Clause */
/* a row of the outbox as the variables of a template */
#include "core/mail/notice_values.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/rule.h"
#include "core/base/shell.h"
#include "core/base/time.h"
#include "core/lib/mime_words.h"
#include "core/mail/queued.h"
#include "core/state/evidence.h"
#include "core/state/unlock.h"

static const char *
field(const struct og_outbox_row *row, const char *name)
{
    return og_record_text(&row->fields, name);
}

static enum og_rc
set_number(struct og_record *to, const char *name, int64_t number, struct og_err *err)
{
    return og_record_set_number(to, name, number, err);
}

/* fields that a row and a template call the same */
static enum og_rc
copy_fields(const struct og_outbox_row *row, struct og_record *to, struct og_err *err)
{
    static const struct {
        const char *from, *to;
    } rows[] = {
        { "user", "user" },
        { "id", "lock_id" },
        { "level", "scope" },
        { "who", "who" },
        { "rule", "rule" },
        { "reason", "reason" },
        { "hits", "hits" },
        { "since", "since" },
        { "until", "until" },
        { "unlocks", "unlocks_used" },
        { "unlocks_max", "unlocks_max" },
        { "limit_unit", "limit_unit" },
        { "limit_span", "limit_span" },
        { "limit_value", "limit_value" },
        { "limit_used", "limit_used" },
        { "free_at", "free_at" },
        { "kind", "about" },
        { "for", "reader" },
    };
    enum og_rc rc = OG_OK;

    for (size_t i = 0; i < N_ELEMENTS(rows) && rc == OG_OK; i++)
        if (field(row, rows[i].from)[0] != '\0')
            rc = og_record_set_text(to, rows[i].to, field(row, rows[i].from), err);
    return rc;
}

/* `header:cust42` is cust42, told by a header */
static enum og_rc
set_identity(const struct og_outbox_row *row, struct og_record *to, struct og_err *err)
{
    const char *identity = field(row, "identity"), *colon = strchr(identity, ':');
    enum og_rc rc = OG_OK;

    if (identity[0] == '\0')
        return OG_OK;
    rc = og_record_set_text(to, "identity", identity, err);
    if (rc == OG_OK)
        rc = og_record_set_text(to, "identity_name", colon != NULL ? colon + 1 : identity,
                                err);
    if (rc == OG_OK && colon != NULL)
        rc = og_record_set(to, "identity_method", identity, (size_t)(colon - identity),
                           err);
    return rc;
}

/* class and period stand in the rule: `spam 5 in 10m` */
static enum og_rc
set_rule(const struct og_outbox_row *row, struct og_record *to, struct og_err *err)
{
    const char *rule = field(row, "rule"), *in = strstr(rule, " in ");
    size_t len = strcspn(rule, " ");
    char text[OG_RULE_CLASS];
    int64_t seconds = 0;
    enum og_rc rc = OG_OK;

    if (len > 0)
        rc = og_record_set(to, "class", rule, len, err);
    if (rc != OG_OK || in == NULL)
        return rc;
    (void)snprintf(text, sizeof text, "%.*s", (int)strcspn(in + 4, " "), in + 4);
    if (og_duration_parse(text, &seconds, NULL) == OG_OK && seconds > 0)
        rc = set_number(to, "period", seconds, err);
    return rc;
}

static enum og_rc
set_times(const struct og_outbox_row *row, struct og_record *to, struct og_err *err)
{
    int64_t since = 0, until = 0;
    uint64_t used = strtoull(field(row, "unlocks"), NULL, 10);
    uint64_t most = strtoull(field(row, "unlocks_max"), NULL, 10);
    enum og_rc rc = OG_OK;

    if (og_time_parse(field(row, "since"), &since, NULL) == OG_OK
        && og_time_parse(field(row, "until"), &until, NULL) == OG_OK && until > since)
        rc = set_number(to, "timeout", until - since, err);
    if (rc == OG_OK && most > used)
        rc = set_number(to, "unlocks_left", (int64_t)(most - used), err);
    return rc;
}

/* the setting unlock_url has {token} where the word stands */
static enum og_rc
set_url(const char *pattern, const char *token, struct og_record *to, struct og_err *err)
{
    const char *at = strstr(pattern, "{token}");
    struct og_buf url = OG_BUF_INIT(2000);
    enum og_rc rc = OG_OK;

    if (at == NULL)
        return OG_OK;
    rc = og_buf_printf(&url, err, "%.*s%s%s", (int)(at - pattern), pattern, token,
                       at + strlen("{token}"));
    if (rc == OG_OK)
        rc = og_record_set_text(to, "unlock_url", og_buf_text(&url), err);
    og_buf_free(&url);
    return rc;
}

/* The means to unlock: for the admin contact, and not for a lock that somebody has made by
 * hand, who alone knows when it may end. */
static enum og_rc
set_unlock(const struct og_state *state, const struct og_outbox_row *row, int64_t now,
           struct og_record *to, struct og_err *err)
{
    char token[OG_UNLOCK_TOKEN], address[400];
    enum og_rc rc;

    if (strcmp(field(row, "kind"), "lock") != 0
        || strcmp(field(row, "for"), "admin") != 0)
        return OG_OK;
    if (strcmp(field(row, "kind_of_lock"), "manual") == 0)
        return set_number(to, "manual", 1, err);
    rc = og_unlock_token(state, field(row, "id"), now + OG_UNLOCK_LIFE, token, err);
    (void)snprintf(address, sizeof address, "%s%s@%s", OG_UNLOCK_PREFIX, token,
                   state->hostname);
    if (rc == OG_OK)
        rc = og_record_set_text(to, "unlock_address", address, err);
    return rc == OG_OK ? set_url(state->server.unlock_url, token, to, err) : rc;
}

static enum og_rc
set_about(const struct og_state *state, const struct og_outbox_row *row, int64_t now,
          struct og_record *to, struct og_err *err)
{
    enum og_rc rc = copy_fields(row, to, err);

    if (rc == OG_OK)
        rc = set_identity(row, to, err);
    if (rc == OG_OK)
        rc = set_rule(row, to, err);
    if (rc == OG_OK)
        rc = set_times(row, to, err);
    if (rc == OG_OK && strcmp(field(row, "kind_of_lock"), "manual") == 0)
        rc = set_number(to, "manual", 1, err);
    return rc == OG_OK ? set_unlock(state, row, now, to, err) : rc;
}

/* how much waits is known as far as Exim's spool can be read */
static enum og_rc
set_queued(const struct og_state *state, const struct og_outbox_row *row,
           struct og_values *values, struct og_err *err)
{
    uint64_t count = 0;

    if (strcmp(field(row, "kind"), "lock") != 0
        || og_queued_count(state, field(row, "user"), field(row, "identity"), &count,
                           NULL)
               != OG_OK)
        return OG_OK;
    return set_number(&values->fields, "queued", (int64_t)count, err);
}

/* as a person reads it; some character sets grow by nine and more, and no subject may keep
 * the notice of its sender's lock from being written: then as it stands */
static enum og_rc
read_words(const char *text, struct og_buf *out, struct og_err *err)
{
    enum og_rc rc = og_mime_words(text, out, err);

    return rc == OG_E_LIMIT ? og_buf_add_text(out, text, err) : rc;
}

static enum og_rc
set_subjects(const struct og_outbox_row *row, struct og_values *values,
             struct og_err *err)
{
    struct og_values lines = OG_VALUES_INIT;
    const struct og_value_list *list;
    enum og_rc rc = og_values_lines(&lines, "subjects", field(row, "subjects"), err);

    list = og_values_list(&lines, "subjects");
    for (size_t i = 0; list != NULL && i < list->count && rc == OG_OK; i++) {
        struct og_buf text = OG_BUF_INIT(OG_EVIDENCE_MAX_LINE * 4);
        struct og_record *to = NULL;

        rc = read_words(og_record_get(&list->rows[i], "item"), &text, err);
        if (rc == OG_OK)
            rc = og_values_row(values, "subjects", &to, err);
        if (rc == OG_OK && to != NULL)
            rc = og_record_set(to, "item", og_buf_text(&text), text.len, err);
        og_buf_free(&text);
    }
    og_values_free(&lines);
    return rc;
}

/* for who sees that somebody else has unlocked */
static enum og_rc
set_lock_command(const struct og_outbox_row *row, struct og_values *values,
                 struct og_err *err)
{
    const char *identity = field(row, "identity");
    struct og_buf command = OG_BUF_INIT(16384);
    enum og_rc rc = og_buf_add_text(&command, "outgatectl lock ", err);

    if (rc == OG_OK)
        rc = og_shell_quote(field(row, "user"), &command, err);
    if (rc == OG_OK && identity[0] != '\0')
        rc = og_buf_add_text(&command, " --identity ", err);
    if (rc == OG_OK && identity[0] != '\0')
        rc = og_shell_quote(identity, &command, err);
    if (rc == OG_OK)
        rc = og_values_set(values, "lock_command", og_buf_text(&command), err);
    og_buf_free(&command);
    return rc;
}

static enum og_rc
set_explain(const struct og_outbox_row *row, struct og_values *values, struct og_err *err)
{
    char command[64];

    if (field(row, "id")[0] == '\0')
        return OG_OK;
    (void)snprintf(command, sizeof command, "outgatectl explain %.32s", field(row, "id"));
    return og_values_set(values, "explain_command", command, err);
}

enum og_rc
og_notice_values(const struct og_state *state, const struct og_sender *sender,
                 const struct og_outbox_row *row, int64_t now, struct og_values *values,
                 struct og_err *err)
{
    enum og_rc rc = set_about(state, row, now, &values->fields, err);

    if (rc == OG_OK)
        rc = og_values_set(values, "server", state->hostname, err);
    if (rc == OG_OK)
        rc = og_values_set(values, "admin_contact", sender->settings.admin_contact, err);
    if (rc == OG_OK)
        rc = og_values_set(values, "domain", sender->domain, err);
    if (rc == OG_OK)
        rc = set_explain(row, values, err);
    if (rc == OG_OK && strcmp(field(row, "kind"), "unlocked") == 0)
        rc = set_lock_command(row, values, err);
    if (rc == OG_OK)
        rc = og_values_lines(values, "clients", field(row, "clients"), err);
    if (rc == OG_OK)
        rc = set_subjects(row, values, err);
    return rc == OG_OK ? set_queued(state, row, values, err) : rc;
}

enum og_rc
og_notice_digest(const struct og_state *state, const struct og_outbox_batch *batch,
                 int64_t now, struct og_values *values, struct og_err *err)
{
    enum og_rc rc = og_values_set(values, "server", state->hostname, err);

    if (rc == OG_OK)
        rc = set_number(&values->fields, "count", (int64_t)batch->count, err);
    for (size_t i = 0; i < batch->count && rc == OG_OK; i++) {
        struct og_record *row = NULL;

        rc = og_values_row(values, "notices", &row, err);
        if (rc == OG_OK && row != NULL)
            rc = set_about(state, &batch->rows[i], now, row, err);
    }
    return rc;
}

/* one is shown; who wants all asks for the message itself */
static enum og_rc
set_recipients(const struct og_outbox_row *row, struct og_record *to, struct og_err *err)
{
    const char *all = field(row, "recipients");
    long more = strtol(field(row, "recipients_count"), NULL, 10) - 1;
    struct og_buf text = OG_BUF_INIT(2000);
    enum og_rc rc = og_buf_add(&text, all, strcspn(all, "\n"), err);

    if (rc == OG_OK && more > 0)
        rc = og_buf_printf(&text, err, " + %ld", more);
    if (rc == OG_OK && text.len > 0)
        rc = og_record_set(to, "to", text.data, text.len, err);
    og_buf_free(&text);
    return rc;
}

static enum og_rc
set_refused(const struct og_outbox_row *row, struct og_record *to, struct og_err *err)
{
    static const struct {
        const char *from, *to;
    } rows[] = { { "sender", "from" }, { "class", "class" }, { "at", "since" } };
    struct og_buf subject = OG_BUF_INIT(8192);
    enum og_rc rc = set_recipients(row, to, err);

    if (rc == OG_OK)
        rc = read_words(field(row, "subject"), &subject, err);
    if (rc == OG_OK && subject.len > 0)
        rc = og_record_set(to, "subject", subject.data, subject.len, err);
    og_buf_free(&subject);
    for (size_t i = 0; i < N_ELEMENTS(rows) && rc == OG_OK; i++)
        if (field(row, rows[i].from)[0] != '\0')
            rc = og_record_set_text(to, rows[i].to, field(row, rows[i].from), err);
    return rc;
}

enum og_rc
og_notice_refused(const struct og_state *state, const struct og_outbox_batch *batch,
                  struct og_values *values, struct og_err *err)
{
    enum og_rc rc = og_values_set(values, "server", state->hostname, err);

    if (rc == OG_OK)
        rc = set_number(&values->fields, "count", (int64_t)batch->count, err);
    for (size_t i = 0; i < batch->count && rc == OG_OK; i++) {
        struct og_record *row = NULL;

        rc = og_values_row(values, "messages", &row, err);
        if (rc == OG_OK && row != NULL)
            rc = set_refused(&batch->rows[i], row, err);
        /* its header is in the row of what is not in the quarantine */
        if (rc == OG_OK && row != NULL
            && og_record_get(&batch->rows[i].fields, "header") == NULL)
            rc = og_record_set_text(row, "quarantine_id", field(&batch->rows[i], "id"),
                                    err);
    }
    return rc;
}

enum og_rc
og_notice_report_values(const struct og_state *state, const struct og_outbox_row *row,
                        bool attached, struct og_values *values, struct og_err *err)
{
    static const char *const same[] = { "user", "domain", "reason" };
    enum og_rc rc = og_values_set(values, "server", state->hostname, err);

    for (size_t i = 0; i < N_ELEMENTS(same) && rc == OG_OK; i++)
        rc = og_values_set(values, same[i], field(row, same[i]), err);
    if (rc == OG_OK)
        rc = set_identity(row, &values->fields, err);
    if (rc == OG_OK)
        rc = set_refused(row, &values->fields, err);
    if (rc == OG_OK && attached)
        rc = og_values_set(values, "quarantine_id", field(row, "id"), err);
    if (rc == OG_OK)
        rc = og_values_lines(values, "clients", field(row, "client"), err);
    return rc == OG_OK ? set_explain(row, values, err) : rc;
}
