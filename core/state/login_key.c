/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/state/login_key.h"

#include <string.h>

#include "core/state/ledger_key.h"

void
og_login_fold(const char *text, char name[OG_NAME_TEXT])
{
    size_t n = 0;

    for (; n < OG_LOGIN_TEXT && text[n] != '\0'; n++)
        name[n] =
            (char)(text[n] >= 'A' && text[n] <= 'Z' ? text[n] - 'A' + 'a' : text[n]);
    name[n] = '\0';
}

void
og_login_networks(const char *client, struct og_login *login)
{
    struct og_net address;

    login->networks_count = 0;
    if (og_net_parse(client, &address, NULL) != OG_OK)
        return; /* a local client */
    og_net_mask(&address, address.family == 4 ? 24 : 64, &login->networks[0]);
    login->networks_count = 1;
    if (address.family == 6)
        og_net_mask(&address, 48, &login->networks[login->networks_count++]);
}

void
og_login_network(const struct og_login *login, char out[OG_NET_TEXT])
{
    og_net_print(&login->networks[0], out);
}

void
og_login_key_client(const struct og_net *network, char key[OG_NET_TEXT + 8])
{
    memcpy(key, "client ", 8);
    og_net_print(network, key + 7);
}

enum og_rc
og_login_key(const struct og_login *login, struct og_buf *key, struct og_err *err)
{
    enum og_rc rc;

    og_buf_reset(key);
    rc = og_buf_add_text(key, "login ", err);
    return rc == OG_OK ? og_key_word(key, login->name, err) : rc;
}

enum og_rc
og_login_key_pair(const struct og_login *login, struct og_buf *key, struct og_err *err)
{
    char network[OG_NET_TEXT];
    enum og_rc rc;

    og_login_network(login, network);
    og_buf_reset(key);
    rc = og_buf_add_text(key, "pair ", err);
    if (rc == OG_OK)
        rc = og_key_word(key, login->name, err);
    return rc == OG_OK ? og_buf_printf(key, err, " %s", network) : rc;
}
