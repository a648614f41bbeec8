/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/state/login_record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/time.h"

enum {
    VALUE = 256 * 1024, /* bytes of a record, more than its lists can be */
    SWEEP = 5,          /* records each time; a failure makes four at most */
};

static const char sweep_key[] = "sweep";

static enum og_rc
bad(struct og_err *err)
{
    return og_fail(err, OG_E_SYNTAX, "no list of times");
}

/* an item of a list; true while there is one */
static bool
item(const char **list, char *out, size_t size)
{
    size_t len = strcspn(*list, ",");

    if (**list == '\0')
        return false;
    (void)snprintf(out, size, "%.*s", len < size ? (int)len : 0, *list);
    *list += len;
    if ((*list)[0] == ',' && (*list)[1] != '\0')
        ++*list;
    return true;
}

static enum og_rc
parse_failures(const char *list, struct og_login_row *row, struct og_err *err)
{
    char text[OG_TIME_TEXT + 1];

    while (item(&list, text, sizeof text)) {
        if (row->failures_count == OG_LOGIN_MAX_FAILURES
            || og_time_parse(text, &row->failures[row->failures_count], NULL) != OG_OK)
            return bad(err);
        row->failures_count++;
    }
    return OG_OK;
}

/* NETWORK@TIME */
static enum og_rc
parse_known(const char *list, struct og_login_row *row, struct og_err *err)
{
    char text[OG_NET_TEXT + OG_TIME_TEXT + 1];

    while (item(&list, text, sizeof text)) {
        struct og_login_network *entry = &row->known[row->known_count];
        char *at = strchr(text, '@');
        struct og_net net;

        if (row->known_count == OG_LOGIN_MAX_KNOWN || at == NULL)
            return bad(err);
        *at = '\0';
        if (og_net_parse(text, &net, NULL) != OG_OK
            || og_time_parse(at + 1, &entry->at, NULL) != OG_OK)
            return bad(err);
        og_net_print(&net, entry->text);
        row->known_count++;
    }
    return OG_OK;
}

enum og_rc
og_login_row_parse(const char *text, size_t len, struct og_login_row *row,
                   struct og_err *err)
{
    struct og_record rec = OG_RECORD_INIT;
    enum og_rc rc = og_record_parse(text, len, &rec, err);

    row->failures_count = row->known_count = 0;
    for (size_t i = 0; i < rec.count && rc == OG_OK; i++) {
        const struct og_field *field = &rec.fields[i];

        if (strlen(field->value) != field->len)
            rc = bad(err);
        else if (strcmp(field->name, "failures") == 0)
            rc = parse_failures(field->value, row, err);
        else if (strcmp(field->name, "known") == 0)
            rc = parse_known(field->value, row, err);
        else
            rc = og_fail(err, OG_E_SYNTAX, "unknown field %s", field->name);
    }
    og_record_free(&rec);
    return rc;
}

enum og_rc
og_login_row_get(struct og_txn *txn, const char *key, bool for_update,
                 struct og_login_row *row, struct og_err *err)
{
    struct og_buf value = OG_BUF_INIT(VALUE);
    struct og_err why = { "" };
    enum og_rc rc = for_update ? og_txn_get_for_update(txn, OG_AUTH_DB, key, &value, err)
                               : og_txn_get(txn, OG_AUTH_DB, key, &value, err);

    row->failures_count = row->known_count = 0;
    if (rc == OG_E_NOTFOUND)
        rc = OG_OK;
    else if (rc == OG_OK
             && og_login_row_parse(og_buf_text(&value), value.len, row, &why) != OG_OK)
        rc = og_fail(err, OG_E_STATE, "%s: the record of %.200s cannot be read: %.100s",
                     OG_AUTH_DB, key, why.text);
    og_buf_free(&value);
    return rc;
}

static enum og_rc
print(const struct og_login_row *row, struct og_buf *out, struct og_err *err)
{
    const char *between = "failures=";
    char time[OG_TIME_TEXT];
    enum og_rc rc = OG_OK;

    for (size_t i = 0; i < row->failures_count && rc == OG_OK; i++, between = ",") {
        rc = og_time_print(row->failures[i], time, err);
        if (rc == OG_OK)
            rc = og_buf_printf(out, err, "%s%s", between, time);
    }
    between = out->len > 0 ? " known=" : "known=";
    for (size_t i = 0; i < row->known_count && rc == OG_OK; i++, between = ",") {
        rc = og_time_print(row->known[i].at, time, err);
        if (rc == OG_OK)
            rc = og_buf_printf(out, err, "%s%s@%s", between, row->known[i].text, time);
    }
    return rc;
}

static bool
is_empty(const struct og_login_row *row)
{
    return row->failures_count == 0 && row->known_count == 0;
}

static enum og_rc
drop(struct og_txn *txn, const char *key, struct og_err *err)
{
    enum og_rc rc = og_txn_delete(txn, OG_AUTH_DB, key, err);

    return rc == OG_E_NOTFOUND ? OG_OK : rc;
}

enum og_rc
og_login_row_put(struct og_txn *txn, const char *key, const struct og_login_row *row,
                 struct og_err *err)
{
    struct og_buf value = OG_BUF_INIT(VALUE);
    enum og_rc rc;

    if (is_empty(row))
        return drop(txn, key, err);
    rc = print(row, &value, err);
    if (rc == OG_OK)
        rc = og_txn_put(txn, OG_AUTH_DB, key, og_buf_text(&value), err);
    og_buf_free(&value);
    return rc;
}

