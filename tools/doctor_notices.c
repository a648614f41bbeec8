/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/doctor.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/mail/notice.h"

static void
look_at_templates(struct doctor *doctor)
{
    static const char *const names[] = { "lock-user",  "lock-identity", "login-attack",
                                         "limit",      "digest",        "unlocked",
                                         "quarantine", "abuse-report" };
    struct og_values values = OG_VALUES_INIT;
    struct og_err err = { "" };
    char trouble[256] = "", text[500];
    enum og_rc rc = og_values_sample(&values, false, &err);

    for (size_t i = 0; i < N_ELEMENTS(names) && rc == OG_OK && trouble[0] == '\0'; i++) {
        struct og_rendered mail = OG_RENDERED_INIT;

        rc = og_notice_render(&doctor->tool->state, names[i], "en", &values, &mail,
                              trouble, &err);
        og_rendered_free(&mail);
    }
    if (rc != OG_OK || trouble[0] != '\0') {
        (void)snprintf(text, sizeof text, "%.400s; see `outgatectl template check`",
                       rc != OG_OK ? err.text : trouble);
        doctor_row(doctor, "templates", false, text);
    }
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

    if (set->notices_per_hour == 0) {
        doctor_row(doctor, "notices", true, "switched off by notices_per_hour");
        return;
    }
    look_at_templates(doctor);
    look_at_outbox(doctor);
}
