/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/state/incidents.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/base/marks.h"
#include "core/base/time.h"
#include "core/lib/digest.h"
#include "core/state/evidence.h"
#include "core/state/lock_record.h"
#include "core/state/seen.h"

/* an incident on its way through one transaction */
struct work {
    const struct og_account *account;
    const struct og_incident *incident;
    int64_t now;
    struct og_rule rules[OG_RULES_MAX];
    size_t rules_count;
    bool identities;                       /* are identities locked automatically? */
    uint32_t who;                          /* the identity, as its mark has it; 0: none */
    char message[2 * OG_DIGEST_BYTES + 1]; /* hash, "" for one that cannot repeat */
    struct og_lock_row rows[OG_LEVELS];
    struct og_incident_result result;
    struct og_lock_changes changes;
};

/* whose the message is and what it did are in its hash, so that neither another
 * identity nor another class is taken for the retry */
static enum og_rc
hash_message(struct work *work, struct og_err *err)
{
    struct og_buf text = OG_BUF_INIT(1 << 20);
    unsigned char hash[OG_DIGEST_BYTES];
    const char *identity = work->account->identity;
    enum og_rc rc;

    if (work->incident->message[0] == '\0')
        return OG_OK;
    rc = og_buf_add(&text, identity, strlen(identity) + 1, err);
    if (rc == OG_OK)
        rc = og_buf_add(&text, work->incident->class, strlen(work->incident->class) + 1,
                        err);
    if (rc == OG_OK)
        rc = og_buf_add_text(&text, work->incident->message, err);
    if (rc == OG_OK)
        og_digest_of(text.data, text.len, hash);
    for (size_t i = 0; rc == OG_OK && i < 16; i++) /* half of it is plenty */
        (void)snprintf(work->message + 2 * i, 3, "%02x", hash[i]);
    og_buf_free(&text);
    return rc;
}

static void
hash_identity(struct work *work)
{
    unsigned char hash[OG_DIGEST_BYTES];
    const char *identity = work->account->identity;

    if (identity[0] == '\0')
        return;
    og_digest_of(identity, strlen(identity), hash);
    work->who = (uint32_t)hash[0] << 24 | (uint32_t)hash[1] << 16 | (uint32_t)hash[2] << 8
                | hash[3];
    if (work->who == 0)
        work->who = 1;
}

static bool
rule_holds(const struct work *work, const struct og_rule *rule, enum og_level level)
{
    return strcmp(rule->class, work->incident->class) == 0
           && (level == OG_LEVEL_USER ? rule->per_user : rule->per_identity);
}

/* may this level be locked automatically, and is there a rule that would? Receives the
 * longest period of them */
static bool
level_counts(const struct work *work, enum og_level level, int64_t *longest)
{
    bool wanted = level == OG_LEVEL_USER
                      ? work->account->sender->settings.automatic_lock != 0
                      : work->identities && work->account->identity[0] != '\0';

    *longest = 0;
    for (size_t i = 0; i < work->rules_count && wanted; i++)
        if (rule_holds(work, &work->rules[i], level)
            && work->rules[i].rate.seconds > *longest)
            *longest = work->rules[i].rate.seconds;
    return *longest > 0;
}

static enum og_rc
count_key(const struct work *work, enum og_level level, struct og_buf *key,
          struct og_err *err)
{
    enum og_rc rc = og_buf_add_text(key, "incidents ", err);

    return rc == OG_OK ? og_account_key(work->account, level, key, err) : rc;
}

static enum og_rc
message_key(const struct work *work, struct og_buf *key, struct og_err *err)
{
    enum og_rc rc = og_buf_add_text(key, "message ", err);

    if (rc == OG_OK)
        rc = og_account_key(work->account, OG_LEVEL_USER, key, err);
    return rc == OG_OK ? og_buf_printf(key, err, " %s", work->message) : rc;
}

static bool
breaks(const struct work *work, const struct og_rule *rule, enum og_level level,
       const struct og_marks *marks)
{
    struct og_marks_sum sum = og_marks_sum(marks, work->now, rule->rate.seconds);

    if (level == OG_LEVEL_IDENTITY || !work->identities || !rule->per_identity)
        return sum.all >= rule->rate.count;
    return sum.persons + sum.unknown >= rule->rate.count
           && !(sum.persons == 1 && sum.unknown == 0);
}

/* what one level's record says with this incident in it */
struct level {
    struct og_record rec;
    const struct og_rule *rule; /* that it breaks, or NULL */
    uint64_t hits;              /* in the rule's period */
};

