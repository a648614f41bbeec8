/* SPDX-License-Identifier: BSD-2-Clause */
/* What becomes of kept messages: found, deleted, made agree with the index */
#include <string.h>
#include <unistd.h>

#include "core/mail/kept.h"
#include "core/mail/maildir.h"
#include "core/mail/quarantine.h"
#include "core/state/owner.h"

/* a file name from the index; what could lead elsewhere is none */
static bool
name_ok(const char *name)
{
    return name != NULL && name[0] != '\0' && name[0] != '.' && strlen(name) < 200
           && strpbrk(name, "/:") == NULL;
}

static enum og_rc
place_of(const struct og_record *entry, const char **domain, const char **name,
         struct og_err *err)
{
    *domain = og_record_get(entry, "domain");
    *name = og_record_get(entry, "file");
    if (*domain == NULL || !og_vault_domain_ok(*domain) || !name_ok(*name))
        return og_fail(err, OG_E_STATE, "an entry of the quarantine names no file");
    return OG_OK;
}

enum og_rc
og_quarantine_open(const struct og_state *state, const struct og_record *entry, int *fd,
                   struct og_err *err)
{
    const char *domain, *name;
    struct og_owner was;
    enum og_rc rc = place_of(entry, &domain, &name, err);

    if (rc != OG_OK)
        return rc;
    rc = og_owner_enter(state, &was)
             ? og_maildir_open(state->server.quarantine_directory, domain, name, fd, err)
             : og_fail(err, OG_E_PERM, "cannot become %s", state->server.user);
    og_owner_leave(&was);
    return rc;
}

static enum og_rc
remove_file(const struct og_state *state, const char *domain, const char *name,
            struct og_err *err)
{
    struct og_owner was;
    enum og_rc rc =
        og_owner_enter(state, &was)
            ? og_maildir_remove(state->server.quarantine_directory, domain, name, err)
            : og_fail(err, OG_E_PERM, "cannot become %s", state->server.user);

    og_owner_leave(&was);
    return rc;
}

enum og_rc
og_quarantine_delete(const struct og_state *state, const char *id, struct og_err *err)
{
    struct og_record entry = OG_RECORD_INIT;
    const char *domain, *name;
    enum og_rc rc = og_vault_get(state, id, &entry, err);

    if (rc == OG_OK && place_of(&entry, &domain, &name, err) == OG_OK) {
        rc = remove_file(state, domain, name, err);
        rc = rc == OG_E_NOTFOUND ? OG_OK : rc; /* somebody was quicker */
    }
    if (rc == OG_OK)
        rc = og_vault_drop(state, id, err);
    og_record_free(&entry);
    return rc;
}

enum og_rc
og_quarantine_expire(const struct og_state *state, const char *domain, uint64_t max,
                     int64_t now, size_t *count, struct og_err *err)
{
    struct og_vault_due due;
    enum og_rc rc;

    do {
        rc = og_vault_due(state, now, domain, max, &due, err);
        for (size_t i = 0; i < due.count && rc == OG_OK; i++) {
            rc = og_quarantine_delete(state, due.ids[i], err);
            *count += rc == OG_OK;
            rc = rc == OG_E_NOTFOUND ? OG_OK : rc;
        }
    } while (rc == OG_OK && due.count == OG_VAULT_DUE);
    return rc;
}

struct repair {
    const struct og_state *state;
    struct og_quarantine_repairs *done;
};

/* is there a file to an entry? */
static enum og_rc
visit_entry(const char *id, struct og_record *entry, void *arg, struct og_err *err)
{
    struct repair *repair = arg;
    const char *domain, *name;
    int fd = -1;
    enum og_rc rc = og_quarantine_open(repair->state, entry, &fd, err);

    if (fd >= 0)
        (void)close(fd); /* only looked for */
    if (rc == OG_OK && place_of(entry, &domain, &name, err) == OG_OK) {
        struct og_owner was;

        if (og_owner_enter(repair->state, &was)
            && og_maildir_deliver(repair->state->server.quarantine_directory, domain,
                                  name, err)
                   == OG_OK)
            repair->done->delivered++;
        og_owner_leave(&was);
        return OG_OK;
    }
    if (rc != OG_E_NOTFOUND)
        return rc;
    rc = og_vault_drop(repair->state, id, err);
    repair->done->dropped += rc == OG_OK;
    return rc == OG_E_NOTFOUND ? OG_OK : rc;
}

