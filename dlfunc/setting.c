/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * outgate_setting USER NAME: the value that counts for a sender, as `outgatectl show`
 * prints it. USER empty: the server's. The empty string for a sender that is unknown.
 */
#include "core/exim/session.h"
#include "dlfunc/hook.h"

static enum og_rc
print(const struct og_state *state, const char *user, const struct og_setting *row,
      struct og_buf *out, struct og_err *err)
{
    const struct og_sender *sender = NULL;
    enum og_rc rc;

    if (user[0] == '\0')
        return og_setting_print(&state->server, row, out, err);
    rc = og_session_sender(state, user, &sender, err);
    if (rc == OG_OK)
        rc = og_setting_print(&sender->settings, row, out, err);
    return rc;
}

HOOK(outgate_setting)
{
    const struct og_state *state = NULL;
    const struct og_setting *row;
    struct og_buf value = OG_BUF_INIT(8192);
    struct og_err err = { "" };
    enum og_rc rc;
    int code;

    if (argc != 2)
        return og_port_fail(yield, "outgate_setting: expected {USER}{NAME}");
    row = og_setting_find((const char *)argv[1]);
    if (row == NULL)
        return og_port_fail(yield, "outgate_setting: no setting '%.60s'", argv[1]);
    rc = og_port_state(&state, &err);
    if (rc == OG_OK)
        rc = print(state, (const char *)argv[0], row, &value, &err);
    if (rc == OG_OK || rc == OG_E_NOTFOUND)
        code = og_port_yield(yield, og_buf_text(&value));
    else
        code = og_port_fail(yield, "outgate_setting: %s", err.text);
    og_buf_free(&value);
    return code;
}
