/* SPDX-License-Identifier: BSD-2-Clause */
/* Abuse reports: whether there is one, and its row. Exim's processes need no more. */
#include <stdio.h>
#include <string.h>

#include "core/mail/arf.h"

const char *
og_arf_wanted(const struct og_settings *set, const char *class)
{
    static const char *const classes[] = { "spam", "phish", "virus", "macro",
                                           "attachment" };
    const char *to = set->arf_contact[0] != '\0' ? set->arf_contact : set->admin_contact;

    if (set->abuse_reports == 0 || strchr(to, '@') == NULL)
        return NULL;
    for (size_t i = 0; i < N_ELEMENTS(classes); i++)
        if (strcmp(classes[i], class) == 0)
            return to;
    return NULL;
}

static enum og_rc
add_header(const struct og_headers *headers, struct og_record *fields, struct og_err *err)
{
    struct og_buf text = OG_BUF_INIT(OG_ARF_HEADER);
    enum og_rc rc = OG_OK;

    for (size_t i = 0; i < headers->count && rc == OG_OK; i++)
        if (text.len + headers->rows[i].len
            <= OG_ARF_HEADER) /* a longer one is left out */
            rc = og_buf_add(&text, headers->rows[i].text, headers->rows[i].len, err);
    if (rc == OG_OK)
        rc = og_record_set(fields, "header", og_buf_text(&text), text.len, err);
    og_buf_free(&text);
    return rc;
}

enum og_rc
og_arf_row(const struct og_state *state, const char *id, const struct og_record *about,
           const struct og_headers *headers, const char *to, int64_t now,
           struct og_outbox_row *row, struct og_err *err)
{
    const struct {
        const char *name, *value;
    } own[] = { { "kind", OG_ARF_KIND },
                { "to", to },
                { "digest", "quarantine" },
                { "purse", OG_ARF_KIND },
                { "id", id } };
    enum og_rc rc = OG_OK;

    row->due = now;
    (void)snprintf(row->id, sizeof row->id, "arf.%s", id);
    for (size_t i = 0; i < N_ELEMENTS(own) && rc == OG_OK; i++)
        rc = og_record_set_text(&row->fields, own[i].name, own[i].value, err);
    if (rc == OG_OK)
        rc = og_record_set_number(&row->fields, "per_hour",
                                  (long long)state->server.abuse_reports_per_hour, err);
    for (size_t i = 0; i < about->count && rc == OG_OK; i++)
        if (og_record_find(&row->fields, about->fields[i].name) == NULL)
            rc = og_record_set_field(&row->fields, &about->fields[i], err);
    return rc == OG_OK && headers != NULL ? add_header(headers, &row->fields, err) : rc;
}

static enum og_rc
put_work(struct og_txn *txn, void *arg, struct og_err *err)
{
    struct og_outbox_row *row = arg;

    return og_outbox_put(txn, row->id, row->due, row->due, &row->fields, err);
}

enum og_rc
og_arf_put(const struct og_state *state, struct og_outbox_row *row, struct og_err *err)
{
    return og_store_run(&state->store, OG_STORE_COMMIT, put_work, row, err);
}
