/* SPDX-License-Identifier: BSD-2-Clause */
/* outgatectl quarantine list, show, delete, expire; release is a file of its own */
#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/time.h"
#include "core/lib/mime_words.h"
#include "core/mail/kept.h"
#include "core/mail/quarantine.h"
#include "core/state/fingerprints.h"
#include "tools/audit.h"
#include "tools/kept.h"
#include "tools/whose.h"

static const char *const shown[] = { "at", "class", "user", "identity", "sender" };

static void
put_words(const char *subject)
{
    struct og_buf text = OG_BUF_INIT(65536);

    (void)tool_put(stdout, og_mime_words(subject, &text, NULL) == OG_OK
                               ? og_buf_text(&text)
                               : subject);
    og_buf_free(&text);
}

static void
print_row(const struct tool_kept *row)
{
    printf("%s ", row->id);
    for (size_t i = 0; i < N_ELEMENTS(shown); i++) {
        const char *value = og_record_text(&row->entry, shown[i]);

        (void)tool_put(stdout, value[0] != '\0' ? value : "-");
        putchar(' ');
    }
    printf("%s %s ", og_record_text(&row->entry, "recipients_count"),
           og_record_text(&row->entry, "bytes"));
    put_words(og_record_text(&row->entry, "subject"));
    if (og_record_get(&row->entry, "release") != NULL)
        printf(" (released)");
    putchar('\n');
}

static int
list_run(struct tool *tool)
{
    struct tool_option options[] = { TOOL_KEPT_OPTIONS, { NULL, false, NULL } };
    struct tool_kept_list list = { NULL, 0, 0 };
    int code = tool_options(tool, options, 0, 0);

    if (code == TOOL_DONE)
        code = tool_state(tool);
    if (code == TOOL_DONE)
        code = tool_kept_select(tool, options, &list);
    if (code == TOOL_DONE && tool->json)
        putchar('[');
    for (size_t i = 0; i < list.count && code == TOOL_DONE; i++) {
        if (!tool->json) {
            print_row(&list.rows[i]);
            continue;
        }
        fputs(i > 0 ? ",\n" : "\n", stdout);
        code = tool_json_line(tool, tool_kept_json(list.rows[i].id, &list.rows[i].entry));
    }
    if (code == TOOL_DONE && tool->json)
        puts(list.count > 0 ? "\n]" : "]");
    tool_kept_free(&list);
    return code;
}

/* the message from its first byte on, or no more than its header */
static int
print_message(struct tool *tool, int fd, const struct og_kept *kept, bool whole)
{
    char chunk[65536];
    off_t at = (off_t)kept->original;
    bool line_empty = true;
    ssize_t n;

    while ((n = pread(fd, chunk, sizeof chunk, at)) > 0) {
        if (whole && fwrite(chunk, 1, (size_t)n, stdout) != (size_t)n)
            return TOOL_TROUBLE; /* main() names the error */
        for (ssize_t i = 0; !whole && i < n; i++) {
            char text[2] = { chunk[i], '\0' };

            if (chunk[i] == '\n' && line_empty)
                return TOOL_DONE;
            line_empty = chunk[i] == '\n';
            if (chunk[i] == '\n' || chunk[i] == '\t')
                putchar(chunk[i]);
            else if (chunk[i] != '\0')
                (void)tool_put(stdout, text);
        }
        at += n;
    }
    return n == 0 ? TOOL_DONE
                  : tool_fail(tool, TOOL_TROUBLE, "read message: %s", strerror(errno));
}

static int
print_entry(struct tool *tool, const char *id, const struct og_record *entry,
            const struct og_kept *kept)
{
    json_t *object, *all;

    if (!tool->json) {
        printf("%-16s %s\n", "id", id);
        for (size_t i = 0; i < entry->count; i++) {
            if (strcmp(entry->fields[i].name, "recipients") == 0)
                continue; /* the file has all */
            tool_cell(stdout, entry->fields[i].name, 16);
            (void)tool_put(stdout, entry->fields[i].value);
            putchar('\n');
        }
        for (size_t i = 0; i < kept->count; i++) {
            tool_cell(stdout, "recipient", 16);
            (void)tool_put(stdout, kept->recipients[i]);
            putchar('\n');
        }
        return TOOL_DONE;
    }
    object = tool_kept_json(id, entry);
    all = json_array();
    for (size_t i = 0; i < kept->count; i++)
        (void)json_array_append_new(all, tool_string(kept->recipients[i]));
    if (object != NULL && json_object_set_new(object, "recipients", all) != 0)
        return tool_fail(tool, TOOL_TROUBLE, "no memory");
    return tool_json(tool, object);
}

