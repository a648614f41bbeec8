/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_LIB_DKIM_H
#define OG_LIB_DKIM_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/lib/key.h"

/*
 * DKIM signatures (RFC 6376, 8301, 8463) by libopendkim, and the DNS records that
 * go with them. Always relaxed/relaxed with t= and without l=.
 */
enum {
    OG_DKIM_MAX_DOMAIN = 253,      /* bytes, RFC 1035 section 2.3.4, as text */
    OG_DKIM_MAX_NAMES = 4000,      /* bytes of all signed field names; libopendkim
                                     cuts its list at 4096 and then signs wrongly */
    OG_DKIM_MAX_HEADERS = 1 << 20, /* bytes of all signed fields, Exim's
                                      header_maxsize */
    OG_DKIM_MAX_LINE = 1 << 24,    /* bytes; libopendkim keeps a body line in memory */
};

struct og_dkim_key {
    enum og_key_kind kind;
    const char *selector; /* without ._domainkey */
    const char *pem;      /* private key, not encrypted */
};

/* one header field as Exim stores it: LF line ends, the last one included; no
 * terminating NUL needed */
struct og_dkim_header {
    const char *field;
    size_t len; /* bytes */
};

/*
 * og_dkim_sign - sign one message with one key
 *
 * domain      d=, A-label form
 * headers, n  the message's header fields from top to bottom, content may be
 *             hostile. Signed are, each as often as it stands there: From,
 *             Reply-To, Subject, Date, To, Cc, Resent-*, In-Reply-To, References,
 *             List-* (RFC 6376 section 5.4.1), Sender, Message-ID, MIME-Version,
 *             Content-Type, Content-Transfer-Encoding. From, To, Cc, Subject and
 *             Date are named once more, so that nobody can add another one: what
 *             adds one of these later (headers_add at a transport) breaks the
 *             signature
 * body_fd     read with pread() from body_start to its end: the offset stays.
 *             LF or CRLF line ends; what Exim sends is what is signed, so a last
 *             line without line end gets one
 * out         receives the whole field, "DKIM-Signature: ...", folded with LF and
 *             ending in LF, to stand above all others; ceiling 8192 is ample
 *
 * Returns OG_OK; OG_E_SYNTAX for a domain, a selector or a key that cannot be used:
 * text names the selector; OG_E_RANGE for a message that no signature would hold
 * for or should vouch for: no From or several (RFC 6376 section 8.15), NUL, bare CR,
 * VT or FF in a signed field (white space for libopendkim, not for others), bare CR
 * in the body (libopendkim drops it, others do not; Exim turns it into a line end
 * on receipt, so only spool_wireformat can bring one here);
 * OG_E_LIMIT for the ceilings above; OG_E_IO when the body cannot be read;
 * OG_E_NOMEM; OG_E_LIB with the library's words.
 * Owner: the caller frees out; all else is only read. Logs nothing. Takes the time
 * from the clock. libopendkim 2.11 never frees its Ed25519 keys: about 600 bytes a
 * signature stays with the process.
 */
enum og_rc og_dkim_sign(const char *domain, const struct og_dkim_key *key,
                        const struct og_dkim_header *headers, size_t n, int body_fd,
                        off_t body_start, struct og_buf *out,
                        struct og_err *err) OG_CHECKED;

/*
 * og_dkim_has_signature - does the message carry a signature of that domain?
 *
 * True if a DKIM-Signature field has d= equal to domain, in any case. Fields whose
 * tag list is malformed or lacks a tag that RFC 6376 section 3.5 wants (v a b bh d
 * h s) do not count. Whether the signature is good is not looked at.
 */
bool og_dkim_has_signature(const struct og_dkim_header *headers, size_t n,
                           const char *domain);

/*
 * og_dkim_name_ok - can this stand in d= or s=? Labels of 1 to 63 letters, digits,
 * '-' and '_' with single dots between them, OG_DKIM_MAX_DOMAIN in all, no last dot
 */
bool og_dkim_name_ok(const char *name);

/*
 * og_dkim_txt - the content of the DNS record, `v=DKIM1; k=rsa; p=...`
 *
 * public_b64  as og_key_generate() and og_key_public() write it
 * out         receives the text in one piece, without quotes
 *
 * Returns OG_OK; OG_E_SYNTAX for what is no base64; OG_E_LIMIT; OG_E_NOMEM.
 * Source: RFC 6376 section 3.6.1, RFC 8463 section 4.
 */
enum og_rc og_dkim_txt(enum og_key_kind kind, const char *public_b64, struct og_buf *out,
                       struct og_err *err) OG_CHECKED;

/*
 * og_dkim_zone - the record as one line of a zone file
 *
 * out  receives `SELECTOR._domainkey.DOMAIN. IN TXT ( "..." "..." )` and a LF; txt
 *      is cut into strings of 255 bytes (RFC 1035 section 3.3)
 *
 * Returns OG_OK; OG_E_SYNTAX for a bad name or bytes in txt that need quoting;
 * OG_E_LIMIT; OG_E_NOMEM.
 */
enum og_rc og_dkim_zone(const char *selector, const char *domain, const char *txt,
                        struct og_buf *out, struct og_err *err) OG_CHECKED;

#endif
