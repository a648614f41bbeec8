/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_TOOLS_REPLAY_H
#define OG_TOOLS_REPLAY_H

#include "tools/whose.h"

/* what the changed settings would have done to one sender or identity */
struct replay_row {
    char *key; /* the row's: user, blank, identity */
    char *user, *identity;
    uint64_t accepted;        /* messages that went out in truth */
    uint64_t limited, locked; /* of them: above a limit, or sent while locked */
    uint64_t stopped;         /* what was refused in truth because of a limit or a lock */
    uint64_t locks;           /* that would have begun */
    int64_t first;            /* when the first of these happened; 0: nothing */
    char what[256];           /* and what it was */
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
