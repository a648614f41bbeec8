/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/mail/sign.h"

#include <stdlib.h>
#include <string.h>

#include "core/lib/dkim.h"
#include "core/state/keys.h"

static enum og_rc
leaving(const struct og_headers *headers, struct og_dkim_header **out, size_t *count,
        struct og_err *err)
{
    struct og_dkim_header *rows = calloc(headers->count + 1, sizeof *rows);
    size_t n = 0;

    if (rows == NULL)
        return og_fail(err, OG_E_NOMEM, "no memory for header fields");
    for (size_t i = 0; i < headers->count; i++) {
        const struct og_header *row = &headers->rows[i];

        if (row->removed)
            continue;
        rows[n].field = row->changed != NULL ? row->changed : row->text;
        rows[n++].len = row->changed != NULL ? strlen(row->changed) : row->len;
    }
    *out = rows;
    *count = n;
    return OG_OK;
}

struct job {
    const char *domain;
    const struct og_dkim_header *headers;
    size_t count;
    int fd;
    off_t start;
};

/* one signature behind those that are there; OG_E_RANGE: no signature would hold */
static enum og_rc
sign_with(const struct job *job, const struct og_signing_key *key, struct og_buf *fields,
          struct og_buf *selectors, struct og_err *err)
{
    struct og_dkim_key with = { key->kind, key->selector, og_buf_text(&key->pem) };
    struct og_buf field = OG_BUF_INIT(8192);
    enum og_rc rc = og_dkim_sign(job->domain, &with, job->headers, job->count, job->fd,
                                 job->start, &field, err);

    if (rc == OG_OK)
        rc = og_buf_add(fields, og_buf_text(&field), field.len, err);
    if (rc == OG_OK)
        rc = og_buf_printf(selectors, err, "%s%s", selectors->len > 0 ? " " : "",
                           key->selector);
    if (rc == OG_E_SYNTAX) {
        struct og_err why = *err;

        rc = og_fail(err, OG_E_STATE, "DKIM key of %s: %.300s", job->domain, why.text);
    }
    og_buf_free(&field);
    return rc;
}

static enum og_rc
sign_all(const struct og_state *state, const struct job *job, const char *selector,
         struct og_buf *fields, struct og_buf *selectors, struct og_err *err)
{
    struct og_signing_key keys[OG_KEYS_SIGNING];
    size_t count = 0;
    enum og_rc rc = og_keys_signing(state, job->domain, selector, keys, &count, err);

    if (rc != OG_OK)
        return rc;
    for (size_t i = 0; i < count && rc == OG_OK; i++)
        rc = sign_with(job, &keys[i], fields, selectors, err);
    for (size_t i = 0; i < count; i++)
        og_signing_key_free(&keys[i]);
    if (rc == OG_E_RANGE || rc == OG_E_LIMIT) { /* the message's fault, not ours */
        og_buf_reset(fields);
        og_buf_reset(selectors);
        rc = og_buf_printf(selectors, err, "none: %s", err->text);
    }
    return rc;
}

enum og_rc
og_sign(const struct og_state *state, const struct og_sender *sender,
        const struct og_headers *headers, int body_fd, off_t body_start,
        struct og_buf *fields, struct og_buf *selectors, struct og_err *err)
{
    struct og_dkim_header *rows = NULL;
    struct job job = { .domain = sender->domain, .fd = body_fd, .start = body_start };
    enum og_rc rc;

    if (sender->settings.dkim_sign == 0 || sender->domain[0] == '\0')
        return OG_OK;
    rc = leaving(headers, &rows, &job.count, err);
    if (rc != OG_OK)
        return rc;
    job.headers = rows;
    if (og_dkim_has_signature(rows, job.count, job.domain))
        rc = og_buf_add_text(selectors, "none: signed already", err);
    else if (!sender->keyless)
        rc =
            sign_all(state, &job, sender->settings.dkim_selector, fields, selectors, err);
    free(rows);
    return rc;
}
