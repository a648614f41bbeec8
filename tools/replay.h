/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_TOOLS_REPLAY_H
#define OG_TOOLS_REPLAY_H

#include "tools/whose.h"

struct replay_settings;

/* a sender, in few bytes */
struct replay_sender {
    char *name; /* in the log; the tree's key */
    char *canonical, *domain;
    enum og_user_kind kind;
    bool domain_known;
    const struct replay_settings *settings; /* many senders' */
};

struct replay_senders {
    struct tool *tool;
    const struct og_state *changed; /* the new settings with the real senders */
    void *names, *settings;         /* trees */
};

/* replay_sender - whoever a name in the log means, read when it is met first; OG_E_STATE,
 * OG_E_NOMEM. Owner: all, until the process ends. */
enum og_rc replay_sender(struct replay_senders *all, const char *user,
                         const struct replay_sender **sender,
                         struct og_err *err) OG_CHECKED;

/* replay_sender_as - the same as what is counted for; its texts are the sender's, do not
 * free it */
void replay_sender_as(const struct replay_sender *sender, struct og_sender *as);

/* what the changed settings would have done to one sender or identity */
struct replay_row {
    char *key; /* the row's: user, blank, identity */
    const char *user, *identity;
    uint64_t accepted;        /* messages that went out in truth */
    uint64_t limited, locked; /* of them: above a limit, or sent while locked */
    uint64_t stopped;         /* what was refused in truth because of a limit or a lock */
    uint64_t locks;           /* that would have begun */
    int64_t first;            /* when the first of these happened; 0: nothing */
    char *what;               /* and what it was; NULL: nothing */
};

struct replay {
    struct tool *tool;
    const char *conf;
    int64_t since, until;
    struct replay_row *rows; /* those for whom something changes, worst first */
    size_t count;
    struct replay_row total;
    uint64_t events;
};

/* replay_rank - rows and total from a tree of struct replay_row */
int replay_rank(struct replay *replay, void *tree);

/* the two forms of the answer; TOOL_NO when somebody would have been stopped */
int replay_text(const struct replay *replay);
int replay_json(const struct replay *replay);

#endif
