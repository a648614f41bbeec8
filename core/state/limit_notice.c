/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/state/limit_notice.h"

#include <stdio.h>
#include <string.h>

#include "core/base/time.h"
#include "core/lib/key.h"
#include "core/state/outbox.h"
#include "core/state/seen.h"

enum { DAY = 86400, ID = 10 };

struct work {
    const struct og_account *account;
    const struct og_shortage *shortage;
    int64_t now;
    bool told;
};

static const char *
unit_of(const struct og_shortage *shortage)
{
    return shortage->distinct ? "distinct-recipients" : og_unit_text(shortage->unit);
}

/* `limit user bob@example.com messages hour` */
static enum og_rc
seen_key(const struct work *work, struct og_buf *key, struct og_err *err)
{
    enum og_rc rc = og_buf_add_text(key, "limit ", err);

    if (rc == OG_OK)
        rc = og_account_key(work->account, work->shortage->level, key, err);
    return rc == OG_OK ? og_buf_printf(key, err, " %s %s", unit_of(work->shortage),
                                       og_window_span_text(work->shortage->span))
                       : rc;
}

static enum og_rc
look_work(struct og_txn *txn, void *arg, struct og_err *err)
{
    struct work *work = arg;
    struct og_buf key = OG_BUF_INIT(OG_STORE_MAX_KEY);
    struct og_record rec = OG_RECORD_INIT;
    enum og_rc rc = seen_key(work, &key, err);

    if (rc == OG_OK)
        rc = og_seen_get(txn, key.data, work->now, &rec, err);
    work->told = rc == OG_OK;
    og_buf_free(&key);
    og_record_free(&rec);
    return rc == OG_E_NOTFOUND ? OG_OK : rc;
}

static enum og_rc
fill(const struct work *work, const char *id, const char *to, const char *whom,
     struct og_record *rec, struct og_err *err)
{
    const struct og_shortage *shortage = work->shortage;
    const struct og_sender *sender = work->account->sender;
    char since[OG_TIME_TEXT], free_at[OG_TIME_TEXT] = "";
    enum og_rc rc = og_time_print(work->now, since, err);

    if (rc == OG_OK && shortage->free_at > 0)
        rc = og_time_print(shortage->free_at, free_at, err);
    if (rc == OG_OK) {
        const struct og_pair rows[] = {
            { "kind", "limit" },
            { "to", to },
            { "for", whom },
            { "digest", "digest" },
            { "event", id },
            { "user", shortage->level == OG_LEVEL_DOMAIN ? sender->domain
                                                         : sender->user.name.text },
            { "identity",
              shortage->level == OG_LEVEL_IDENTITY ? work->account->identity : "" },
            { "level", og_level_text(shortage->level) },
            { "limit_unit", unit_of(shortage) },
            { "limit_span", og_window_span_text(shortage->span) },
            { "since", since },
            { "free_at", free_at },
        };

        rc = og_record_set_pairs(rec, rows, N_ELEMENTS(rows), err);
    }
    if (rc == OG_OK)
        rc = og_record_set_number(rec, "limit_value", (long long)shortage->limit, err);
    return rc == OG_OK
               ? og_record_set_number(rec, "limit_used", (long long)shortage->used, err)
               : rc;
}

static enum og_rc
put(struct og_txn *txn, const struct work *work, const char *id, const char *to,
    const char *whom, struct og_err *err)
{
    struct og_record rec = OG_RECORD_INIT;
    char name[OG_OUTBOX_ID];
    enum og_rc rc = fill(work, id, to, whom, &rec, err);

    (void)snprintf(name, sizeof name, "limit.%s.%s", id, whom);
    if (rc == OG_OK)
        rc = og_outbox_put(txn, name, work->now, work->now, &rec, err);
    og_record_free(&rec);
    return rc;
}

static enum og_rc
put_work(struct og_txn *txn, void *arg, struct og_err *err)
{
    struct work *work = arg;
    const struct og_sender *sender = work->account->sender;
    const char *contact = sender->settings.admin_contact;
    int64_t length = og_window_span_seconds(work->shortage->span);
    struct og_buf key = OG_BUF_INIT(OG_STORE_MAX_KEY);
    struct og_record rec = OG_RECORD_INIT;
    char id[ID + 1];
    enum og_rc rc = look_work(txn, work, err);

    if (rc != OG_OK || work->told)
        return rc;
    rc = seen_key(work, &key, err);
    if (rc == OG_OK)
        rc = og_seen_put(txn, key.data, &rec, work->now + (length < DAY ? length : DAY),
                         work->now, err);
    if (rc == OG_OK)
        rc = og_key_random_id(id, ID, err);
    if (rc == OG_OK && contact[0] != '\0')
        rc = put(txn, work, id, contact, "admin", err);
    if (rc == OG_OK && sender->settings.notify_user != 0
        && sender->user.name.kind == OG_KIND_USER
        && strcmp(sender->user.name.text, contact) != 0)
        rc = put(txn, work, id, sender->user.name.text, "user", err);
    og_buf_free(&key);
    og_record_free(&rec);
    return rc;
}

enum og_rc
og_limit_notice(const struct og_state *state, const struct og_account *account,
                const struct og_shortage *shortage, int64_t now, struct og_err *err)
{
    const struct og_settings *set = &account->sender->settings;
    struct work work = { .account = account, .shortage = shortage, .now = now };
    enum og_rc rc;

    if (!shortage->short_of || shortage->span == OG_MINUTE || set->notices_per_hour == 0
        || shortage->limit == 0 /* no traffic jam, but a sender that may not send */
        || (set->admin_contact[0] == '\0' && set->notify_user == 0))
        return OG_OK;
    rc = og_store_run(&state->store, OG_STORE_COUNT, look_work, &work, err);
    if (rc == OG_OK && !work.told)
        rc = og_store_run(&state->store, OG_STORE_COMMIT, put_work, &work, err);
    return rc == OG_OK && !work.told ? og_outbox_kick(state, err) : rc;
}
