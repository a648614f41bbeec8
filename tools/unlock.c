/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>

#include "core/base/time.h"
#include "core/state/unlock.h"
#include "tools/whose.h"

struct unlock {
    struct tool *tool;
    struct tool_account whose;
    const char *reason;
    char who[OG_LOCK_WHO];
    bool reset;
    size_t unlocked, forgiven;
};

/* one level; that there is nothing to do is no error here */
static enum og_rc
unlock_one(struct unlock *job, const struct og_account *account, enum og_level level,
           struct og_lock *lock, struct og_err *err)
{
    const struct og_state *state = &job->tool->state;
    int64_t now = og_time_now();
    enum og_rc rc =
        og_lock_release(state, account, level, job->reason, job->who, now, lock, err);

    job->unlocked += rc == OG_OK;
    if (rc == OG_E_NOTFOUND)
        rc = OG_OK;
    if (rc != OG_OK || !job->reset)
        return rc;
    rc = og_lock_reset(state, account, level, job->who, now, err);
    job->forgiven += rc == OG_OK;
    return rc == OG_E_NOTFOUND ? OG_OK : rc;
}

static int
nothing(struct unlock *job, const char *of, const char *is)
{
    const char *name = job->whose.sender.user.name.text;

    if (!job->whose.stored)
        return tool_fail(job->tool, TOOL_NO, "no sender %s", name);
    return tool_fail(job->tool, TOOL_NO, "%s%s %s locked%s", of, name, is,
                     job->reset ? ", and its count is 0" : "");
}

static int
unlock_single(struct unlock *job, enum og_level level)
{
    struct og_lock lock = { .locked = false };
    struct og_err err = { "" };
    enum og_rc rc = unlock_one(job, &job->whose.account, level, &lock, &err);

    if (rc != OG_OK)
        return tool_rc(job->tool, rc, &err);
    if (job->unlocked + job->forgiven == 0)
        return nothing(job, level == OG_LEVEL_IDENTITY ? "that identity of " : "",
                       "is not");
    lock.level = level;
    return tool_locked(job->tool, job->unlocked > 0 ? "unlocked" : "reset",
                       &job->whose.account, &lock);
}

static enum og_rc
visit(const struct og_lock_entry *entry, void *arg, struct og_err *err)
{
    struct unlock *job = arg;
    struct og_account account = { &job->whose.sender, entry->identity };
    struct og_lock lock = { .locked = false };

    return unlock_one(job, &account, OG_LEVEL_IDENTITY, &lock, err);
}

static int
unlock_all(struct unlock *job)
{
    struct tool *tool = job->tool;
    const char *name = job->whose.sender.user.name.text;
    struct og_err err = { "" };
    int code = tool_rc(tool,
                       og_locks_walk(&tool->state, OG_LEVEL_IDENTITY, name, og_time_now(),
                                     visit, job, &err),
                       &err);

    if (code != TOOL_DONE)
        return code;
    if (job->unlocked + job->forgiven == 0)
        return nothing(job, "no identity of ", "is");
    if (tool->json)
        return tool_json(tool, json_pack("{s:s, s:o, s:I, s:I}", "done", "unlocked",
                                         "name", tool_string(name), "identities",
                                         (json_int_t)job->unlocked, "reset",
                                         (json_int_t)job->forgiven));
    printf("unlocked %zu identities of ", job->unlocked);
    (void)tool_put(stdout, name);
    putchar('\n');
    return TOOL_DONE;
}

/* by the word of a notice, for panels */
static int
unlock_token(struct tool *tool, const char *token)
{
    struct og_sender sender = OG_SENDER_INIT;
    struct og_lock_entry entry = { .user = "" };
    struct og_account account = { &sender, entry.identity };
    struct og_err err = { "" };
    char who[OG_LOCK_WHO];
    int code;
    enum og_rc rc;

    if (tool->argc > 0)
        return tool_usage(tool, "--token tells whose lock it is; leave the name out");
    tool_who(who);
    code = tool_state(tool);
    if (code != TOOL_DONE)
        return code;
    rc = og_unlock_use(&tool->state, token, who, og_time_now(), &entry, &err);
    if (rc == OG_E_SYNTAX || rc == OG_E_PERM || rc == OG_E_RANGE)
        return tool_fail(tool, TOOL_NO, "%s", err.text);
    if (rc != OG_OK)
        return tool_rc(tool, rc, &err);
    (void)snprintf(sender.user.name.text, sizeof sender.user.name.text, "%s", entry.user);
    return tool_locked(tool, "unlocked", &account, &entry.lock);
}

static int
unlock(struct tool *tool)
{
    struct tool_option options[] = {
        { "--identity", true, NULL }, { "--all-identities", false, NULL },
        { "--reset", false, NULL },   { "--reason", true, NULL },
        { "--token", true, NULL },    { NULL, false, NULL },
    };
    struct unlock job = { .tool = tool, .whose = TOOL_ACCOUNT_INIT };
    const char *identity;
    int code = tool_options(tool, options, 0, 1);

    if (code != TOOL_DONE)
        return code;
    if (options[4].value != NULL)
        return unlock_token(tool, options[4].value);
    if (tool->argc == 0)
        return tool_usage(tool, "whom?");
    identity = options[0].value;
    job.reset = options[2].value != NULL;
    job.reason = options[3].value != NULL ? options[3].value : "";
    if (identity != NULL && options[1].value != NULL)
        return tool_usage(tool, "--identity contradicts --all-identities");
    tool_who(job.who);
    code = tool_state(tool);
    if (code == TOOL_DONE)
        code = tool_account(tool, tool->argv[0], identity, true, &job.whose);
    if (code == TOOL_DONE)
        code = options[1].value != NULL
                   ? unlock_all(&job)
                   : unlock_single(&job,
                                   identity != NULL ? OG_LEVEL_IDENTITY : OG_LEVEL_USER);
    tool_account_free(&job.whose);
    return code;
}

const struct tool_verb tool_verb_unlock = {
    "unlock",
    "NAME [--identity ID|--all-identities] [--reset] [--reason TEXT] | --token TOKEN",
    "unlock a sender or an identity",
    "Ends the lock of an outgoing user, of one identity inside it, or of all its\n"
    "identities. Mail that has waited leaves with Exim's next queue run. An unlock by\n"
    "hand does not count as one by timeout; --reset lets that count begin again at 0,\n"
    "also where nothing is locked. --token is for panels: the word that stands in the\n"
    "notice of a lock ends that lock, once.\n\n"
    "    outgatectl unlock bob@example.com --reset && exim4 -q\n"
    "    outgatectl unlock 192.0.2.0/24 --all-identities\n",
    unlock
};
