/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/state/lock_notice.h"

#include <stdio.h>
#include <string.h>

#include "core/base/time.h"

static enum og_rc
fill(struct og_record *rec, const struct og_account *account, const struct og_lock *lock,
     const struct og_evidence *evidence, const char *who, struct og_err *err)
{
    const struct og_settings *set = &account->sender->settings;
    bool is_identity = lock->level == OG_LEVEL_IDENTITY;
    const struct og_pair rows[] = {
        { "digest", "digest" },
        { "id", lock->id },
        { "user", account->sender->user.name.text },
        { "identity", is_identity ? account->identity : "" },
        { "level", og_level_text(lock->level) },
        { "kind_of_lock", lock->manual ? "manual" : "automatic" },
        { "rule", lock->rule },
        { "reason", lock->reason },
        { "who", who },
    };
    enum og_rc rc = og_record_set_pairs(rec, rows, N_ELEMENTS(rows), err);

    if (rc == OG_OK)
        rc = og_record_set_time(rec, "since", lock->since, err);
    if (rc == OG_OK)
        rc = og_record_set_time(rec, "until", lock->until, err);
    if (rc == OG_OK)
        rc = og_record_set_number(rec, "unlocks", (long long)lock->unlocks, err);
    if (rc == OG_OK)
        rc = og_record_set_number(rec, "unlocks_max",
                                  (long long)set->maximum_unlocks_by_timeout, err);
    if (rc == OG_OK && evidence != NULL && evidence->hits > 0)
        rc = og_record_set_number(rec, "hits", (long long)evidence->hits, err);
    if (rc == OG_OK && evidence != NULL)
        rc = og_record_set_some(rec, "clients", evidence->clients, err);
    if (rc == OG_OK && evidence != NULL)
        rc = og_record_set_some(rec, "subjects", evidence->subjects, err);
    return rc;
}

static enum og_rc
put(struct og_txn *txn, const struct og_record *about, const char *kind, const char *to,
    const char *whom, int64_t now, struct og_lock_changes *changes, struct og_err *err)
{
    struct og_record rec = OG_RECORD_INIT;
    char id[OG_OUTBOX_ID];
    enum og_rc rc = og_record_set_text(&rec, "kind", kind, err);

    if (rc == OG_OK)
        rc = og_record_set_text(&rec, "to", to, err);
    if (rc == OG_OK)
        rc = og_record_set_text(&rec, "for", whom, err);
    for (size_t i = 0; i < about->count && rc == OG_OK; i++)
        rc = og_record_set_field(&rec, &about->fields[i], err);
    (void)snprintf(id, sizeof id, "%s.%s.%s", kind, og_record_get(about, "id"), whom);
    if (rc == OG_OK)
        rc = og_outbox_put(txn, id, now, now, &rec, err);
    og_record_free(&rec);
    changes->notices = changes->notices || rc == OG_OK;
    return rc;
}

enum og_rc
og_lock_notice(struct og_txn *txn, const struct og_account *account,
               const struct og_lock *lock, const struct og_evidence *evidence,
               int64_t now, struct og_lock_changes *changes, struct og_err *err)
{
    const struct og_settings *set = &account->sender->settings;
    const struct og_name *name = &account->sender->user.name;
    struct og_record about = OG_RECORD_INIT;
    bool admin = set->admin_contact[0] != '\0';
    bool user = set->notify_user != 0 && name->kind == OG_KIND_USER
                && strcmp(name->text, set->admin_contact) != 0;
    enum og_rc rc;

    if (set->notices_per_hour == 0)
        return OG_OK;
    changes->nobody = !admin && !user;
    if (changes->nobody)
        return OG_OK;
    rc = fill(&about, account, lock, evidence, lock->who, err);
    if (rc == OG_OK && admin)
        rc = put(txn, &about, "lock", set->admin_contact, "admin", now, changes, err);
    if (rc == OG_OK && user)
        rc = put(txn, &about, "lock", name->text, "user", now, changes, err);
    og_record_free(&about);
    return rc;
}

enum og_rc
og_unlock_notice(struct og_txn *txn, const struct og_account *account,
                 const struct og_lock *lock, const char *who, int64_t now,
                 struct og_lock_changes *changes, struct og_err *err)
{
    const struct og_settings *set = &account->sender->settings;
    struct og_record about = OG_RECORD_INIT;
    enum og_rc rc;

    if (set->notices_per_hour == 0 || set->admin_contact[0] == '\0')
        return OG_OK;
    rc = fill(&about, account, lock, NULL, who, err);
    if (rc == OG_OK)
        rc = put(txn, &about, "unlocked", set->admin_contact, "admin", now, changes, err);
    og_record_free(&about);
    return rc;
}
