/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_STATE_LOGIN_KEY_H
#define OG_STATE_LOGIN_KEY_H

#include "core/state/logins.h"

/* Internal to logins.c: what an attempt to log in is counted under in auth.db */

/* og_login_fold - the name to count on when no user has it, cut */
void og_login_fold(const char *text, char name[OG_NAME_TEXT]);

/* og_login_networks - the networks of a client's address; none of a local client */
void og_login_networks(const char *client, struct og_login *login);

/* og_login_network - the text of the narrowest one; there has to be one */
void og_login_network(const struct og_login *login, char out[OG_NET_TEXT]);

/* og_login_key_client - `client NETWORK` */
void og_login_key_client(const struct og_net *network, char key[OG_NET_TEXT + 8]);

/* og_login_key - `login NAME` in place of what key holds; og_login_key_pair - `pair NAME
 * NETWORK`, with the narrowest; the codes of og_key_word */
enum og_rc og_login_key(const struct og_login *login, struct og_buf *key,
                        struct og_err *err) OG_CHECKED;
enum og_rc og_login_key_pair(const struct og_login *login, struct og_buf *key,
                             struct og_err *err) OG_CHECKED;

#endif