/* the id in a name that is like ours, TIME.ID.HOST */
static bool
id_of(const char *name, char id[OG_VAULT_ID])
{
    size_t time = strspn(name, "0123456789");

    if (time == 0 || name[time] != '.' || strlen(name + time) < OG_VAULT_ID + 1
        || name[time + OG_VAULT_ID] != '.')
        return false;
    memcpy(id, name + time + 1, OG_VAULT_ID - 1);
    id[OG_VAULT_ID - 1] = '\0';
    return og_vault_id_ok(id);
}

/* a file that a reader could see, whose entry is lost: with the state, say */
static enum og_rc
enter_again(struct repair *repair, const char *domain, const char *name, const char *id,
            struct og_err *err)
{
    struct og_kept kept = OG_KEPT_INIT;
    struct og_record entry = OG_RECORD_INIT;
    int fd = -1;
    enum og_rc rc = og_maildir_open(repair->state->server.quarantine_directory, domain,
                                    name, &fd, err);

    if (rc == OG_OK)
        rc = og_kept_load(fd, &kept, err);
    for (size_t i = 0; i < kept.record.count && rc == OG_OK; i++) {
        const struct og_field *field = &kept.record.fields[i];

        if (strcmp(field->name, "id") != 0 && strcmp(field->name, "drop") != 0
            && strncmp(field->name, "change.", strlen("change.")) != 0)
            rc = og_record_set_field(&entry, field, err);
    }
    if (rc == OG_OK) /* where it is counts, not what it says */
        rc = og_record_set_text(&entry, "domain", domain, err);
    if (rc == OG_OK)
        rc = og_record_set_text(&entry, "file", name, err);
    if (rc == OG_OK)
        rc = og_vault_add(repair->state, id, &entry, NULL, err);
    repair->done->entered += rc == OG_OK;
    repair->done->foreign += rc == OG_E_SYNTAX || rc == OG_E_LIMIT;
    if (fd >= 0)
        (void)close(fd); /* only read */
    og_kept_free(&kept);
    og_record_free(&entry);
    return rc == OG_E_SYNTAX || rc == OG_E_LIMIT || rc == OG_E_NOTFOUND
                   || rc == OG_E_EXISTS
               ? OG_OK
               : rc;
}

/* is there an entry to a file? */
static enum og_rc
visit_file(const char *domain, const char *name, bool is_tmp, void *arg,
           struct og_err *err)
{
    struct repair *repair = arg;
    struct og_record entry = OG_RECORD_INIT;
    char id[OG_VAULT_ID];
    enum og_rc rc;

    if (!og_vault_domain_ok(domain) || !name_ok(name) || !id_of(name, id)) {
        repair->done->foreign++;
        return OG_OK;
    }
    rc = og_vault_get(repair->state, id, &entry, err);
    og_record_free(&entry);
    if (rc != OG_E_NOTFOUND)
        return rc;
    if (!is_tmp)
        return enter_again(repair, domain, name, id, err);
    rc = remove_file(repair->state, domain, name, err);
    repair->done->removed += rc == OG_OK;
    return rc == OG_E_NOTFOUND ? OG_OK : rc;
}

enum og_rc
og_quarantine_repair(const struct og_state *state, struct og_quarantine_repairs *repairs,
                     struct og_err *err)
{
    struct repair repair = { state, repairs };
    enum og_rc rc;

    *repairs = (struct og_quarantine_repairs){ 0 };
    rc = og_vault_walk(state, visit_entry, &repair, err);
    if (rc == OG_OK)
        rc =
            og_maildir_walk(state->server.quarantine_directory, visit_file, &repair, err);
    return rc;
}
