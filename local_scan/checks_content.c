/* SPDX-License-Identifier: BSD-2-Clause */
/* the checks that judge what the scanner has found */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/check/attachments.h"
#include "core/check/content.h"
#include "core/check/spam.h"
#include "core/exim/port.h"
#include "core/state/fingerprints.h"
#include "local_scan/content.h"

enum { MAX_NAMED = 5, MAX_NAMES = 512 }; /* of one kind, in an event; bytes */

/* the event tells where, and what it is called */
static enum og_rc
note(struct scan *scan, const struct og_finding *found, struct og_err *err)
{
    const char *path;

    if (found == NULL)
        return OG_OK;
    path = found->path[0] != '\0' ? found->path : found->name;
    if (found->what == OG_FOUND_FILE || found->path[0] != '\0')
        return og_record_set_text(&scan->facts, "file", path, err);
    return OG_OK;
}

/* all findings of a kind by their names, whether they decide or not */
static enum og_rc
note_names(struct scan *scan, const struct og_findings *findings, enum og_found what,
           struct og_err *err)
{
    struct og_buf names = OG_BUF_INIT(MAX_NAMES);
    size_t named = 0;
    enum og_rc rc = OG_OK;

    for (size_t i = 0; i < findings->count && named < MAX_NAMED; i++) {
        const char *name = findings->list[i].name;

        if (findings->list[i].what != what
            || (names.len > 0 && strstr(og_buf_text(&names), name) != NULL))
            continue;
        if (og_buf_printf(&names, err, "%s%.90s", named++ > 0 ? ", " : "", name) != OG_OK)
            break; /* those that are there do */
    }
    if (names.len > 0)
        rc = og_record_set_text(&scan->facts, og_found_text(what), names.data, err);
    og_buf_free(&names);
    return rc;
}

/* what was found; a message that could not be looked into as a whole is refused by
 * whichever check asks first */
static enum og_rc
look(struct scan *scan, const struct og_findings **findings, struct og_verdict *verdict,
     struct og_err *err)
{
    const struct og_settings *set = &scan->sender->settings;
    enum og_rc rc = scan_content(scan, findings, err);

    if (rc == OG_OK)
        rc = note_names(scan, *findings, OG_FOUND_LIMIT, err);
    return rc == OG_OK ? note(scan, og_beyond_check(set, *findings, verdict), err) : rc;
}

enum og_rc
scan_check_attachments(struct scan *scan, struct og_verdict *verdict, struct og_err *err)
{
    const struct og_settings *set = &scan->sender->settings;
    const struct og_findings *findings;
    enum og_rc rc = look(scan, &findings, verdict, err);

    if (rc == OG_OK)
        rc = note_names(scan, findings, OG_FOUND_UNWANTED, err);
    if (rc == OG_OK && verdict->action == OG_ACCEPT)
        rc = note(scan, og_attachments_check(set, findings, verdict), err);
    return rc;
}

enum og_rc
scan_check_macros(struct scan *scan, struct og_verdict *verdict, struct og_err *err)
{
    const struct og_settings *set = &scan->sender->settings;
    const struct og_findings *findings;
    enum og_rc rc = look(scan, &findings, verdict, err);

    if (rc == OG_OK)
        rc = note_names(scan, findings, OG_FOUND_MACRO, err);
    if (rc == OG_OK && verdict->action == OG_ACCEPT)
        rc = note(scan, og_macro_check(set, findings, verdict), err);
    return rc;
}

enum og_rc
scan_check_virus(struct scan *scan, struct og_verdict *verdict, struct og_err *err)
{
    const struct og_findings *findings;
    enum og_rc rc = look(scan, &findings, verdict, err);

    if (rc == OG_OK)
        rc = note_names(scan, findings, OG_FOUND_VIRUS, err);
    if (rc == OG_OK && verdict->action == OG_ACCEPT)
        rc = note(scan, og_virus_check(findings, verdict), err);
    return rc;
}

/* block_outgoing_spam = no: it passes, and counts */
static void
observe(struct scan *scan, struct og_verdict *verdict)
{
    if (verdict->action == OG_ACCEPT || scan->sender->settings.block_outgoing_spam != 0)
        return;
    scan->observed = *verdict;
    *verdict = (struct og_verdict)OG_VERDICT_ACCEPT;
}

/* what the data ACL knows of the message, if it has asked a filter */
static enum og_rc
ask_filter(struct scan *scan, struct og_spam *spam, struct og_err *err)
{
    char score[16];
    enum og_rc rc = og_spam_read(og_port_expand("$acl_m_outgate_spam"), spam, err);

    if (rc == OG_OK && spam->failed
        && scan->state->server.scanner_failure == OG_SCANNER_FAILURE_DEFER)
        return og_fail(err, OG_E_BUSY, "the spam filter does not answer, see spam.conf");
    if (rc == OG_OK && spam->failed)
        return og_record_set_text(&scan->facts, "unscanned",
                                  "the spam filter does not answer", err);
    if (rc != OG_OK || !spam->scored)
        return rc;
    (void)snprintf(score, sizeof score, "%s%d.%d", spam->tenths < 0 ? "-" : "",
                   abs(spam->tenths) / 10, abs(spam->tenths) % 10);
    return og_record_set_text(&scan->facts, "score", score, err);
}

enum og_rc
scan_check_spam(struct scan *scan, struct og_verdict *verdict, struct og_err *err)
{
    const struct og_findings *findings;
    struct og_spam spam = { .asked = false };
    enum og_rc rc = ask_filter(scan, &spam, err);

    if (rc == OG_OK)
        rc = scan_content(scan, &findings, err);
    if (rc == OG_OK)
        rc = note_names(scan, findings, OG_FOUND_PHISH, err);
    if (rc == OG_OK)
        og_spam_check(&scan->sender->settings, &spam, findings, verdict);
    observe(scan, verdict);
    return rc;
}

enum og_rc
scan_check_fingerprint(struct scan *scan, struct og_verdict *verdict, struct og_err *err)
{
    const struct og_findings *findings;
    bool denied = false;
    enum og_rc rc = scan_content(scan, &findings, err);

    if (rc == OG_OK && findings->fingerprint[0] != '\0')
        rc = og_record_set_text(&scan->facts, "fingerprint", findings->fingerprint, err);
    if (rc == OG_OK && findings->exact[0] != '\0')
        rc = og_record_set_text(&scan->facts, "exact", findings->exact, err);
    if (rc == OG_OK)
        rc = og_fingerprint_denied(scan->state, findings, &denied, err);
    if (rc == OG_OK && denied)
        og_spam_denied(verdict);
    scan->fan_out = scan->sender->settings.fan_out_recipients > 0;
    observe(scan, verdict);
    return rc;
}
