/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/state/invalid.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/base/rule.h"
#include "core/lib/idn.h"
#include "core/state/distinct.h"
#include "core/state/incidents.h"
#include "core/state/ledger_book.h"
#include "core/state/ledger_key.h"

static const char class[] = "invalid-recipient";

/* one address on its way through one transaction */
struct work {
    const struct og_account *account;
    enum og_level level;
    const char *address; /* in key form where it has one */
    int64_t now;
    bool percent;     /* the level's recipients of the day are asked for */
    bool counted;     /* from here on results */
    uint64_t used;    /* different invalid addresses */
    uint64_t of;      /* recipients within the day */
    uint64_t dropped; /* addresses that a lock has made us forget */
};

static enum og_level
level_of(const struct og_account *account)
{
    uint64_t identities = account->sender->settings.lock_identities_automatically;
    bool locked = identities == OG_AUTOMATIC_YES
                  || (identities == OG_AUTOMATIC_AUTO
                      && account->sender->user.name.kind == OG_KIND_IP);

    return locked && account->identity[0] != '\0' ? OG_LEVEL_IDENTITY : OG_LEVEL_USER;
}

/* the name that distinct.h keeps the addresses under; no user has one with a blank */
static enum og_rc
set_name(const struct og_account *account, enum og_level level, struct og_buf *name,
         struct og_err *err)
{
    enum og_rc rc = og_buf_printf(name, err, "invalid %s %s", og_level_text(level),
                                  account->sender->user.name.text);

    if (rc == OG_OK && level == OG_LEVEL_IDENTITY)
        rc = og_buf_printf(name, err, " %s", account->identity);
    return rc;
}

/* recipients that the level's mail was accepted for within the day */
static enum og_rc
day_recipients(struct og_txn *txn, struct work *work, struct og_err *err)
{
    struct og_book book;
    struct og_window *window = NULL;
    enum og_rc rc;

    og_book_init(&book);
    rc = og_ledger_key(work->account, work->level, &book.key, err);
    if (rc == OG_OK)
        rc = og_book_read(txn, false, &book, err);
    if (rc == OG_OK)
        rc = og_book_window(&book, og_book_index(false, OG_UNIT_RECIPIENTS, OG_DAY),
                            &window, err);
    if (rc == OG_OK)
        work->of = og_window_sum(window, work->now);
    og_book_free(&book);
    return rc;
}

static enum og_rc
count(struct og_txn *txn, struct work *work, bool add, struct og_err *err)
{
    struct og_distinct set = OG_DISTINCT_INIT;
    struct og_buf name = OG_BUF_INIT(4096);
    enum og_rc rc = set_name(work->account, work->level, &name, err);

    if (rc == OG_OK && add)
        rc = og_distinct_open(txn, name.data, &work->address, 1, &set, err);
    if (rc == OG_OK && add)
        rc = og_distinct_add(&set, work->now, err);
    if (rc == OG_OK) /* again, with what is stored now */
        rc = og_distinct_open(txn, name.data, NULL, 0, &set, err);
    if (rc == OG_OK)
        rc = og_distinct_used(&set, work->now, &work->used, err);
    og_distinct_free(&set);
    og_buf_free(&name);
    return rc;
}

static enum og_rc
add_work(struct og_txn *txn, void *arg, struct og_err *err)
{
    struct work *work = arg;
    struct og_lock lock;
    enum og_rc rc = og_lock_read(txn, work->account, work->now, &lock, err);

    work->counted = false;
    if (rc != OG_OK || lock.locked)
        return rc;
    rc = count(txn, work, true, err);
    if (rc == OG_OK && work->percent)
        rc = day_recipients(txn, work, err);
    work->counted = rc == OG_OK;
    return rc;
}

static enum og_rc
look_work(struct og_txn *txn, void *arg, struct og_err *err)
{
    return count(txn, arg, false, err);
}

static enum og_rc
forget_work(struct og_txn *txn, void *arg, struct og_err *err)
{
    struct work *work = arg;
    struct og_distinct set = OG_DISTINCT_INIT;
    struct og_buf name = OG_BUF_INIT(4096);
    enum og_rc rc = set_name(work->account, work->level, &name, err);

    work->dropped = 0;
    if (rc == OG_OK)
        rc = og_distinct_open(txn, name.data, NULL, 0, &set, err);
    if (rc == OG_OK)
        rc = og_distinct_clear(&set, &work->dropped, err);
    og_distinct_free(&set);
    og_buf_free(&name);
    return rc;
}

