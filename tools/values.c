/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/values.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/settings_kind.h"
#include "core/base/settings_scan.h"
#include "core/check/identity.h"
#include "core/lib/idn.h"
#include "core/mail/notice.h"
#include "core/mail/notice_from.h"
#include "core/state/tripwires.h"
#include "tools/classes.h"

/* --- addresses */

/* text with its domain in A-labels; the local part stays as it is written */
static enum og_rc
fold_address(const char *text, struct og_buf *out, struct og_err *err)
{
    struct og_addr addr;
    enum og_rc rc = og_addr_split(text, strlen(text), &addr, err);

    if (rc == OG_OK)
        rc = og_buf_add(out, addr.local, addr.local_len, err);
    if (rc == OG_OK)
        rc = og_buf_add(out, "@", 1, err);
    return rc == OG_OK ? og_idn_domain(addr.domain, addr.domain_len, out, err) : rc;
}

static enum og_rc
settle_address(const struct og_setting *row, struct og_settings *set, struct og_err *err)
{
    struct og_buf was = OG_BUF_INIT(OG_IDN_MAX_TEXT), now = OG_BUF_INIT(OG_IDN_MAX_TEXT);
    struct og_err why = { "" };
    enum og_rc rc = og_setting_print(set, row, &was, &why);

    if (rc == OG_OK && was.len > 0)
        rc = fold_address(og_buf_text(&was), &now, &why);
    if (rc == OG_OK && was.len > 0)
        rc = og_settings_set(set, row, og_buf_text(&now), OG_SOURCE_USER, err);
    else if (rc != OG_OK)
        rc = og_fail(err, OG_E_SYNTAX, "%s: cannot read '%.120s': %s; expected %s",
                     row->name, og_buf_text(&was), why.text, row->kind->form);
    og_buf_free(&was);
    og_buf_free(&now);
    return rc;
}

/* --- templates */

/* the first mistake in a template */
struct mistake {
    char text[300];
};

static void
note_mistake(int line, const char *text, void *arg)
{
    struct mistake *mistake = arg;

    if (mistake->text[0] == '\0')
        (void)snprintf(mistake->text, sizeof mistake->text, "line %d: %.280s", line,
                       text);
}

/* is it there, and can it be used? Where it stands a second time, among the shipped ones,
 * does not matter. */
static enum og_rc
check_template(const struct tool *tool, const char *name, struct og_err *err)
{
    const char *const places[] = { tool->state.server.template_directory,
                                   og_notice_shipped() };
    struct og_template template = OG_TEMPLATE_INIT;
    struct mistake mistake = { "" };
    struct og_err why = { "" };
    char path[1200];
    enum og_rc rc = OG_E_NOTFOUND;

    if (strcmp(name, "default") == 0)
        return OG_OK;
    for (size_t i = 0; i < N_ELEMENTS(places) && rc == OG_E_NOTFOUND; i++) {
        (void)snprintf(path, sizeof path, "%.1000s/%.60s.xml", places[i], name);
        rc = og_template_open(path, &template, &why);
    }
    if (rc == OG_E_NOTFOUND)
        return og_fail(err, OG_E_SYNTAX,
                       "lock_template: no template '%.60s': neither %.120s nor %s has "
                       "%.60s.xml; expected `default`, or the name of one",
                       name, places[0], places[1], name);
    if (rc == OG_OK)
        (void)og_template_check(&template, note_mistake, &mistake);
    og_template_free(&template);
    if (rc == OG_OK && mistake.text[0] == '\0')
        return OG_OK;
    return og_fail(err, rc == OG_E_NOMEM ? rc : OG_E_SYNTAX,
                   "lock_template: %.200s%s%.280s; see `outgatectl template check`",
                   rc != OG_OK ? "" : path, rc != OG_OK ? "" : ": ",
                   rc != OG_OK ? why.text : mistake.text);
}

/* the language in which a lock is told to who wants lang */
static enum og_rc
told_in(const struct tool *tool, const char *lang, char is[16])
{
    struct og_values values = OG_VALUES_INIT;
    struct og_rendered mail = OG_RENDERED_INIT;
    enum og_rc rc = og_values_sample(&values, false, NULL);

    if (rc == OG_OK)
        rc =
            og_notice_render(&tool->state, "lock-user", lang, &values, &mail, NULL, NULL);
    if (rc == OG_OK)
        memcpy(is, mail.lang, sizeof mail.lang);
    og_rendered_free(&mail);
    og_values_free(&values);
    return rc;
}

