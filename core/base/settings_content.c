/* SPDX-License-Identifier: BSD-2-Clause */
/* kinds of the settings that decide about a message's content */
#include "core/base/settings_kind.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char blanks[] = " \t,";

enum og_rc
og_setting_words(const char *text, og_setting_word *ok, bool lower, const char *what,
                 struct og_buf *canonical, struct og_err *err)
{
    const char *at = text + strspn(text, blanks);
    enum og_rc rc = OG_OK;

    while (*at != '\0' && rc == OG_OK) {
        size_t len = strcspn(at, blanks), start;

        if (canonical->len > 0)
            rc = og_buf_add(canonical, " ", 1, err);
        start = canonical->len;
        if (rc == OG_OK)
            rc = og_buf_add(canonical, at, len, err);
        for (size_t i = start; i < canonical->len && lower; i++)
            if (canonical->data[i] >= 'A' && canonical->data[i] <= 'Z')
                canonical->data[i] = (char)(canonical->data[i] - 'A' + 'a');
        if (rc == OG_OK && !ok(canonical->data + start, len))
            return og_fail(err, OG_E_SYNTAX, "'%.*s' is no %s", (int)len, at, what);
        at += len;
        at += strspn(at, blanks);
    }
    return rc;
}

/* `exe`, `tar.gz` */
static bool
extension_ok(const char *word, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        bool letter = (word[i] >= 'a' && word[i] <= 'z')
                      || (word[i] >= '0' && word[i] <= '9')
                      || strchr("_-+~!$#@", word[i]) != NULL;

        if (!letter && !(word[i] == '.' && i > 0 && word[i - 1] != '.'))
            return false;
    }
    return len > 0 && word[len - 1] != '.';
}

static enum og_rc
parse_extensions(const struct og_setting *row, const char *text, uint64_t *number,
                 struct og_buf *canonical, struct og_err *err)
{
    enum og_rc rc = og_setting_words(text, extension_ok, true, "extension (exe, tar.gz)",
                                     canonical, err);

    (void)row, (void)number;
    if (rc == OG_OK && canonical->len == 0)
        return og_fail(err, OG_E_SYNTAX, "no extension; `none` switches it off");
    for (const char *at = og_buf_text(canonical); rc == OG_OK && *at != '\0';) {
        size_t len = strcspn(at, " ");

        if (len == 4 && memcmp(at, "none", 4) == 0 && canonical->len != 4)
            return og_fail(err, OG_E_SYNTAX, "`none` stands alone");
        at += len + (at[len] == ' ' ? 1 : 0);
    }
    return rc;
}

/* ClamAV's names, `NetTool`; yes and no stand alone */
static bool
category_ok(const char *word, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (!(word[i] >= 'a' && word[i] <= 'z') && !(word[i] >= 'A' && word[i] <= 'Z')
            && !(word[i] >= '0' && word[i] <= '9') && word[i] != '_' && word[i] != '-')
            return false;
    return !(len == 3 && strncasecmp(word, "yes", 3) == 0)
           && !(len == 2 && strncasecmp(word, "no", 2) == 0);
}

static enum og_rc
parse_unwanted(const struct og_setting *row, const char *text, uint64_t *number,
               struct og_buf *canonical, struct og_err *err)
{
    (void)row, (void)number;
    if (strcasecmp(text, "yes") == 0 || strcasecmp(text, "no") == 0)
        return og_buf_add_text(canonical, strcasecmp(text, "no") == 0 ? "no" : "yes",
                               err);
    if (text[strspn(text, blanks)] == '\0')
        return og_fail(err, OG_E_SYNTAX, "no category");
    return og_setting_words(text, category_ok, false, "category", canonical, err);
}

static enum og_rc
parse_tripwires(const struct og_setting *row, const char *text, uint64_t *number,
                struct og_buf *canonical, struct og_err *err)
{
    return (text[0] == '/' ? og_kind_path : og_kind_patterns)
        .parse(row, text, number, canonical, err);
}

/* `filter`, which is 0, or a score such as 7.5 in tenths */
static enum og_rc
parse_score(const struct og_setting *row, const char *text, uint64_t *number,
            struct og_buf *canonical, struct og_err *err)
{
    char *end = NULL;
    unsigned long value;

    (void)row, (void)canonical;
    if (strcasecmp(text, "filter") == 0) {
        *number = 0;
        return OG_OK;
    }
    if (text[0] < '0' || text[0] > '9' || strlen(text) > 8)
        return og_fail(err, OG_E_SYNTAX, "no score");
    value = strtoul(text, &end, 10) * 10;
    if (*end == '.') {
        if (end[1] < '0' || end[1] > '9')
            return og_fail(err, OG_E_SYNTAX, "no digit behind the point");
        value += (unsigned long)(end[1] - '0');
        end += 2;
    }
    if (*end != '\0')
        return og_fail(err, OG_E_SYNTAX, "'%.8s' follows the score", end);
    if (value == 0)
        return og_fail(err, OG_E_RANGE, "every message has that");
    *number = value;
    return OG_OK;
}

static enum og_rc
print_score(const struct og_setting *row, uint64_t number, struct og_buf *out,
            struct og_err *err)
{
    (void)row;
    if (number == 0)
        return og_buf_add_text(out, "filter", err);
    return og_buf_printf(out, err, "%" PRIu64 ".%" PRIu64, number / 10, number % 10);
}

/* ClamAV's own names, or nothing */
static enum og_rc
parse_categories(const struct og_setting *row, const char *text, uint64_t *number,
                 struct og_buf *canonical, struct og_err *err)
{
    (void)row, (void)number;
    return og_setting_words(text, category_ok, false, "category", canonical, err);
}

static bool
event_ok(const char *word, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (!(word[i] >= 'a' && word[i] <= 'z') && word[i] != '-')
            return false;
    return true;
}

/* which classes there are is not known here */
static enum og_rc
parse_events(const struct og_setting *row, const char *text, uint64_t *number,
             struct og_buf *canonical, struct og_err *err)
{
    enum og_rc rc =
        og_setting_words(text, event_ok, true, "class of events", canonical, err);

    (void)row, (void)number;
    if (rc == OG_OK && canonical->len == 0)
        return og_fail(err, OG_E_SYNTAX, "no class");
    return rc;
}

const struct og_kind og_kind_extensions = { "extensions such as exe or tar.gz, or none",
                                            NULL, true, parse_extensions, NULL };
const struct og_kind og_kind_unwanted = { "no, yes, or categories such as Packed NetTool",
                                          NULL, true, parse_unwanted, NULL };
const struct og_kind og_kind_tripwires = {
    "addresses and domains, or the path of a file with one on each line", NULL, true,
    parse_tripwires, NULL
};
const struct og_kind og_kind_categories = {
    "categories such as Packed NetTool, or nothing", NULL, true, parse_categories, NULL
};
const struct og_kind og_kind_events = { "classes of events such as lock spam, or all",
                                        NULL, true, parse_events, NULL };
const struct og_kind og_kind_score = { "filter, or a score such as 7.5", NULL, false,
                                       parse_score, print_score };
