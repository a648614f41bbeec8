/* SPDX-License-Identifier: BSD-2-Clause */
/* explain: the command that helps, with names of this event in it */
#include <string.h>

#include "core/base/shell.h"
#include "tools/explain.h"

static const char *
get(const struct explain *ex, const char *name)
{
    return og_record_text(&ex->event, name);
}

bool
explain_is_lock(const struct explain *ex)
{
    return strcmp(ex->class->name, "lock") == 0 || strcmp(ex->class->name, "locked") == 0
           || strcmp(ex->class->name, "unlock") == 0;
}

/* a class's remedy with NAME, UNIT and TEXT filled in */
static enum og_rc
fill_remedy(const struct explain *ex, const char *at, struct og_buf *out)
{
    const char *unit = get(ex, "unit"), *name = get(ex, "user");
    enum og_rc rc = OG_OK;

    while (*at != '\0' && rc == OG_OK) {
        size_t plain = strcspn(at, "NUT");

        rc = og_buf_add(out, at, plain, NULL);
        at += plain;
        if (rc != OG_OK || *at == '\0')
            break;
        if (strncmp(at, "NAME", 4) == 0)
            rc = og_shell_quote(name[0] != '\0' ? name : get(ex, "login"), out, NULL);
        else if (strncmp(at, "UNIT", 4) == 0)
            rc = og_buf_add_text(
                out, strncmp(unit, "distinct-", 9) == 0 ? unit + 9 : unit, NULL);
        else if (strncmp(at, "TEXT", 4) == 0)
            rc = og_buf_printf(out, NULL, "%.64s", get(ex, "reason"));
        else {
            rc = og_buf_add(out, at++, 1, NULL);
            continue;
        }
        at += 4;
    }
    return rc;
}

json_t *
explain_remedy(const struct explain *ex)
{
    const char *remedy = ex->class->remedy, *quarantine = get(ex, "quarantine");
    struct og_buf text = OG_BUF_INIT(16384);
    json_t *json = NULL;
    enum og_rc rc;

    /* a refusal says whether its message was kept, a release which message it has sent */
    if (strcmp(get(ex, "check"), "fingerprint") == 0 && get(ex, "exact")[0] != '\0')
        return json_sprintf("outgatectl fingerprint allow %s", get(ex, "exact"));
    if (strcmp(quarantine, "kept") == 0)
        return json_sprintf("outgatectl quarantine show %s", ex->id);
    if (strcmp(ex->class->name, "released") == 0)
        return json_sprintf("outgatectl quarantine show %s", quarantine);
    if (remedy == NULL)
        return json_null();
    rc = fill_remedy(ex, remedy, &text);
    if (rc == OG_OK && explain_is_lock(ex) && ex->account.identity.text[0] != '\0') {
        rc = og_buf_add_text(&text, " --identity ", NULL);
        if (rc == OG_OK)
            rc = og_shell_quote(ex->account.identity.text, &text, NULL);
    }
    if (rc == OG_OK)
        json = tool_string(og_buf_text(&text));
    og_buf_free(&text);
    return json;
}
