/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/mail/notice.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/lib/mime_write.h"
#include "core/mail/arf.h"
#include "core/mail/notice_from.h"
#include "core/mail/notice_values.h"

#ifndef OG_DATADIR
#define OG_DATADIR "/usr/share/outgate"
#endif

static const char shipped[] = OG_DATADIR "/templates";

const char *
og_notice_shipped(void)
{
    return shipped;
}

static const char *
field(const struct og_outbox_row *row, const char *name)
{
    return og_record_text(&row->fields, name);
}

/* template and words of one directory; either may be missing there */
static enum og_rc
try_render(const char *directory, const char *name, struct og_words *words,
           const char *lang, const char *dflt, const struct og_values *values,
           struct og_rendered *mail, struct og_err *err)
{
    struct og_template template = OG_TEMPLATE_INIT;
    struct og_buf path = OG_BUF_INIT(4096);
    enum og_rc rc = og_buf_printf(&path, err, "%s/%s.xml", directory, name);

    if (rc == OG_OK)
        rc = og_template_open(og_buf_text(&path), &template, err);
    if (rc == OG_OK)
        rc = og_template_render(&template, words, lang, dflt, values, mail, err);
    og_template_free(&template);
    og_buf_free(&path);
    return rc;
}

static enum og_rc
open_words(const struct og_state *state, struct og_words *words, struct og_err *err)
{
    const char *const places[] = { state->server.template_directory, shipped };
    struct og_buf path = OG_BUF_INIT(4096);
    enum og_rc rc = OG_E_NOTFOUND;

    for (size_t i = 0; i < N_ELEMENTS(places) && rc != OG_OK; i++) {
        og_buf_reset(&path);
        rc = og_buf_printf(&path, err, "%s/words.xml", places[i]);
        if (rc == OG_OK)
            rc = og_words_open(og_buf_text(&path), words, err);
    }
    og_buf_free(&path);
    return rc;
}

enum og_rc
og_notice_render(const struct og_state *state, const char *name, const char *lang,
                 const struct og_values *values, struct og_rendered *mail, char *trouble,
                 struct og_err *err)
{
    const char *const places[] = { state->server.template_directory, shipped };
    const char *dflt = state->server.language;
    struct og_words words = OG_WORDS_INIT;
    struct og_err first = { "" }, why = { "" };
    enum og_rc rc = open_words(state, &words, &first), one = OG_E_NOTFOUND;

    for (size_t i = 0; i < N_ELEMENTS(places) && rc == OG_OK; i++) {
        one = try_render(places[i], name, &words, lang, dflt, values, mail,
                         i == 0 ? &first : &why);
        if (one == OG_OK)
            break;
        if (i == 0 && one == OG_E_NOTFOUND)
            first.text[0] = '\0'; /* that is as usual */
    }
    og_words_free(&words);
    if (rc != OG_OK || one != OG_OK)
        return og_fail(err, rc != OG_OK ? rc : one, "%s",
                       first.text[0] != '\0' ? first.text : why.text);
    if (trouble != NULL && first.text[0] != '\0')
        (void)snprintf(trouble, 256, "%.255s", first.text);
    return OG_OK;
}

void
og_notice_zone(const struct og_state *state)
{
    const char *zone = state->server.time_zone;
    char path[200];

    /* one that is not known would be taken for UTC under its own name */
    (void)snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", zone);
    if (setenv("TZ", access(path, R_OK) == 0 ? zone : "UTC", 1) == 0)
        tzset();
}

static const char *
print_date(int64_t now, char date[64])
{
    time_t seconds = (time_t)now;
    struct tm tm;

    if (localtime_r(&seconds, &tm) == NULL
        || strftime(date, 64, "%a, %d %b %Y %H:%M:%S %z", &tm) == 0)
        date[0] = '\0';
    return date;
}

