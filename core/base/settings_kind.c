/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/base/settings_kind.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/addr.h"
#include "core/base/idheader.h"
#include "core/base/time.h"

enum { MAX_LABEL = 63 }; /* bytes, RFC 1035 section 2.3.4 */

/* a number in decimal digits and nothing else; *end is what follows */
static enum og_rc
digits(const char *text, uint64_t *number, const char **end, struct og_err *err)
{
    unsigned long long value;
    char *stop;

    if (!isdigit((unsigned char)text[0]))
        return og_fail(err, OG_E_SYNTAX, "no number");
    errno = 0;
    value = strtoull(text, &stop, 10);
    if (errno == ERANGE)
        return og_fail(err, OG_E_SYNTAX, "too large a number");
    *number = value;
    *end = stop;
    return OG_OK;
}

static enum og_rc
parse_count(const struct og_setting *row, const char *text, uint64_t *number,
            struct og_buf *canonical, struct og_err *err)
{
    const char *end;
    enum og_rc rc = digits(text, number, &end, err);

    (void)row, (void)canonical;
    if (rc == OG_OK && *end != '\0')
        return og_fail(err, OG_E_SYNTAX, "'%.20s' follows the number", end);
    return rc;
}

static enum og_rc
print_count(const struct og_setting *row, uint64_t number, struct og_buf *out,
            struct og_err *err)
{
    (void)row;
    return og_buf_printf(out, err, "%" PRIu64, number);
}

static enum og_rc
parse_size(const struct og_setting *row, const char *text, uint64_t *number,
           struct og_buf *canonical, struct og_err *err)
{
    static const char units[] = "KMG";
    const char *end, *unit;
    uint64_t value;
    enum og_rc rc = digits(text, &value, &end, err);
    unsigned shift;

    (void)row, (void)canonical;
    if (rc != OG_OK)
        return rc;
    unit = *end != '\0' ? strchr(units, toupper((unsigned char)*end)) : NULL;
    if (*end != '\0' && (unit == NULL || end[1] != '\0'))
        return og_fail(err, OG_E_SYNTAX, "'%.20s' is no unit", end);
    shift = unit != NULL ? (unsigned)(unit - units + 1) * 10 : 0;
    if (value > UINT64_MAX >> shift)
        return og_fail(err, OG_E_SYNTAX, "too large a number");
    *number = value << shift;
    return OG_OK;
}

static enum og_rc
print_size(const struct og_setting *row, uint64_t number, struct og_buf *out,
           struct og_err *err)
{
    static const char units[] = "KMG";
    size_t unit = 0;

    (void)row;
    while (number > 0 && number % 1024 == 0 && unit < 3) {
        number /= 1024;
        unit++;
    }
    return og_buf_printf(out, err, "%" PRIu64 "%.1s", number,
                         unit > 0 ? &units[unit - 1] : "");
}

static enum og_rc
parse_secs(const struct og_setting *row, const char *text, uint64_t *number,
           struct og_buf *canonical, struct og_err *err)
{
    int64_t seconds = 0;
    enum og_rc rc = og_duration_parse(text, &seconds, err);

    (void)row, (void)canonical;
    if (rc == OG_OK)
        *number = (uint64_t)seconds; /* never negative */
    return rc;
}

static enum og_rc
print_secs(const struct og_setting *row, uint64_t number, struct og_buf *out,
           struct og_err *err)
{
    char text[OG_DURATION_TEXT];

    (void)row;
    og_duration_print((int64_t)number, text);
    return og_buf_add_text(out, text, err);
}

/* position of a word in a list that ends in NULL, or -1 */
static int
word_index(const char *const *words, const char *text, size_t len)
{
    for (int i = 0; words[i] != NULL; i++)
        if (strncasecmp(words[i], text, len) == 0 && words[i][len] == '\0')
            return i;
    return -1;
}

static enum og_rc
parse_choice(const struct og_setting *row, const char *text, uint64_t *number,
             struct og_buf *canonical, struct og_err *err)
{
    int index = word_index(row->kind->words, text, strlen(text));

    (void)canonical;
    if (index < 0)
        return og_fail(err, OG_E_SYNTAX, "no such word");
    *number = (uint64_t)index;
    return OG_OK;
}

static enum og_rc
print_choice(const struct og_setting *row, uint64_t number, struct og_buf *out,
             struct og_err *err)
{
    return og_buf_add_text(out, row->kind->words[number], err);
}