/* the rule that is met, as a lock shows it, or "" */
static void
judge(const struct work *work, char rule[OG_LOCK_RULE])
{
    const struct og_settings *set = &work->account->sender->settings;

    rule[0] = '\0';
    if (set->invalid_recipient_limit > 0 && work->used >= set->invalid_recipient_limit)
        (void)snprintf(rule, OG_LOCK_RULE, "%s %" PRIu64 " in 1d", class,
                       set->invalid_recipient_limit);
    else if (work->percent && work->of >= set->invalid_recipient_minimum
             && work->used * 100 >= work->of * set->invalid_recipient_percent)
        (void)snprintf(rule, OG_LOCK_RULE, "%s %" PRIu64 "%% in 1d", class,
                       set->invalid_recipient_percent);
}

static enum og_rc
lock_account(const struct og_state *state, struct work *work, const char *rule,
             struct og_lock *lock, struct og_err *err)
{
    char reason[OG_LOCK_REASON];
    struct og_evidence evidence = { .hits = work->used };
    enum og_rc rc;

    (void)snprintf(reason, sizeof reason,
                   "%" PRIu64 " different address%s refused as unknown, the last one %s",
                   work->used, work->used == 1 ? "" : "es", work->address);
    rc = og_lock_now(state, work->account, work->level, rule, reason, &evidence,
                     work->now, lock, err);
    if (rc == OG_OK && lock->locked)
        rc = og_store_run(&state->store, OG_STORE_COUNT, forget_work, work, err);
    return rc;
}

static enum og_rc
incident(const struct og_state *state, const struct work *work, struct og_lock *lock,
         struct og_err *err)
{
    struct og_incident what = { .class = class,
                                .message = work->address,
                                .detail = work->address };

    if (lock->locked || strstr(work->account->sender->settings.lock_rules, class) == NULL)
        return OG_OK;
    return og_incident_add(state, work->account, &what, work->now, lock, err);
}

static enum og_rc
add(const struct og_state *state, struct work *work, struct og_invalid *result,
    struct og_err *err)
{
    const struct og_settings *set = &work->account->sender->settings;
    char rule[OG_LOCK_RULE];
    enum og_rc rc = OG_OK;

    if (set->invalid_recipient_limit > 0 || work->percent)
        rc = og_store_run(&state->store, OG_STORE_COUNT, add_work, work, err);
    if (rc != OG_OK)
        return rc;
    result->counted = work->counted;
    result->used = work->used;
    judge(work, rule);
    if (work->counted && rule[0] != '\0'
        && (work->level == OG_LEVEL_IDENTITY || set->automatic_lock != 0))
        rc = lock_account(state, work, rule, &result->lock, err);
    return rc == OG_OK ? incident(state, work, &result->lock, err) : rc;
}

enum og_rc
og_invalid_add(const struct og_state *state, const struct og_account *account,
               const char *address, int64_t now, struct og_invalid *result,
               struct og_err *err)
{
    struct og_buf key = OG_BUF_INIT(1024);
    struct work work = { .account = account,
                         .level = level_of(account),
                         .now = now,
                         .percent =
                             account->sender->settings.invalid_recipient_percent > 0 };
    enum og_rc rc = og_idn_address(address, strlen(address), &key, NULL);

    *result = (struct og_invalid){ .counted = false };
    if (rc == OG_E_NOMEM)
        return og_fail(err, rc, "no memory");
    work.address = rc == OG_OK ? key.data : address; /* bad in form is bad as well */
    rc = add(state, &work, result, err);
    og_buf_free(&key);
    return rc;
}

enum og_rc
og_invalid_look(const struct og_state *state, const struct og_account *account,
                enum og_level level, int64_t now, uint64_t *used, struct og_err *err)
{
    struct work work = { .account = account, .level = level, .now = now };
    enum og_rc rc = OG_OK;

    if (level == OG_LEVEL_USER
        || (level == OG_LEVEL_IDENTITY && account->identity[0] != '\0'))
        rc = og_store_run(&state->store, OG_STORE_READ, look_work, &work, err);
    if (rc == OG_OK)
        *used = work.used;
    return rc;
}
