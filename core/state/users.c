/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/state/users.h"

#include <stdio.h>
#include <string.h>

#include "core/base/time.h"
#include "core/lib/crypt.h"
#include "core/state/prefixes.h"
#include "core/state/walk.h"

static const char db[] = "users.db";

/* kind, colon and the name with its UTF-8 percent-encoded: keys are ASCII */
static enum og_rc
key_of(const struct og_name *name, struct og_buf *key, struct og_err *err)
{
    enum og_rc rc = og_buf_printf(key, err, "%s:", og_user_kind_text(name->kind));

    return rc == OG_OK ? og_percent_add(key, name->text, strlen(name->text), err) : rc;
}

enum og_rc
og_user_get(struct og_txn *txn, const struct og_name *name, bool for_update,
            struct og_user *user, struct og_err *err)
{
    struct og_buf key = OG_BUF_INIT(OG_STORE_MAX_KEY);
    enum og_rc rc = key_of(name, &key, err);

    if (rc == OG_OK)
        rc = og_txn_get_record(txn, db, key.data, for_update, &user->record, err);
    if (rc == OG_OK)
        user->name = *name;
    og_buf_free(&key);
    return rc;
}

static enum og_rc
put(struct og_txn *txn, const struct og_user *user, bool fresh, struct og_err *err)
{
    struct og_buf value = OG_BUF_INIT(OG_RECORD_MAX_TEXT);
    struct og_buf key = OG_BUF_INIT(OG_STORE_MAX_KEY);
    enum og_rc rc = og_record_print(&user->record, &value, err);

    if (rc == OG_OK)
        rc = key_of(&user->name, &key, err);
    if (rc == OG_OK)
        rc = fresh ? og_txn_add(txn, db, key.data, og_buf_text(&value), err)
                   : og_txn_put(txn, db, key.data, og_buf_text(&value), err);
    og_buf_free(&key);
    og_buf_free(&value);
    return rc;
}

static bool
is_stamp(const char *name)
{
    return strcmp(name, "created") == 0 || strcmp(name, "changed") == 0;
}

static enum og_rc
check_field(const struct og_user *user, const struct og_field *field,
            struct og_settings *scratch, struct og_err *err)
{
    const struct og_setting *row = og_setting_find(field->name);
    struct og_name domain;
    int64_t time;

    if (strlen(field->value) != field->len)
        return og_fail(err, OG_E_SYNTAX, "%s: holds a NUL byte", field->name);
    if (row != NULL && row->scope == OG_SCOPE_SENDER)
        return og_settings_set(scratch, row, field->value, OG_SOURCE_USER, err);
    if (row != NULL)
        return og_fail(err, OG_E_SYNTAX,
                       "%s is a setting of the server: it stands in "
                       "outgate.conf only",
                       field->name);
    if (strcmp(field->name, "password") == 0 && !og_crypt_scheme_ok(field->value))
        return og_fail(err, OG_E_SYNTAX, "password: no hash that crypt(3) knows");
    if (strcmp(field->name, "password") == 0)
        return og_crypt_cost_ok(field->value)
                   ? OG_OK
                   : og_fail(err, OG_E_RANGE,
                             "password: checking this hash would take too long at every "
                             "login; make one with a lower cost");
    if (strcmp(field->name, "domain") == 0 && user->name.kind == OG_KIND_IP)
        return og_name_parse(OG_KIND_DOMAIN, field->value, "", &domain, err);
    if (is_stamp(field->name))
        return og_time_parse(field->value, &time, err);
    return og_fail(err, OG_E_SYNTAX, "unknown setting '%.60s'", field->name);
}

enum og_rc
og_user_check(const struct og_user *user, struct og_err *err)
{
    struct og_settings scratch = OG_SETTINGS_INIT;
    enum og_rc rc = OG_OK;

    for (size_t i = 0; i < user->record.count && rc == OG_OK; i++)
        rc = check_field(user, &user->record.fields[i], &scratch, err);
    og_settings_free(&scratch);
    return rc;
}