static enum og_rc
note_evidence(const struct og_incident *incident, struct og_record *rec,
              struct og_err *err)
{
    enum og_rc rc = og_evidence_note(rec, "clients", incident->client, err);

    return rc == OG_OK ? og_evidence_note(rec, "subjects", incident->subject, err) : rc;
}

/* the rule of this level that is broken now, or NULL */
static const struct og_rule *
broken(const struct work *work, enum og_level level, const struct og_marks *marks)
{
    for (size_t i = 0; i < work->rules_count; i++)
        if (rule_holds(work, &work->rules[i], level)
            && breaks(work, &work->rules[i], level, marks))
            return &work->rules[i];
    return NULL;
}

/* enter the incident in the level's record */
static enum og_rc
count_level(struct og_txn *txn, struct work *work, enum og_level level, int64_t longest,
            struct level *at, struct og_err *err)
{
    const char *class = work->incident->class;
    struct og_buf key = OG_BUF_INIT(OG_STORE_MAX_KEY);
    struct og_buf text = OG_BUF_INIT(OG_RECORD_MAX_TEXT);
    struct og_record *rec = &at->rec;
    struct og_marks marks = { .count = 0 };
    enum og_rc rc = count_key(work, level, &key, err);

    if (rc == OG_OK)
        rc = og_seen_get(txn, key.data, work->now, rec, err);
    if (rc == OG_OK && og_record_get(rec, class) != NULL
        && og_marks_parse(og_record_get(rec, class), &marks, err) != OG_OK)
        rc = OG_E_STATE;
    if (rc != OG_OK && rc != OG_E_NOTFOUND)
        goto out;
    og_marks_settle(&marks, work->now, longest);
    og_marks_add(&marks, work->now, level == OG_LEVEL_USER ? work->who : 0);
    at->rule = broken(work, level, &marks);
    rc = note_evidence(work->incident, rec, err);
    if (rc == OG_OK && at->rule != NULL) {
        at->hits = og_marks_sum(&marks, work->now, at->rule->rate.seconds).all;
        rc = og_seen_drop(txn, key.data, err);
        goto out;
    }
    if (rc == OG_OK)
        rc = og_marks_print(&marks, &text, err);
    if (rc == OG_OK)
        rc = og_record_set_text(rec, class, og_buf_text(&text), err);
    if (rc == OG_OK) {
        int64_t until = work->now + longest + 1, old = 0;
        const char *had = og_record_get(rec, "until");

        if (had != NULL && og_time_parse(had, &old, NULL) == OG_OK && old > until)
            until = old; /* another class counts longer */
        rc = og_seen_put(txn, key.data, rec, until, work->now, err);
    }
out:
    og_buf_free(&key);
    og_buf_free(&text);
    return rc;
}

static enum og_rc
lock_level(struct og_txn *txn, struct work *work, enum og_level level,
           const struct level *at, struct og_err *err)
{
    struct og_buf text = OG_BUF_INIT(OG_LOCK_RULE);
    struct og_evidence evidence = { at->hits, og_record_get(&at->rec, "clients"),
                                    og_record_get(&at->rec, "subjects") };
    enum og_rc rc = og_rules_print(at->rule, 1, &text, err);

    if (rc == OG_OK)
        rc = og_lock_make(txn, work->account, &work->rows[level], og_buf_text(&text),
                          work->incident->detail, NULL, &evidence, work->now,
                          &work->changes, err);
    if (rc == OG_OK)
        work->result.lock = work->rows[level].lock;
    og_buf_free(&text);
    return rc;
}

/* has this message been counted before? If not, it has from now on */
static enum og_rc
check_seen(struct og_txn *txn, struct work *work, struct og_err *err)
{
    struct og_buf key = OG_BUF_INIT(OG_STORE_MAX_KEY);
    struct og_record rec = OG_RECORD_INIT;
    enum og_rc rc = OG_OK;

    if (work->message[0] == '\0')
        return OG_OK;
    rc = message_key(work, &key, err);
    if (rc == OG_OK)
        rc = og_seen_get(txn, key.data, work->now, &rec, err);
    work->result.seen = rc == OG_OK;
    if (rc == OG_E_NOTFOUND)
        rc = og_seen_put(txn, key.data, &rec, work->now + OG_INCIDENT_AGAIN, work->now,
                         err);
    og_buf_free(&key);
    og_record_free(&rec);
    return rc;
}