static int
show_run(struct tool *tool)
{
    struct tool_option options[] = { { "--raw", false, NULL },
                                     { "--headers", false, NULL },
                                     { NULL, false, NULL } };
    struct og_record entry = OG_RECORD_INIT;
    struct og_kept kept = OG_KEPT_INIT;
    struct og_err err = { "" };
    int code = tool_options(tool, options, 1, 1), fd = -1;
    bool message = options[0].value != NULL || options[1].value != NULL;
    enum og_rc rc;

    if (code == TOOL_DONE && tool->json && message)
        return tool_usage(tool,
                          "--raw and --headers print the message, which is no JSON");
    if (code == TOOL_DONE)
        code = tool_state(tool);
    if (code != TOOL_DONE)
        return code;
    rc = og_vault_get(&tool->state, tool->argv[0], &entry, &err);
    if (rc == OG_E_NOTFOUND) {
        code = tool_kept_missing(tool, tool->argv[0]);
        goto out;
    }
    if (rc == OG_OK)
        rc = og_quarantine_open(&tool->state, &entry, &fd, &err);
    if (rc == OG_OK)
        rc = og_kept_load(fd, &kept, &err);
    code = rc == OG_OK     ? TOOL_DONE
           : rc == OG_E_IO ? tool_rc(tool, rc, &err)
                           : tool_fail(tool, TOOL_TROUBLE, "%s", err.text);
    if (code == TOOL_DONE)
        code = message ? print_message(tool, fd, &kept, options[0].value != NULL)
                       : print_entry(tool, tool->argv[0], &entry, &kept);
out:
    if (fd >= 0)
        (void)close(fd); /* only read */
    og_record_free(&entry);
    og_kept_free(&kept);
    return code;
}

/* its text is spam from now on, whoever sends it */
static int
deny_one(struct tool *tool, const char *id, const char *who)
{
    struct og_record entry = OG_RECORD_INIT;
    char reason[64];
    struct og_err err = { "" };
    enum og_rc rc = og_vault_get(&tool->state, id, &entry, &err);
    const char *exact = og_record_text(&entry, "exact");
    int code = TOOL_DONE;

    (void)snprintf(reason, sizeof reason, "quarantine %.20s", id);
    if (rc == OG_E_NOTFOUND)
        code = tool_kept_missing(tool, id);
    else if (rc == OG_OK && exact[0] == '\0')
        code = tool_fail(tool, TOOL_NO,
                         "%s: it has too little text, or nobody has looked at it; not "
                         "denied, not deleted",
                         id);
    else if (rc == OG_OK) {
        rc = og_fingerprint_deny(&tool->state, exact, who, reason, og_time_now(), &err);
        rc = rc == OG_E_EXISTS ? OG_OK : rc;
        if (rc == OG_OK)
            tool_event(tool, who, "", "text-denied", exact);
    }
    og_record_free(&entry);
    return code == TOOL_DONE ? tool_rc(tool, rc, &err) : code;
}

static int
delete_one(struct tool *tool, const char *id, bool deny, const char *who)
{
    struct og_record entry = OG_RECORD_INIT;
    struct og_err err = { "" };
    char reason[80];
    int code = deny ? deny_one(tool, id, who) : TOOL_DONE;
    enum og_rc rc;

    if (code != TOOL_DONE)
        return code;
    rc = og_vault_get(&tool->state, id, &entry, &err);
    if (rc == OG_OK)
        rc = og_quarantine_delete(&tool->state, id, &err);
    if (rc == OG_OK) {
        (void)snprintf(reason, sizeof reason, "%.20s, kept as %.20s", id,
                       og_record_text(&entry, "class"));
        tool_event(tool, who, og_record_text(&entry, "user"), "deleted", reason);
    }
    og_record_free(&entry);
    return rc == OG_E_NOTFOUND ? tool_kept_missing(tool, id) : tool_rc(tool, rc, &err);
}

static int
delete_run(struct tool *tool)
{
    struct tool_option options[] = { TOOL_KEPT_OPTIONS,
                                     { "--all", false, NULL },
                                     { "--yes", false, NULL },
                                     { "--deny", false, NULL },
                                     { NULL, false, NULL } };
    struct tool_kept_list list = { NULL, 0, 0 };
    char who[OG_LOCK_WHO];
    json_t *ids;
    int code = tool_options(tool, options, 0, 100000);
    int words = tool->argc;
    bool deny = options[TOOL_KEPT_OPTION_COUNT + 2].value != NULL;

    tool_who(who);
    if (code == TOOL_DONE)
        code = tool_state(tool);
    if (code == TOOL_DONE)
        code = tool_kept_chosen(tool, options, &list);
    if (code != TOOL_DONE) {
        tool_kept_free(&list);
        return code;
    }
    ids = json_array();
    tool->so_far_name = "ids";
    tool->so_far = ids;
    for (size_t i = 0; i < (words > 0 ? (size_t)words : list.count); i++) {
        const char *id = words > 0 ? tool->argv[i] : list.rows[i].id;

        code = delete_one(tool, id, deny, who);
        if (code != TOOL_DONE)
            break;
        if (!tool->json)
            printf("deleted %s\n", id);
        else if (json_array_append_new(ids, tool_string(id)) != 0)
            code = tool_fail(tool, TOOL_TROUBLE, "no memory");
    }
    if (code == TOOL_DONE && tool->json)
        code = tool_json(tool, json_pack("{s:s, s:O}", "done", "deleted", "ids", ids));
    tool->so_far = NULL;
    json_decref(ids);
    tool_kept_free(&list);
    return code;
}

