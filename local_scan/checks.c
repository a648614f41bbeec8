/* SPDX-License-Identifier: BSD-2-Clause */
#include "local_scan/scan.h"

#include <string.h>

#include "core/check/structure.h"
#include "core/exim/port.h"
#include "core/mail/body.h"
#include "core/mail/sign.h"

static enum og_rc
run_identity(struct scan *scan, struct og_verdict *verdict, struct og_err *err)
{
    const struct og_settings *set = &scan->sender.settings;
    bool is_person =
        og_sender_is_person(&scan->sender, og_port_authenticated() ? scan->login : "");
    struct og_identity_facts facts = { scan->envelope_sender, scan->login,
                                       og_identity_headers_count(set, is_person) };

    return og_identity_find(set, &facts, &scan->headers, &scan->identity, verdict, err);
}

static enum og_rc
run_structure(struct scan *scan, struct og_verdict *verdict, struct og_err *err)
{
    struct og_measure measure;
    enum og_rc rc =
        og_body_measure(&scan->headers, scan->fd, scan->body_start, &measure, err);

    if (rc != OG_OK)
        return rc;
    og_structure_check(&scan->sender.settings, &measure, verdict);
    return og_record_set_number(&scan->facts, "bytes", (long long)measure.size, err);
}

static enum og_rc
run_dkim(struct scan *scan, struct og_verdict *verdict, struct og_err *err)
{
    struct og_buf selectors = OG_BUF_INIT(1024);
    enum og_rc rc = og_sign(scan->state, &scan->sender, &scan->headers, scan->fd,
                            scan->body_start, &scan->signatures, &selectors, err);

    (void)verdict; /* nothing about a signature refuses a message */
    if (rc == OG_OK && selectors.len > 0)
        rc = og_record_set_text(&scan->facts, "dkim", og_buf_text(&selectors), err);
    og_buf_free(&selectors);
    return rc;
}

const struct scan_check scan_checks[] = {
    { "identity", run_identity },
    { "structure", run_structure },
    { "dkim", run_dkim },
};

const size_t scan_checks_count = N_ELEMENTS(scan_checks);

static const struct scan_check *
find(const char *name, size_t len)
{
    for (size_t i = 0; i < scan_checks_count; i++)
        if (strncmp(scan_checks[i].name, name, len) == 0
            && scan_checks[i].name[len] == '\0')
            return &scan_checks[i];
    return NULL;
}

enum og_rc
scan_run(struct scan *scan, struct og_verdict *verdict, const char **module,
         struct og_err *err)
{
    const char *at = scan->state->server.checks;
    enum og_rc rc = OG_OK;

    *module = "scan";
    while (*at != '\0' && rc == OG_OK && verdict->action == OG_ACCEPT) {
        size_t len = strcspn(at, " ");
        const struct scan_check *check = find(at, len);

        if (check == NULL)
            return og_fail(err, OG_E_SYNTAX, "checks: no check '%.*s'", (int)len, at);
        rc = check->run(scan, verdict, err);
        if (rc != OG_OK || verdict->action != OG_ACCEPT)
            *module = check->name;
        at += len;
        at += strspn(at, " ");
    }
    return rc;
}
