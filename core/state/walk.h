/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_STATE_WALK_H
#define OG_STATE_WALK_H

#include "core/state/state.h"

/* one entry; anything but OG_OK ends the walk with that code */
typedef enum og_rc og_state_visit(const char *key, const char *value, void *arg,
                                  struct og_err *err);

/*
 * og_state_walk - visit the keys of a database that begin with prefix, in byte order
 *
 * Entries are copied out a thousand at a time and visited outside any run of the store:
 * a visit may take its time and use the state; a change made meanwhile may be seen or
 * not. Returns OG_OK; what visit returned; the codes of og_store_run.
 */
enum og_rc og_state_walk(const struct og_state *state, const char *db, const char *prefix,
                         og_state_visit *visit, void *arg, struct og_err *err) OG_CHECKED;

#endif
