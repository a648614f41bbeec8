/* SPDX-License-Identifier: BSD-2-Clause */
#include "local_scan/scan.h"

#include <string.h>

#include "core/check/from.h"
#include "core/check/limits.h"
#include "core/check/lock.h"
#include "core/check/structure.h"
#include "core/exim/port.h"
#include "core/exim/session.h"
#include "core/exim/tripwire.h"
#include "core/mail/body.h"
#include "core/mail/sign.h"
#include "core/state/ledger.h"

static enum og_rc
run_identity(struct scan *scan, struct og_verdict *verdict, struct og_err *err)
{
    return og_session_identity(scan->state, scan->sender, &scan->headers, &scan->identity,
                               verdict, err);
}

static enum og_rc
run_structure(struct scan *scan, struct og_verdict *verdict, struct og_err *err)
{
    struct og_measure measure;
    enum og_rc rc =
        og_body_measure(&scan->headers, scan->fd, scan->body_start, &measure, err);

    if (rc != OG_OK)
        return rc;
    og_structure_check(&scan->sender->settings, &measure, verdict);
    return og_record_set_number(&scan->facts, "bytes", (long long)measure.size, err);
}

static enum og_rc
run_dkim(struct scan *scan, struct og_verdict *verdict, struct og_err *err)
{
    struct og_buf selectors = OG_BUF_INIT(1024);
    enum og_rc rc = og_sign(scan->state, scan->sender, &scan->headers, scan->fd,
                            scan->body_start, &scan->signatures, &selectors, err);

    (void)verdict; /* nothing about a signature refuses a message */
    if (rc == OG_OK && selectors.len > 0)
        rc = og_record_set_text(&scan->facts, "dkim", og_buf_text(&selectors), err);
    og_buf_free(&selectors);
    return rc;
}

/* of a locked sender's message that is thrown away, its exempt recipients get it */
static void
discard(struct scan *scan, int exempt, struct og_verdict *verdict)
{
    const struct og_settings *set = &scan->sender->settings;

    if (exempt == 0)
        return;
    for (int i = og_port_recipients() - 1; i >= 0; i--)
        if (!og_lock_exempt(set, scan->state->hostname, og_port_recipient(i)))
            og_port_recipient_drop(i);
    *verdict = (struct og_verdict)OG_VERDICT_ACCEPT;
}

/* recipients that RCPT has not looked at */
static enum og_rc
look_for_tripwires(struct scan *scan, const struct og_account *account,
                   struct og_err *err)
{
    enum og_rc rc = OG_OK;

    if (scan->state->server.tripwires[0] == '\0' || og_tripwire_at_rcpt(scan->sender))
        return OG_OK;
    for (int i = 0; i < og_port_recipients() && rc == OG_OK; i++)
        rc = og_tripwire_look(scan->state, account, og_port_recipient(i), scan->now, err);
    return rc;
}

static enum og_rc
run_lock(struct scan *scan, struct og_verdict *verdict, struct og_err *err)
{
    const struct og_settings *set = &scan->sender->settings;
    struct og_account account = { scan->sender, scan->identity.text };
    struct og_lock lock = { .locked = false };
    enum og_rc rc = look_for_tripwires(scan, &account, err);
    int exempt = 0, all = og_port_recipients();

    if (rc == OG_OK)
        rc = og_session_lock(scan->state, &account, scan->now, &lock, err);
    if (rc != OG_OK || !lock.locked)
        return rc;
    for (int i = 0; i < all; i++)
        exempt +=
            og_lock_exempt(set, scan->state->hostname, og_port_recipient(i)) ? 1 : 0;
    if (exempt < all) {
        og_session_lock_verdict(&account, &lock, verdict);
        if (verdict->action == OG_DISCARD)
            discard(scan, exempt, verdict);
    }
    if (og_port_recipients() < all)
        rc = og_record_set_number(&scan->facts, "discarded", all - og_port_recipients(),
                                  err);
    return rc;
}

