/* SPDX-License-Identifier: BSD-2-Clause */
/* add, set, unset, delete, passwd */
#include "tools/tool.h"

#include <limits.h>
#include <string.h>

#include "core/base/net.h"
#include "core/lib/crypt.h"
#include "tools/audit.h"

/* put the hash of a password from standard input into rec */
static int
put_password(struct tool *tool, const char *name, bool as_hash, struct og_record *rec)
{
    struct og_buf hash = OG_BUF_INIT(OG_CRYPT_MAX_HASH);
    struct og_err err = { "" };
    int code = tool_hash(tool, name, as_hash, &hash);

    if (code == TOOL_DONE)
        code = tool_rc(
            tool, og_record_set_text(rec, "password", og_buf_text(&hash), &err), &err);
    og_buf_free(&hash);
    return code;
}

/* is there such a user already? Asked before the password is, and once more for good
 * when it is stored. */
static int
check_new(struct tool *tool, const struct og_name *name)
{
    struct og_user user = OG_USER_INIT;
    struct og_err err = { "" };
    enum og_rc rc = tool_get(tool, name, 1, &user, &err);

    og_user_free(&user);
    if (rc == OG_OK)
        return tool_fail(tool, TOOL_NO, "%s %s exists already",
                         og_user_kind_text(name->kind), name->text);
    return rc == OG_E_NOTFOUND ? TOOL_DONE : tool_rc(tool, rc, &err);
}

/* what is given as `automatic_lock=yes` stops every customer behind an address */
static void
warn_automatic(struct tool *tool, const struct og_user *user,
               const struct og_record *given)
{
    const char *value = og_record_get(given, "automatic_lock");

    if (user->name.kind == OG_KIND_IP && value != NULL && strcmp(value, "yes") == 0)
        tool_warn(tool, "%s", tool_warning_automatic);
}

/* change a stored record and tell it */
static int
change(struct tool *tool, const struct og_user *user, const struct og_record *fields,
       const char *const *drop, size_t count, const char *class)
{
    struct og_user_change made = OG_USER_CHANGE_INIT;
    struct og_err err = { "" };
    int code = tool_rc(
        tool,
        og_users_change(&tool->state, &user->name, fields, drop, count, &made, &err),
        &err);

    if (code == TOOL_DONE)
        tool_audit(tool, user->name.text, class, &made.before, &made.after);
    og_record_free(&made.before);
    og_record_free(&made.after);
    return code;
}

enum { WIDE_4 = 8, WIDE_6 = 16 }; /* bits of a prefix below which half the world is in */

/* a range without password is trusted as it stands: not a whole continent by mistake */
static int
check_relay(struct tool *tool, const struct og_name *name)
{
    struct og_net net;
    struct og_err err = { "" };

    if (og_net_parse(name->text, &net, &err) != OG_OK)
        return tool_fail(tool, TOOL_USAGE, "%s", err.text);
    if (net.prefix >= (net.family == 4 ? WIDE_4 : WIDE_6))
        return TOOL_DONE;
    return tool_fail(tool, TOOL_USAGE,
                     "%s without a password is an open relay: give it --password, or "
                     "ranges of at least /%d (IPv4) or /%d (IPv6)",
                     name->text, WIDE_4, WIDE_6);
}

/* an address that is added as what it is, and that is not the same on every link */
static int
check_address(struct tool *tool, const struct og_name *name, const char *text,
              bool password)
{
    struct og_net net;

    if (name->kind != OG_KIND_IP && og_net_parse(text, &net, NULL) == OG_OK)
        return tool_fail(tool, TOOL_USAGE,
                         "'%s' is an address, no %s: `outgatectl add ip %s`", text,
                         og_user_kind_text(name->kind), text);
    if (name->kind != OG_KIND_IP)
        return TOOL_DONE;
    if (strchr(text, '%') != NULL)
        return tool_fail(tool, TOOL_USAGE,
                         "%s: a zone cannot be told apart: leave it out", text);
    return password ? TOOL_DONE : check_relay(tool, name);
}

