/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/base/marks.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "core/base/time.h"

enum { WHO_DIGITS = 8 };

static bool
parse_who(const char *text, size_t len, uint32_t *who)
{
    uint32_t value = 0;

    if (len != WHO_DIGITS)
        return false;
    for (size_t i = 0; i < len; i++) {
        const char *digits = "0123456789abcdef";
        const char *at = memchr(digits, text[i], 16);

        if (at == NULL)
            return false;
        value = value << 4 | (uint32_t)(at - digits);
    }
    *who = value;
    return value != 0;
}

static enum og_rc
parse_one(const char *text, size_t len, struct og_mark *mark, struct og_err *err)
{
    size_t time_len = OG_TIME_TEXT - 1;
    char time[OG_TIME_TEXT];

    mark->who = 0;
    if (len < time_len
        || (len > time_len
            && (text[time_len] != '/'
                || !parse_who(text + time_len + 1, len - time_len - 1, &mark->who))))
        return og_fail(err, OG_E_SYNTAX, "no mark: '%.*s'", len < 40 ? (int)len : 40,
                       text);
    memcpy(time, text, time_len);
    time[time_len] = '\0';
    return og_time_parse(time, &mark->at, err);
}

enum og_rc
og_marks_parse(const char *text, struct og_marks *marks, struct og_err *err)
{
    struct og_marks fresh = { .count = 0 };

    while (*text != '\0') {
        size_t len = strcspn(text, ",");
        struct og_mark mark;
        enum og_rc rc;

        if (fresh.count == OG_MARKS_MAX)
            return og_fail(err, OG_E_LIMIT, "more than %d marks", OG_MARKS_MAX);
        rc = parse_one(text, len, &mark, err);
        if (rc != OG_OK)
            return rc;
        if (fresh.count > 0 && mark.at < fresh.rows[fresh.count - 1].at)
            return og_fail(err, OG_E_SYNTAX, "marks are not in order");
        fresh.rows[fresh.count++] = mark;
        text += len;
        if (text[0] == ',' && text[1] == '\0')
            return og_fail(err, OG_E_SYNTAX, "no mark behind the last comma");
        text += *text == ',';
    }
    *marks = fresh;
    return OG_OK;
}

enum og_rc
og_marks_print(const struct og_marks *marks, struct og_buf *out, struct og_err *err)
{
    enum og_rc rc = OG_OK;

    for (size_t i = 0; i < marks->count && rc == OG_OK; i++) {
        char time[OG_TIME_TEXT];

        rc = og_time_print(marks->rows[i].at, time, err);
        if (rc == OG_OK)
            rc = og_buf_printf(out, err, "%s%s", i > 0 ? "," : "", time);
        if (rc == OG_OK && marks->rows[i].who != 0)
            rc = og_buf_printf(out, err, "/%08" PRIx32, marks->rows[i].who);
    }
    return rc;
}

/* the time that lies seconds before now, or the first one there is */
static int64_t
before(int64_t now, int64_t seconds)
{
    return now < OG_TIME_MIN + seconds ? OG_TIME_MIN : now - seconds;
}

void
og_marks_settle(struct og_marks *marks, int64_t now, int64_t seconds)
{
    int64_t from = before(now, seconds);
    size_t kept = 0;

    for (size_t i = 0; i < marks->count; i++) {
        struct og_mark mark = marks->rows[i];

        if (mark.at > now)
            mark.at = now;
        if (mark.at >= from)
            marks->rows[kept++] = mark;
    }
    marks->count = kept;
}

void
og_marks_add(struct og_marks *marks, int64_t now, uint32_t who)
{
    if (marks->count == OG_MARKS_MAX) {
        memmove(marks->rows, marks->rows + 1, (OG_MARKS_MAX - 1) * sizeof marks->rows[0]);
        marks->count--;
    }
    marks->rows[marks->count++] = (struct og_mark){ now, who };
}

struct og_marks_sum
og_marks_sum(const struct og_marks *marks, int64_t now, int64_t seconds)
{
    struct og_marks_sum sum = { 0, 0, 0 };
    int64_t from = before(now, seconds);
    size_t first = 0;

    while (first < marks->count && marks->rows[first].at < from)
        first++;
    for (size_t i = first; i < marks->count; i++) {
        uint32_t who = marks->rows[i].who;
        bool known = false;

        sum.all++;
        sum.unknown += who == 0;
        for (size_t j = first; j < i && !known; j++)
            known = marks->rows[j].who == who;
        sum.persons += who != 0 && !known;
    }
    return sum;
}