/* does any template speak it? false: text says that none does */
static bool
check_language(const struct tool *tool, const char *lang, char text[300])
{
    char is[16] = "";

    if (told_in(tool, lang, is) != OG_OK || og_lang_match(is, lang) > 0)
        return true; /* templates that cannot be used are told of elsewhere */
    (void)snprintf(text, 300,
                   "no template is in '%s': notices are in '%s' until one in %.150s is",
                   lang, is, tool->state.server.template_directory);
    return false;
}

enum og_rc
tool_value_settle(struct tool *tool, const struct og_setting *row,
                  struct og_settings *set, struct og_err *err)
{
    char text[300];

    if (row->kind == &og_kind_address)
        return settle_address(row, set, err);
    if (row == &og_setting_rows[OG_SETTING_lock_template])
        return check_template(tool, set->lock_template, err);
    if (row == &og_setting_rows[OG_SETTING_language]
        && !check_language(tool, set->language, text))
        tool_warn(tool, "language: %s", text);
    return OG_OK;
}

/* --- outgate.conf */

struct check {
    const struct tool *tool;
    const struct og_settings *set;
    tool_value_report *report;
    void *arg;
};

/* an error of core may name the setting already */
static void
bad(const struct check *check, const char *setting, const char *text)
{
    size_t len = strlen(setting);

    if (strncmp(text, setting, len) == 0 && strncmp(text + len, ": ", 2) == 0)
        text += len + 2;
    check->report(setting, true, text, check->arg);
}

static void
look_at_program(const struct check *check, const char *setting, const char *command)
{
    char path[1100], text[1300];
    struct stat st;

    (void)snprintf(path, sizeof path, "%.*s", (int)strcspn(command, " \t"), command);
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
        (void)snprintf(text, sizeof text, "%s: no program: name one", path);
    else if (access(path, X_OK) != 0)
        (void)snprintf(text, sizeof text, "%s: %s: name a program that %s can start",
                       path, strerror(errno), check->set->user);
    else
        return;
    bad(check, setting, text);
}

/* the zone as og_notice_zone() looks for it */
static void
look_at_zone(const struct check *check)
{
    const char *zone = check->set->time_zone;
    char path[200], text[300];
    struct stat st;

    (void)snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", zone);
    if (strcmp(zone, "UTC") == 0
        || (stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, R_OK) == 0))
        return;
    (void)snprintf(text, sizeof text,
                   "%s is no zone of this machine; times are in UTC. `timedatectl "
                   "list-timezones` lists them; they are in the package tzdata",
                   zone);
    bad(check, "time_zone", text);
}

/* a word that is no class is given to nobody */
static void
look_at_classes(const struct check *check)
{
    const char *rest = check->set->on_event_classes;
    char word[64], text[200];
    size_t n;

    for (; *(rest += strspn(rest, " ")) != '\0'; rest += n) {
        n = strcspn(rest, " ");
        (void)snprintf(word, sizeof word, "%.*s", (int)n, rest);
        if (strcmp(check->set->on_event_classes, "all") == 0
            || tool_class(word)->name[0] != '\0')
            continue;
        (void)snprintf(text, sizeof text,
                       strcmp(word, "all") == 0
                           ? "'%s' stands alone or not at all"
                           : "'%s' is no class of events; `outgatectl events --class %s` "
                             "lists them",
                       word, word);
        bad(check, "on_event_classes", text);
    }
}

static void
look_at_address(const struct check *check, const struct og_setting *row)
{
    struct og_buf text = OG_BUF_INIT(OG_IDN_MAX_TEXT), key = OG_BUF_INIT(OG_IDN_MAX_TEXT);
    struct og_err err = { "" };
    char hint[OG_ADDR_MAX_TEXT + 40];
    enum og_rc rc = og_setting_print(check->set, row, &text, &err);

    if (rc == OG_OK && text.len > 0)
        rc = fold_address(og_buf_text(&text), &key, &err);
    if (rc != OG_OK)
        bad(check, row->name, err.text);
    else if (strcmp(og_buf_text(&text), og_buf_text(&key)) != 0) {
        (void)snprintf(hint, sizeof hint, "better written as %s", og_buf_text(&key));
        check->report(row->name, false, hint, check->arg);
    }
    og_buf_free(&text);
    og_buf_free(&key);
}

static void
look_at_addresses(const struct check *check)
{
    struct og_buf from = OG_BUF_INIT(OG_ADDR_MAX_TEXT);
    struct og_err err = { "" };

    for (size_t i = 0; i < OG_SETTINGS; i++)
        if (og_setting_rows[i].kind == &og_kind_address)
            look_at_address(check, &og_setting_rows[i]);
    if (og_notice_from(&check->tool->state, NULL, &from, &err) != OG_OK)
        bad(check, "notice_from", err.text);
    og_buf_free(&from);
}

