/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/doctor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/mail/notice.h"
#include "core/mail/notice_from.h"
#include "tools/classes.h"

static void
look_at_program(struct doctor *doctor, const char *setting, const char *command)
{
    char path[1100], text[1300];

    (void)snprintf(path, sizeof path, "%.*s", (int)strcspn(command, " \t"), command);
    if (access(path, X_OK) == 0)
        return;
    (void)snprintf(text, sizeof text, "%s: %s", path, strerror(errno));
    doctor_row(doctor, setting, false, text);
}

/* the zone as og_notice_zone() looks for it */
static void
look_at_zone(struct doctor *doctor)
{
    const char *zone = doctor->tool->state.server.time_zone;
    char path[200], text[300];

    (void)snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", zone);
    if (strcmp(zone, "UTC") == 0 || access(path, R_OK) == 0)
        return;
    (void)snprintf(text, sizeof text, "%s: %s; times are in UTC", path, strerror(errno));
    doctor_row(doctor, "time_zone", false, text);
}

/* a word that is no class is given to nobody */
static void
look_at_classes(struct doctor *doctor)
{
    const char *rest = doctor->tool->state.server.on_event_classes;
    char word[64], text[120];
    size_t n;

    for (; *(rest += strspn(rest, " ")) != '\0'; rest += n) {
        n = strcspn(rest, " ");
        (void)snprintf(word, sizeof word, "%.*s", (int)n, rest);
        if (strcmp(word, "all") == 0 || tool_class(word)->name[0] != '\0')
            continue;
        (void)snprintf(text, sizeof text, "'%s' is no class of events", word);
        doctor_row(doctor, "on_event_classes", false, text);
    }
}

static void
look_at_templates(struct doctor *doctor)
{
    static const char *const names[] = { "lock-user",  "lock-identity", "login-attack",
                                         "limit",      "digest",        "unlocked",
                                         "quarantine", "abuse-report" };
    struct og_values values = OG_VALUES_INIT;
    struct og_err err = { "" };
    char trouble[256] = "";
    enum og_rc rc = og_values_sample(&values, false, &err);

    for (size_t i = 0; i < N_ELEMENTS(names) && rc == OG_OK && trouble[0] == '\0'; i++) {
        struct og_rendered mail = OG_RENDERED_INIT;

        rc = og_notice_render(&doctor->tool->state, names[i], "en", &values, &mail,
                              trouble, &err);
        og_rendered_free(&mail);
    }
    if (rc != OG_OK || trouble[0] != '\0')
        doctor_row(doctor, "templates", false, rc != OG_OK ? err.text : trouble);
    og_values_free(&values);
}

struct waiting {
    size_t count, failed;
};

static enum og_rc
count_row(const struct og_outbox_row *row, void *arg, struct og_err *err)
{
    struct waiting *waiting = arg;
    const char *tries = og_record_get(&row->fields, "tries");

    (void)err;
    waiting->count++;
    waiting->failed += tries != NULL && strtol(tries, NULL, 10) > 1;
    return OG_OK;
}

static void
look_at_outbox(struct doctor *doctor)
{
    struct waiting waiting = { 0, 0 };
    struct og_err err = { "" };
    char text[200];

    if (og_outbox_walk(&doctor->tool->state, count_row, &waiting, &err) != OG_OK) {
        doctor_row(doctor, "notices", false, err.text);
        return;
    }
    (void)snprintf(text, sizeof text,
                   "%zu wait, %zu of them could not be sent; see "
                   "`outgatectl notices`",
                   waiting.count, waiting.failed);
    doctor_row(doctor, "notices", waiting.failed == 0, waiting.count > 0 ? text : "");
}

void
doctor_notices(struct doctor *doctor)
{
    const struct og_settings *set = &doctor->tool->state.server;
    struct og_buf from = OG_BUF_INIT(OG_ADDR_MAX_TEXT);
    struct og_err err = { "" };

    if (set->on_event[0] != '\0')
        look_at_program(doctor, "on_event", set->on_event);
    look_at_classes(doctor);
    if (set->notices_per_hour == 0) {
        doctor_row(doctor, "notices", true, "switched off by notices_per_hour");
        return;
    }
    if (set->admin_contact[0] == '\0')
        doctor_row(doctor, "admin_contact", true,
                   "not set: nobody is told of locks of senders whose domain has none");
    if (og_notice_from(&doctor->tool->state, NULL, &from, &err) != OG_OK)
        doctor_row(doctor, "notice_from", false, err.text);
    og_buf_free(&from);
    look_at_zone(doctor);
    look_at_program(doctor, "exim_command", set->exim_command);
    look_at_program(doctor, "notice_program", set->notice_program);
    look_at_templates(doctor);
    look_at_outbox(doctor);
}
