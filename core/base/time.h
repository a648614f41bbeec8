/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_BASE_TIME_H
#define OG_BASE_TIME_H

#include <stdint.h>

#include "core/base/err.h"

/*
 * Times are seconds since 1970-01-01T00:00:00Z without leap seconds, durations are
 * seconds; both int64_t. No locale, no time zone.
 */
enum {
    OG_TIME_TEXT = 21,     /* `2026-11-21T18:12:21Z` and its NUL */
    OG_DURATION_TEXT = 32, /* any duration and its NUL */
};

#define OG_TIME_MIN INT64_C(-62167219200) /* 0000-01-01T00:00:00Z */
#define OG_TIME_MAX INT64_C(253402300799) /* 9999-12-31T23:59:59Z */

/* og_time_now - the wall clock; it may step backwards */
int64_t og_time_now(void);

/* og_time_print - a time as `2026-11-21T18:12:21Z` (RFC 3339); OG_E_RANGE outside
 * OG_TIME_MIN..OG_TIME_MAX */
enum og_rc og_time_print(int64_t t, char out[OG_TIME_TEXT],
                         struct og_err *err) OG_CHECKED;

/*
 * og_time_parse - read `2026-11-21T18:12:21Z`, or `2026-11-21`, which is its midnight
 *
 * Exactly the form og_time_print() writes: upper case, every digit, no fraction, no
 * other zone. Returns OG_OK; OG_E_SYNTAX; OG_E_RANGE for a field outside its bounds,
 * such as day 30 in February, hour 24 or second 60. Source: RFC 3339 section 5.6.
 */
enum og_rc og_time_parse(const char *text, int64_t *t, struct og_err *err) OG_CHECKED;

/*
 * og_time_since_parse - read the "since" of a person
 *
 * text  a time as above; a duration, "that long before now"; or `18:12`, the last
 *       such minute that has begun, in UTC
 *
 * Returns OG_OK; OG_E_SYNTAX; OG_E_RANGE, also before OG_TIME_MIN. A time may lie in
 * the future.
 */
enum og_rc og_time_since_parse(const char *text, int64_t now, int64_t *t,
                               struct og_err *err) OG_CHECKED;

/*
 * og_duration_parse - read `30m`, `1h30m`, `7d`, or `90` (seconds)
 *
 * Units are w d h m s, a sum has them in this order and each once, no blanks, no sign.
 * Returns OG_OK; OG_E_SYNTAX; OG_E_RANGE above INT64_MAX seconds. `0` is a duration.
 */
enum og_rc og_duration_parse(const char *text, int64_t *seconds,
                             struct og_err *err) OG_CHECKED;

/* og_duration_print - the largest units that are exact: `1h30m`, `0s`, `30d`; weeks
 * only when nothing else remains (`2w`, but `15d`). Parsing it yields the same number;
 * below zero a '-' stands in front, which is for people only. */
void og_duration_print(int64_t seconds, char out[OG_DURATION_TEXT]);

#endif
