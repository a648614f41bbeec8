/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_LIB_IDN_H
#define OG_LIB_IDN_H

#include <stddef.h>

#include "core/base/buf.h"
#include "core/base/err.h"

/*
 * Domains and addresses in the one form that is a key: whatever names the same mailbox
 * in DNS and SMTP becomes the same bytes. Hides libidn2.
 */
enum {
    OG_IDN_MAX_TEXT = 1024,  /* bytes of UTF-8 that may become one domain */
    OG_IDN_MAX_DOMAIN = 253, /* bytes, RFC 1035 section 2.3.4 as text without last dot */
    OG_IDN_MAX_LABEL = 63,   /* bytes, the same section */
};

/*
 * og_idn_domain - the key form of a domain: A-labels, lower case, no dot at the end
 *
 * text, len  a domain in ASCII or UTF-8, no NUL needed, content may be hostile; or an
 *            address literal, `[192.0.2.1]` or `[IPv6:2001:db8::1]`, which is checked
 *            and put into lower case, nothing else
 * out        the key is appended, printable ASCII; unchanged on failure
 *
 * Labels hold letters, digits, '-' (not at either end) and '_', 1 to OG_IDN_MAX_LABEL
 * bytes. UTF-8 is mapped by UTS #46, non-transitional (`faß.de` is not `fass.de`), and
 * must be valid under IDNA2008. A domain that is all ASCII is taken as DNS would take
 * it: its A-labels are not decoded, so that registered names which IDNA2008 frowns
 * upon, such as emoji, still send mail. A key yields itself.
 *
 * Returns OG_OK; OG_E_SYNTAX for the empty text, bad UTF-8, a bad label; OG_E_LIMIT
 * above a ceiling on the whole; OG_E_NOMEM.
 * Source: RFC 5890, RFC 5891, UTS #46, RFC 5321 section 4.1.3.
 */
enum og_rc og_idn_domain(const char *text, size_t len, struct og_buf *out,
                         struct og_err *err) OG_CHECKED;

/*
 * og_idn_address - the key form of a whole address: og_addr_local_fold(), '@',
 * og_idn_domain()
 *
 * Returns what og_addr_split() and these return; an address without a domain is
 * OG_E_SYNTAX. The key is appended to out, at most OG_ADDR_MAX_TEXT bytes without
 * controls; blanks only inside quotes, UTF-8 only in the local part.
 */
enum og_rc og_idn_address(const char *text, size_t len, struct og_buf *out,
                          struct og_err *err) OG_CHECKED;

#endif
