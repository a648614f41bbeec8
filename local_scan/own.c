/* SPDX-License-Identifier: BSD-2-Clause */
#include "local_scan/own.h"

#include <stdio.h>
#include <string.h>

#include "core/exim/port.h"
#include "core/mail/notice_from.h"
#include "core/mail/sign.h"
#include "core/mail/submit.h"

bool
own_protocol(const char *protocol)
{
    const char *caller;

    if (og_port_is_smtp() || og_port_client_address()[0] != '\0'
        || strcmp(og_port_protocol(), protocol) != 0)
        return false;
    caller = og_port_expand("$caller_uid");
    return strcmp(caller, "0") == 0 || strcmp(caller, og_port_expand("$exim_uid")) == 0;
}

bool
own_mail(void)
{
    return own_protocol(OG_SUBMIT_PROTOCOL);
}

/* the domain's settings, the server's where it is no sender of ours */
static enum og_rc
find_domain(const struct og_state *state, const char *domain, struct og_sender *sender,
            struct og_err *err)
{
    char name[OG_NAME_TEXT];
    enum og_rc rc;

    (void)snprintf(name, sizeof name, "@%s", domain);
    rc = og_users_sender(state, name, false, sender, err);
    if (rc != OG_E_NOTFOUND)
        return rc;
    (void)snprintf(sender->domain, sizeof sender->domain, "%s", domain);
    return og_settings_copy(&sender->settings, &state->server, err);
}

enum og_rc
own_sign(int fd, struct og_buf *fields, struct og_err *err)
{
    const struct og_state *state = NULL;
    struct og_headers headers = OG_HEADERS_INIT;
    struct og_sender sender = OG_SENDER_INIT;
    struct og_buf selectors = OG_BUF_INIT(1024), from = OG_BUF_INIT(OG_ADDR_MAX_TEXT);
    const char *address = og_port_envelope_sender(), *at;
    enum og_rc rc = og_port_state(&state, err);

    if (rc == OG_OK && address[0] == '\0') {
        rc = og_notice_from(state, NULL, &from, err);
        address = og_buf_text(&from);
    }
    at = strrchr(address, '@');
    if (rc == OG_OK && at != NULL)
        rc = find_domain(state, at + 1, &sender, err);
    if (rc == OG_OK && at != NULL)
        rc = og_port_headers(&headers, err);
    if (rc == OG_OK && at != NULL)
        rc = og_sign(state, &sender, &headers, fd, og_port_body_start(), fields,
                     &selectors, err);
    og_headers_free(&headers);
    og_sender_free(&sender);
    og_buf_free(&selectors);
    og_buf_free(&from);
    return rc;
}
