/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/state/state.h"

#include <ctype.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/conf.h"

static enum og_rc
find_owner(struct og_state *state, struct og_err *err)
{
    char space[4096];
    struct passwd entry, *found = NULL;
    int failed = getpwnam_r(state->server.user, &entry, space, sizeof space, &found);

    if (found == NULL)
        return og_fail(err, OG_E_NOTFOUND,
                       "setting user: no account '%s'%s%s; name the one Exim runs as",
                       state->server.user, failed != 0 ? ": " : "",
                       failed != 0 ? strerror(failed) : "");
    state->store.uid = entry.pw_uid;
    state->store.gid = entry.pw_gid;
    return OG_OK;
}

static void
find_hostname(struct og_state *state)
{
    const char *set = state->server.primary_hostname;

    if (set[0] != '\0')
        (void)strncat(state->hostname, set, sizeof state->hostname - 1); /* it is empty */
    else if (gethostname(state->hostname, sizeof state->hostname - 1) != 0)
        memcpy(state->hostname, "localhost", sizeof "localhost");
    for (char *at = state->hostname; *at != '\0'; at++)
        *at = (char)tolower((unsigned char)*at);
}

static enum og_rc
find_conf(struct og_state *state, const char *path, struct og_err *err)
{
    char *absolute = realpath(path, NULL); /* NULL: the default, which is not there */
    const char *text = absolute != NULL ? absolute : path;
    enum og_rc rc = OG_OK;

    if (strlen(text) >= sizeof state->conf)
        rc = og_fail(err, OG_E_LIMIT, "%.200s...: too long a path", text);
    else
        memcpy(state->conf, text, strlen(text) + 1);
    free(absolute);
    return rc;
}

enum og_rc
og_state_open(const char *conf_path, struct og_state *state, struct og_err *err)
{
    struct og_state fresh = OG_STATE_INIT;
    enum og_rc rc = og_conf_read(conf_path, &fresh.server, err);

    if (rc == OG_OK)
        rc = find_owner(&fresh, err);
    if (rc == OG_OK)
        rc = find_conf(&fresh, conf_path, err);
    if (rc != OG_OK) {
        og_state_free(&fresh);
        return rc;
    }
    find_hostname(&fresh);
    fresh.store.directory = fresh.server.state_directory;
    fresh.store.wait_ms = (unsigned)fresh.server.state_timeout * 1000;
    og_state_free(state);
    *state = fresh;
    return OG_OK;
}

void
og_state_free(struct og_state *state)
{
    og_settings_free(&state->server);
    *state = (struct og_state)OG_STATE_INIT;
}
