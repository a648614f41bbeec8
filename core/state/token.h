/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_STATE_TOKEN_H
#define OG_STATE_TOKEN_H

#include <stdint.h>

#include "core/state/name.h"
#include "core/state/state.h"

/*
 * Whose a message is, in a word that says nothing to others: it stands in the header of
 * every message that leaves, and comes back with a complaint. Nothing of it is stored.
 */
enum {
    OG_TOKEN_LIFE = 90 * 86400, /* seconds; later complaints have no meaning any more */
    OG_TOKEN_IDENTITY =
        256, /* bytes of an identity with its NUL; a longer one is left out */
    OG_TOKEN_TEXT = 1500,  /* bytes of a token with its NUL */
    OG_TOKEN_MESSAGE = 44, /* bytes of what tells messages apart, with its NUL */
};

#define OG_TOKEN_FIELD "X-Outgate-Token"

struct og_token {
    int64_t made;
    char user[OG_NAME_TEXT];
    char identity[OG_TOKEN_IDENTITY]; /* "" for none */
    char message[OG_TOKEN_MESSAGE];   /* another one for each token */
};

/* og_token_make - a token; the codes of og_secret_get and og_seal */
enum og_rc og_token_make(const struct og_state *state, const char *user,
                         const char *identity, int64_t now, char text[OG_TOKEN_TEXT],
                         struct og_err *err) OG_CHECKED;

/* og_token_look - save the next og_token_make() a run of the store: inside one that
 * somebody makes anyway */
void og_token_look(struct og_txn *txn);

/*
 * og_token_read - whose message was it?
 *
 * text  may be hostile
 *
 * Returns OG_OK; OG_E_SYNTAX for what is no token; OG_E_PERM for one that is not of this
 * server or was changed; OG_E_RANGE for one older than OG_TOKEN_LIFE or from the future;
 * the other codes of og_secret_get, OG_E_STATE for its OG_E_PERM.
 */
enum og_rc og_token_read(const struct og_state *state, const char *text, int64_t now,
                         struct og_token *token, struct og_err *err) OG_CHECKED;

#endif
