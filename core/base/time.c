/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/base/time.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { MINUTE = 60, HOUR = 60 * MINUTE, DAY = 24 * HOUR, WEEK = 7 * DAY };

static const struct {
    char name;
    int seconds;
} units[] = {
    { 'w', WEEK }, { 'd', DAY }, { 'h', HOUR }, { 'm', MINUTE }, { 's', 1 },
};

/* the parts of a time; year 0 to 9999 */
struct date {
    int year, month, day, hour, minute, second;
};

int64_t
og_time_now(void)
{
    return time(NULL);
}

/* Both conversions count days from 0000-03-01, so that the leap day ends a year, in
 * eras of 400 years. By hand because gmtime_r() and timegm() read TZ and take a lock,
 * and because their year 0 is nobody's promise.
 * Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms". */
enum { ERA = 146097, BEFORE_1970 = 719468 }; /* days */

static int64_t
days_from_date(const struct date *date)
{
    int year = date->year + 400 - (date->month <= 2); /* 400 keeps it positive */
    int month = (date->month + 9) % 12;               /* March is 0 */
    int day = (153 * month + 2) / 5 + date->day - 1;  /* of the year */

    return (int64_t)year * 365 + year / 4 - year / 100 + year / 400 + day - ERA
           - BEFORE_1970;
}

/* days are within year 0 to 9999 */
static void
date_from_days(int64_t days, struct date *date)
{
    int since = (int)(days + BEFORE_1970) + ERA;
    int era = since / ERA, day = since % ERA;
    int year = (day - day / 1460 + day / 36524 - day / 146096) / 365; /* of the era */
    int month;

    day -= 365 * year + year / 4 - year / 100;
    month = (5 * day + 2) / 153;
    date->day = day - (153 * month + 2) / 5 + 1;
    date->month = month < 10 ? month + 3 : month - 9;
    date->year = year + (era - 1) * 400 + (date->month <= 2);
}

static int
days_in_month(int year, int month)
{
    static const char days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    return days[month - 1] + (month == 2 && leap);
}

static void
put_digits(char *at, unsigned n, size_t digits)
{
    for (; digits-- > 0; n /= 10)
        at[digits] = (char)('0' + n % 10);
}

enum og_rc
og_time_print(int64_t t, char out[OG_TIME_TEXT], struct og_err *err)
{
    struct date date;
    int64_t days;
    unsigned rest;

    if (t < OG_TIME_MIN || t > OG_TIME_MAX)
        return og_fail(err, OG_E_RANGE, "time %lld is outside the years 0 to 9999",
                       (long long)t);
    days = (t - OG_TIME_MIN) / DAY + OG_TIME_MIN / DAY; /* OG_TIME_MIN is a midnight */
    rest = (unsigned)(t - days * DAY);
    date_from_days(days, &date);
    put_digits(out, (unsigned)date.year, 4);
    put_digits(out + 5, (unsigned)date.month, 2);
    put_digits(out + 8, (unsigned)date.day, 2);
    put_digits(out + 11, rest / HOUR, 2);
    put_digits(out + 14, rest / MINUTE % 60, 2);
    put_digits(out + 17, rest % 60, 2);
    out[4] = out[7] = '-';
    out[10] = 'T';
    out[13] = out[16] = ':';
    out[19] = 'Z';
    out[20] = '\0';
    return OG_OK;
}

/* does text have the form, where 0 stands for any digit? */
static bool
has_form(const char *text, const char *form)
{
    for (; *form != '\0'; text++, form++)
        if (*form == '0' ? *text < '0' || *text > '9' : *text != *form)
            return false;
    return *text == '\0';
}

/* digits are checked */
static int
number(const char *text, size_t digits)
{
    int n = 0;

    for (size_t i = 0; i < digits; i++)
        n = n * 10 + (text[i] - '0');
    return n;
}

