/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/check/identity.h"

#include <stdio.h>
#include <string.h>

#include "core/base/idheader.h"
#include "core/check/received.h"
#include "core/lib/regex.h"

enum { MAX_FIELD = 64 * 1024 }; /* bytes of a header field that is looked into */

struct rule {
    const struct og_idheader *header;
    struct og_regex *regex; /* NULL: the whole value */
};

struct rules {
    struct og_idheaders list;
    struct rule rows[OG_IDHEADERS_MAX];
};

bool
og_identity_headers_count(const struct og_settings *set, bool is_person)
{
    return !is_person || set->source[OG_SETTING_identification_method] == OG_SOURCE_USER;
}

static void
rules_free(struct rules *rules)
{
    for (size_t i = 0; i < rules->list.count; i++)
        og_regex_free(rules->rows[i].regex);
    og_idheaders_free(&rules->list);
}

static enum og_rc
compile(const struct og_idheader *header, struct og_regex **regex, struct og_err *err)
{
    struct og_err why = { "" };
    enum og_rc rc = og_regex_compile(
        header->pattern, header->caseless ? OG_REGEX_CASELESS : OG_REGEX_DEFAULT, regex,
        &why);

    if (rc != OG_OK)
        return og_fail(err, rc, "identification_headers: %s: %s", header->name, why.text);
    if (og_regex_captures(*regex) == 0)
        return og_fail(
            err, OG_E_SYNTAX,
            "identification_headers: %s: the expression has no capture group: put "
            "parentheses around the part that is the identity",
            header->name);
    return OG_OK;
}

static enum og_rc
rules_load(const struct og_settings *set, struct rules *rules, struct og_err *err)
{
    enum og_rc rc = og_idheaders_parse(set->identification_headers, &rules->list, err);

    for (size_t i = 0; i < rules->list.count && rc == OG_OK; i++) {
        rules->rows[i].header = &rules->list.rows[i];
        if (rules->list.rows[i].pattern != NULL)
            rc = compile(&rules->list.rows[i], &rules->rows[i].regex, err);
    }
    return rc;
}

enum og_rc
og_identity_check_settings(const struct og_settings *set, struct og_err *err)
{
    struct rules rules = { OG_IDHEADERS_INIT, { { NULL, NULL } } };
    enum og_rc rc = rules_load(set, &rules, err);

    rules_free(&rules);
    return rc;
}

static bool
usable(const char *value, size_t len)
{
    if (len == 0 || len > OG_IDENTITY_VALUE)
        return false;
    for (size_t i = 0; i < len; i++)
        if (((unsigned char)value[i] < ' ' && value[i] != '\t') || value[i] == 0x7f)
            return false;
    return true;
}

static void
take(struct og_identity *identity, const char *method, const char *value, size_t len)
{
    for (; len > 0 && (*value == ' ' || *value == '\t'); len--)
        value++;
    while (len > 0 && (value[len - 1] == ' ' || value[len - 1] == '\t'))
        len--;
    if (!usable(value, len))
        return;
    (void)snprintf(identity->text, sizeof identity->text, "%s:%.*s", method, (int)len,
                   value);
    for (char *at = identity->text; *at != '\0'; at++)
        if (*at == '\t')
            *at = ' '; /* a folded field may have either, RFC 5322 section 2.2.3 */
        else if (*at >= 'A' && *at <= 'Z')
            *at = (char)(*at - 'A' + 'a');
}

/* the identity that one field holds by one rule; none is no error */
static enum og_rc
read_field(const struct rule *rule, const struct og_buf *value,
           struct og_identity *identity, struct og_err *err)
{
    struct og_span span = { 0, value->len };
    enum og_rc rc = OG_OK;

    if (rule->regex != NULL)
        rc = og_regex_match(rule->regex, og_buf_text(value), value->len, &span, err);
    if (rc == OG_E_NOTFOUND)
        return OG_OK;
    if (rc == OG_OK)
        take(identity, "header", og_buf_text(value) + span.start, span.len);
    return rc;
}

static enum og_rc
look(const struct rule *rule, struct og_header *field, bool counts,
     struct og_identity *identity, struct og_err *err)
{
    bool received = og_header_is(field, "Received");
    struct og_buf value = OG_BUF_INIT(MAX_FIELD);
    enum og_rc rc = OG_OK;

    if (counts && identity->text[0] == '\0' && field->len <= MAX_FIELD) {
        rc = og_header_value(field, &value, err);
        if (rc == OG_OK)
            rc = read_field(rule, &value, identity, err);
    }
    if (rc == OG_OK && !rule->header->keep) {
        if (!received)
            field->removed = true;
        else if (field->len <= MAX_FIELD)
            rc = og_received_strip(field, rule->regex, err);
    }
    og_buf_free(&value);
    return rc;
}

static enum og_rc
walk(const struct rules *rules, struct og_headers *headers, bool counts,
     struct og_identity *identity, struct og_err *err)
{
    enum og_rc rc = OG_OK;

    for (size_t i = 0; i < headers->count && rc == OG_OK; i++)
        for (size_t k = 0; k < rules->list.count && rc == OG_OK; k++)
            if (og_header_is(&headers->rows[i], rules->rows[k].header->name))
                rc = look(&rules->rows[k], &headers->rows[i], counts, identity, err);
    return rc;
}

static void
missing(const struct og_settings *set, struct og_verdict *verdict)
{
    if (set->identification_missing == OG_MISSING_REJECT)
        og_verdict_set(verdict, OG_REJECT, "550 5.7.1", "identity-missing",
                       "The message does not say which customer sends it");
}

enum og_rc
og_identity_find(const struct og_settings *set, const struct og_identity_facts *facts,
                 struct og_headers *headers, struct og_identity *identity,
                 struct og_verdict *verdict, struct og_err *err)
{
    struct rules rules = { OG_IDHEADERS_INIT, { { NULL, NULL } } };
    struct og_identity found = { "" };
    bool by_header = set->identification_method == OG_IDENTIFY_HEADER;
    enum og_rc rc = rules_load(set, &rules, err);

    if (rc == OG_OK)
        rc = walk(&rules, headers, by_header && facts->headers_count, &found, err);
    rules_free(&rules);
    if (rc != OG_OK)
        return rc;
    if (set->identification_method == OG_IDENTIFY_SENDER)
        take(&found, "sender", facts->sender, strlen(facts->sender));
    else if (set->identification_method == OG_IDENTIFY_LOGIN)
        take(&found, "login", facts->login, strlen(facts->login));
    if (found.text[0] == '\0' && set->identification_method != OG_IDENTIFY_NONE
        && (!by_header || facts->headers_count)) /* who may not name one misses none */
        missing(set, verdict);
    *identity = found;
    return OG_OK;
}
