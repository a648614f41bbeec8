/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/tool.h"

#include <string.h>

#include "core/check/identity.h"
#include "tools/values.h"

enum { MAX_VALUE = 8192 }; /* bytes of a canonical value, above what any setting takes */

static const char empty_name[] = "the name of a sender is empty";

int
tool_name(struct tool *tool, enum og_user_kind kind, const char *text,
          struct og_name *name)
{
    struct og_err err = { "" };
    enum og_rc rc = og_name_parse(kind, text, tool->state.hostname, name, &err);

    if (rc == OG_OK)
        return TOOL_DONE;
    if (text[0] == '\0')
        return tool_fail(tool, TOOL_USAGE, empty_name);
    return tool_fail(tool, tool_code(rc), "'%s' is no name of a sender (%s): %s", text,
                     og_user_kind_text(kind), err.text);
}

/* `domain:x` into kind and rest; false without such a word in front */
static bool
forced(const char *text, enum og_user_kind *kind, const char **rest)
{
    for (int i = OG_KIND_USER; i <= OG_KIND_IP; i++) {
        const char *word = og_user_kind_text((enum og_user_kind)i);
        size_t len = strlen(word);

        if (strncmp(text, word, len) == 0 && text[len] == ':') {
            *kind = (enum og_user_kind)i;
            *rest = text + len + 1;
            return true;
        }
    }
    return false;
}

int
tool_names(struct tool *tool, const char *text, struct og_name names[OG_NAME_CANDIDATES],
           size_t *count)
{
    enum og_user_kind kind;
    const char *rest;
    struct og_err err = { "" };
    enum og_rc rc;

    if (forced(text, &kind, &rest)) {
        *count = 1;
        return tool_name(tool, kind, rest, &names[0]);
    }
    rc = og_name_guess(text, tool->state.hostname, names, count, &err);
    if (rc == OG_OK)
        return TOOL_DONE;
    if (text[0] == '\0')
        return tool_fail(tool, TOOL_USAGE, empty_name);
    return tool_fail(tool, tool_code(rc), "'%s' is no name of a sender: %s", text,
                     err.text);
}

struct find {
    const struct og_name *names;
    size_t count;
    struct og_user *user;
};

static enum og_rc
find_work(struct og_txn *txn, void *arg, struct og_err *err)
{
    const struct find *find = arg;
    enum og_rc rc = OG_E_NOTFOUND;

    for (size_t i = 0; i < find->count && rc == OG_E_NOTFOUND; i++)
        rc = og_user_get(txn, &find->names[i], false, find->user, err);
    return rc;
}

enum og_rc
tool_get(struct tool *tool, const struct og_name *names, size_t count,
         struct og_user *user, struct og_err *err)
{
    struct find find = { names, count, user };

    return og_store_run(&tool->state.store, OG_STORE_READ, find_work, &find, err);
}

int
tool_find(struct tool *tool, const char *text, struct og_user *user)
{
    struct og_name names[OG_NAME_CANDIDATES];
    struct og_err err = { "" };
    size_t count = 0;
    int code = tool_names(tool, text, names, &count);
    enum og_rc rc;

    if (code != TOOL_DONE)
        return code;
    rc = tool_get(tool, names, count, user, &err);
    if (rc == OG_E_NOTFOUND && count == 1)
        rc = og_fail(&err, rc, "no %s %.300s", og_user_kind_text(names[0].kind),
                     names[0].text);
    else if (rc == OG_E_NOTFOUND)
        rc = og_fail(&err, rc, "no sender %.300s", text);
    return tool_rc(tool, rc, &err);
}

