/* SPDX-License-Identifier: BSD-2-Clause */
/* kinds of the settings that tell people something, and of what is started for that */
#include <ctype.h>
#include <string.h>

#include "core/base/settings_kind.h"

static bool
is_alnum(char c)
{
    return isalnum((unsigned char)c) != 0 && (unsigned char)c < 0x80;
}

/* a tag as of RFC 5646: subtags of up to 8 letters and digits, the first of 2 to 8
 * letters; in lower case, as nobody's case counts */
static enum og_rc
parse_language(const struct og_setting *row, const char *text, uint64_t *number,
               struct og_buf *canonical, struct og_err *err)
{
    size_t len = 0;
    bool first = true;
    enum og_rc rc = OG_OK;

    (void)row, (void)number;
    for (const char *at = text;; at++) {
        char c = *at == '_' ? '-' : (char)tolower((unsigned char)*at);

        if (c == '-' || c == '\0') {
            if (len < (first ? 2 : 1) || len > 8)
                return og_fail(err, OG_E_SYNTAX, "%s",
                               first ? "the first part has 2 to 8 letters"
                                     : "a part has 1 to 8 letters or digits");
            first = false;
            len = 0;
        } else if (!is_alnum(c) || (first && isdigit((unsigned char)c) != 0))
            return og_fail(err, OG_E_SYNTAX, "byte %zu is not allowed",
                           (size_t)(at - text) + 1);
        else
            len++;
        if (c == '\0' || rc != OG_OK)
            return rc;
        rc = og_buf_add(canonical, &c, 1, err);
    }
}

/* a name of the zone database, which is a path below /usr/share/zoneinfo */
static enum og_rc
parse_zone(const struct og_setting *row, const char *text, uint64_t *number,
           struct og_buf *canonical, struct og_err *err)
{
    (void)row, (void)number;
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '/' && (at == text || at[1] == '/' || at[1] == '\0'))
            return og_fail(err, OG_E_SYNTAX, "an empty part");
        if (!is_alnum(*at) && strchr("/_+-", *at) == NULL)
            return og_fail(err, OG_E_SYNTAX, "byte %zu is not allowed",
                           (size_t)(at - text) + 1);
    }
    return og_buf_add_text(canonical, text, err);
}

/* it becomes a link in HTML and stands alone in plain text */
static enum og_rc
parse_url(const struct og_setting *row, const char *text, uint64_t *number,
          struct og_buf *canonical, struct og_err *err)
{
    const char *host = strncmp(text, "https://", 8) == 0  ? text + 8
                       : strncmp(text, "http://", 7) == 0 ? text + 7
                                                          : NULL;

    (void)row, (void)number;
    if (text[0] == '\0')
        return OG_OK;
    if (host == NULL || !is_alnum(host[0]))
        return og_fail(err, OG_E_SYNTAX, "no address of a page");
    for (const char *at = text; *at != '\0'; at++)
        if (*at <= ' ' || *at >= 0x7f || strchr("\"<>\\^`", *at) != NULL)
            return og_fail(err, OG_E_SYNTAX, "byte %zu is not allowed",
                           (size_t)(at - text) + 1);
    if (strstr(text, "{token}") == NULL)
        return og_fail(err, OG_E_SYNTAX, "no {token} in it");
    return og_buf_add_text(canonical, text, err);
}

static enum og_rc
parse_command(const struct og_setting *row, const char *text, uint64_t *number,
              struct og_buf *canonical, struct og_err *err)
{
    if (text[0] != '/' && (text[0] != '\0' || row->lo > 0))
        return og_fail(err, OG_E_SYNTAX, "the program is no absolute path");
    return og_kind_text.parse(row, text, number, canonical, err);
}

const struct og_kind og_kind_language = { "a language tag such as de or pt-br", NULL,
                                          true, parse_language, NULL };
const struct og_kind og_kind_zone = { "a name of the zone database such as UTC or "
                                      "Europe/Berlin",
                                      NULL, true, parse_zone, NULL };
const struct og_kind og_kind_url = { "http:// or https:// with {token} in it, or nothing",
                                     NULL, true, parse_url, NULL };
const struct og_kind og_kind_command = {
    "a path that begins with /, and words behind it separated by blanks", NULL, true,
    parse_command, NULL
};