enum og_rc
og_notice_write(const struct og_state *state, const struct og_rendered *mail,
                const char *to, const char *id, const char *reply, const char *answers,
                int64_t now, struct og_buf *message, struct og_err *err)
{
    struct og_buf name = OG_BUF_INIT(400), from = OG_BUF_INIT(OG_ADDR_MAX_TEXT);
    char message_id[OG_OUTBOX_ID + 300], before[OG_OUTBOX_ID + 300], date[64];
    struct og_mime_field fields[] = {
        { "Auto-Submitted", "auto-generated" }, /* RFC 3834 section 5 */
        { "X-Auto-Response-Suppress", "All" },  /* the same, for Exchange */
        { "Precedence", "bulk" },               /* and for what is older than that */
        { reply[0] != '\0' ? "Reply-To" : NULL, reply },
        { NULL, NULL },
        { NULL, NULL },
    };
    enum og_rc rc = og_notice_from(state, &name, &from, err);
    struct og_mime_message m = { .to = to,
                                 .subject = og_buf_text(&mail->subject),
                                 .message_id = message_id,
                                 .date = print_date(now, date),
                                 .lang = mail->lang,
                                 .fields = fields,
                                 .text = og_buf_text(&mail->text),
                                 .html = og_buf_text(&mail->html) };

    if (answers[0] != '\0')
        fields[reply[0] != '\0' ? 4 : 3] =
            (struct og_mime_field){ "In-Reply-To", before };
    (void)snprintf(message_id, sizeof message_id, "%s@%s", id, state->hostname);
    (void)snprintf(before, sizeof before, "<%s@%s>", answers, state->hostname);
    m.from_name = og_buf_text(&name);
    m.from = og_buf_text(&from);
    if (rc == OG_OK)
        rc = og_mime_write(&m, message, err);
    og_buf_free(&name);
    og_buf_free(&from);
    return rc;
}

/* the language stands where the reader's address does */
static const char *
language_of(const struct og_state *state, const struct og_sender *sender,
            const struct og_outbox_row *row)
{
    const struct og_settings *set = &sender->settings;
    bool arf =
        strcmp(field(row, "kind"), OG_ARF_KIND) == 0 && set->arf_contact[0] != '\0';

    if (strcmp(field(row, "for"), "user") == 0)
        return set->language;
    switch ((enum og_source)
                set->source[arf ? OG_SETTING_arf_contact : OG_SETTING_admin_contact]) {
    case OG_SOURCE_USER:
        return set->language;
    case OG_SOURCE_DOMAIN:
        return sender->domain_settings.language;
    case OG_SOURCE_SERVER:
    case OG_SOURCE_DEFAULT:
        break;
    }
    return state->server.language;
}

/* the template of a lock by what it is about, unless the settings name one */
static const char *
lock_template(const struct og_sender *sender, const struct og_outbox_row *row)
{
    const char *chosen = sender->settings.lock_template, *rule = field(row, "rule");

    if (strcmp(chosen, "default") != 0)
        return chosen;
    if (field(row, "identity")[0] != '\0')
        return "lock-identity";
    return strncmp(rule, "auth-failure", 12) == 0
                   || strncmp(rule, "login-spread", 12) == 0
               ? "login-attack"
               : "lock-user";
}

static const char *
standard_template(const struct og_sender *sender, const struct og_outbox_row *row)
{
    struct og_sender plain = *sender;
    static char dflt[] = "default";

    plain.settings.lock_template = dflt;
    return lock_template(&plain, row);
}

static enum og_rc
render_row(const struct og_state *state, const struct og_sender *sender,
           const struct og_outbox_row *row, const struct og_values *values,
           struct og_rendered *mail, struct og_notice *notice, struct og_err *err)
{
    const char *kind = field(row, "kind"), *lang = language_of(state, sender, row);
    bool is_lock = strcmp(kind, "lock") == 0;
    const char *name = is_lock ? lock_template(sender, row) : kind;
    enum og_rc rc =
        og_notice_render(state, name, lang, values, mail, notice->trouble, err);

    if (rc != OG_OK && rc != OG_E_NOMEM && is_lock
        && strcmp(name, standard_template(sender, row)) != 0) {
        (void)snprintf(notice->trouble, sizeof notice->trouble, "%.255s", err->text);
        name = standard_template(sender, row);
        rc = og_notice_render(state, name, lang, values, mail, NULL, err);
    }
    (void)snprintf(notice->template, sizeof notice->template, "%s", name);
    return rc;
}

