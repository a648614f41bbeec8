/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_STATE_NAME_H
#define OG_STATE_NAME_H

#include <stddef.h>

#include "core/base/err.h"

/* the three kinds of outgoing user */
enum og_user_kind { OG_KIND_USER, OG_KIND_DOMAIN, OG_KIND_IP };

enum { OG_NAME_TEXT = 520 }; /* bytes: local part, @, domain, NUL */

/*
 * The canonical name of an outgoing user, as it stands in $acl_c_outgate_user, in
 * events and in the database: bob@example.com, example.com, 192.0.2.0/24.
 */
struct og_name {
    enum og_user_kind kind;
    char text[OG_NAME_TEXT];
};

/*
 * og_name_parse - read a name of a kind that is known
 *
 * Case is folded and domains become A-labels. A user without domain gets
 * @hostname; a domain may have a leading @; an address is a range of one.
 * Returns OG_OK; OG_E_SYNTAX; OG_E_RANGE for host bits in a range; OG_E_LIMIT.
 */
enum og_rc og_name_parse(enum og_user_kind kind, const char *text, const char *hostname,
                         struct og_name *name, struct og_err *err) OG_CHECKED;

enum { OG_NAME_CANDIDATES = 2 };

/*
 * og_name_guess - what a login or an administrator's word may mean, best first
 *
 * `@x` is a domain, `a@x` a user, an address or range an ip user; a bare word is a
 * domain of that name, else the user word@hostname.
 * names  receives up to OG_NAME_CANDIDATES names, count their number (1 or more)
 * Returns OG_OK; OG_E_SYNTAX or OG_E_LIMIT when it can mean nothing.
 */
enum og_rc og_name_guess(const char *text, const char *hostname,
                         struct og_name names[OG_NAME_CANDIDATES], size_t *count,
                         struct og_err *err) OG_CHECKED;

/* og_name_domain - the domain part of a user's or domain's name; "" for ip users,
 * whose domain stands in their record. Points into name. */
const char *og_name_domain(const struct og_name *name);

/* og_user_kind_text - `user`, `domain`, `ip` */
const char *og_user_kind_text(enum og_user_kind kind);

/* og_user_kind_parse - the reverse; OG_E_SYNTAX */
enum og_rc og_user_kind_parse(const char *text, enum og_user_kind *kind,
                              struct og_err *err) OG_CHECKED;

#endif