static enum og_rc
open_rows(struct og_txn *txn, struct work *work, struct og_err *err)
{
    enum og_rc rc = og_lock_open(txn, work->account, OG_LEVEL_USER, work->now,
                                 &work->rows[OG_LEVEL_USER], &work->changes, err);

    work->rows[OG_LEVEL_IDENTITY] = (struct og_lock_row){ .ended = 0 };
    if (rc == OG_OK && work->account->identity[0] != '\0')
        rc = og_lock_open(txn, work->account, OG_LEVEL_IDENTITY, work->now,
                          &work->rows[OG_LEVEL_IDENTITY], &work->changes, err);
    return rc;
}

static enum og_rc
count_work(struct og_txn *txn, void *arg, struct og_err *err)
{
    static const enum og_level levels[] = { OG_LEVEL_IDENTITY, OG_LEVEL_USER };
    struct work *work = arg;
    int64_t longest[N_ELEMENTS(levels)];
    bool counts[N_ELEMENTS(levels)], any = false;
    enum og_rc rc;

    work->changes = (struct og_lock_changes){ .count = 0 }; /* a second try starts anew */
    work->result = (struct og_incident_result){ .counted = false };
    rc = open_rows(txn, work, err);
    if (rc != OG_OK || work->rows[OG_LEVEL_IDENTITY].lock.locked)
        return rc;
    for (size_t i = 0; i < N_ELEMENTS(levels); i++) {
        counts[i] = level_counts(work, levels[i], &longest[i])
                    && !work->rows[levels[i]].lock.locked;
        any = any || counts[i];
    }
    if (any)
        rc = check_seen(txn, work, err);
    if (rc != OG_OK || !any || work->result.seen)
        return rc;
    work->result.counted = true;
    for (size_t i = 0; i < N_ELEMENTS(levels) && rc == OG_OK; i++) {
        struct level at = { .rec = OG_RECORD_INIT };

        if (counts[i])
            rc = count_level(txn, work, levels[i], longest[i], &at, err);
        if (rc == OG_OK && at.rule != NULL)
            rc = lock_level(txn, work, levels[i], &at, err);
        og_record_free(&at.rec);
    }
    return rc;
}

static enum og_rc
read_rules(struct work *work, struct og_err *err)
{
    const struct og_settings *set = &work->account->sender->settings;

    work->identities = set->lock_identities_automatically == OG_AUTOMATIC_YES
                       || (set->lock_identities_automatically == OG_AUTOMATIC_AUTO
                           && work->account->sender->user.name.kind == OG_KIND_IP);
    return og_rules_parse(set->lock_rules, work->rules, &work->rules_count, err);
}

static bool
may_count(const struct work *work)
{
    int64_t longest;

    return level_counts(work, OG_LEVEL_IDENTITY, &longest)
           || level_counts(work, OG_LEVEL_USER, &longest);
}

bool
og_incident_may_count(const struct og_account *account, const char *class)
{
    struct og_incident incident = { .class = class };
    struct work work = { .account = account, .incident = &incident };

    /* of rules that cannot be read it is og_incident_count() that tells */
    return read_rules(&work, NULL) != OG_OK || may_count(&work);
}

enum og_rc
og_incident_count(const struct og_state *state, const struct og_account *account,
                  const struct og_incident *incident, int64_t now,
                  struct og_incident_result *result, struct og_err *err)
{
    struct work work = { .account = account, .incident = incident, .now = now };
    enum og_rc rc;

    *result = (struct og_incident_result){ .counted = false };
    if (!og_incident_class(incident->class))
        return og_fail(err, OG_E_SYNTAX, "no class of incident '%.40s'", incident->class);
    rc = read_rules(&work, err);
    if (rc == OG_OK && !may_count(&work))
        return OG_OK;
    if (rc == OG_OK)
        rc = hash_message(&work, err);
    hash_identity(&work);
    if (rc == OG_OK)
        rc = og_store_run(&state->store, OG_STORE_COMMIT, count_work, &work, err);
    if (rc == OG_OK) {
        *result = work.result;
        rc = og_lock_tell(state, account, &work.changes, err);
    }
    return rc;
}

enum og_rc
og_incident_add(const struct og_state *state, const struct og_account *account,
                const struct og_incident *incident, int64_t now, struct og_lock *lock,
                struct og_err *err)
{
    struct og_incident_result result;
    enum og_rc rc = og_incident_count(state, account, incident, now, &result, err);

    *lock = result.lock;
    return rc;
}
