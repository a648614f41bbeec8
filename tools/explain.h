/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_TOOLS_EXPLAIN_H
#define OG_TOOLS_EXPLAIN_H

#include "core/base/rule.h"
#include "tools/classes.h"
#include "tools/whose.h"

enum { EXPLAIN_SHOWN = 10 }; /* newest of the events behind it */

/* one event with all that is known about it */
struct explain {
    struct tool *tool;
    const char *id;
    const struct tool_class *class;
    struct og_record event;
    struct og_record lock; /* the event of the lock that stopped it; may be empty */
    struct tool_account account;
    int64_t now, at;   /* of the event */
    bool found, known; /* the event; whose it is */
    /* what else counted: events of one sender from begin to last, 0: nothing did */
    int64_t begin, last;
    char counted[OG_RULE_CLASS]; /* class of incidents; "" for accepted mail */
    size_t behind_count;
    json_t *behind; /* the newest EXPLAIN_SHOWN of them */
};

/* explain_tell - print the story, as text or JSON */
int explain_tell(const struct explain *ex);

/* explain_is_lock - is the event one about a lock? */
bool explain_is_lock(const struct explain *ex);

/* explain_remedy - the command that helps, ready for a shell whatever names are in it; a
 * JSON null without one; NULL: no memory */
json_t *explain_remedy(const struct explain *ex);

#endif