static enum og_rc
make_one(const struct og_state *state, const struct og_outbox_row *row, int64_t now,
         struct og_notice *notice, struct og_err *err)
{
    struct og_sender sender = OG_SENDER_INIT;
    struct og_values values = OG_VALUES_INIT;
    struct og_rendered mail = OG_RENDERED_INIT;
    char answers[OG_OUTBOX_ID] = "";
    const char *reply;
    enum og_rc rc = og_users_sender_or_gone(state, field(row, "user"), &sender, err);

    if (rc == OG_OK)
        rc = og_notice_values(state, &sender, row, now, &values, err);
    if (rc == OG_OK)
        rc = render_row(state, &sender, row, &values, &mail, notice, err);
    reply = og_record_get(&values.fields, "unlock_address");
    if (strcmp(field(row, "kind"), "unlocked") == 0)
        (void)snprintf(answers, sizeof answers, "lock.%s.%s", field(row, "id"),
                       field(row, "for"));
    if (rc == OG_OK)
        rc =
            og_notice_write(state, &mail, notice->to, row->id, reply != NULL ? reply : "",
                            answers, now, &notice->message, err);
    og_rendered_free(&mail);
    og_values_free(&values);
    og_sender_free(&sender);
    return rc;
}

static enum og_rc
make_digest(const struct og_state *state, const struct og_outbox_batch *batch,
            int64_t now, struct og_notice *notice, struct og_err *err)
{
    struct og_sender sender = OG_SENDER_INIT;
    struct og_values values = OG_VALUES_INIT;
    struct og_rendered mail = OG_RENDERED_INIT;
    const struct og_outbox_row *first = &batch->rows[0];
    char id[OG_OUTBOX_ID + 32];
    enum og_rc rc = og_users_sender_or_gone(state, field(first, "user"), &sender, err);

    (void)snprintf(notice->template, sizeof notice->template, "%s",
                   field(first, "digest"));
    (void)snprintf(id, sizeof id, "digest.%zu.%s", batch->count, first->id);
    if (rc == OG_OK)
        rc = strcmp(field(first, "kind"), OG_ARF_KIND) == 0
                 ? og_notice_refused(state, batch, &values, err)
                 : og_notice_digest(state, batch, now, &values, err);
    if (rc == OG_OK)
        rc = og_notice_render(state, notice->template, language_of(state, &sender, first),
                              &values, &mail, notice->trouble, err);
    if (rc == OG_OK)
        rc = og_notice_write(state, &mail, notice->to, id, "", "", now, &notice->message,
                             err);
    og_rendered_free(&mail);
    og_values_free(&values);
    og_sender_free(&sender);
    return rc;
}

enum og_rc
og_notice_report(const struct og_state *state, const struct og_outbox_row *row,
                 bool attached, struct og_rendered *mail, char *trouble,
                 struct og_err *err)
{
    struct og_sender sender = OG_SENDER_INIT;
    struct og_values values = OG_VALUES_INIT;
    enum og_rc rc = og_users_sender_or_gone(state, field(row, "user"), &sender, err);

    if (rc == OG_OK)
        rc = og_notice_report_values(state, row, attached, &values, err);
    if (rc == OG_OK)
        rc = og_notice_render(state, OG_ARF_TEMPLATE, language_of(state, &sender, row),
                              &values, mail, trouble, err);
    og_values_free(&values);
    og_sender_free(&sender);
    return rc;
}

enum og_rc
og_notice_make(const struct og_state *state, const struct og_outbox_batch *batch,
               int64_t now, struct og_notice *notice, struct og_err *err)
{
    static const char *const kinds[] = { "lock", "unlocked", "limit", OG_ARF_KIND };
    const struct og_outbox_row *first = &batch->rows[0];
    size_t i = 0;

    while (i < N_ELEMENTS(kinds) && strcmp(kinds[i], field(first, "kind")) != 0)
        i++;
    if (i == N_ELEMENTS(kinds))
        return og_fail(err, OG_E_NOTFOUND, "nobody knows notices of the kind '%.40s'",
                       field(first, "kind"));
    (void)snprintf(notice->to, sizeof notice->to, "%s", field(first, "to"));
    return batch->count > 1 ? make_digest(state, batch, now, notice, err)
                            : make_one(state, first, now, notice, err);
}

void
og_notice_free(struct og_notice *notice)
{
    og_buf_free(&notice->message);
}
