/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_BASE_ADDR_H
#define OG_BASE_ADDR_H

#include <stddef.h>

#include "core/base/buf.h"
#include "core/base/err.h"

/*
 * A mail address, bare: no angle brackets, no display name, no source route. Both
 * members point into the text that was split and are not NUL-terminated.
 */
struct og_addr {
    const char *local; /* as written, quotes included */
    size_t local_len;  /* bytes, 1 to OG_ADDR_MAX_LOCAL */
    const char *domain;
    size_t domain_len; /* bytes; 0 only from og_addr_split_login() */
};

enum {
    /* RFC 5321 section 4.5.3.1 asks for at least 64 and 255 bytes; VERP, SRS and BATV
     * make longer local parts, so these get as much as a domain */
    OG_ADDR_MAX_LOCAL = 255,
    OG_ADDR_MAX_DOMAIN = 255,
    OG_ADDR_MAX_TEXT = OG_ADDR_MAX_LOCAL + 1 + OG_ADDR_MAX_DOMAIN,
};

/*
 * og_addr_split - find the two parts of an address and check them
 *
 * text, len  no NUL needed, content may be hostile
 * addr       receives both parts; valid as long as text is
 *
 * Local part: dot-atom, or one quoted string with content (`""` names nobody and is
 * refused). Domain: letters, digits, '-', '_' and dots, one dot at the end at most,
 * or an address literal in brackets; whether its labels are good is for
 * og_idn_domain(). UTF-8 may stand in both and must be well-formed; control
 * characters (C0, DEL, C1, U+2028, U+2029) may not, blanks only inside quotes.
 *
 * Returns OG_OK; OG_E_SYNTAX, also for the empty text; OG_E_LIMIT above a ceiling.
 * Source: RFC 5321 section 4.1.2, RFC 6531 section 3.3.
 */
enum og_rc og_addr_split(const char *text, size_t len, struct og_addr *addr,
                         struct og_err *err) OG_CHECKED;

/* og_addr_split_login - the same for a login name: without '@' all of it is the local
 * part and domain_len is 0; `bob@` is still OG_E_SYNTAX */
enum og_rc og_addr_split_login(const char *text, size_t len, struct og_addr *addr,
                               struct og_err *err) OG_CHECKED;

/*
 * og_addr_local_fold - the form of a local part that is a key
 *
 * local, len  a local part as og_addr_split() yields it; checked again
 * out         the key is appended; never longer than len, unchanged on failure
 *
 * A-Z become a-z. A quoted string that need not be one loses its quotes, so that
 * `"Bob"` and `bob` are one key; any other keeps them with the fewest escapes. Bytes
 * of UTF-8 stay as they are. Folding a key again changes nothing.
 *
 * Returns OG_OK; OG_E_SYNTAX; OG_E_LIMIT; OG_E_NOMEM. Source: RFC 5321 section 4.1.2
 * ("treated as equivalent"); the lower case is our choice, section 2.4 leaves it to
 * the receiving host.
 */
enum og_rc og_addr_local_fold(const char *local, size_t len, struct og_buf *out,
                              struct og_err *err) OG_CHECKED;

/*
 * og_addr_match - does an address belong to a pattern?
 *
 * pattern  an address; a domain, `@domain` or `*@domain`: every address there;
 *          `*.domain`: every address below it, not in it; `*`: every address.
 *          After '@' stands a domain, `*.domain` or `*` as well.
 * address  local part and domain
 *
 * Both are C strings in key form, as og_idn_address() writes it; compared byte by
 * byte. An empty pattern matches nothing, and nothing matches an address that is
 * empty or lacks a part: the null sender is the caller's decision.
 */
_Bool og_addr_match(const char *pattern, const char *address);

#endif