static enum og_rc
parse_text(const struct og_setting *row, const char *text, uint64_t *number,
           struct og_buf *canonical, struct og_err *err)
{
    (void)row, (void)number;
    for (const char *at = text; *at != '\0'; at++)
        if ((unsigned char)*at < ' ' || *at == 0x7f)
            return og_fail(err, OG_E_SYNTAX, "control character");
    return og_buf_add_text(canonical, text, err);
}

static enum og_rc
parse_path(const struct og_setting *row, const char *text, uint64_t *number,
           struct og_buf *canonical, struct og_err *err)
{
    if (text[0] != '/' && (text[0] != '\0' || row->lo > 0))
        return og_fail(err, OG_E_SYNTAX, "no absolute path");
    return parse_text(row, text, number, canonical, err);
}

/* labels of letters, digits, '-' and '_' with single dots between them, in lower case;
 * or nothing */
static enum og_rc
parse_labels(const char *text, struct og_buf *canonical, struct og_err *err)
{
    size_t label = 0;
    enum og_rc rc = OG_OK;

    for (const char *at = text; *at != '\0' && rc == OG_OK; at++) {
        char c = *at >= 'A' && *at <= 'Z' ? (char)(*at - 'A' + 'a') : *at;

        if (c == '.' && (label == 0 || at[1] == '\0'))
            return og_fail(err, OG_E_SYNTAX, "empty label");
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9')
            && strchr("-._", c) == NULL)
            return og_fail(err, OG_E_SYNTAX, "byte %zu is not allowed",
                           (size_t)(at - text) + 1);
        label = c == '.' ? 0 : label + 1;
        if (label > MAX_LABEL)
            return og_fail(err, OG_E_RANGE, "a label of more than %d bytes", MAX_LABEL);
        rc = og_buf_add(canonical, &c, 1, err);
    }
    return rc;
}

static enum og_rc
parse_domain(const struct og_setting *row, const char *text, uint64_t *number,
             struct og_buf *canonical, struct og_err *err)
{
    (void)row, (void)number;
    return parse_labels(text, canonical, err);
}

static enum og_rc
parse_selector(const struct og_setting *row, const char *text, uint64_t *number,
               struct og_buf *canonical, struct og_err *err)
{
    (void)row, (void)number;
    return parse_labels(text, canonical, err);
}

/* a list of words, each at most once, separated by blanks or commas */
static enum og_rc
parse_words(const struct og_setting *row, const char *text, uint64_t *number,
            struct og_buf *canonical, struct og_err *err)
{
    static const char blanks[] = " \t,";
    const char *at = text + strspn(text, blanks);
    uint64_t seen = 0;
    enum og_rc rc = OG_OK;

    (void)number;
    while (*at != '\0' && rc == OG_OK) {
        size_t len = strcspn(at, blanks);
        int index = word_index(row->kind->words, at, len);

        if (index < 0)
            return og_fail(err, OG_E_SYNTAX, "'%.*s' is unknown", (int)len, at);
        if ((seen >> index & 1) != 0)
            return og_fail(err, OG_E_SYNTAX, "'%.*s' stands twice", (int)len, at);
        seen |= (uint64_t)1 << index;
        rc = og_buf_printf(canonical, err, "%s%s", canonical->len > 0 ? " " : "",
                           row->kind->words[index]);
        at += len;
        at += strspn(at, blanks);
    }
    return rc;
}

static enum og_rc
parse_headers(const struct og_setting *row, const char *text, uint64_t *number,
              struct og_buf *canonical, struct og_err *err)
{
    struct og_idheaders list = OG_IDHEADERS_INIT;
    enum og_rc rc = og_idheaders_parse(text, &list, err);

    (void)row, (void)number;
    if (rc == OG_OK)
        rc = og_idheaders_print(&list, canonical, err);
    og_idheaders_free(&list);
    return rc;
}

/* an address, or nothing */
static enum og_rc
parse_address(const struct og_setting *row, const char *text, uint64_t *number,
              struct og_buf *canonical, struct og_err *err)
{
    struct og_addr addr;
    enum og_rc rc = OG_OK;

    (void)row, (void)number;
    if (text[0] != '\0')
        rc = og_addr_split(text, strlen(text), &addr, err);
    return rc == OG_OK ? og_buf_add_text(canonical, text, err) : rc;
}

static const char *const flag_words[] = { "no", "yes", NULL };
static const char *const check_words[] = { "identity",    "lock",   "structure", "from",
                                           "attachments", "macros", "virus",     "spam",
                                           "fingerprint", "dkim",   "limits",    NULL };
