/* SPDX-License-Identifier: BSD-2-Clause */
/* what is DKIM text only and needs no library: tag lists and DNS records */
#include "core/lib/dkim.h"

#include <string.h>
#include <strings.h>

enum { MAX_STRING = 255, MAX_LABEL = 63 }; /* RFC 1035 sections 3.3 and 2.3.4 */

#define ALNUM "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
static const char tag_letters[] = ALNUM "_";
static const char name_letters[] = ALNUM "-_";
static const char base64_letters[] = ALNUM "+/";

/* RFC 6376 section 3.5 */
static const char *const required_tags[] = { "v", "a", "b", "bh", "d", "h", "s" };
enum { ALL_REQUIRED = (1 << N_ELEMENTS(required_tags)) - 1 };

struct text {
    const char *data;
    size_t len;
};

bool
og_dkim_name_ok(const char *name)
{
    if (strlen(name) > OG_DKIM_MAX_DOMAIN)
        return false;
    for (;; name++) {
        size_t label = strspn(name, name_letters);

        if (label == 0 || label > MAX_LABEL)
            return false;
        name += label;
        if (*name != '.')
            return *name == '\0';
    }
}

/* folding white space, RFC 6376 section 2.8 */
static bool
blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct text
trim(const char *data, size_t len)
{
    while (len > 0 && blank(data[0])) {
        data++;
        len--;
    }
    while (len > 0 && blank(data[len - 1]))
        len--;
    return (struct text){ data, len };
}

static bool
is(struct text text, const char *word)
{
    return text.len == strlen(word) && memcmp(text.data, word, text.len) == 0;
}

static bool
tag_ok(struct text name, struct text value)
{
    if (name.len == 0 || (name.data[0] >= '0' && name.data[0] <= '9'))
        return false;
    for (size_t i = 0; i < name.len; i++)
        if (name.data[i] == '\0' || strchr(tag_letters, name.data[i]) == NULL)
            return false;
    for (size_t i = 0; i < value.len; i++)
        if (!blank(value.data[i]) && (value.data[i] < 0x21 || value.data[i] > 0x7e))
            return false;
    return true;
}

/* one `name=value` of the list; false makes the whole list malformed */
static bool
take_tag(struct text spec, unsigned *seen, struct text *domain)
{
    const char *equals = memchr(spec.data, '=', spec.len);
    struct text name, value;

    if (equals == NULL)
        return false;
    name = trim(spec.data, (size_t)(equals - spec.data));
    value = trim(equals + 1, spec.len - (size_t)(equals + 1 - spec.data));
    if (!tag_ok(name, value))
        return false;
    for (size_t i = 0; i < N_ELEMENTS(required_tags); i++) {
        if (!is(name, required_tags[i]))
            continue;
        if (*seen & 1U << i)
            return false;
        *seen |= 1U << i;
    }
    if (is(name, "d"))
        *domain = value;
    return true;
}

/* the d= of a tag list, RFC 6376 section 3.2; false for a malformed one */
static bool
signing_domain(struct text list, struct text *domain)
{
    unsigned seen = 0;

    for (list = trim(list.data, list.len); list.len > 0;) {
        const char *end = memchr(list.data, ';', list.len);
        size_t len = end != NULL ? (size_t)(end - list.data) : list.len;

        if (!take_tag((struct text){ list.data, len }, &seen, domain))
            return false;
        if (end == NULL)
            break;
        list = trim(end + 1, list.len - len - 1);
    }
    return seen == ALL_REQUIRED;
}

bool
og_dkim_has_signature(const struct og_dkim_header *headers, size_t n, const char *domain)
{
    static const char name[] = "DKIM-Signature";

    for (size_t i = 0; i < n; i++) {
        const char *field = headers[i].field;
        const char *colon = memchr(field, ':', headers[i].len);
        struct text found = { NULL, 0 };
        size_t at;

        if (colon == NULL)
            continue;
        at = (size_t)(colon - field);
        if (trim(field, at).len != strlen(name)
            || strncasecmp(field, name, strlen(name)) != 0)
            continue;
        if (signing_domain((struct text){ colon + 1, headers[i].len - at - 1 }, &found)
            && found.len == strlen(domain)
            && strncasecmp(found.data, domain, found.len) == 0)
            return true;
    }
    return false;
}

enum og_rc
og_dkim_txt(enum og_key_kind kind, const char *public_b64, struct og_buf *out,
            struct og_err *err)
{
    struct og_buf text = OG_BUF_INIT(out->max);
    size_t len = strlen(public_b64), fill = 0;
    enum og_rc rc;

    while (fill < 2 && fill < len && public_b64[len - fill - 1] == '=')
        fill++;
    if (len == 0 || len % 4 != 0 || strspn(public_b64, base64_letters) != len - fill)
        return og_fail(err, OG_E_SYNTAX, "public key is no base64");
    rc = og_buf_printf(&text, err, "v=DKIM1; k=%s; p=%s",
                       kind == OG_KEY_RSA ? "rsa" : "ed25519", public_b64);
    if (rc == OG_OK)
        og_buf_move(out, &text);
    og_buf_free(&text);
    return rc;
}

enum og_rc
og_dkim_zone(const char *selector, const char *domain, const char *txt,
             struct og_buf *out, struct og_err *err)
{
    struct og_buf line = OG_BUF_INIT(out->max);
    size_t len = strlen(txt);
    enum og_rc rc;

    if (!og_dkim_name_ok(selector) || !og_dkim_name_ok(domain))
        return og_fail(err, OG_E_SYNTAX, "bad selector '%s' or domain '%s'", selector,
                       domain);
    for (size_t i = 0; i < len; i++)
        if (txt[i] < ' ' || txt[i] > '~' || txt[i] == '"' || txt[i] == '\\')
            return og_fail(err, OG_E_SYNTAX, "byte %zu of the record needs quoting", i);
    if (len == 0)
        return og_fail(err, OG_E_SYNTAX, "empty record");
    rc = og_buf_printf(&line, err, "%s._domainkey.%s. IN TXT (", selector, domain);
    for (size_t i = 0; i < len && rc == OG_OK; i += MAX_STRING)
        rc = og_buf_printf(&line, err, " \"%.*s\"", MAX_STRING, txt + i);
    if (rc == OG_OK)
        rc = og_buf_add_text(&line, " )\n", err);
    if (rc == OG_OK)
        og_buf_move(out, &line);
    og_buf_free(&line);
    return rc;
}
