/* SPDX-License-Identifier: BSD-2-Clause */
/* replay: the answer */
#include <inttypes.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/time.h"
#include "tools/replay.h"

static struct replay *ranked; /* twalk() has no argument */

static void
gather(const void *node, VISIT when, int depth)
{
    const struct replay_row *row = *(struct replay_row *const *)node;

    (void)depth;
    if (when != postorder && when != leaf)
        return;
    ranked->total.accepted += row->accepted;
    ranked->total.limited += row->limited;
    ranked->total.locked += row->locked;
    ranked->total.stopped += row->stopped;
    ranked->total.locks += row->locks;
    if (row->first != 0 && ranked->rows != NULL)
        ranked->rows[ranked->count] = *row;
    ranked->count += row->first != 0;
}

static int
worst_first(const void *a, const void *b)
{
    const struct replay_row *left = a, *right = b;
    uint64_t x = left->limited + left->locked, y = right->limited + right->locked;

    return x < y ? 1 : x > y ? -1 : strcmp(left->key, right->key);
}

int
replay_rank(struct replay *replay, void *tree)
{
    ranked = replay;
    twalk(tree, gather);
    replay->rows = calloc(replay->count + 1, sizeof *replay->rows);
    if (replay->rows == NULL)
        return tool_fail(replay->tool, TOOL_TROUBLE, "no memory for the result");
    replay->count = 0;
    replay->total = (struct replay_row){ .key = NULL };
    twalk(tree, gather);
    qsort(replay->rows, replay->count, sizeof *replay->rows, worst_first);
    return TOOL_DONE;
}

static json_t *
counts_json(const struct replay_row *row)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:I}", "accepted", (json_int_t)row->accepted,
                     "limited", (json_int_t)row->limited, "locked",
                     (json_int_t)row->locked, "locks", (json_int_t)row->locks,
                     "stopped_then", (json_int_t)row->stopped);
}

int
replay_json(const struct replay *replay)
{
    json_t *list = json_array();
    int code;

    for (size_t i = 0; i < replay->count; i++) {
        const struct replay_row *row = &replay->rows[i];
        json_t *one = counts_json(row);

        (void)json_object_set_new(one, "user", tool_string(row->user));
        (void)json_object_set_new(one, "identity",
                                  row->identity[0] != '\0' ? tool_string(row->identity)
                                                           : json_null());
        (void)json_object_set_new(one, "first", tool_time_json(row->first));
        (void)json_object_set_new(one, "what", tool_string(row->what));
        (void)json_array_append_new(list, one);
    }
    code = tool_json(replay->tool, json_pack("{s:o, s:o, s:I, s:o, s:o}", "since",
                                             tool_time_json(replay->since), "until",
                                             tool_time_json(replay->until), "events",
                                             (json_int_t)replay->events, "stopped", list,
                                             "total", counts_json(&replay->total)));
    return code != TOOL_DONE ? code : replay->count > 0 ? TOOL_NO : TOOL_DONE;
}

int
replay_text(const struct replay *replay)
{
    char text[32];

    for (size_t i = 0; i < replay->count; i++) {
        const struct replay_row *row = &replay->rows[i];

        (void)tool_put(stdout, row->user);
        putchar(' ');
        (void)tool_put(stdout, row->identity);
        printf("\n    %" PRIu64 " of %" PRIu64 " messages stopped: %" PRIu64
               " by limits, %" PRIu64 " by %" PRIu64 " lock%s; then it was %" PRIu64
               " refusals\n    first at %s: ",
               row->limited + row->locked, row->accepted, row->limited, row->locked,
               row->locks, row->locks == 1 ? "" : "s", row->stopped,
               tool_time(row->first, text));
        (void)tool_put(stdout, row->what);
        putchar('\n');
    }
    printf("%s%zu of the senders stopped, with %" PRIu64 " of %" PRIu64
           " messages; %" PRIu64 " events read\n",
           replay->count > 0 ? "\n" : "", replay->count,
           replay->total.limited + replay->total.locked, replay->total.accepted,
           replay->events);
    return replay->count > 0 ? TOOL_NO : TOOL_DONE;
}
