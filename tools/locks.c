/* SPDX-License-Identifier: BSD-2-Clause */
/* locks and identities: what is locked, was locked, and why */
#include <string.h>

#include "core/base/time.h"
#include "tools/whose.h"

struct list {
    struct tool *tool;
    bool all;     /* those that are not locked now as well */
    bool history; /* with what has happened to each */
    int64_t now;
    char user[OG_NAME_TEXT]; /* whose settings `maximum` is of */
    long long maximum;       /* unlocks by timeout allowed; -1: the sender is gone */
    size_t count;
};

static enum og_rc
collect(const struct og_record *entry, void *arg, struct og_err *err)
{
    json_t *one = json_object();

    for (size_t i = 0; i < entry->count; i++)
        if (json_object_set_new(one, entry->fields[i].name,
                                tool_string(entry->fields[i].value))
            != 0)
            return og_fail(err, OG_E_NOMEM, "no memory");
    return json_array_append_new(arg, one) == 0 ? OG_OK
                                                : og_fail(err, OG_E_NOMEM, "no memory");
}

static enum og_rc
print_change(const struct og_record *entry, void *arg, struct og_err *err)
{
    static const char *const rows[] = { "kind", "rule", "until", "reason", "note" };
    const char *at = og_record_get(entry, "at"), *who = og_record_get(entry, "who");
    const char *change = og_record_get(entry, "change");

    (void)arg, (void)err;
    printf("    %s %-6s by ", at != NULL ? at : "-", change != NULL ? change : "-");
    tool_cell(stdout, who != NULL ? who : "-", 8);
    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        const char *value = og_record_get(entry, rows[i]);

        if (value == NULL)
            continue;
        printf(" %s=", rows[i]);
        (void)tool_put(stdout, value);
    }
    putchar('\n');
    return OG_OK;
}

/* how many unlocks by timeout the sender of this row may have */
static enum og_rc
find_maximum(struct list *list, const char *user, struct og_err *err)
{
    struct og_sender sender = OG_SENDER_INIT;
    enum og_rc rc;

    if (strcmp(list->user, user) == 0)
        return OG_OK;
    rc = og_users_sender(&list->tool->state, user, false, &sender, err);
    list->maximum =
        rc == OG_OK ? (long long)sender.settings.maximum_unlocks_by_timeout : -1;
    (void)snprintf(list->user, sizeof list->user, "%s", user);
    og_sender_free(&sender);
    return rc == OG_E_NOTFOUND ? OG_OK : rc;
}

static long long
left_of(const struct list *list, const struct og_lock *lock)
{
    long long used = (long long)lock->unlocks;

    return list->maximum < 0 ? -1 : list->maximum > used ? list->maximum - used : 0;
}

static enum og_rc
print_json(struct list *list, const struct og_lock_entry *entry, struct og_err *err)
{
    const struct og_lock *lock = &entry->lock;
    bool is_identity = entry->identity[0] != '\0';
    long long left = left_of(list, lock);
    json_t *history = json_array();
    json_t *row;
    enum og_rc rc = OG_OK;

    if (list->history)
        rc = og_lock_history(&list->tool->state, entry->user, entry->identity, collect,
                             history, err);
    if (rc != OG_OK) {
        json_decref(history);
        return rc;
    }
    row = json_pack("{s:s, s:o, s:o, s:b, s:I, s:o, s:o}", "scope",
                    og_level_text(lock->level), "user", tool_string(entry->user),
                    "identity", is_identity ? tool_string(entry->identity) : json_null(),
                    "locked", lock->locked, "unlocks", (json_int_t)lock->unlocks,
                    "unlocks_left", left >= 0 ? json_integer(left) : json_null(), "lock",
                    lock->locked ? tool_lock_json(lock) : json_null());
    if (row == NULL || (list->history && json_object_set(row, "history", history) != 0))
        rc = og_fail(err, OG_E_NOMEM, "no memory");
    json_decref(history);
    fputs(list->count > 0 ? ",\n" : "\n", stdout);
    if (rc == OG_OK && tool_json_line(list->tool, row) != TOOL_DONE)
        rc = og_fail(err, OG_E_IO, "cannot print");
    return rc;
}