enum og_rc
og_time_parse(const char *text, int64_t *t, struct og_err *err)
{
    bool whole = has_form(text, "0000-00-00T00:00:00Z");
    struct date date;

    if (!whole && !has_form(text, "0000-00-00"))
        return og_fail(err, OG_E_SYNTAX,
                       "'%.80s' is no time such as 2026-11-21T18:12:21Z", text);
    date = (struct date){ .year = number(text, 4),
                          .month = number(text + 5, 2),
                          .day = number(text + 8, 2) };
    if (whole) {
        date.hour = number(text + 11, 2);
        date.minute = number(text + 14, 2);
        date.second = number(text + 17, 2);
    }
    if (date.month < 1 || date.month > 12 || date.day < 1
        || date.day > days_in_month(date.year, date.month) || date.hour > 23
        || date.minute > 59 || date.second > 59)
        return og_fail(err, OG_E_RANGE, "there is no time %s", text);
    *t = days_from_date(&date) * DAY + date.hour * HOUR + date.minute * MINUTE
         + date.second;
    return OG_OK;
}

/* the last time not after now at which a day is `second` seconds old */
static int64_t
last_moment(int64_t now, int second)
{
    int64_t today = now % DAY; /* seconds of now's day */

    today = today < 0 ? today + DAY : today;
    return now - today + second - (second > today ? DAY : 0);
}

enum og_rc
og_time_since_parse(const char *text, int64_t now, int64_t *t, struct og_err *err)
{
    int64_t ago;
    enum og_rc rc;

    if (strchr(text, '-') != NULL)
        return og_time_parse(text, t, err);
    if (now < OG_TIME_MIN || now > OG_TIME_MAX)
        return og_fail(err, OG_E_RANGE, "the clock is outside the years 0 to 9999");
    if (has_form(text, "00:00")) {
        int hour = number(text, 2), minute = number(text + 3, 2);

        if (hour > 23 || minute > 59)
            return og_fail(err, OG_E_RANGE, "there is no time %s", text);
        ago = now - last_moment(now, hour * HOUR + minute * MINUTE);
    } else {
        rc = og_duration_parse(text, &ago, NULL);
        if (rc == OG_E_SYNTAX)
            return og_fail(err, rc,
                           "'%.80s' is no time, no HH:MM and no duration such as 2h30m",
                           text);
        if (rc != OG_OK)
            ago = INT64_MAX; /* refused below */
    }
    if (ago > now - OG_TIME_MIN)
        return og_fail(err, OG_E_RANGE, "%.80s ago is before the year 0", text);
    *t = now - ago;
    return OG_OK;
}

/* the row of a unit's letter, its count for none */
static size_t
find_unit(char name)
{
    size_t i = 0;

    while (i < N_ELEMENTS(units) && units[i].name != name)
        i++;
    return i;
}

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

enum og_rc
og_duration_parse(const char *text, int64_t *seconds, struct og_err *err)
{
    size_t next = 0; /* the row that may follow */
    int64_t sum = 0;
    const char *at = text;

    do {
        bool first = at == text, fits = true, digits = is_digit(*at);
        int64_t n = 0;
        size_t unit;

        for (; is_digit(*at); at++)
            fits = fits && !__builtin_mul_overflow(n, 10, &n)
                   && !__builtin_add_overflow(n, *at - '0', &n);
        unit = find_unit(first && *at == '\0' ? 's' : *at);
        if (!digits || unit < next || unit == N_ELEMENTS(units))
            return og_fail(err, OG_E_SYNTAX, "'%.80s' is no duration such as 2h30m",
                           text);
        next = unit + 1;
        if (!fits || __builtin_mul_overflow(n, units[unit].seconds, &n)
            || __builtin_add_overflow(sum, n, &sum))
            return og_fail(err, OG_E_RANGE, "%.80s is too long a duration", text);
        at += *at != '\0';
    } while (*at != '\0');
    *seconds = sum;
    return OG_OK;
}

void
og_duration_print(int64_t seconds, char out[OG_DURATION_TEXT])
{
    uint64_t rest = seconds < 0 ? -(uint64_t)seconds : (uint64_t)seconds;
    size_t len = 0;

    if (seconds < 0)
        out[len++] = '-';
    for (size_t i = rest % WEEK == 0 ? 0 : 1; i < N_ELEMENTS(units); i++) {
        uint64_t n = rest / (unsigned)units[i].seconds;

        rest %= (unsigned)units[i].seconds;
        if (n > 0)
            len += (size_t)snprintf(out + len, OG_DURATION_TEXT - len, "%llu%c",
                                    (unsigned long long)n, units[i].name);
    }
    if (seconds == 0)
        (void)snprintf(out, OG_DURATION_TEXT, "0s"); /* fits */
}
