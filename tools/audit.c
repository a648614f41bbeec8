/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/audit.h"

#include <stdlib.h>
#include <string.h>

#include "core/lib/key.h"
#include "core/state/events.h"
#include "tools/whose.h"

enum {
    EVENT_ID = 11,     /* bytes with the NUL, as those of Exim's events */
    MAX_REASON = 2000, /* bytes */
    MAX_SHOWN = 80,    /* bytes of a value in the reason */
};

static const char not_written[] = "it is done, but no event was written: ";

/* whose work it is: root under sudo says for whom, and only root's word counts */
static enum og_rc
put_who(struct tool *tool, const char *who, struct og_record *event, struct og_err *err)
{
    const char *sudo = tool->uid == 0 ? getenv("SUDO_USER") : NULL;
    char name[OG_LOCK_WHO];
    enum og_rc rc;

    if (who == NULL)
        tool_account_name(tool->uid, name);
    rc = og_record_set_text(event, "by", who != NULL ? who : name, err);
    if (rc == OG_OK)
        rc = og_record_set_number(event, "uid", (long long)tool->uid, err);
    return rc == OG_OK ? og_record_set_some(event, "sudo_user", sudo, err) : rc;
}

/* more are fields that follow */
static void
tell(struct tool *tool, const char *who, const char *user, const char *class,
     const char *reason, const struct og_record *more)
{
    struct og_record event = OG_RECORD_INIT;
    struct og_err err = { "" };
    char id[EVENT_ID] = "";
    enum og_rc rc = og_key_random_id(id, sizeof id - 1, &err);

    if (rc == OG_OK)
        rc = og_record_set_some(&event, "id", id, &err);
    if (rc == OG_OK)
        rc = og_record_set_some(&event, "user", user, &err);
    if (rc == OG_OK)
        rc = put_who(tool, who, &event, &err);
    if (rc == OG_OK) {
        const struct og_pair pairs[] = { { "check", "outgatectl" },
                                         { "class", class },
                                         { "verdict", "accept" },
                                         { "reason", reason } };

        rc = og_record_set_pairs(&event, pairs, N_ELEMENTS(pairs), &err);
    }
    for (size_t i = 0; more != NULL && i < more->count && rc == OG_OK; i++)
        rc = og_record_set_field(&event, &more->fields[i], &err);
    if (rc == OG_OK)
        rc = og_events_write(&tool->state, &event, &err);
    if (rc != OG_OK)
        tool_warn(tool, "%s%s", not_written, err.text);
    og_record_free(&event);
}

void
tool_event(struct tool *tool, const char *who, const char *user, const char *class,
           const char *reason)
{
    tell(tool, who, user, class, reason, NULL);
}

/* --- what is different */

struct difference {
    struct og_buf reason;
    size_t left_out; /* of the reason, as it got too long */
    struct og_record values;
};

static void
say(struct difference *found, const char *name, const char *was, const char *is)
{
    struct og_buf *reason = &found->reason;
    const char *separator = reason->len > 0 ? "; " : "";
    enum og_rc rc;

    if (strcmp(name, "password") == 0) /* not even a hash */
        rc = og_buf_printf(reason, NULL, "%spassword: %s", separator,
                           was == NULL  ? "set"
                           : is == NULL ? "dropped"
                                        : "replaced");
    else
        rc = og_buf_printf(reason, NULL, "%s%s: %.*s -> %.*s", separator, name, MAX_SHOWN,
                           was != NULL ? was : "unset", MAX_SHOWN,
                           is != NULL ? is : "unset");
    found->left_out += rc != OG_OK;
}

static enum og_rc
note(struct difference *found, const char *name, const char *was, const char *is,
     struct og_err *err)
{
    char field[OG_RECORD_MAX_NAME + 1];
    enum og_rc rc = OG_OK;

    if (strcmp(name, "created") == 0 || strcmp(name, "changed") == 0
        || (was != NULL && is != NULL && strcmp(was, is) == 0))
        return OG_OK;
    say(found, name, was, is);
    if (strcmp(name, "password") == 0)
        return OG_OK;
    (void)snprintf(field, sizeof field, "old.%s", name);
    if (was != NULL)
        rc = og_record_set_text(&found->values, field, was, err);
    (void)snprintf(field, sizeof field, "new.%s", name);
    if (is != NULL && rc == OG_OK)
        rc = og_record_set_text(&found->values, field, is, err);
    return rc;
}

static enum og_rc
compare(const struct og_record *before, const struct og_record *after,
        struct difference *found, struct og_err *err)
{
    enum og_rc rc = OG_OK;

    for (size_t i = 0; i < before->count && rc == OG_OK; i++)
        rc = note(found, before->fields[i].name, before->fields[i].value,
                  og_record_get(after, before->fields[i].name), err);
    for (size_t i = 0; i < after->count && rc == OG_OK; i++)
        if (og_record_find(before, after->fields[i].name) == NULL)
            rc = note(found, after->fields[i].name, NULL, after->fields[i].value, err);
    return rc;
}

/* how it ends, also where a change has changed nothing */
static enum og_rc
end_reason(struct difference *found, bool both, struct og_err *err)
{
    struct og_buf *reason = &found->reason;

    reason->max += 40;
    if (reason->len == 0 && found->left_out == 0 && both)
        return og_buf_add_text(reason, "nothing is different", err);
    return found->left_out == 0
               ? OG_OK
               : og_buf_printf(reason, err, "%s%zu more", reason->len > 0 ? "; and " : "",
                               found->left_out);
}

void
tool_audit(struct tool *tool, const char *user, const char *class,
           const struct og_record *before, const struct og_record *after)
{
    static const struct og_record none = OG_RECORD_INIT;
    struct difference found = { OG_BUF_INIT(MAX_REASON), 0, OG_RECORD_INIT };
    struct og_err err = { "" };
    enum og_rc rc = compare(before != NULL ? before : &none,
                            after != NULL ? after : &none, &found, &err);

    if (rc == OG_OK)
        rc = end_reason(&found, before != NULL && after != NULL, &err);
    if (rc == OG_OK)
        tell(tool, NULL, user, class, og_buf_text(&found.reason), &found.values);
    else
        tool_warn(tool, "%s%s", not_written, err.text);
    og_buf_free(&found.reason);
    og_record_free(&found.values);
}