static enum og_rc
print_text(struct list *list, const struct og_lock_entry *entry, struct og_err *err)
{
    const struct og_lock *lock = &entry->lock;
    long long left = left_of(list, lock);
    char text[32];

    if (list->count == 0)
        printf("%-36s %-24s %-6s %-20s %-20s %-9s %-9s %s\n", "USER", "IDENTITY",
               "LOCKED", "SINCE", "UNTIL", "KIND", "UNLOCKS", "RULE, REASON");
    tool_cell(stdout, entry->user, 36);
    tool_cell(stdout, entry->identity[0] != '\0' ? entry->identity : "-", 24);
    tool_cell(stdout, lock->locked ? "yes" : "no", 6);
    tool_cell(stdout, lock->locked ? tool_time(lock->since, text) : "-", 20);
    tool_cell(stdout, lock->locked ? tool_time(lock->until, text) : "-", 20);
    tool_cell(stdout, !lock->locked ? "-" : lock->manual ? "manual" : "automatic", 9);
    (void)snprintf(text, sizeof text, left >= 0 ? "%llu of %lld" : "%llu",
                   (unsigned long long)lock->unlocks, list->maximum);
    tool_cell(stdout, text, 9);
    if (lock->locked) {
        (void)tool_put(stdout, lock->rule);
        if (lock->rule[0] != '\0' && lock->reason[0] != '\0')
            fputs(", ", stdout);
        (void)tool_put(stdout, lock->reason);
    }
    putchar('\n');
    return list->history ? og_lock_history(&list->tool->state, entry->user,
                                           entry->identity, print_change, NULL, err)
                         : OG_OK;
}

static enum og_rc
visit(const struct og_lock_entry *entry, void *arg, struct og_err *err)
{
    struct list *list = arg;
    enum og_rc rc;

    if (!entry->lock.locked && !list->all)
        return OG_OK;
    rc = find_maximum(list, entry->user, err);
    if (rc == OG_OK)
        rc = list->tool->json ? print_json(list, entry, err)
                              : print_text(list, entry, err);
    list->count++;
    if (rc == OG_OK && ferror(stdout) != 0)
        rc = og_fail(err, OG_E_IO, "standard output cannot be written");
    return rc;
}

static int
run(struct list *list, const char *user, bool users)
{
    struct tool *tool = list->tool;
    struct og_err err = { "" };
    enum og_rc rc = OG_OK;

    list->now = og_time_now();
    if (tool->json)
        putchar('[');
    if (users)
        rc = og_locks_walk(&tool->state, OG_LEVEL_USER, user, list->now, visit, list,
                           &err);
    if (rc == OG_OK)
        rc = og_locks_walk(&tool->state, OG_LEVEL_IDENTITY, user, list->now, visit, list,
                           &err);
    return tool_list_end(tool, list->count, rc, &err);
}

static int
list(struct tool *tool, struct tool_option *options, struct list *job, bool users)
{
    struct tool_account whose = TOOL_ACCOUNT_INIT;
    int code = tool_options(tool, options, 0, 1);

    if (code == TOOL_DONE)
        code = tool_state(tool);
    if (code == TOOL_DONE && tool->argc == 1)
        code = tool_account(tool, tool->argv[0], NULL, true, &whose);
    job->history = options[0].value != NULL;
    job->all = job->all || job->history || options[1].value != NULL;
    if (code == TOOL_DONE)
        code = run(job, tool->argc == 1 ? whose.sender.user.name.text : NULL, users);
    tool_account_free(&whose);
    return code;
}

static int
locks(struct tool *tool)
{
    struct tool_option options[] = { { "--history", false, NULL },
                                     { "--all", false, NULL },
                                     { NULL, false, NULL } };
    struct list job = { .tool = tool };

    return list(tool, options, &job, true);
}

static int
identities(struct tool *tool)
{
    struct tool_option options[] = { { "--history", false, NULL },
                                     { NULL, false, NULL },
                                     { NULL, false, NULL } };
    struct list job = { .tool = tool, .all = true };

    return list(tool, options, &job, false);
}

const struct tool_verb tool_verb_locks = {
    "locks", "[NAME] [--all] [--history]", "list locks",
    "Lists the locks that hold, of outgoing users first, then of identities; with NAME\n"
    "those of this sender. UNLOCKS is how many locks have ended by timeout, of how\n"
    "many may; an automatic lock has no end any more when they are used up.\n\n"
    "  --all      also who is not locked now, but has been\n"
    "  --history  that, with the newest 20 changes of each\n\n"
    "    outgatectl locks\n"
    "    outgatectl locks bob@example.com --history\n",
    locks
};

const struct tool_verb tool_verb_identities = {
    "identities", "[NAME] [--history]", "list identities that are or were locked",
    "Lists the identities, all or those of one sender, that are locked or have been,\n"
    "with the columns of `outgatectl locks`. An identity that was never locked leaves\n"
    "no record. `outgatectl lock`, `unlock` and `unlock --reset` change them.\n\n"
    "    outgatectl identities 192.0.2.0/24\n"
    "    outgatectl --json identities | jq -r '.[] | select(.locked).identity'\n",
    identities
};
