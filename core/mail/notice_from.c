/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/mail/notice_from.h"

#include <string.h>

#include "core/base/mailboxes.h"

/* a second address in the setting is a mistake */
static enum og_rc
visit(const char *address, size_t len, void *arg, struct og_err *err)
{
    struct og_buf *out = arg;
    struct og_addr parts;
    enum og_rc rc = og_addr_split(address, len, &parts, err);

    if (rc == OG_OK && out->len > 0)
        return og_fail(err, OG_E_SYNTAX, "more than one address");
    return rc == OG_OK ? og_buf_add(out, address, len, err) : rc;
}

static enum og_rc
read_name(const char *text, struct og_buf *name, struct og_err *err)
{
    const char *end = strrchr(text, '<');
    enum og_rc rc = OG_OK;

    for (; end != NULL && end > text && (end[-1] == ' ' || end[-1] == '\t'); end--)
        ;
    for (const char *at = text; end != NULL && at < end && rc == OG_OK; at++) {
        if (*at == '"')
            continue;
        if (*at == '\\' && at + 1 < end)
            at++;
        rc = og_buf_add(name, at, 1, err);
    }
    return rc;
}

enum og_rc
og_notice_from(const struct og_state *state, struct og_buf *name, struct og_buf *address,
               struct og_err *err)
{
    const char *text = state->server.notice_from;
    struct og_buf found = OG_BUF_INIT(OG_ADDR_MAX_TEXT);
    struct og_err why = { "" };
    enum og_rc rc;

    if (text[0] == '\0')
        return og_buf_printf(address, err, "postmaster@%s", state->hostname);
    rc = og_mailboxes_parse(text, strlen(text), visit, &found, &why);
    if (rc == OG_OK && found.len == 0)
        rc = og_fail(&why, OG_E_SYNTAX, "no address");
    if (rc != OG_OK)
        (void)og_fail(err, rc, "notice_from: %s", why.text);
    if (rc == OG_OK)
        rc = og_buf_add(address, found.data, found.len, err);
    if (rc == OG_OK && name != NULL)
        rc = read_name(text, name, err);
    og_buf_free(&found);
    return rc;
}
