/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/doctor.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "core/state/keys.h"
#include "tools/values.h"

static void
put_row(struct doctor *doctor, const char *what, const char *how, const char *text)
{
    if (doctor->tool->json) {
        (void)json_array_append_new(
            doctor->rows, json_pack("{s:o, s:b, s:b, s:o}", "what", tool_string(what),
                                    "good", strcmp(how, "BAD") != 0, "warning",
                                    strcmp(how, "warn") == 0, "text", tool_string(text)));
        return;
    }
    printf("%-5s ", how);
    (void)tool_put(stdout, what);
    if (text[0] != '\0') {
        printf(": ");
        (void)tool_put(stdout, text);
    }
    printf("\n");
    (void)fflush(stdout); /* a large database takes its time */
}

void
doctor_row(struct doctor *doctor, const char *what, bool good, const char *text)
{
    doctor->sick = doctor->sick || !good;
    put_row(doctor, what, good ? "good" : "BAD", text);
}

void
doctor_warn(struct doctor *doctor, const char *what, const char *text)
{
    put_row(doctor, what, "warn", text);
}

static void
on_file(const char *path, enum og_rc rc, const char *text, void *arg)
{
    doctor_row(arg, path, rc == OG_OK, text);
}

struct count {
    size_t users, bad;
    char first[600];
    size_t contacts;        /* records with an admin_contact */
    size_t domains, silent; /* those without */
};

/* a record that cannot be used is told, and the walk goes on */
static enum og_rc
count_user(const struct og_user *user, void *arg, struct og_err *err)
{
    struct count *count = arg;
    struct og_err why = { "" };

    bool contact = og_record_text(&user->record, "admin_contact")[0] != '\0';

    (void)err;
    count->users++;
    count->contacts += contact;
    count->domains += user->name.kind == OG_KIND_DOMAIN;
    count->silent += user->name.kind == OG_KIND_DOMAIN && !contact;
    if (og_user_check(user, &why) != OG_OK && count->bad++ == 0)
        (void)snprintf(count->first, sizeof count->first, "%.200s: %.380s",
                       user->name.text, why.text);
    return OG_OK;
}

static enum og_rc
count_key(const struct og_signing_key *key, void *arg, struct og_err *err)
{
    (void)key, (void)err;
    ++*(size_t *)arg;
    return OG_OK;
}

/* a lock that nobody hears of is found by the customer first */
static void
look_at_contacts(struct doctor *doctor, const struct count *count)
{
    const struct og_settings *server = &doctor->tool->state.server;
    char text[300];

    if (server->admin_contact[0] != '\0' || server->notices_per_hour == 0
        || (count->contacts > 0 && count->silent == 0))
        return;
    if (count->contacts == 0)
        (void)snprintf(text, sizeof text,
                       "nobody is told of locks and limits: set it in %.100s, or with "
                       "`outgatectl set DOMAIN admin_contact=...`",
                       doctor->tool->conf);
    else
        (void)snprintf(text, sizeof text,
                       "%zu of %zu domains have none: nobody is told of the locks of "
                       "their senders. Set it there, or for all in %.100s",
                       count->silent, count->domains, doctor->tool->conf);
    doctor_warn(doctor, "admin_contact", text);
}

static void
look_at_records(struct doctor *doctor)
{
    const struct og_state *state = &doctor->tool->state;
    struct count count = { .users = 0 };
    struct og_err err = { "" };
    char text[700];
    size_t keys = 0;

    if (og_users_walk(state, count_user, &count, &err) != OG_OK)
        doctor_row(doctor, "senders", false, err.text);
    else if (count.bad > 0) {
        (void)snprintf(
            text, sizeof text,
            "%zu of %zu cannot be used, so their mail waits: set or unset what is "
            "wrong; first %s",
            count.bad, count.users, count.first);
        doctor_row(doctor, "senders", false, text);
    } else {
        (void)snprintf(text, sizeof text, "%zu", count.users);
        doctor_row(doctor, "senders", true, text);
    }
    if (err.text[0] == '\0')
        look_at_contacts(doctor, &count);
    err.text[0] = '\0';
    if (og_keys_walk(state, "", count_key, &keys, &err) != OG_OK)
        doctor_row(doctor, "DKIM keys", false, err.text);
    else {
        (void)snprintf(text, sizeof text, "%zu", keys);
        doctor_row(doctor, "DKIM keys", true, text);
    }
}

