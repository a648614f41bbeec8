/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * outgate_identity: the identity of the message, as the content stage will find it, or
 * the empty string; in the DATA ACL, so that $acl_m_outgate_identity is in the spool
 * file for whoever handles the message later. Judges nothing and removes nothing. It
 * fails, and the ACL defers, when the state cannot be read: a message in the queue without
 * its identity would pass that one's lock.
 */
#include "dlfunc/hook.h"

#include "core/exim/session.h"

static enum og_rc
find(const struct og_state *state, const char *user, struct og_identity *identity,
     struct og_err *err)
{
    const struct og_sender *sender = NULL;
    struct og_headers headers = OG_HEADERS_INIT;
    struct og_verdict ignored = OG_VERDICT_ACCEPT; /* the content stage judges */
    enum og_rc rc = og_session_sender(state, user, &sender, err);

    if (rc == OG_OK)
        rc = og_port_headers(&headers, err);
    if (rc == OG_OK)
        rc = og_session_identity(state, sender, &headers, identity, &ignored, err);
    og_headers_free(&headers);
    return rc;
}

HOOK(outgate_identity)
{
    const struct og_state *state = NULL;
    const char *user = hook_user();
    struct og_identity identity = { "" };
    struct og_err err = { "" };
    enum og_rc rc;

    (void)argv;
    if (argc != 0)
        return og_port_fail(yield, "outgate_identity: expected no argument");
    if (user[0] == '\0')
        return og_port_yield(yield, "");
    rc = og_port_state_kept(&state, &err); /* the content stage looks once more */
    if (rc == OG_OK)
        rc = find(state, user, &identity, &err);
    if (rc != OG_OK && rc != OG_E_NOTFOUND) {
        (void)hook_trouble(yield, state, "identity", user, &err); /* the event */
        return og_port_fail(yield, "temporary problem with the list of senders");
    }
    return og_port_yield(yield, identity.text);
}
