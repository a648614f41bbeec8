/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/base/limit.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *const levels[OG_LEVELS] = { "user", "identity", "domain" };
static const char blanks[] = " \t,";

static const uint64_t most = (uint64_t)1 << 40;

const char *
og_level_text(enum og_level level)
{
    return levels[level];
}

const char *
og_unit_text(enum og_unit unit)
{
    static const char *const units[OG_UNITS] = { "connections", "messages",
                                                 "recipients" };

    return units[unit];
}

static bool
word_is(const char *at, size_t len, const char *word)
{
    return strlen(word) == len && strncasecmp(at, word, len) == 0;
}

static enum og_rc
parse_number(const char *at, size_t len, uint64_t *number, struct og_err *err)
{
    char *end = NULL;

    if (word_is(at, len, "unset")) {
        *number = OG_UNLIMITED;
        return OG_OK;
    }
    errno = 0;
    *number = isdigit((unsigned char)*at) ? strtoull(at, &end, 10) : 0;
    if (!isdigit((unsigned char)*at) || end != at + len)
        return og_fail(err, OG_E_SYNTAX, "'%.*s' is no number", (int)len, at);
    if (errno == ERANGE || *number > most)
        return og_fail(err, OG_E_RANGE, "%.*s is above %" PRIu64, (int)len, at, most);
    return OG_OK;
}

enum og_rc
og_limit_parse(const char *text, struct og_limit *limit, struct og_err *err)
{
    struct og_limit fresh = { { OG_UNLIMITED, OG_UNLIMITED, OG_UNLIMITED } };
    bool seen[OG_LEVELS] = { false };
    const char *at = text + strspn(text, blanks);
    enum og_rc rc = OG_OK;

    if (*at == '\0')
        return og_fail(err, OG_E_SYNTAX, "empty");
    while (*at != '\0' && rc == OG_OK) {
        size_t len = strcspn(at, blanks), level = OG_LEVEL_USER;

        for (size_t i = 0; i < OG_LEVELS && !isdigit((unsigned char)*at); i++)
            if (word_is(at, len, levels[i])) {
                level = i;
                at += len;
                at += strspn(at, blanks);
                len = strcspn(at, blanks);
                break;
            }
        if (len == 0)
            return og_fail(err, OG_E_SYNTAX, "no number after '%s'", levels[level]);
        rc = parse_number(at, len, &fresh.most[level], err);
        if (rc == OG_OK && seen[level])
            return og_fail(err, OG_E_SYNTAX, "two numbers for the %s", levels[level]);
        seen[level] = true;
        at += len;
        at += strspn(at, blanks);
    }
    if (rc == OG_OK)
        *limit = fresh;
    return rc;
}

enum og_rc
og_limit_print(const struct og_limit *limit, struct og_buf *out, struct og_err *err)
{
    size_t start = out->len;
    enum og_rc rc = OG_OK;

    for (size_t i = 0; i < OG_LEVELS && rc == OG_OK; i++) {
        if (limit->most[i] == OG_UNLIMITED)
            continue;
        rc = og_buf_printf(out, err, "%s%s%s%" PRIu64, out->len > start ? " " : "",
                           i == OG_LEVEL_USER ? "" : levels[i],
                           i == OG_LEVEL_USER ? "" : " ", limit->most[i]);
    }
    if (rc == OG_OK && out->len == start)
        rc = og_buf_add_text(out, "unset", err);
    return rc;
}