static int
add(struct tool *tool)
{
    struct tool_option options[] = { { "--no-password", false, NULL },
                                     { "--password", false, NULL },
                                     { "--hash", false, NULL },
                                     { NULL, false, NULL } };
    struct og_user user = OG_USER_INIT;
    struct og_err err = { "" };
    bool none, wanted;
    int code = tool_options(tool, options, 2, INT_MAX);

    if (code != TOOL_DONE)
        return code;
    none = options[0].value != NULL;
    wanted = options[1].value != NULL || options[2].value != NULL;
    if (none && wanted)
        return tool_usage(tool, "--no-password contradicts the other option");
    if (og_user_kind_parse(tool->argv[0], &user.name.kind, &err) != OG_OK)
        return tool_usage(tool, "%s", err.text);
    code = tool_state(tool);
    if (code == TOOL_DONE)
        code = tool_name(tool, user.name.kind, tool->argv[1], &user.name);
    if (code == TOOL_DONE)
        code = check_address(tool, &user.name, tool->argv[1], wanted);
    if (code == TOOL_DONE)
        code = tool_fields(tool, user.name.kind, tool->argv + 2, tool->argc - 2,
                           &user.record);
    if (code == TOOL_DONE)
        code = check_new(tool, &user.name);
    if (code == TOOL_DONE && !none && (wanted || user.name.kind != OG_KIND_IP))
        code = put_password(tool, user.name.text, options[2].value != NULL, &user.record);
    if (code == TOOL_DONE)
        code = tool_rc(tool, og_users_add(&tool->state, &user, &err), &err);
    if (code == TOOL_DONE) {
        tool_audit(tool, user.name.text, "sender-added", NULL, &user.record);
        warn_automatic(tool, &user, &user.record);
        code = tool_done(tool, "added", &user.name);
    }
    og_user_free(&user);
    return code;
}

/* find the user that the first word means, once the options and the state are there */
static int
find_first(struct tool *tool, struct tool_option *options, int min, int max,
           struct og_user *user)
{
    int code = tool_options(tool, options, min, max);

    if (code == TOOL_DONE)
        code = tool_state(tool);
    return code == TOOL_DONE ? tool_find(tool, tool->argv[0], user) : code;
}

static int
set(struct tool *tool)
{
    struct tool_option none[] = { { NULL, false, NULL } };
    struct og_user user = OG_USER_INIT;
    struct og_record rec = OG_RECORD_INIT;
    int code = find_first(tool, none, 2, INT_MAX, &user);

    if (code == TOOL_DONE)
        code = tool_fields(tool, user.name.kind, tool->argv + 1, tool->argc - 1, &rec);
    if (code == TOOL_DONE)
        code = change(tool, &user, &rec, NULL, 0, "sender-changed");
    if (code == TOOL_DONE) {
        warn_automatic(tool, &user, &rec);
        code = tool_done(tool, "changed", &user.name);
    }
    og_record_free(&rec);
    og_user_free(&user);
    return code;
}

static int
unset(struct tool *tool)
{
    struct tool_option none[] = { { NULL, false, NULL } };
    const struct og_record nothing = OG_RECORD_INIT;
    struct og_user user = OG_USER_INIT;
    int code = find_first(tool, none, 2, INT_MAX, &user);
    const char *const *names = (const char *const *)(void *)(tool->argv + 1);

    for (int i = 1; i < tool->argc && code == TOOL_DONE; i++)
        if (strcmp(tool->argv[i], "password") != 0)
            code = tool_field_name(tool, user.name.kind, tool->argv[i]);
        else if (user.name.kind == OG_KIND_IP)
            code = check_relay(tool, &user.name);
    if (code == TOOL_DONE)
        code = change(tool, &user, &nothing, names, (size_t)tool->argc - 1,
                      "sender-changed");
    if (code == TOOL_DONE)
        code = tool_done(tool, "changed", &user.name);
    og_user_free(&user);
    return code;
}

