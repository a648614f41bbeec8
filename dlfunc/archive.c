/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * outgate_archive WHAT: for the router that sends copies to the archive, where $acl_c_outgate_user
 * is the sender of the message. WHAT is
 *
 *     address   where its copy goes; `:blackhole:` when there is no archive any more,
 *               `:defer: ...` while that cannot be found out
 *     envelope  header fields X-Envelope-From and X-Envelope-To, one for each recipient,
 *               one a line
 *
 * local_scan has added the copy to the recipients, see local_scan/archive.h. A router
 * asks as root.
 */
#include "core/mail/archive.h"
#include "dlfunc/hook.h"

#include <string.h>

static enum og_rc
find_address(const struct og_state **state, struct og_buf *out, struct og_err *err)
{
    struct og_sender sender = OG_SENDER_INIT;
    enum og_rc rc = og_port_state(state, err);

    if (rc == OG_OK)
        rc = og_users_sender(*state, hook_user(), true, &sender, err);
    if (rc == OG_OK)
        rc = og_buf_add_text(out, og_archive_address(&sender.settings), err);
    og_sender_free(&sender);
    return rc == OG_E_NOTFOUND ? OG_OK : rc;
}

static int
address(unsigned char **yield)
{
    const struct og_state *state = NULL;
    struct og_buf out = OG_BUF_INIT(1024);
    struct og_err err = { "" };
    unsigned char *ignored;
    enum og_rc rc = hook_user()[0] != '\0' ? find_address(&state, &out, &err) : OG_OK;
    int code;

    if (rc != OG_OK) {
        (void)hook_trouble(&ignored, state, "archive", hook_user(), &err); /* the event */
        code = og_port_yield(yield, ":defer: the archive's address cannot be read");
    } else
        code = og_port_yield(yield, out.len > 0 ? out.data : ":blackhole:");
    og_buf_free(&out);
    return code;
}

static int
envelope(unsigned char **yield)
{
    struct og_buf out = OG_BUF_INIT(OG_ARCHIVE_MAX_FIELDS);
    struct og_err err = { "" };
    enum og_rc rc =
        og_archive_field("X-Envelope-From", og_port_envelope_sender(), &out, &err);
    int code;

    for (int i = 0; i < og_port_recipients() && rc == OG_OK; i++)
        if (strcmp(og_port_recipient(i), OG_ARCHIVE_RECIPIENT) != 0)
            rc = og_archive_field("X-Envelope-To", og_port_recipient(i), &out, &err);
    code = rc == OG_OK ? og_port_yield(yield, og_buf_text(&out))
                       : og_port_fail(yield, "outgate_archive: %s", err.text);
    og_buf_free(&out);
    return code;
}

HOOK(outgate_archive)
{
    const char *what = argc == 1 ? (const char *)argv[0] : "";

    if (strcmp(what, "address") == 0)
        return address(yield);
    if (strcmp(what, "envelope") == 0)
        return envelope(yield);
    return og_port_fail(yield, "outgate_archive: expected {address} or {envelope}");
}
