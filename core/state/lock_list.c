/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/state/lock_list.h"

#include <string.h>

#include "core/state/lock_record.h"
#include "core/state/walk.h"

static const char db[] = OG_LOCKS_DB;

/* one word of a key, decoded */
static bool
decode(const char *word, size_t len, char *out, size_t size)
{
    struct og_record rec = OG_RECORD_INIT;
    struct og_buf line = OG_BUF_INIT(OG_STORE_MAX_KEY + 8);
    bool good = og_buf_printf(&line, NULL, "name=%.*s", (int)len, word) == OG_OK
                && og_record_parse(line.data, line.len, &rec, NULL) == OG_OK
                && rec.count == 1 && rec.fields[0].len < size
                && strlen(rec.fields[0].value) == rec.fields[0].len;

    if (good)
        memcpy(out, rec.fields[0].value, rec.fields[0].len + 1);
    og_buf_free(&line);
    og_record_free(&rec);
    return good;
}

enum og_rc
og_lock_names(const char *key, struct og_lock_entry *entry, struct og_err *err)
{
    const char *user = strchr(key, ' '), *identity;
    size_t len;

    user = user != NULL ? user + 1 : "";
    len = strcspn(user, " ");
    identity = user[len] == ' ' ? user + len + 1 : "";
    if (len == 0 || !decode(user, len, entry->user, sizeof entry->user)
        || !decode(identity, strlen(identity), entry->identity, sizeof entry->identity))
        return og_fail(err, OG_E_STATE, "%s: no key of a lock: %.200s", db, key);
    return OG_OK;
}

struct locks {
    enum og_level level;
    int64_t now;
    og_locks_visit *visit;
    void *arg;
};

static enum og_rc
visit_lock(const char *key, const char *value, void *arg, struct og_err *err)
{
    const struct locks *locks = arg;
    struct og_lock_entry entry = { .user = "" };
    struct og_lock_row row;
    enum og_rc rc = og_lock_parse(value, strlen(value), key, &row, err);

    if (rc == OG_OK)
        rc = og_lock_names(key, &entry, err);
    if (rc != OG_OK)
        return rc;
    og_lock_view(&row, locks->now, &entry.lock);
    entry.lock.level = locks->level;
    return locks->visit(&entry, locks->arg, err);
}

enum og_rc
og_locks_walk(const struct og_state *state, enum og_level level, const char *user,
              int64_t now, og_locks_visit *visit, void *arg, struct og_err *err)
{
    struct locks locks = { level, now, visit, arg };
    struct og_buf prefix = OG_BUF_INIT(OG_STORE_MAX_KEY);
    bool is_identity = level == OG_LEVEL_IDENTITY;
    enum og_rc rc = og_buf_printf(&prefix, err, "%s ", og_level_text(level));

    if (rc == OG_OK && user != NULL)
        rc = og_percent_add(&prefix, user, strlen(user), err);
    if (rc == OG_OK && user != NULL && is_identity)
        rc = og_buf_add_text(&prefix, " ", err);
    if (rc == OG_OK)
        rc = og_state_walk(state, db, prefix.data, visit_lock, &locks, err);
    og_buf_free(&prefix);
    return rc;
}

struct history {
    og_lock_history_visit *visit;
    void *arg;
};

static enum og_rc
visit_history(const char *key, const char *value, void *arg, struct og_err *err)
{
    const struct history *history = arg;
    struct og_record rec = OG_RECORD_INIT;
    enum og_rc rc;

    if (og_record_parse(value, strlen(value), &rec, NULL) != OG_OK)
        return og_fail(err, OG_E_STATE, "%s: the record of %.200s cannot be read", db,
                       key);
    rc = history->visit(&rec, history->arg, err);
    og_record_free(&rec);
    return rc;
}

enum og_rc
og_lock_history(const struct og_state *state, const char *user, const char *identity,
                og_lock_history_visit *visit, void *arg, struct og_err *err)
{
    struct history history = { visit, arg };
    struct og_buf prefix = OG_BUF_INIT(OG_STORE_MAX_KEY);
    enum og_level level = identity[0] != '\0' ? OG_LEVEL_IDENTITY : OG_LEVEL_USER;
    enum og_rc rc =
        og_buf_printf(&prefix, err, OG_LOCK_HISTORY_PREFIX "%s ", og_level_text(level));

    if (rc == OG_OK)
        rc = og_percent_add(&prefix, user, strlen(user), err);
    if (rc == OG_OK)
        rc = og_buf_add_text(&prefix, " ", err);
    if (rc == OG_OK && identity[0] != '\0')
        rc = og_percent_add(&prefix, identity, strlen(identity), err);
    if (rc == OG_OK && identity[0] != '\0')
        rc = og_buf_add_text(&prefix, " ", err);
    if (rc == OG_OK)
        rc = og_state_walk(state, db, prefix.data, visit_history, &history, err);
    og_buf_free(&prefix);
    return rc;
}
