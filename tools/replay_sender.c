/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * replay: the senders with the settings that are tried. Logs have a hundred thousand of
 * them, with few different settings: each set is there once, and what differs in things
 * that nothing is counted by is the same set.
 */
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "tools/replay.h"

enum { MAX_KEY = 1 << 20 };

struct replay_settings {
    char *key; /* all values */
    struct og_settings user, domain;
};

static int
by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b); /* the first member */
}

/* who is told and where copies go: without a contact there is no notice, too */
static enum og_rc
forget(struct og_settings *set, struct og_err *err)
{
    static const char *const names[] = { "admin_contact", "arf_contact",
                                         "archive_address", "allowed_senders",
                                         "tripwires" };
    enum og_rc rc = OG_OK;

    for (size_t i = 0; i < N_ELEMENTS(names) && rc == OG_OK; i++)
        rc = og_settings_set(set, og_setting_find(names[i]), "", OG_SOURCE_DEFAULT, err);
    return rc;
}

static enum og_rc
add_key(const struct og_settings *set, struct og_buf *key, struct og_err *err)
{
    enum og_rc rc = OG_OK;

    for (size_t i = 0; i < OG_SETTINGS && rc == OG_OK; i++) {
        rc = og_setting_print(set, &og_setting_rows[i], key, err);
        if (rc == OG_OK)
            rc = og_buf_printf(key, err, "\n%d ", (int)set->source[i]);
    }
    return rc;
}

/* the set that is like these; they go there if there is none yet */
static enum og_rc
share(struct replay_senders *all, struct og_sender *from,
      const struct replay_settings **shared, struct og_err *err)
{
    struct replay_settings *fresh = calloc(1, sizeof *fresh), **there = NULL;
    struct og_buf key = OG_BUF_INIT(MAX_KEY);
    enum og_rc rc = forget(&from->settings, err);

    if (rc == OG_OK)
        rc = forget(&from->domain_settings, err);
    if (rc == OG_OK)
        rc = add_key(&from->settings, &key, err);
    if (rc == OG_OK)
        rc = add_key(&from->domain_settings, &key, err);
    if (rc == OG_OK && fresh != NULL) {
        fresh->key = strdup(og_buf_text(&key));
        there = fresh->key != NULL ? tsearch(fresh, &all->settings, by_name) : NULL;
    }
    if (rc == OG_OK && there == NULL)
        rc = og_fail(err, OG_E_NOMEM, "no memory for the settings");
    if (rc == OG_OK)
        *shared = *there;
    og_buf_free(&key);
    if (there == NULL || *there != fresh) {
        if (fresh != NULL)
            free(fresh->key);
        free(fresh);
        return rc;
    }
    fresh->user = from->settings;
    fresh->domain = from->domain_settings;
    from->settings = (struct og_settings)OG_SETTINGS_INIT;
    from->domain_settings = (struct og_settings)OG_SETTINGS_INIT;
    return OG_OK;
}

static enum og_rc
load(struct replay_senders *all, struct replay_sender *sender, struct og_err *err)
{
    struct tool with = *all->tool; /* the same, with the settings to try */
    struct tool_account account = TOOL_ACCOUNT_INIT;
    struct og_sender *from = &account.sender;
    enum og_rc rc = OG_OK;

    with.state = *all->changed;
    if (tool_account(&with, sender->name, NULL, true, &account) != TOOL_DONE)
        rc = og_fail(err, OG_E_STATE, "the settings of %.300s cannot be read",
                     sender->name);
    if (rc == OG_OK)
        rc = share(all, from, &sender->settings, err);
    sender->kind = from->user.name.kind;
    sender->domain_known = from->domain_known;
    sender->canonical = strcmp(from->user.name.text, sender->name) == 0
                            ? sender->name
                            : strdup(from->user.name.text);
    sender->domain = strdup(from->domain);
    if (rc == OG_OK && (sender->canonical == NULL || sender->domain == NULL))
        rc = og_fail(err, OG_E_NOMEM, "no memory for the senders");
    tool_account_free(&account);
    return rc;
}

enum og_rc
replay_sender(struct replay_senders *all, const char *user,
              const struct replay_sender **sender, struct og_err *err)
{
    const char *const key = user;
    struct replay_sender *fresh, **there = tfind(&key, &all->names, by_name);
    enum og_rc rc;

    if (there != NULL) {
        *sender = *there;
        return OG_OK;
    }
    fresh = calloc(1, sizeof *fresh); /* all of them end with the process */
    if (fresh == NULL || (fresh->name = strdup(user)) == NULL) {
        free(fresh);
        return og_fail(err, OG_E_NOMEM, "no memory for the senders");
    }
    rc = load(all, fresh, err);
    if (rc == OG_OK && tsearch(fresh, &all->names, by_name) == NULL)
        rc = og_fail(err, OG_E_NOMEM, "no memory for the senders");
    *sender = fresh;
    return rc;
}

void
replay_sender_as(const struct replay_sender *sender, struct og_sender *as)
{
    *as = (struct og_sender)OG_SENDER_INIT;
    as->user.name.kind = sender->kind;
    (void)snprintf(as->user.name.text, sizeof as->user.name.text, "%s",
                   sender->canonical);
    as->settings = sender->settings->user;
    as->domain_settings = sender->settings->domain;
    (void)snprintf(as->domain, sizeof as->domain, "%s", sender->domain);
    as->domain_known = sender->domain_known;
}
