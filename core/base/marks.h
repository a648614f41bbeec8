/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_BASE_MARKS_H
#define OG_BASE_MARKS_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/base/rule.h"

/*
 * When something happened: the newest times, exactly, so that `5 in 10m` can be asked
 * of any ten minutes. Text form, oldest first, with who it was where that is known:
 *
 *     2026-11-21T18:12:21Z,2026-11-21T18:12:25Z/1a2b3c4d
 *
 * Times never decrease. The clock may step backwards: marks that lie in the future then
 * count as made at the moment they are next looked at, so none is lost, and none counts
 * longer than its period from then on.
 */
enum { OG_MARKS_MAX = OG_RULE_MAX_COUNT };

struct og_mark {
    int64_t at;
    uint32_t who; /* 0: not known */
};

struct og_marks {
    size_t count;
    struct og_mark rows[OG_MARKS_MAX]; /* oldest first */
};

/* og_marks_parse - read a text form; "" is none; OG_E_SYNTAX, also for times that
 * decrease; OG_E_RANGE; OG_E_LIMIT above OG_MARKS_MAX */
enum og_rc og_marks_parse(const char *text, struct og_marks *marks,
                          struct og_err *err) OG_CHECKED;

/* og_marks_print - append the text form; OG_E_RANGE, OG_E_LIMIT, OG_E_NOMEM */
enum og_rc og_marks_print(const struct og_marks *marks, struct og_buf *out,
                          struct og_err *err) OG_CHECKED;

/* og_marks_settle - drop marks from before now - seconds, and bring those that lie in
 * the future to now */
void og_marks_settle(struct og_marks *marks, int64_t now, int64_t seconds);

/* og_marks_add - one more, now; the oldest goes when all places are taken. Call
 * og_marks_settle() with the same now before. */
void og_marks_add(struct og_marks *marks, int64_t now, uint32_t who);

/* how many marks lie in a period */
struct og_marks_sum {
    size_t all;
    size_t unknown; /* of them, those with who = 0 */
    size_t persons; /* different others */
};

/* og_marks_sum - count the marks from now - seconds on, that second included */
struct og_marks_sum og_marks_sum(const struct og_marks *marks, int64_t now,
                                 int64_t seconds);

#endif