int
tool_field_name(struct tool *tool, enum og_user_kind kind, const char *name)
{
    const struct og_setting *row = og_setting_find(name);
    const char *names[OG_SETTINGS + 2] = { NULL };
    const char *nearest;
    size_t count = 0;

    if (row != NULL && row->scope == OG_SCOPE_SENDER)
        return TOOL_DONE;
    if (row != NULL)
        return tool_fail(tool, TOOL_USAGE,
                         "%s is a setting of the server: it stands in outgate.conf only",
                         name);
    if (strcmp(name, "domain") == 0 && kind == OG_KIND_IP)
        return TOOL_DONE;
    if (strcmp(name, "domain") == 0)
        return tool_fail(tool, TOOL_USAGE,
                         "domain: only an ip sender has it; that of a "
                         "user is in the name");
    if (strcmp(name, "password") == 0)
        return tool_fail(tool, TOOL_USAGE,
                         "a password is never taken from the command line: `outgatectl "
                         "passwd` reads it from standard input");
    for (size_t i = 0; i < OG_SETTINGS; i++)
        if (og_setting_rows[i].scope == OG_SCOPE_SENDER)
            names[count++] = og_setting_rows[i].name;
    if (kind == OG_KIND_IP)
        names[count] = "domain";
    nearest = tool_nearest(name, names);
    if (nearest != NULL)
        return tool_fail(tool, TOOL_USAGE, "unknown setting '%s'; did you mean '%s'?",
                         name, nearest);
    return tool_fail(tool, TOOL_USAGE,
                     "unknown setting '%s'; `outgatectl settings` lists them", name);
}

/* the canonical form of a value; name is known to be a field */
static enum og_rc
canonical(struct tool *tool, const char *name, const char *value,
          struct og_settings *scratch, struct og_buf *out, struct og_err *err)
{
    const struct og_setting *row = og_setting_find(name);
    struct og_name domain;
    struct og_err why = { "" };
    enum og_rc rc;

    if (row != NULL) {
        rc = og_settings_set(scratch, row, value, OG_SOURCE_USER, err);
        if (rc == OG_OK)
            rc = tool_value_settle(tool, row, scratch, err);
        return rc == OG_OK ? og_setting_print(scratch, row, out, err) : rc;
    }
    rc = og_name_parse(OG_KIND_DOMAIN, value, tool->state.hostname, &domain, &why);
    if (rc != OG_OK)
        return og_fail(err, rc, "domain: cannot read '%.120s': %.300s; expected a domain",
                       value, why.text);
    return og_buf_add_text(out, domain.text, err);
}

/* one word, which is cut at its first equals sign */
static int
take(struct tool *tool, enum og_user_kind kind, char *word, struct og_settings *scratch,
     struct og_record *rec)
{
    struct og_buf value = OG_BUF_INIT(MAX_VALUE);
    struct og_err err = { "" };
    char *equals = strchr(word, '=');
    enum og_rc rc;
    int code;

    if (equals == NULL)
        return tool_usage(tool, "'%s': expected NAME=VALUE", word);
    *equals = '\0';
    code = tool_field_name(tool, kind, word);
    if (code != TOOL_DONE)
        return code;
    if (og_record_find(rec, word) != NULL)
        return tool_fail(tool, TOOL_USAGE, "%s stands twice", word);
    rc = canonical(tool, word, equals + 1, scratch, &value, &err);
    if (rc == OG_OK)
        rc = og_record_set_text(rec, word, og_buf_text(&value), &err);
    og_buf_free(&value);
    return tool_rc(tool, rc, &err);
}

int
tool_fields(struct tool *tool, enum og_user_kind kind, char **words, int count,
            struct og_record *rec)
{
    struct og_settings scratch = OG_SETTINGS_INIT;
    struct og_err err = { "" };
    int code = TOOL_DONE;

    for (int i = 0; i < count && code == TOOL_DONE; i++)
        code = take(tool, kind, words[i], &scratch, rec);
    if (code == TOOL_DONE && scratch.identification_headers != NULL)
        code = tool_rc(tool, og_identity_check_settings(&scratch, &err), &err);
    og_settings_free(&scratch);
    return code;
}