static enum og_rc
run_from(struct scan *scan, struct og_verdict *verdict, struct og_err *err)
{
    og_from_check_recipients(scan->envelope_sender, (size_t)og_port_recipients(),
                             verdict);
    if (verdict->action != OG_ACCEPT)
        return OG_OK; /* exim -t has no RCPT */
    return og_from_check_headers(&scan->sender->settings, scan->sender->domain,
                                 &scan->headers, verdict, err);
}

/* the one place where messages and recipients are counted */
static enum og_rc
run_limits(struct scan *scan, struct og_verdict *verdict, struct og_err *err)
{
    const struct og_settings *set = &scan->sender->settings;
    struct og_account account = { scan->sender, scan->identity.text };
    struct og_recipients list = OG_RECIPIENTS_INIT;
    struct og_shortage shortage = { .short_of = false };
    struct og_charge charge = { .amount = { [OG_UNIT_MESSAGES] = 1 },
                                .always = scan->released };
    enum og_rc rc = OG_OK;

    charge.amount[OG_UNIT_RECIPIENTS] = (uint64_t)og_port_recipients();
    if (set->maximum_distinct_recipients_per_day > 0)
        rc = og_port_recipients_fold(&list, NULL, err);
    charge.addresses = list.addresses;
    charge.addresses_count = list.count;
    if (rc == OG_OK)
        rc = og_port_pretended() ? og_ledger_look(scan->state, &account, &charge,
                                                  scan->now, &shortage, err)
                                 : og_ledger_charge(scan->state, &account, &charge,
                                                    scan->now, &shortage, err);
    og_session_room_set(&account, scan->now, rc == OG_OK && shortage.room);
    if (rc == OG_OK)
        og_limits_check(set, &shortage, 0, verdict);
    og_session_short(scan->state, &account, &shortage, scan->now);
    og_recipients_free(&list);
    return rc;
}

static const struct scan_check checks[] = {
    { "identity", SCAN_FIND, run_identity },
    { "lock", SCAN_JUDGE, run_lock },
    { "structure", SCAN_JUDGE, run_structure },
    { "from", SCAN_JUDGE, run_from },
    { "attachments", SCAN_JUDGE, scan_check_attachments },
    { "macros", SCAN_JUDGE, scan_check_macros },
    { "virus", SCAN_JUDGE, scan_check_virus },
    { "spam", SCAN_JUDGE, scan_check_spam },
    { "fingerprint", SCAN_JUDGE, scan_check_fingerprint },
    { "dkim", SCAN_JUDGE, run_dkim },
    { "limits", SCAN_COUNT, run_limits },
};

static const struct scan_check *
find(const char *name, size_t len)
{
    for (size_t i = 0; i < N_ELEMENTS(checks); i++)
        if (strncmp(checks[i].name, name, len) == 0 && checks[i].name[len] == '\0')
            return &checks[i];
    return NULL;
}

/* what is done to a message that somebody has looked at and sends on */
static bool
after_release(const struct scan_check *check)
{
    return strcmp(check->name, "dkim") == 0 || strcmp(check->name, "limits") == 0;
}

static enum og_rc
run_phase(struct scan *scan, enum scan_phase phase, struct og_verdict *verdict,
          const char **module, struct og_err *err)
{
    const char *at = scan->state->server.checks;
    enum og_rc rc = OG_OK;

    while (*at != '\0' && rc == OG_OK && verdict->action == OG_ACCEPT) {
        size_t len = strcspn(at, " ");
        const struct scan_check *check = find(at, len);

        if (check == NULL)
            return og_fail(err, OG_E_SYNTAX, "checks: no check '%.*s'", (int)len, at);
        if (check->phase == phase && (!scan->released || after_release(check)))
            rc = check->run(scan, verdict, err);
        if (rc != OG_OK || verdict->action != OG_ACCEPT)
            *module = check->name;
        at += len;
        at += strspn(at, " ");
    }
    return rc;
}

enum og_rc
scan_run(struct scan *scan, struct og_verdict *verdict, const char **module,
         struct og_err *err)
{
    enum og_rc rc = OG_OK;

    *module = "scan";
    for (int phase = 0; phase < SCAN_PHASES && rc == OG_OK; phase++)
        rc = run_phase(scan, (enum scan_phase)phase, verdict, module, err);
    return rc;
}