static void
look_at_templates(const struct check *check)
{
    const char *directory = check->set->template_directory;
    struct og_err err = { "" };
    char text[300];

    if (check_template(check->tool, check->set->lock_template, &err) != OG_OK)
        bad(check, "lock_template", err.text);
    if (!check_language(check->tool, check->set->language, text))
        check->report("language", false, text, check->arg);
    if (access(directory, R_OK | X_OK) == 0)
        return;
    (void)snprintf(text, sizeof text, "%.200s: %s: notices are made by the shipped ones",
                   directory, strerror(errno));
    check->report("template_directory", false, text, check->arg);
}

/* one that is only read */
static void
look_at_directory(const struct check *check, const char *setting, const char *path,
                  int mode)
{
    char text[1200];
    struct stat st;

    if (path[0] == '\0')
        return;
    if (stat(path, &st) == 0 && !S_ISDIR(st.st_mode))
        (void)snprintf(text, sizeof text, "%s: no directory", path);
    else if (access(path, mode) != 0)
        (void)snprintf(
            text, sizeof text, "%s: %s: make it, for %s to %s, or name another", path,
            strerror(errno), check->set->user, (mode & W_OK) != 0 ? "write" : "read");
    else
        return;
    bad(check, setting, text);
}

void
tool_values_check(struct tool *tool, tool_value_report *report, void *arg)
{
    const struct og_settings *set = &tool->state.server;
    const struct check check = { tool, set, report, arg };
    struct og_err err = { "" };
    bool match;

    if (og_identity_check_settings(set, &err) != OG_OK)
        bad(&check, "identification_headers", err.text);
    if (og_tripwire_match(set, "", &match, &err) != OG_OK)
        bad(&check, "tripwires", err.text);
    look_at_addresses(&check);
    look_at_zone(&check);
    look_at_classes(&check);
    look_at_program(&check, "exim_command", set->exim_command);
    look_at_program(&check, "notice_program", set->notice_program);
    if (set->on_event[0] != '\0')
        look_at_program(&check, "on_event", set->on_event);
    look_at_templates(&check);
    look_at_directory(&check, "scan_temporary_directory", set->scan_temporary_directory,
                      R_OK | W_OK | X_OK);
    if (og_scanner_is_asked(set->checks))
        look_at_directory(&check, "signature_directory", set->signature_directory,
                          R_OK | X_OK);
}

/* one that init makes; whoever is root, or may write there as its group, does not see by
 * access() what will not do */
static void
look_at_place(const struct check *check, const char *setting, const char *path)
{
    const char *user = check->set->user;
    char text[1300] = "";
    struct stat st;
    bool there = lstat(path, &st) == 0;

    if (!there && errno == ENOENT)
        (void)snprintf(text, sizeof text, "%s: not there yet: `outgatectl init` makes it",
                       path);
    else if (!there)
        (void)snprintf(text, sizeof text, "%s: %s", path, strerror(errno));
    else if (!S_ISDIR(st.st_mode))
        (void)snprintf(text, sizeof text, "%s: no directory", path);
    else if (st.st_uid != check->tool->state.store.uid)
        (void)snprintf(text, sizeof text,
                       "%s belongs to uid %u, wanted is one of %s's: "
                       "name another directory, or chown this one",
                       path, (unsigned)st.st_uid, user);
    else if ((st.st_mode & S_IWOTH) != 0 || (st.st_mode & S_IRWXU) != S_IRWXU)
        (void)snprintf(text, sizeof text,
                       "%s has mode %04o: chmod it, so that %s can write there and "
                       "others cannot",
                       path, (unsigned)st.st_mode & 07777, user);
    if (text[0] != '\0')
        check->report(setting, there, text, check->arg);
}

/* the directory may be somebody else's, as long as there is a file that is the owner's */
static void
look_at_log(const struct check *check)
{
    const char *path = check->set->events_log, *slash = strrchr(path, '/');
    char directory[1024], text[1300];
    struct stat st;

    (void)snprintf(directory, sizeof directory, "%.*s",
                   slash > path ? (int)(slash - path) : 1, path);
    if (lstat(path, &st) != 0)
        look_at_place(check, "events_log", directory);
    else if (!S_ISREG(st.st_mode) || st.st_uid != check->tool->state.store.uid) {
        (void)snprintf(text, sizeof text, "%s: wanted is a file of %s's", path,
                       check->set->user);
        bad(check, "events_log", text);
    }
}

void
tool_places_check(struct tool *tool, tool_value_report *report, void *arg)
{
    const struct og_settings *set = &tool->state.server;
    const struct check check = { tool, set, report, arg };

    look_at_place(&check, "state_directory", set->state_directory);
    look_at_place(&check, "quarantine_directory", set->quarantine_directory);
    look_at_log(&check);
}
