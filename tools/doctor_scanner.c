/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/doctor.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/settings_scan.h"
#include "core/base/time.h"
#include "core/scan/any.h"
#include "core/scan/clamd.h"
#include "core/scan/client.h"
#include "core/scan/embedded.h"

enum {
    WAIT_MS = 5000,
    OLD_DAYS = 7, /* ClamAV publishes new daily signatures each day */
};

/* a line that does not fit is cut; there is nothing else to do about it */
#define say(text, ...)                                         \
    do {                                                       \
        if (og_buf_printf((text), NULL, __VA_ARGS__) != OG_OK) \
            (text)->max = (text)->len;                         \
    } while (0)

/* how old the newest signatures that come daily are, in days; -1 where there are none */
static int64_t
age(const struct og_record *status)
{
    int64_t daily = 0;

    if (og_time_parse(og_record_text(status, "daily"), &daily, NULL) != OG_OK)
        return -1;
    return (og_time_now() - daily) / 86400;
}

static bool
judge(const struct og_record *status, struct og_buf *text)
{
    int64_t days = age(status);
    bool good = true;

    if (strcmp(og_record_text(status, "state"), "loading") == 0) {
        say(text, "; it loads, and messages wait");
        good = false;
    } else if (og_record_text(status, "directory")[0] == '\0') {
        say(text, "; without signatures: signature_directory is empty");
    }
    if (og_record_text(status, "trouble")[0] != '\0') {
        say(text, "; signatures are not loaded: %s", og_record_text(status, "trouble"));
        good = false;
    }
    if (days >= OLD_DAYS) {
        say(text, "; the signatures are %" PRId64 " days old: does freshclam run?", days);
        good = false;
    }
    return good;
}

/* what holds a worker that a message has taken over; an older service does not tell */
static void
judge_confinement(struct doctor *doctor, const struct og_record *status)
{
    const char *landlock = og_record_text(status, "landlock"),
               *seccomp = og_record_text(status, "seccomp");

    if (strcmp(seccomp, "no") == 0)
        doctor_row(doctor, "confinement", false,
                   "this kernel has no seccomp filters: no worker starts without them");
    else if (strcmp(landlock, "no") == 0)
        doctor_warn(doctor, "confinement",
                    "this kernel has no Landlock, or it is switched off (Linux 5.13, "
                    "lsm=landlock): workers can read what their account can");
    else if (landlock[0] != '\0')
        doctor_row(doctor, "confinement", true, "Landlock, seccomp");
}

static bool
look_at_service(struct doctor *doctor, const char *socket, struct og_buf *text)
{
    struct og_record status = OG_RECORD_INIT;
    struct og_err err = { "" };
    bool good = false;

    if (og_client_status(socket, WAIT_MS, &status, &err) != OG_OK) {
        say(text, "%s", err.text);
    } else {
        say(text,
            "outgate-scand %s, ClamAV %s, %s signatures of %s, newest %s, loaded %s",
            og_record_text(&status, "version"), og_record_text(&status, "clamav"),
            og_record_text(&status, "signatures"), og_record_text(&status, "directory"),
            og_record_text(&status, "newest"), og_record_text(&status, "loaded"));
        say(text,
            "; %s workers, %s at work, %s messages wait; %s scanned, %s workers died, %s "
            "were stopped; %llu MiB",
            og_record_text(&status, "workers"), og_record_text(&status, "at_work"),
            og_record_text(&status, "waiting"), og_record_text(&status, "scanned"),
            og_record_text(&status, "died"), og_record_text(&status, "late"),
            strtoull(og_record_text(&status, "pss_kb"), NULL, 10) / 1024);
        good = judge(&status, text);
        judge_confinement(doctor, &status);
    }
    og_record_free(&status);
    return good;
}

static bool
look_inside(const struct og_settings *server, struct og_buf *text)
{
    struct og_scanner_conf conf = og_scan_conf(server);
    struct og_err err = { "" };

    if (og_embedded_load(&conf, &err) != OG_OK) {
        say(text, "%s", err.text);
        return false;
    }
    say(text, "in Exim's process, ClamAV %s, %llu signatures", og_embedded_version(),
        og_embedded_signatures());
    return true;
}

static bool
look_at_clamd(const struct og_settings *server, const char *socket, struct og_buf *text)
{
    struct og_err err = { "" };

    if (og_clamd_version(socket, WAIT_MS, text, &err) != OG_OK) {
        say(text, "%s", err.text);
        return false;
    }
    say(text, " at %s for signatures; structure ", socket);
    return look_inside(server, text);
}

/* whoever scans */
static bool
look(struct doctor *doctor, struct og_buf *text)
{
    const struct og_settings *server = &doctor->tool->state.server;
    const char *socket;

    switch (og_scanner_mode(server->scanner, &socket)) {
    case OG_SCANNER_SCAND:
        return look_at_service(doctor, socket, text);
    case OG_SCANNER_EMBEDDED:
        return look_inside(server, text);
    case OG_SCANNER_CLAMD:
        return look_at_clamd(server, socket, text);
    }
    return false;
}

void
doctor_scanner(struct doctor *doctor)
{
    const struct og_settings *server = &doctor->tool->state.server;
    struct og_buf text = OG_BUF_INIT(1500);
    bool asked = og_scanner_is_asked(server->checks), good = !asked;

    if (asked)
        good = look(doctor, &text);
    doctor_row(doctor, "scanner", good,
               asked ? og_buf_text(&text) : "not asked by any check");
    og_buf_free(&text);
}
