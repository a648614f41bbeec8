/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_CHECK_IDENTITY_H
#define OG_CHECK_IDENTITY_H

#include "core/base/header.h"
#include "core/base/settings.h"
#include "core/check/verdict.h"

enum {
    OG_IDENTITY_VALUE = 200,                   /* bytes of a value that is taken */
    OG_IDENTITY_TEXT = OG_IDENTITY_VALUE + 32, /* bytes with the method and a NUL */
};

/* what the identity may come from; texts are C strings, "" when absent */
struct og_identity_facts {
    const char *sender; /* envelope sender as Exim has it */
    const char *login;  /* authenticated id, or the local caller's login name */
    bool headers_count; /* the sender may name identities in headers */
};

struct og_identity {
    char text[OG_IDENTITY_TEXT]; /* `header:cust42`, `sender:bob@x`, `login:bob@x`, or ""
                                  * for the outgoing user itself */
};

/* og_identity_headers_count - may headers of this sender count? Those of a system always;
 * those of a person, who writes them himself, only when its own record says `header` */
bool og_identity_headers_count(const struct og_settings *set, bool is_person);

/*
 * og_identity_check_settings - do the expressions of identification_headers compile,
 * each with a capture group?
 *
 * For whoever stores settings. Returns OG_OK; OG_E_SYNTAX, OG_E_LIMIT with the header
 * field and the expression's error; OG_E_NOMEM.
 */
enum og_rc og_identity_check_settings(const struct og_settings *set,
                                      struct og_err *err) OG_CHECKED;

/*
 * og_identity_find - who inside the outgoing user sends this message?
 *
 * headers   read, and every occurrence of an identification header is marked for
 *           removal, or of Received for the loss of its comment, unless `keep` is
 *           set; whatever the method is
 * identity  receives the identity; folded to lower case
 * verdict   550 where the identity is missing and identification_missing says
 *           `reject`; else it is left as it was
 *
 * The header highest in the message wins, whichever row names it. Blanks around a
 * value do not count; one that is empty, longer than OG_IDENTITY_VALUE bytes or holds
 * a control character is no identity, and neither is one in a field above 64 KiB,
 * of which nothing is cut out either if it is a Received. Returns OG_OK; OG_E_SYNTAX for a setting that does not compile;
 * OG_E_LIMIT when an expression takes too long on this message; OG_E_NOMEM.
 */
enum og_rc og_identity_find(const struct og_settings *set,
                            const struct og_identity_facts *facts,
                            struct og_headers *headers, struct og_identity *identity,
                            struct og_verdict *verdict, struct og_err *err) OG_CHECKED;

#endif
