/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/state/sender.h"

#include <stdio.h>
#include <string.h>

#include "core/state/prefixes.h"

static const char db[] = "users.db";

struct find {
    const struct og_state *state;
    struct og_name names[OG_NAME_CANDIDATES];
    size_t count;
    bool fallback;
    const struct og_net *address; /* in place of names */
    struct og_user user;
    struct og_user domain; /* its name is set once it is found */
    struct og_sender sender;
    og_sender_also *also;
    void *arg;
};

static enum og_rc
find_user(struct og_txn *txn, struct find *find, struct og_err *err)
{
    enum og_rc rc = OG_E_NOTFOUND;

    for (size_t i = 0; i < find->count && rc == OG_E_NOTFOUND; i++)
        rc = og_user_get(txn, &find->names[i], false, &find->user, err);
    for (size_t i = 0; i < find->count && rc == OG_E_NOTFOUND && find->fallback; i++) {
        const char *domain = og_name_domain(&find->names[i]);
        struct og_name name = { OG_KIND_DOMAIN, "" };

        if (find->names[i].kind == OG_KIND_USER && domain[0] != '\0') {
            memcpy(name.text, domain, strlen(domain) + 1);
            rc = og_user_get(txn, &name, false, &find->user, err);
        }
    }
    return rc;
}

static void
find_free(struct find *find)
{
    og_user_free(&find->user);
    og_user_free(&find->domain);
}

/* the ip user with the longest prefix around the address */
static enum og_rc
find_address(struct og_txn *txn, struct find *find, struct og_err *err)
{
    struct og_prefixes prefixes;
    enum og_rc rc = og_prefixes_read(txn, db, find->address->family, &prefixes, err);

    if (rc != OG_OK)
        return rc;
    rc = OG_E_NOTFOUND;
    for (int length = 128; length >= 0 && rc == OG_E_NOTFOUND; length--) {
        struct og_name name = { OG_KIND_IP, "" };
        struct og_net net;

        if (!prefixes.used[length])
            continue;
        og_net_mask(find->address, (unsigned char)length, &net);
        og_net_print(&net, name.text);
        rc = og_user_get(txn, &name, false, &find->user, err);
    }
    return rc;
}

/* the user first, then the domain whose settings it inherits */
static enum og_rc
find_both(struct og_txn *txn, struct find *find, struct og_err *err)
{
    struct og_name name = { OG_KIND_DOMAIN, "" };
    const char *domain;
    enum og_rc rc;

    find->domain.name.text[0] = '\0'; /* a retry starts from nothing */
    rc = find->address != NULL ? find_address(txn, find, err) : find_user(txn, find, err);
    if (rc != OG_OK || find->user.name.kind == OG_KIND_DOMAIN)
        return rc;
    domain = find->user.name.kind == OG_KIND_IP
                 ? og_record_get(&find->user.record, "domain")
                 : og_name_domain(&find->user.name);
    if (domain == NULL || domain[0] == '\0' || strlen(domain) >= sizeof name.text)
        return OG_OK;
    memcpy(name.text, domain, strlen(domain) + 1);
    rc = og_user_get(txn, &name, false, &find->domain, err);
    return rc == OG_E_NOTFOUND ? OG_OK : rc;
}

static enum og_rc
apply(struct og_sender *sender, const struct og_record *rec, const char *name,
      enum og_source source, struct og_err *err)
{
    struct og_err why = { "" };

    if (og_settings_apply(&sender->settings, rec, source, &why) == OG_OK)
        return OG_OK;
    return og_fail(err, OG_E_STATE, "%s: record of %.120s: %.300s", db, name, why.text);
}

static enum og_rc
fill_sender(struct find *find, struct og_err *err)
{
    struct og_sender *sender = &find->sender;
    bool is_domain = find->user.name.kind == OG_KIND_DOMAIN;
    const char *domain = find->user.name.kind == OG_KIND_IP
                             ? og_record_get(&find->user.record, "domain")
                             : og_name_domain(&find->user.name);
    enum og_rc rc = og_settings_copy(&sender->settings, &find->state->server, err);
    bool domain_enabled = true;

    sender->domain_known = is_domain || find->domain.name.text[0] != '\0';
    (void)snprintf(sender->domain, sizeof sender->domain, "%s",
                   domain != NULL ? domain : "");
    if (rc == OG_OK && find->domain.name.text[0] != '\0') {
        rc = apply(sender, &find->domain.record, find->domain.name.text, OG_SOURCE_DOMAIN,
                   err);
        domain_enabled = sender->settings.enabled != 0
                         || sender->settings.source[OG_SETTING_enabled]
                                != OG_SOURCE_DOMAIN; /* the server's default */
    }
    if (rc == OG_OK && !is_domain)
        rc = og_settings_copy(&sender->domain_settings, &sender->settings, err);
    if (rc == OG_OK)
        rc = apply(sender, &find->user.record, find->user.name.text,
                   is_domain ? OG_SOURCE_DOMAIN : OG_SOURCE_USER, err);
    if (rc == OG_OK && is_domain)
        rc = og_settings_copy(&sender->domain_settings, &sender->settings, err);
    if (rc == OG_OK && !domain_enabled && sender->settings.enabled != 0) {
        sender->settings.enabled = 0; /* a stopped domain stops its users */
        sender->settings.source[OG_SETTING_enabled] = OG_SOURCE_DOMAIN;
    }
    return rc;
}