/* a time in the future is that of a clock that has been set back since */
static bool
counts(int64_t at, int64_t now, int64_t seconds)
{
    return at > now - seconds && at < now + seconds;
}

void
og_login_row_expire(struct og_login_row *row, int64_t now, int64_t seconds)
{
    size_t kept = 0;

    for (size_t i = 0; i < row->failures_count; i++)
        if (counts(row->failures[i], now, seconds))
            row->failures[kept++] = row->failures[i];
    row->failures_count = kept;
    kept = 0;
    for (size_t i = 0; i < row->known_count; i++)
        if (counts(row->known[i].at, now, OG_LOGIN_KNOWN_FOR))
            row->known[kept++] = row->known[i];
    row->known_count = kept;
}

void
og_login_row_fail(struct og_login_row *row, int64_t now, size_t most)
{
    size_t extra = row->failures_count >= most ? row->failures_count - most + 1 : 0;

    row->failures_count -= extra;
    memmove(row->failures, row->failures + extra,
            row->failures_count * sizeof row->failures[0]);
    row->failures[row->failures_count++] = now;
}

void
og_login_row_know(struct og_login_row *row, const char *network, int64_t now, size_t most)
{
    size_t kept = 0, extra;

    for (size_t i = 0; i < row->known_count; i++)
        if (strcmp(row->known[i].text, network) != 0)
            row->known[kept++] = row->known[i];
    extra = kept >= most ? kept - most + 1 : 0;
    row->known_count = kept - extra;
    memmove(row->known, row->known + extra, row->known_count * sizeof row->known[0]);
    (void)snprintf(row->known[row->known_count].text, OG_NET_TEXT, "%s", network);
    row->known[row->known_count++].at = now;
}

const struct og_login_network *
og_login_row_find(const struct og_login_row *row, const char *network)
{
    for (size_t i = 0; i < row->known_count; i++)
        if (strcmp(row->known[i].text, network) == 0)
            return &row->known[i];
    return NULL;
}

/* the records of one round: those to delete, and where it stopped */
struct sweep {
    int64_t now, client_seconds, login_seconds;
    struct og_login_row *row; /* scratch */
    size_t seen, old_count;
    char old[SWEEP][OG_STORE_MAX_KEY + 1];
    char last[OG_STORE_MAX_KEY + 1];
};

static enum og_rc
look(const char *key, const char *value, void *arg, bool *stop, struct og_err *err)
{
    struct sweep *sweep = arg;
    bool client = strncmp(key, "client ", 7) == 0;

    (void)err;
    (void)snprintf(sweep->last, sizeof sweep->last, "%s", key);
    *stop = ++sweep->seen == SWEEP;
    if ((!client && strncmp(key, "login ", 6) != 0 && strncmp(key, "pair ", 5) != 0)
        || og_login_row_parse(value, strlen(value), sweep->row, NULL) != OG_OK)
        return OG_OK; /* not ours to judge; whoever needs it complains */
    og_login_row_expire(sweep->row, sweep->now,
                        client ? sweep->client_seconds : sweep->login_seconds);
    if (is_empty(sweep->row))
        (void)snprintf(sweep->old[sweep->old_count++], sizeof sweep->old[0], "%s", key);
    return OG_OK;
}

static enum og_rc
read_place(struct og_txn *txn, struct og_record *place, struct og_err *err)
{
    struct og_buf value = OG_BUF_INIT(2 * OG_STORE_MAX_KEY * 3);
    enum og_rc rc = og_txn_get_for_update(txn, OG_AUTH_DB, sweep_key, &value, err);

    if (rc == OG_OK
        && og_record_parse(og_buf_text(&value), value.len, place, NULL) != OG_OK)
        rc = OG_OK; /* from the beginning, then */
    og_buf_free(&value);
    return rc == OG_E_NOTFOUND ? OG_OK : rc;
}

static enum og_rc
write_place(struct og_txn *txn, struct og_record *place, const char *after,
            struct og_err *err)
{
    struct og_buf value = OG_BUF_INIT(2 * OG_STORE_MAX_KEY * 3);
    enum og_rc rc = og_record_set_text(place, "after", after, err);

    if (rc == OG_OK)
        rc = og_record_print(place, &value, err);
    if (rc == OG_OK)
        rc = og_txn_put(txn, OG_AUTH_DB, sweep_key, og_buf_text(&value), err);
    og_buf_free(&value);
    return rc;
}

enum og_rc
og_login_sweep(struct og_txn *txn, int64_t now, int64_t client_seconds,
               int64_t login_seconds, struct og_err *err)
{
    struct sweep sweep = { .now = now,
                           .client_seconds = client_seconds,
                           .login_seconds = login_seconds,
                           .row = malloc(sizeof *sweep.row) };
    struct og_record place = OG_RECORD_INIT;
    const char *after;
    enum og_rc rc = sweep.row != NULL ? read_place(txn, &place, err)
                                      : og_fail(err, OG_E_NOMEM, "no memory");

    after = og_record_get(&place, "after");
    if (rc == OG_OK)
        rc = og_txn_walk(txn, OG_AUTH_DB, "", after != NULL ? after : "", look, &sweep,
                         err);
    for (size_t i = 0; i < sweep.old_count && rc == OG_OK; i++)
        rc = drop(txn, sweep.old[i], err);
    if (rc == OG_OK) /* after the last one it begins again */
        rc = write_place(txn, &place, sweep.seen == SWEEP ? sweep.last : "", err);
    og_record_free(&place);
    free(sweep.row);
    return rc;
}
