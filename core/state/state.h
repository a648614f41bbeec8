/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_STATE_STATE_H
#define OG_STATE_STATE_H

#include "core/base/settings.h"
#include "core/lib/store.h"

/* what every look at the state needs: the server's settings and where it is kept */
struct og_state {
    struct og_settings server;
    struct og_store_conf store; /* directory points into server */
    char hostname[256];         /* primary_hostname or the host's own name, folded */
    char conf[1024]; /* outgate.conf, absolute: for programs that are started */
};

#define OG_STATE_INIT                   \
    {                                   \
        OG_SETTINGS_INIT, { 0 }, "", "" \
    }

/*
 * og_state_open - read outgate.conf and find out who owns the state
 *
 * conf_path  see og_conf_path()
 * state      receives the settings; nothing of the database is opened here
 *
 * Returns the codes of og_conf_read, and OG_E_NOTFOUND when the account named by
 * `user` does not exist. Owner: the caller frees state with og_state_free().
 */
enum og_rc og_state_open(const char *conf_path, struct og_state *state,
                         struct og_err *err) OG_CHECKED;

/* og_state_free - release all; OG_STATE_INIT is fine */
void og_state_free(struct og_state *state);

#endif