static const char *const method_words[] = { "none", "envelope-sender",
                                            "authentication-user", "header", NULL };
static const char *const missing_words[] = { "reject", "accept", "user", NULL };

const struct og_kind og_kind_flag = { "yes or no", flag_words, false, parse_choice,
                                      print_choice };
const struct og_kind og_kind_count = { "a number", NULL, false, parse_count,
                                       print_count };
const struct og_kind og_kind_size = { "bytes, or a number with K, M or G", NULL, false,
                                      parse_size, print_size };
const struct og_kind og_kind_secs = { "a duration such as 90s, 30m, 1h30m or 7d", NULL,
                                      false, parse_secs, print_secs };
const struct og_kind og_kind_text = { "one line of text", NULL, true, parse_text, NULL };
const struct og_kind og_kind_path = { "a path that begins with /", NULL, true, parse_path,
                                      NULL };
const struct og_kind og_kind_address = { "a mail address", NULL, true, parse_address,
                                         NULL };
const struct og_kind og_kind_domain = { "a domain", NULL, true, parse_domain, NULL };
const struct og_kind og_kind_selector = { "a DKIM selector", NULL, true, parse_selector,
                                          NULL };
const struct og_kind og_kind_name = { "a name of letters, digits, - and _", NULL, true,
                                      parse_selector, NULL };
const struct og_kind og_kind_checks = {
    "a list of identity, lock, structure, from, attachments, macros, virus, spam, "
    "fingerprint, dkim, limits",
    check_words, true, parse_words, NULL
};
const struct og_kind og_kind_headers = { "NAME [/REGEX/[i]] [keep], ...", NULL, true,
                                         parse_headers, NULL };
const struct og_kind og_kind_identification_method = {
    "none, envelope-sender, authentication-user or header", method_words, false,
    parse_choice, print_choice
};
const struct og_kind og_kind_identification_missing = { "reject, accept or user",
                                                        missing_words, false,
                                                        parse_choice, print_choice };

static const char *const automatic_words[] = { "no", "yes", "auto", NULL };
static const char *const lock_words[] = { "defer", "reject", "discard", NULL };
static const char *const limit_words[] = { "defer", "reject", NULL };
static const char *const failure_words[] = { "defer", "accept", NULL };
static const char *const beyond_words[] = { "reject", "accept", NULL };
static const char *const encrypted_words[] = { "no", "yes", "archives", "documents",
                                               NULL };

const struct og_kind og_kind_automatic = { "yes, no or auto", automatic_words, false,
                                           parse_choice, print_choice };
const struct og_kind og_kind_lock_response = { "defer, reject or discard", lock_words,
                                               false, parse_choice, print_choice };
const struct og_kind og_kind_limit_response = { "defer or reject", limit_words, false,
                                                parse_choice, print_choice };
const struct og_kind og_kind_scanner_failure = { "defer or accept", failure_words, false,
                                                 parse_choice, print_choice };
const struct og_kind og_kind_scan_limit_response = { "reject or accept", beyond_words,
                                                     false, parse_choice, print_choice };
const struct og_kind og_kind_encrypted = { "no, yes, archives or documents",
                                           encrypted_words, false, parse_choice,
                                           print_choice };

static const char *const class_words[] = { "spam", "phish", "attachment", "macro", NULL };
static const char *const response_words[] = { "reject", "accept", NULL };

/* words that look as if they belonged there deserve a reason */
static enum og_rc
parse_classes(const struct og_setting *row, const char *text, uint64_t *number,
              struct og_buf *canonical, struct og_err *err)
{
    static const struct {
        const char *words[2], *why;
    } never[] = {
        { { "fan-out", NULL }, "fan-out refuses no message, so none can be kept" },
        { { "virus", NULL }, "a message with a virus is never kept" },
    };

    for (const char *at = text; *at != '\0'; at += *at != '\0') {
        size_t len = strcspn(at, " \t,");

        for (size_t i = 0; i < N_ELEMENTS(never); i++)
            if (len > 0 && word_index(never[i].words, at, len) == 0)
                return og_fail(err, OG_E_SYNTAX, "%s", never[i].why);
        at += len;
    }
    return parse_words(row, text, number, canonical, err);
}

const struct og_kind og_kind_classes = { "a list of spam, phish, attachment, macro",
                                         class_words, true, parse_classes, NULL };
const struct og_kind og_kind_quarantine_response = { "reject or accept", response_words,
                                                     false, parse_choice, print_choice };