struct domains {
    struct tool *tool;
    void *seen; /* tree of names */
    size_t count;
    int64_t now;
};

static int
compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* each domain once: what it has above its own limit */
static enum og_rc
visit_domain(const char *id, struct og_record *entry, void *arg, struct og_err *err)
{
    struct domains *domains = arg;
    const struct og_state *state = &domains->tool->state;
    const char *domain = og_record_text(entry, "domain");
    struct og_sender sender = OG_SENDER_INIT;
    char name[OG_NAME_TEXT], *copy;
    uint64_t max = state->server.quarantine_bytes;
    enum og_rc rc;

    (void)id;
    if (!og_vault_domain_ok(domain) || tfind(domain, &domains->seen, compare) != NULL)
        return OG_OK;
    copy = strdup(domain);
    if (copy == NULL || tsearch(copy, &domains->seen, compare) == NULL) {
        free(copy);
        return og_fail(err, OG_E_NOMEM, "no memory");
    }
    (void)snprintf(name, sizeof name, "@%s", domain);
    rc = og_users_sender(state, name, false, &sender, err);
    if (rc == OG_OK)
        max = sender.settings.quarantine_bytes;
    og_sender_free(&sender);
    if (rc != OG_OK && rc != OG_E_NOTFOUND)
        return rc;
    return og_quarantine_expire(state, domain, max, domains->now, &domains->count, err);
}

static int
expire_run(struct tool *tool)
{
    struct tool_option none[] = { { NULL, false, NULL } };
    struct og_quarantine_repairs done = { 0 };
    struct domains domains = { tool, NULL, 0, og_time_now() };
    struct og_err err = { "" };
    int code = tool_options(tool, none, 0, 0);
    enum og_rc rc;

    if (code == TOOL_DONE)
        code = tool_state(tool);
    if (code != TOOL_DONE)
        return code;
    rc = og_quarantine_expire(&tool->state, NULL, 0, domains.now, &domains.count, &err);
    if (rc == OG_OK)
        rc = og_vault_walk(&tool->state, visit_domain, &domains, &err);
    if (rc == OG_OK)
        rc = og_quarantine_repair(&tool->state, &done, &err);
    tdestroy(domains.seen, free);
    if (rc != OG_OK)
        return tool_rc(tool, rc, &err);
    if (tool->json)
        return tool_json(tool, json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I}", "done",
                                         "expired", "expired", (json_int_t)domains.count,
                                         "delivered", (json_int_t)done.delivered,
                                         "entered", (json_int_t)done.entered, "dropped",
                                         (json_int_t)done.dropped, "removed",
                                         (json_int_t)done.removed, "foreign",
                                         (json_int_t)done.foreign));
    printf("%zu expired\n", domains.count);
    if (done.delivered + done.entered + done.dropped + done.removed > 0)
        printf("put right: %zu moved to new, %zu entered again, %zu deleted by a mail "
               "program, %zu never finished\n",
               done.delivered, done.entered, done.dropped, done.removed);
    if (done.foreign > 0)
        printf("%zu files are not of the quarantine; they stay\n", done.foreign);
    return TOOL_DONE;
}

const struct tool_verb tool_verb_quarantine_list = {
    "quarantine list",
    "[--domain D] [--user U] [--identity I] [--class C] [--since T] [--until T] "
    "[--limit N]",
    "list refused messages that are kept",
    "Lists them, oldest first: id, time, class, user, identity, envelope sender, number\n"
    "of recipients, bytes, subject. T is a time, or a duration: that long ago.\n\n"
    "    outgatectl quarantine list --user bob@example.com --since 1d\n",
    list_run
};

const struct tool_verb tool_verb_quarantine_show = {
    "quarantine show", "ID [--raw | --headers]", "show one of them",
    "Prints what is known of a kept message, with all recipients.\n\n"
    "  --raw      the message itself instead, byte for byte as it was refused\n"
    "  --headers  its header, with unprintable bytes as \\xHH\n\n"
    "    outgatectl quarantine show k2m4pqrs7t --headers\n",
    show_run
};

const struct tool_verb tool_verb_quarantine_delete = {
    "quarantine delete",
    "ID ... | --all [--domain D] [--user U] [--identity I] [--class C] [--since T] "
    "[--until T] [--limit N] --yes [--deny]",
    "delete kept messages",
    "Deletes the messages with these ids, or all that the options choose.\n\n"
    "  --deny  and refuse their text from now on, whoever sends it: see `outgatectl\n"
    "          fingerprint list`\n\n"
    "    outgatectl quarantine delete k2m4pqrs7t\n"
    "    outgatectl quarantine delete --all --user bob@example.com --class spam --yes\n",
    delete_run
};

const struct tool_verb tool_verb_quarantine_expire = {
    "quarantine expire", "", "delete what is old; put files and index right",
    "Deletes what is older than quarantine_days or above quarantine_bytes, and makes\n"
    "files and index agree after a crash. New messages do the first by themselves; let\n"
    "cron run this once a day.\n\n"
    "    outgatectl quarantine expire\n",
    expire_run
};