/* an ip user's domain is a key of ours, so it is stored in the form of one */
static enum og_rc
fold_domain(struct og_user *user, struct og_err *err)
{
    const char *text = og_record_get(&user->record, "domain");
    struct og_name domain;
    enum og_rc rc;

    if (text == NULL)
        return OG_OK;
    rc = og_name_parse(OG_KIND_DOMAIN, text, "", &domain, err);
    return rc == OG_OK ? og_record_set_text(&user->record, "domain", domain.text, err)
                       : rc;
}

static enum og_rc
add_work(struct og_txn *txn, void *arg, struct og_err *err)
{
    const struct og_user *user = arg;
    enum og_rc rc = put(txn, user, true, err);

    if (rc == OG_E_EXISTS)
        return og_fail(err, rc, "%s %s exists already",
                       og_user_kind_text(user->name.kind), user->name.text);
    if (rc == OG_OK && user->name.kind == OG_KIND_IP)
        rc = og_prefixes_count(txn, db, user->name.text, 1, err);
    return rc;
}

enum og_rc
og_users_add(const struct og_state *state, const struct og_user *user, struct og_err *err)
{
    struct og_user copy = { user->name, OG_RECORD_INIT };
    enum og_rc rc = og_user_check(user, err);

    if (rc == OG_OK)
        rc = og_record_set_time(&copy.record, "created", og_time_now(), err);
    if (rc == OG_OK)
        rc = og_record_set_time(&copy.record, "changed", og_time_now(), err);
    for (size_t i = 0; i < user->record.count && rc == OG_OK; i++)
        if (!is_stamp(user->record.fields[i].name))
            rc = og_record_set(&copy.record, user->record.fields[i].name,
                               user->record.fields[i].value, user->record.fields[i].len,
                               err);
    if (rc == OG_OK)
        rc = fold_domain(&copy, err);
    if (rc == OG_OK)
        rc = og_store_run(&state->store, OG_STORE_COMMIT, add_work, &copy, err);
    og_user_free(&copy);
    return rc;
}

struct change {
    const struct og_name *name;
    const struct og_record *set;
    const char *const *unset;
    size_t count;
    struct og_user_change *made;
};

static enum og_rc
not_found(const struct og_name *name, struct og_err *err)
{
    return og_fail(err, OG_E_NOTFOUND, "no %s %s", og_user_kind_text(name->kind),
                   name->text);
}

static enum og_rc
change_work(struct og_txn *txn, void *arg, struct og_err *err)
{
    const struct change *change = arg;
    struct og_user user = OG_USER_INIT;
    enum og_rc rc = og_user_get(txn, change->name, true, &user, err);

    if (rc == OG_E_NOTFOUND)
        rc = not_found(change->name, err);
    if (rc == OG_OK)
        rc = og_record_copy(&change->made->before, &user.record, err);
    for (size_t i = 0; i < change->count && rc == OG_OK; i++)
        (void)og_record_unset(&user.record, change->unset[i]); /* absent is fine */
    for (size_t i = 0; i < change->set->count && rc == OG_OK; i++)
        rc = og_record_set(&user.record, change->set->fields[i].name,
                           change->set->fields[i].value, change->set->fields[i].len, err);
    if (rc == OG_OK)
        rc = og_record_set_time(&user.record, "changed", og_time_now(), err);
    if (rc == OG_OK)
        rc = og_user_check(&user, err);
    if (rc == OG_OK)
        rc = fold_domain(&user, err);
    if (rc == OG_OK)
        rc = put(txn, &user, false, err);
    if (rc == OG_OK)
        og_record_move(&change->made->after, &user.record);
    og_user_free(&user);
    return rc;
}

static void
free_change(struct og_user_change *change)
{
    og_record_free(&change->before);
    og_record_free(&change->after);
}

