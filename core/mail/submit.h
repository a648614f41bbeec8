/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_MAIL_SUBMIT_H
#define OG_MAIL_SUBMIT_H

#include <stddef.h>

#include "core/state/state.h"

/*
 * Mail of our own, handed to Exim: setting `exim_command`, as the account that receives
 * mail, with the protocol below. Mail of that protocol, from that account or root, is
 * neither filtered, limited, counted nor locked: the snippets and local_scan see to it.
 * A customer cannot claim it, as Exim takes -oMr from trusted callers only and we look
 * at the caller as well.
 */
#define OG_SUBMIT_PROTOCOL "outgate-notify"

enum { OG_SUBMIT_MAX_RECIPIENTS = 5000 };

struct og_submission {
    const char *protocol; /* OG_SUBMIT_PROTOCOL, or another that the snippets know */
    const char *login;    /* becomes $authenticated_id; NULL: none */
    const char *sender;   /* envelope sender, bare; "" is the null sender */
    const char *const *recipients;
    size_t count;
};

/*
 * og_submit - hand over a finished message and wait until Exim has taken it
 *
 * sender       envelope sender, bare; "" is the null sender
 * recipients   bare addresses, count of them
 * message      header and body, LF or CRLF, len bytes
 *
 * For outgatectl and its like: it takes tens of milliseconds and waits up to a minute.
 * Returns OG_OK when Exim has it in its spool; OG_E_SYNTAX for an address that is none;
 * OG_E_LIMIT; OG_E_IO with what Exim said; OG_E_BUSY; OG_E_NOMEM.
 */
enum og_rc og_submit(const struct og_state *state, const char *sender,
                     const char *const *recipients, size_t count, const char *message,
                     size_t len, struct og_err *err) OG_CHECKED;

/* og_submit_mail - the same with all that can be said of it; fd as og_submit_fd */
enum og_rc og_submit_mail(const struct og_state *state, const struct og_submission *mail,
                          int fd, struct og_err *err) OG_CHECKED;

/* og_submit_fd - the same from a file: fd is read from where it stands to its end */
enum og_rc og_submit_fd(const struct og_state *state, const char *sender,
                        const char *const *recipients, size_t count, int fd,
                        struct og_err *err) OG_CHECKED;

#endif