static enum og_rc
sender_work(struct og_txn *txn, void *arg, struct og_err *err)
{
    struct find *find = arg;
    enum og_rc rc = find_both(txn, find, err);

    og_sender_free(&find->sender); /* of an earlier call */
    if (rc == OG_OK)
        rc = fill_sender(find, err);
    if (rc == OG_OK) {
        find->sender.user.name = find->user.name;
        og_record_move(&find->sender.user.record, &find->user.record);
        if (find->also != NULL)
            find->also(txn, &find->sender, find->arg);
    }
    return rc;
}

static enum og_rc
read_sender(struct find *find, struct og_sender *sender, struct og_err *err)
{
    enum og_rc rc =
        og_store_run(&find->state->store, OG_STORE_READ, sender_work, find, err);

    if (rc == OG_OK) {
        og_sender_free(sender);
        *sender = find->sender;
        find->sender = (struct og_sender)OG_SENDER_INIT;
    }
    og_sender_free(&find->sender);
    find_free(find);
    return rc;
}

#define FIND_INIT .user = OG_USER_INIT, .domain = OG_USER_INIT, .sender = OG_SENDER_INIT

enum og_rc
og_users_sender_and(const struct og_state *state, const char *text, bool fallback,
                    og_sender_also *also, void *arg, struct og_sender *sender,
                    struct og_err *err)
{
    struct find find = { FIND_INIT, .state = state, .fallback = fallback, .also = also,
                         .arg = arg };
    enum og_rc rc = og_name_guess(text, state->hostname, find.names, &find.count, err);

    if (rc == OG_OK)
        rc = read_sender(&find, sender, err);
    if (rc == OG_E_NOTFOUND)
        rc = og_fail(err, rc, "no sender %.200s", text);
    return rc;
}

enum og_rc
og_users_sender(const struct og_state *state, const char *text, bool fallback,
                struct og_sender *sender, struct og_err *err)
{
    return og_users_sender_and(state, text, fallback, NULL, NULL, sender, err);
}

enum og_rc
og_users_sender_or_gone(const struct og_state *state, const char *text,
                        struct og_sender *sender, struct og_err *err)
{
    enum og_rc rc = text[0] != '\0' ? og_users_sender(state, text, false, sender, err)
                                    : OG_E_NOTFOUND;

    if (rc != OG_E_NOTFOUND)
        return rc;
    if (strlen(text) >= sizeof sender->user.name.text)
        return og_fail(err, OG_E_LIMIT, "no sender %.200s", text);
    memcpy(sender->user.name.text, text, strlen(text) + 1);
    rc = og_settings_copy(&sender->settings, &state->server, err);
    return rc == OG_OK ? og_settings_copy(&sender->domain_settings, &state->server, err)
                       : rc;
}

enum og_rc
og_users_sender_at(const struct og_state *state, const struct og_net *address,
                   og_sender_also *also, void *arg, struct og_sender *sender,
                   struct og_err *err)
{
    struct find find = { FIND_INIT, .state = state, .address = address, .also = also,
                         .arg = arg };

    return read_sender(&find, sender, err);
}

bool
og_sender_is_person(const struct og_sender *sender, const char *login)
{
    const char *at = strchr(login, '@');

    if (sender->user.name.kind == OG_KIND_DOMAIN)
        return at != NULL && at != login;
    return sender->user.name.kind == OG_KIND_USER;
}

void
og_sender_free(struct og_sender *sender)
{
    og_user_free(&sender->user);
    og_settings_free(&sender->settings);
    og_settings_free(&sender->domain_settings);
    *sender = (struct og_sender)OG_SENDER_INIT;
}