enum og_rc
og_users_change(const struct og_state *state, const struct og_name *name,
                const struct og_record *set, const char *const *unset, size_t count,
                struct og_user_change *made, struct og_err *err)
{
    struct og_user_change both = OG_USER_CHANGE_INIT;
    struct change change = { name, set, unset, count, &both };
    enum og_rc rc =
        og_store_run(&state->store, OG_STORE_COMMIT, change_work, &change, err);

    if (rc == OG_OK && made != NULL) {
        og_record_move(&made->before, &both.before);
        og_record_move(&made->after, &both.after);
    }
    free_change(&both);
    return rc;
}

struct deletion {
    const struct og_name *name;
    struct og_user user; /* as it was */
};

static enum og_rc
delete_work(struct og_txn *txn, void *arg, struct og_err *err)
{
    struct deletion *deletion = arg;
    const struct og_name *name = deletion->name;
    struct og_buf key = OG_BUF_INIT(OG_STORE_MAX_KEY);
    enum og_rc rc = key_of(name, &key, err);

    og_user_free(&deletion->user);
    if (rc == OG_OK && og_user_get(txn, name, true, &deletion->user, NULL) != OG_OK)
        og_user_free(&deletion->user); /* what is not there, or damaged, has no fields */
    if (rc == OG_OK)
        rc = og_txn_delete(txn, db, key.data, err);
    og_buf_free(&key);
    if (rc == OG_E_NOTFOUND)
        return not_found(name, err);
    if (rc == OG_OK && name->kind == OG_KIND_IP)
        rc = og_prefixes_count(txn, db, name->text, -1, err);
    return rc;
}

enum og_rc
og_users_delete(const struct og_state *state, const struct og_name *name,
                struct og_record *before, struct og_err *err)
{
    struct deletion deletion = { name, OG_USER_INIT };
    enum og_rc rc =
        og_store_run(&state->store, OG_STORE_COMMIT, delete_work, &deletion, err);

    if (rc == OG_OK && before != NULL)
        og_record_move(before, &deletion.user.record);
    og_user_free(&deletion.user);
    return rc;
}

struct walk {
    og_users_visit *visit;
    void *arg;
};

static enum og_rc
visit_one(const char *key, const char *value, void *arg, struct og_err *err)
{
    const struct walk *walk = arg;
    struct og_user user = OG_USER_INIT;
    struct og_record name = OG_RECORD_INIT;
    struct og_buf line = OG_BUF_INIT(OG_STORE_MAX_KEY + 8);
    const char *colon = strchr(key, ':');
    char kind[8] = "";
    enum og_rc rc;

    if (colon == NULL)
        return OG_OK; /* the prefix lengths */
    rc = og_buf_printf(&line, err, "name=%s", colon + 1);

    (void)strncat(kind, key, strcspn(key, ":") < 7 ? strcspn(key, ":") : 7);
    if (rc == OG_OK)
        rc = og_user_kind_parse(kind, &user.name.kind, err);
    if (rc == OG_OK)
        rc = og_record_parse(line.data, line.len, &name, err); /* undoes the encoding */
    if (rc == OG_OK)
        rc = og_record_parse(value, strlen(value), &user.record, err);
    if (rc == OG_OK && name.fields[0].len < sizeof user.name.text) {
        memcpy(user.name.text, name.fields[0].value, name.fields[0].len + 1);
        rc = walk->visit(&user, walk->arg, err);
    } else
        rc = og_fail(err, OG_E_STATE, "%s: the record of %.200s cannot be read", db, key);
    og_buf_free(&line);
    og_record_free(&name);
    og_user_free(&user);
    return rc;
}

enum og_rc
og_users_walk(const struct og_state *state, og_users_visit *visit, void *arg,
              struct og_err *err)
{
    struct walk walk = { visit, arg };

    return og_state_walk(state, db, "", visit_one, &walk, err);
}

void
og_user_free(struct og_user *user)
{
    og_record_free(&user->record);
    *user = (struct og_user)OG_USER_INIT;
}