static int
delete_sender(struct tool *tool)
{
    struct tool_option none[] = { { NULL, false, NULL } };
    struct og_user user = OG_USER_INIT;
    struct og_record before = OG_RECORD_INIT;
    struct og_err err = { "" };
    int code = find_first(tool, none, 1, 1, &user);

    if (code == TOOL_DONE)
        code =
            tool_rc(tool, og_users_delete(&tool->state, &user.name, &before, &err), &err);
    if (code == TOOL_DONE) {
        tool_audit(tool, user.name.text, "sender-deleted", &before, NULL);
        code = tool_done(tool, "deleted", &user.name);
    }
    og_record_free(&before);
    og_user_free(&user);
    return code;
}

static int
passwd(struct tool *tool)
{
    struct tool_option options[] = { { "--hash", false, NULL }, { NULL, false, NULL } };
    struct og_user user = OG_USER_INIT;
    struct og_record rec = OG_RECORD_INIT;
    int code = find_first(tool, options, 1, 1, &user);

    if (code == TOOL_DONE)
        code = put_password(tool, user.name.text, options[0].value != NULL, &rec);
    if (code == TOOL_DONE)
        code = change(tool, &user, &rec, NULL, 0, "password-changed");
    if (code == TOOL_DONE)
        code = tool_done(tool, "new password for", &user.name);
    og_record_free(&rec);
    og_user_free(&user);
    return code;
}

const struct tool_verb tool_verb_add = {
    "add", "user|domain|ip NAME [--no-password|--password] [--hash] [SETTING=VALUE ...]",
    "add a sender",
    "Adds an outgoing user: `user` is name@domain, `domain` a whole domain, `ip` an\n"
    "address or range. The password is asked for on a terminal, else it is the first\n"
    "line of standard input; there is no way to give it as an argument.\n\n"
    "  --no-password  no password: nobody can log in by this name; for what is\n"
    "                 authenticated elsewhere or holds settings only\n"
    "  --password     read one for an ip sender too: address and password must match\n"
    "  --hash         the line is a crypt(3) hash, any scheme that libcrypt knows\n\n"
    "`domain=NAME` of an ip sender says whose settings and DKIM keys it has.\n"
    "`outgatectl settings` lists the settings.\n\n"
    "    outgatectl add user bob@example.com maximum_message_size=10M\n"
    "    outgatectl add domain example.com --no-password enabled=yes\n"
    "    outgatectl add ip 192.0.2.0/24 domain=example.com\n",
    add
};

const struct tool_verb tool_verb_set = {
    "set", "NAME SETTING=VALUE ...", "change settings of a sender",
    "Gives settings of a user, domain or ip sender new values, all or none of them.\n"
    "NAME may have `user:`, `domain:` or `ip:` in front where it could mean several.\n\n"
    "    outgatectl set example.com identification_method=header \\\n"
    "        'identification_headers=X-Client-ID, X-Script /^(.*?):/'\n",
    set
};

const struct tool_verb tool_verb_unset = {
    "unset", "NAME SETTING ...", "let settings be inherited again",
    "Drops settings from a sender's own record, so that it has what its domain or the\n"
    "server says. One that is not there is no error. `password` drops the password.\n\n"
    "    outgatectl unset bob@example.com maximum_message_size\n",
    unset
};

const struct tool_verb tool_verb_delete = {
    "delete", "NAME", "delete a sender",
    "Deletes the record and prints what it deleted, without asking. Users and ip\n"
    "senders of a deleted domain stay and inherit from the server then; `outgatectl\n"
    "list --domain NAME` shows them. DKIM keys stay: see `outgatectl dkim delete`.\n\n"
    "    outgatectl delete bob@example.com\n",
    delete_sender
};

const struct tool_verb tool_verb_passwd = {
    "passwd", "NAME [--hash]", "replace a sender's password",
    "Reads the new password as `outgatectl add` does; --hash takes a crypt(3) hash.\n"
    "`outgatectl unset NAME password` drops it.\n\n"
    "    outgatectl passwd bob@example.com\n",
    passwd
};