/* which words of a list the setting `checks` has not: `switched off: from, dkim` */
static void
list_missing(const char *checks, const char *const *words, size_t count, char text[200])
{
    text[0] = '\0';
    for (size_t i = 0; i < count; i++)
        if (strstr(checks, words[i]) == NULL)
            (void)snprintf(text + strlen(text), 200 - strlen(text), "%s%s",
                           text[0] != '\0' ? ", " : "switched off: ", words[i]);
}

static void
on_value(const char *setting, bool bad, const char *text, void *arg)
{
    if (bad)
        doctor_row(arg, setting, false, text);
    else
        doctor_warn(arg, setting, text);
}

/* root has read the file; Exim's processes are somebody else */
static void
look_at_settings(struct doctor *doctor)
{
    const struct tool *tool = doctor->tool;
    const struct og_settings *set = &tool->state.server;
    char text[300] = "";

    if (access(tool->conf, R_OK) != 0 && errno != ENOENT)
        (void)snprintf(text, sizeof text,
                       "%s cannot read it: %s: chmod it, and the directories above it",
                       set->user, strerror(errno));
    doctor_row(doctor, tool->conf, text[0] == '\0', text);
    tool_values_check(doctor->tool, on_value, doctor);
}

/* a check that is left out is switched off, which may be meant, but not overlooked; those
 * that need a scanner are off until somebody has set one up */
static void
look_at_checks(struct doctor *doctor)
{
    static const char *const all[] = { "identity", "lock", "structure",
                                       "from",     "dkim", "limits" };
    static const char *const content[] = { "attachments", "macros", "virus", "spam",
                                           "fingerprint" };
    const char *checks = doctor->tool->state.server.checks;
    char text[200];

    list_missing(checks, all, N_ELEMENTS(all), text);
    if (text[0] != '\0')
        (void)snprintf(text + strlen(text), sizeof text - strlen(text),
                       ": name them in the setting `checks`");
    doctor_row(doctor, "checks", text[0] == '\0', text);
    list_missing(checks, content, N_ELEMENTS(content), text);
    doctor_row(doctor, "checks of content", true, text);
}

static void
look_at_databases(struct doctor *doctor)
{
    const struct og_store_conf *store = &doctor->tool->state.store;
    struct og_err err = { "" };
    bool before = doctor->sick;
    enum og_rc rc;

    doctor->sick = false;
    rc = og_store_verify(store, on_file, doctor, &err);
    if (rc != OG_OK && !doctor->sick) /* no row of a file tells why */
        doctor_row(doctor, store->directory, false, err.text);
    else if (rc == OG_OK)
        look_at_records(doctor);
    doctor->sick = doctor->sick || before;
}

static int
doctor_run(struct tool *tool)
{
    struct tool_option none[] = { { NULL, false, NULL } };
    struct doctor doctor = { tool, NULL, false };
    int code = tool_options(tool, none, 0, 0);

    if (code == TOOL_DONE)
        code = tool_state(tool);
    if (code != TOOL_DONE)
        return code;
    doctor.rows = json_array();
    look_at_settings(&doctor);
    look_at_checks(&doctor);
    doctor_space(&doctor, tool->state.server.state_directory);
    if (doctor_state(&doctor))
        look_at_databases(&doctor);
    doctor_events(&doctor);
    doctor_quarantine(&doctor);
    doctor_notices(&doctor);
    doctor_scanner(&doctor);
    code = doctor.sick ? TOOL_TROUBLE : TOOL_DONE;
    if (tool->json) {
        int printed = tool_json(tool, json_pack("{s:b, s:O}", "good", doctor.sick ? 0 : 1,
                                                "checks", doctor.rows));

        code = printed != TOOL_DONE ? printed : code;
    }
    json_decref(doctor.rows);
    return code;
}

const struct tool_verb tool_verb_doctor = {
    "doctor", "", "look whether everything is in order",
    "Checks the configuration, every page of every database, every sender's record, the\n"
    "log of events, the free space, the quarantine, notices and on_event, and the\n"
    "scanner, and says what is wrong and what to do. Mail waits while a database is\n"
    "checked: about a second for 500 MB. Exit 3 if something is bad.\n\n"
    "    outgatectl doctor\n",
    doctor_run
};
