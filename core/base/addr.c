/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/base/addr.h"

#include <stdbool.h>
#include <string.h>

/* bytes of the well-formed UTF-8 character (RFC 3629) beyond ASCII at text; 0 for
 * none and for C1 controls, U+2028 and U+2029, which end lines elsewhere */
static size_t
utf8_len(const char *text, size_t len)
{
    static const unsigned least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    const unsigned char *byte = (const unsigned char *)text;
    size_t need = byte[0] >= 0xf0 ? 4 : byte[0] >= 0xe0 ? 3 : 2;
    unsigned code;

    if (byte[0] < 0xc2 || byte[0] > 0xf4 || len < need)
        return 0;
    code = byte[0] & (0x7fU >> need);
    for (size_t i = 1; i < need; i++) {
        if ((byte[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (byte[i] & 0x3f);
    }
    if (code < least[need] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
        return 0;
    return code < 0xa0 || code == 0x2028 || code == 0x2029 ? 0 : need;
}

static bool
is_alnum(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* bytes of the character at text when it is a letter, a digit, one of marks or beyond
 * ASCII; else 0 */
static size_t
char_len(const char *text, size_t len, const char *marks)
{
    if ((unsigned char)text[0] >= 0x80)
        return utf8_len(text, len);
    return is_alnum(text[0]) || (text[0] != '\0' && strchr(marks, text[0]) != NULL);
}

/* runs of such characters with single dots between them */
static bool
is_dotted(const char *text, size_t len, const char *marks)
{
    bool in_run = false;

    for (size_t i = 0; i < len;) {
        size_t n = char_len(text + i, len - i, marks);

        if (n == 0 && (!in_run || text[i] != '.'))
            return false;
        in_run = n > 0;
        i += in_run ? n : 1;
    }
    return in_run;
}

static bool
is_dot_atom(const char *text, size_t len)
{
    return is_dotted(text, len, "!#$%&'*+-/=?^_`{|}~"); /* RFC 5322 atext */
}

static bool
is_domain(const char *text, size_t len)
{
    if (len > 2 && text[0] == '[' && text[len - 1] == ']')
        return is_dotted(text + 1, len - 2, "-:");
    if (len > 1 && text[len - 1] == '.')
        len--;
    return is_dotted(text, len, "-_");
}

/* bytes of the quoted string that text starts with; 0 for none or an empty one */
static size_t
quoted_len(const char *text, size_t len)
{
    size_t n;

    for (size_t i = 1; i < len; i += n) {
        unsigned char byte = (unsigned char)text[i];

        if (byte == '"')
            return i > 1 ? i + 1 : 0;
        if (byte == '\\')
            n = len - i > 1 && text[i + 1] >= ' ' && text[i + 1] <= '~' ? 2 : 0;
        else if (byte >= 0x80)
            n = utf8_len(text + i, len - i);
        else
            n = byte >= ' ' && byte <= '~';
        if (n == 0)
            return 0;
    }
    return 0;
}

static enum og_rc
check_local(const char *local, size_t len, struct og_err *err)
{
    bool good;

    if (len > OG_ADDR_MAX_LOCAL)
        return og_fail(err, OG_E_LIMIT, "local part of more than %d bytes",
                       OG_ADDR_MAX_LOCAL);
    if (len > 0 && local[0] == '"')
        good = quoted_len(local, len) == len;
    else
        good = is_dot_atom(local, len);
    if (!good)
        return og_fail(err, OG_E_SYNTAX, "'%.*s' is no local part of an address",
                       (int)len, local);
    return OG_OK;
}

static enum og_rc
check_domain(const char *domain, size_t len, struct og_err *err)
{
    if (len > OG_ADDR_MAX_DOMAIN)
        return og_fail(err, OG_E_LIMIT, "domain of more than %d bytes",
                       OG_ADDR_MAX_DOMAIN);
    if (!is_domain(domain, len))
        return og_fail(err, OG_E_SYNTAX, "'%.*s' is no domain", (int)len, domain);
    return OG_OK;
}

enum og_rc
og_addr_split_login(const char *text, size_t len, struct og_addr *addr,
                    struct og_err *err)
{
    struct og_addr fresh = { text, len, "", 0 };
    const char *at = NULL;
    enum og_rc rc;

    if (len == 0)
        return og_fail(err, OG_E_SYNTAX, "the address is empty");
    if (text[0] == '"')
        fresh.local_len = quoted_len(text, len);
    else if ((at = memchr(text, '@', len)) != NULL)
        fresh.local_len = (size_t)(at - text);
    if (fresh.local_len == 0)
        return og_fail(err, OG_E_SYNTAX, "the address starts with no local part");
    rc = check_local(text, fresh.local_len, err);
    if (rc != OG_OK)
        return rc;
    if (fresh.local_len < len) {
        fresh.domain = text + fresh.local_len + 1;
        fresh.domain_len = len - fresh.local_len - 1;
        if (text[fresh.local_len] != '@')
            return og_fail(err, OG_E_SYNTAX, "no '@' after the quoted local part");
        rc = check_domain(fresh.domain, fresh.domain_len, err);
        if (rc != OG_OK)
            return rc;
    }
    *addr = fresh;
    return OG_OK;
}

enum og_rc
og_addr_split(const char *text, size_t len, struct og_addr *addr, struct og_err *err)
{
    struct og_addr fresh;
    enum og_rc rc = og_addr_split_login(text, len, &fresh, err);

    if (rc != OG_OK)
        return rc;
    if (fresh.domain_len == 0)
        return og_fail(err, OG_E_SYNTAX, "the address has no domain");
    *addr = fresh;
    return OG_OK;
}

/* the content of a quoted string, written without the escapes it can do without */
static size_t
quote(const char *content, size_t len, char *out)
{
    size_t n = 0;

    out[n++] = '"';
    for (size_t i = 0; i < len; i++) {
        if (content[i] == '"' || content[i] == '\\')
            out[n++] = '\\';
        out[n++] = content[i];
    }
    out[n++] = '"';
    return n;
}

enum og_rc
og_addr_local_fold(const char *local, size_t len, struct og_buf *out, struct og_err *err)
{
    char plain[OG_ADDR_MAX_LOCAL], quoted[OG_ADDR_MAX_LOCAL];
    enum og_rc rc = check_local(local, len, err);
    bool in_quotes;
    size_t n = 0;

    if (rc != OG_OK)
        return rc;
    in_quotes = local[0] == '"';
    for (size_t i = in_quotes; i < len - in_quotes; i++) {
        if (in_quotes && local[i] == '\\')
            i++;
        plain[n] = local[i];
        if (plain[n] >= 'A' && plain[n] <= 'Z')
            plain[n] += 'a' - 'A';
        n++;
    }
    if (is_dot_atom(plain, n))
        return og_buf_add(out, plain, n, err);
    return og_buf_add(out, quoted, quote(plain, n, quoted), err); /* not above len */
}

static bool
domain_matches(const char *pattern, const char *domain)
{
    size_t below, len = strlen(domain);

    if (strcmp(pattern, "*") == 0)
        return true;
    if (pattern[0] != '*' || pattern[1] != '.')
        return strcmp(pattern, domain) == 0;
    below = strlen(pattern + 1);
    return len > below && strcmp(domain + len - below, pattern + 1) == 0;
}

bool
og_addr_match(const char *pattern, const char *address)
{
    const char *pattern_at = strrchr(pattern, '@'), *at = strrchr(address, '@');
    size_t local_len;

    if (at == NULL || at == address || at[1] == '\0')
        return false;
    if (pattern_at == NULL)
        return domain_matches(pattern, at + 1);
    local_len = (size_t)(pattern_at - pattern);
    if (local_len > 0 && !(local_len == 1 && pattern[0] == '*')
        && (local_len != (size_t)(at - address)
            || memcmp(pattern, address, local_len) != 0))
        return false;
    return domain_matches(pattern_at + 1, at + 1);
}
